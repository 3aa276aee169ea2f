#!/usr/bin/env python3
"""The books notice what they are there to notice."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ledger  # noqa: E402


class FakeNode:
    """One that has a history of one conversation and events, and is asked for nothing else."""

    def __init__(self, name):
        self.name = self.person = name
        self.messages = []
        self.events = []

    def history(self, _):
        return self.messages


def message(number, text=None, state="delivered", device="d1"):
    return {"message": f"c-{device}-{number}", "author": "Anna", "deleted": False, "kind": "text", "state": state,
            "text": text or f"Anna {number}"}


def checked(change):
    """The verdict on five messages, after `change(sender's, receiver's)`."""
    anna, boris = FakeNode("Anna"), FakeNode("Boris")
    anna.messages = [message(number) for number in range(1, 6)]
    boris.messages = [message(number, state="received") for number in range(1, 6)]
    sent = {entry["message"]: entry["text"] for entry in anna.messages}
    change(anna.messages, boris.messages)
    verdict = ledger.Verdict()
    ledger.check_pair(anna, boris, sent, verdict)
    return verdict


def swap(messages, one, other):
    messages[one], messages[other] = messages[other], messages[one]


# What is wrong: what is changed in (the sender's, the receiver's) history, and what has to be counted.
CASES = {
    "nothing": (lambda own, held: None, None),
    "not at the receiver, and yet marked": (lambda own, held: held.pop(2), "falsely_marked"),
    "not at the receiver": (lambda own, held: (own[2].update(state="queued"), held.pop(2)), "lost"),
    "gone at the sender": (lambda own, held: own.pop(), "lost"),
    "gone on both sides": (lambda own, held: (own.pop(), held.pop()), "lost"),
    "another text at the receiver": (lambda own, held: held[0].update(text="Anna 7"), "lost"),
    "another text on both sides": (lambda own, held: (own[4].update(text="Anna 7"), held[4].update(text="Anna 7")),
                                   "lost"),
    "twice at the receiver": (lambda own, held: held.append(dict(held[4])), "duplicated"),
    "twice under two ids": (lambda own, held: (own.append(message(6, "Anna 5")), held.append(message(6, "Anna 5"))),
                            "duplicated"),
    "another order at the receiver": (lambda own, held: swap(held, 0, 1), "out_of_order"),
    "another order on both sides": (lambda own, held: (swap(own, 0, 1), swap(held, 0, 1)), "out_of_order"),
}


def notices_each_fault():
    for what, (change, counted) in CASES.items():
        verdict = checked(change)
        if counted is None:
            assert verdict.clean and not verdict.problems, (what, verdict)
        else:
            assert not verdict.clean and getattr(verdict, counted) > 0 and verdict.problems, (what, verdict)


def lets_devices_of_one_person_interleave():
    def continue_on_another_device(own, held):
        # After its number 5, and yet sorted before it: its clock is another.
        for messages in (own, held):
            messages.insert(4, message(1, "Anna 6", messages[0]["state"], device="d2"))
    assert checked(continue_on_another_device).clean


def notices_a_mark_for_what_a_dead_program_does_not_hold():
    anna, boris = FakeNode("Anna"), FakeNode("Boris")
    boris.messages = [message(1)]
    anna.events = [{"event": "delivered", "message": f"c-d1-{number}", "person": "Boris"} for number in (1, 2)]
    verdict = ledger.Verdict()
    ledger.check_marks(anna, boris, verdict, "kill")
    assert verdict.falsely_marked == 1 and not verdict.clean, verdict


def owes_only_what_was_answered():
    anna = FakeNode("Anna")
    anna.events = [{"event": "done", "code": 0, "tag": "t1", "message": "c-d1-1"},
                   {"event": "done", "code": 1, "tag": "t2"}]
    assert ledger.answered(anna, {"t1": "Anna 1", "t2": "Anna 2", "t3": "Anna 3"}) == {"c-d1-1": "Anna 1"}


def adds_what_another_part_has_found():
    verdict = ledger.Verdict(sent=5, lost=1, problems=["one"])
    verdict.add(ledger.Verdict(sent=3, duplicated=1, out_of_order=2, falsely_marked=4, problems=["other"]))
    assert verdict.line() == "8 sent, 1 lost, 1 duplicated, 2 out of order, 4 falsely marked", verdict
    assert verdict.problems == ["one", "other"], verdict


if __name__ == "__main__":
    for test in (notices_each_fault, adds_what_another_part_has_found, lets_devices_of_one_person_interleave,
                 notices_a_mark_for_what_a_dead_program_does_not_hold, owes_only_what_was_answered):
        test()
        print(test.__name__, "passed")
