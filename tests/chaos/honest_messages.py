"""What relay_load tells of the messages of its honest clients, at the end of `steady`."""

# By its figures, each of which has to be 0.
FAULTS = {"lost": "{} messages were stored, but did not come.",
          "strange": "{} messages came that nobody had left, or came twice.",
          "spoiled": "{} messages came other than they were left, or to others.",
          "disorder": "{} times a mailbox gave another number than the next one."}


def faults_of_messages(told):
    """Sentences."""
    for name, sentence in FAULTS.items():
        if told[name]:
            yield sentence.format(int(told[name]))
    if not told["stored"] or told["taken"] < told["stored"]:
        yield f"Of {told['stored']:.0f} messages {told['taken']:.0f} came."
