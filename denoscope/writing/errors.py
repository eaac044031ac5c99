"""What can go wrong before a text is written."""


class WritingError(ValueError):
    """A model that cannot write, or settings that it cannot write with; the message says why and what to do."""
