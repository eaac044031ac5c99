"""What can go wrong with a checkpoint."""


class CheckpointError(RuntimeError):
    """A checkpoint cannot be had or cannot be trusted; the message says why and what to do."""
