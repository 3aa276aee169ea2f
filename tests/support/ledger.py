"""The books of a run with faults: who sent what, and what became of it.

What counts as sent is what the sender's own disk holds at the end, and that must include everything whose sending was
answered. What a killed program had been told to send and had not yet answered may or may not be there.
"""
import dataclasses


@dataclasses.dataclass
class Verdict:
    sent: int = 0
    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    falsely_marked: int = 0
    problems: list = dataclasses.field(default_factory=list)

    def note(self, field, count, text):
        if count:
            setattr(self, field, getattr(self, field) + count)
            self.problems.append(f"{field}: {text}")

    def add(self, other):
        """What another part of the same run has found."""
        for field in ("sent", "lost", "duplicated", "out_of_order", "falsely_marked"):
            setattr(self, field, getattr(self, field) + getattr(other, field))
        self.problems += other.problems

    @property
    def clean(self):
        return not (self.lost or self.duplicated or self.out_of_order or self.falsely_marked)

    def line(self):
        return (f"{self.sent} sent, {self.lost} lost, {self.duplicated} duplicated, {self.out_of_order} out of order, "
                f"{self.falsely_marked} falsely marked")


def delivered_ids(node, person=None):
    """Messages of which `run` has said that they were delivered (to `person`)."""
    return {event["message"] for event in list(node.events)
            if event.get("event") == "delivered" and (person is None or event.get("person") == person)}


def answered(node, tags):
    """{message: text} of what was sent and answered, in the order of the answers; `tags` are {tag: text}."""
    return {event["message"]: tags[event["tag"]] for event in list(node.events)
            if event.get("event") == "done" and event.get("code") == 0 and event.get("tag") in tags}


def device_of(message):
    """The author's device, as message ids name it."""
    return message["message"].split("-")[1]


def steps_back(messages):
    """How often a text's running number is lower than that of the message before it, by devices: among several devices
    of one person only their clocks could tell, and clocks jump."""
    last, count = {}, 0
    for message in messages:
        if message["kind"] != "text":
            continue  # a file's name
        number = int(message["text"].rsplit(" ", 1)[-1])
        count += number < last.get(device_of(message), 0)
        last[device_of(message)] = number
    return count


def own_messages(history, person):
    return [message for message in history if message["author"] == person and not message["deleted"]]


def check_marks(sender, receiver, verdict, who, history=None):
    """Whatever was marked as delivered lies on the receiver's disk. To be called while the receiver is dead, so that
    nothing can have come later than the mark."""
    marked = delivered_ids(sender, receiver.person)
    held = {message["message"] for message in (history or receiver.history(sender.person))}
    false = marked - held
    verdict.note("falsely_marked", len(false), f"{who}: {sorted(false)[:5]}")


def check_pair(sender, receiver, sent, verdict):
    """Compares the sender's history with the receiver's, after all faults are healed. `sent` is what `answered` gave;
    texts end with a running number."""
    who = f"{sender.name} to {receiver.name}"
    own = own_messages(sender.history(receiver.person), sender.person)
    held = own_messages(receiver.history(sender.person), sender.person)
    own_texts = {message["message"]: message["text"] for message in own}
    held_texts = {message["message"]: message["text"] for message in held}
    verdict.sent += len(own)

    for missing, what in ((set(sent) - set(own_texts), "answered, then gone at the sender"),
                          (set(own_texts) - set(held_texts), "not at the receiver"),
                          (set(held_texts) - set(own_texts), "at the receiver, gone at the sender")):
        verdict.note("lost", len(missing), f"{who}: {what}: {sorted(missing)[:5]}")
    altered = [(message, text, own_texts.get(message, text), held_texts.get(message, text))
               for message, text in {**own_texts, **sent}.items()
               if {own_texts.get(message, text), held_texts.get(message, text)} != {text}]
    verdict.note("lost", len(altered), f"{who}: (message, sent, at the sender, at the receiver): {altered[:5]}")

    for messages, where in ((own, "sender"), (held, "receiver")):
        texts = [message["text"] for message in messages]
        ids = [message["message"] for message in messages]
        verdict.note("duplicated", max(len(texts) - len(set(texts)), len(ids) - len(set(ids))),
                     f"{who}: the same message twice at the {where}")
        verdict.note("out_of_order", steps_back(messages), f"{who}: not in the order of sending at the {where}")
    left = [message["message"] for message in own if message["message"] in held_texts]
    right = [message["message"] for message in held if message["message"] in own_texts]
    wrong = [(a, b) for a, b in zip(left, right) if a != b]
    verdict.note("out_of_order", len(wrong), f"{who}: the receiver's order is not the sender's: {wrong[:5]}")
    marked = {message["message"] for message in own if message["state"] in ("delivered", "read")}
    false = marked - set(held_texts)
    verdict.note("falsely_marked", len(false), f"{who}: {sorted(false)[:5]}")
