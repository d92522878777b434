"""Walks as conversations: a walk asks, and is told; many walks are told together.

A walk is a generator. Where it needs the flow it yields an `Ask` and is sent an `Answer`; between
asks it only adds and multiplies. So nothing keeps many walks from going on at once: in every round
all of them wait, and one evaluation of the field, at many times and places, serves them all. What
a small evaluation costs is mostly its being made: a hundred of them together cost a few.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

from torch import Tensor

T = TypeVar("T")
S = TypeVar("S")
F = TypeVar("F", bound="Answers")
P = ParamSpec("P")


@dataclass(frozen=True)
class Ask:
    """A look at a flow: ``x`` (K, M, d), M places at each of K ``times``.

    ``aims`` asks for targets, otherwise for velocities.
    """

    x: Tensor
    times: tuple[float, ...]
    aims: bool


class Answer(NamedTuple):
    """``value`` (K, M, d), and ``outside`` (K, M), where p_t = 0 and there is no velocity."""

    value: Tensor
    outside: Tensor


Talk = Generator[Ask, Answer, T]
"""What asks a flow now and then, and comes to a result."""


class Answers(Protocol):
    """What can be asked."""

    def answers(self, asks: Sequence[Ask], /) -> list[Answer]:
        """One answer for each."""
        ...


def alone(flow: Answers, talk: Talk[T]) -> T:
    """Lead one conversation to its result."""
    try:
        ask = next(talk)
        while True:
            ask = talk.send(flow.answers([ask])[0])
    except StopIteration as end:
        return end.value


def led(
    asking: Callable[Concatenate[S, F, P], Talk[T]],
) -> Callable[Concatenate[S, F, P], T]:
    """What a (solver, flow, …) asks for, led to its result at once, by itself."""

    @functools.wraps(asking)
    def lead(solver: S, flow: F, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return alone(flow, asking(solver, flow, *args, **kwargs))

    return lead


def rounds(flow: Answers, talks: Iterable[Talk[None]]) -> Iterator[None]:
    """Lead many conversations at once; a pause after each round of answers."""
    asking = [(talk, ask) for talk in talks if (ask := next(talk, None)) is not None]
    while asking:
        told = flow.answers([ask for _, ask in asking])
        pairs = [(talk, answer) for (talk, _), answer in zip(asking, told, strict=True)]
        asking = [(talk, ask) for talk, answer in pairs if (ask := _next(talk, answer))]
        yield


def _next(talk: Talk[None], answer: Answer) -> Ask | None:
    try:
        return talk.send(answer)
    except StopIteration:
        return None
