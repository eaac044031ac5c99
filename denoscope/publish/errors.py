"""What can go wrong when a run is published."""


class PublishError(RuntimeError):
    """A dashboard cannot be written to; the message says why and what to do."""
