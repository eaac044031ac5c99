"""How a command ends when it cannot do what it was asked: one line that says why and what to do, and status 2."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click


def fail(message: str) -> NoReturn:
    """End with ``message``."""
    click.echo(message, err=True)
    sys.exit(2)


@contextmanager
def explained(*others: type[Exception]) -> Iterator[None]:
    """End with the message of what the library refuses, without its traceback; ``others`` are further refusals."""
    from pydantic import ValidationError

    from denoscope.checkpoints.errors import CheckpointError
    from denoscope.settings.faults import one_line

    refused: tuple[type[Exception], ...] = (CheckpointError, OSError, ValueError, *others)
    try:
        yield
    except ValidationError as error:
        fail(one_line(error))
    except refused as error:
        fail(str(error))
