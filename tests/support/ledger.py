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


def answered_texts(node, tags):
    """Texts whose sending was answered; `tags` are {tag: text}."""
    return [tags[event["tag"]] for event in list(node.events)
            if event.get("event") == "done" and event.get("code") == 0 and event.get("tag") in tags]


def own_messages(history, person):
    return [message for message in history if message["author"] == person and not message["deleted"]]


def check_marks(sender, receiver, verdict, who, history=None):
    """Whatever was marked as delivered lies on the receiver's disk. To be called while the receiver is dead, so that
    nothing can have come later than the mark."""
    marked = delivered_ids(sender, receiver.person)
    held = {message["message"] for message in (history or receiver.history(sender.person))}
    false = marked - held
    verdict.note("falsely_marked", len(false), f"{who}: {sorted(false)[:5]}")


def check_pair(sender, receiver, answered, verdict, sent_history=None, held_history=None):
    """Compares the sender's history with the receiver's, after all faults are healed."""
    who = f"{sender.name} to {receiver.name}"
    own = own_messages(sent_history or sender.history(receiver.person), sender.person)
    held = own_messages(held_history or receiver.history(sender.person), sender.person)
    own_ids = [message["message"] for message in own]
    held_ids = [message["message"] for message in held]
    verdict.sent += len(own)

    own_texts = [message["text"] for message in own]
    missing = set(answered) - set(own_texts)
    verdict.note("lost", len(missing), f"{who}: answered, then gone at the sender: {sorted(missing)[:5]}")
    absent = set(own_ids) - set(held_ids)
    verdict.note("lost", len(absent), f"{who}: not at the receiver: {sorted(absent)[:5]}")
    invented = set(held_ids) - set(own_ids)
    verdict.note("lost", len(invented), f"{who}: at the receiver, gone at the sender: {sorted(invented)[:5]}")

    for ids, texts, where in ((own_ids, own_texts, "sender"),
                              (held_ids, [message["text"] for message in held], "receiver")):
        verdict.note("duplicated", len(texts) - len(set(texts)), f"{who}: the same text twice at the {where}")
        verdict.note("duplicated", len(ids) - len(set(ids)), f"{who}: the same id twice at the {where}")

    common = set(own_ids) & set(held_ids)
    left = [name for name in own_ids if name in common]
    right = [name for name in held_ids if name in common]
    wrong = sum(1 for a, b in zip(left, right) if a != b)
    verdict.note("out_of_order", wrong, f"{who}: the receiver's order differs")
    sent_order = [answered.index(text) for text in own_texts if text in answered] if len(answered) < 5000 else []
    verdict.note("out_of_order", sum(1 for a, b in zip(sent_order, sent_order[1:]) if a > b),
                 f"{who}: the sender's order is not that of sending")
    marked = {message["message"] for message in own if message["state"] in ("delivered", "read")}
    verdict.note("falsely_marked", len(marked - set(held_ids)), f"{who}: {sorted(marked - set(held_ids))[:5]}")
