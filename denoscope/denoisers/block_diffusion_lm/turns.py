"""Turns a call that asks on its way into a generator that yields its questions."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")
Result = TypeVar("Result")
Value = TypeVar("Value")


class Abandoned(BaseException):
    """Nobody waits for the call any more: it unwinds. No Exception, which the call might take for its own."""


@dataclass(frozen=True)
class _Asked(Generic[Value]):
    value: Value


@dataclass(frozen=True)
class _Returned(Generic[Value]):
    value: Value


def in_turns(call: Callable[[Callable[[Question], Answer]], Result]) -> Generator[Question, Answer, Result]:
    """Run ``call(ask)``: yield each question that it passes to ``ask``, and send the answer.

    The call has a thread of its own, but never runs beside whoever resumes the generator: each waits for the other.
    What the call raises is raised here. A generator that is closed before its end abandons the call, and its thread is
    gone when closing returns.

    Returns:
        What the call returns.
    """
    events: SimpleQueue[_Asked[Question] | _Returned[Result] | BaseException] = SimpleQueue()
    answers: SimpleQueue[_Returned[Answer] | Abandoned] = SimpleQueue()

    def ask(question: Question) -> Answer:
        events.put(_Asked(question))
        answer = answers.get()
        if isinstance(answer, Abandoned):
            raise answer
        return answer.value

    def run() -> None:
        try:
            events.put(_Returned(call(ask)))
        except BaseException as error:  # raised again by who waits for the event
            events.put(error)

    thread = Thread(target=run, name="pipeline", daemon=True)
    thread.start()
    try:
        while isinstance(event := events.get(), _Asked):
            answers.put(_Returned((yield event.value)))
    finally:
        _abandon(thread, answers)
    if isinstance(event, BaseException):
        try:
            raise event
        finally:
            del event  # its traceback refers to this frame, and both would keep the call's tensors
    return event.value


def _abandon(thread: Thread, answers: SimpleQueue[Any]) -> None:
    """Refuse every further answer until the call has ended."""
    while thread.is_alive():
        answers.put(Abandoned())
        thread.join(timeout=0.1)
