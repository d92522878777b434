"""The net under every page: an exception costs one sentence with a number, never the page.

What a function of a page raises is logged with a number that the visitor can quote. Then, once,
the session goes back to what was last drawn (`state.restore`) and the page is drawn again: every
widget is filled anew, so that a scene that cannot be drawn and a message that no widget can read
are gone with it, from the address, too. Where that does not help, the sentence stands in the place
of what failed, and the rest of the page is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from flowviz.text import Message, speaker
from flowviz.ui.session import preemption, state

P = ParamSpec("P")
R = TypeVar("R")


def guarded(draw: Callable[P, R]) -> Callable[P, R | None]:
    """A function of a page under the net."""

    @wraps(draw)
    def call(*args: P.args, **named: P.kwargs) -> R | None:
        with net(_name(draw)):
            return draw(*args, **named)

    return call


def fragment(draw: Callable[P, object], run_every: float | None = None) -> Callable[P, object]:
    """`st.fragment` under the net: run by itself, it is under no other.

    What it draws by itself counts as drawn, as what a page draws does.
    """

    @wraps(draw)
    def call(*args: P.args, **named: P.kwargs) -> None:
        with net(_name(draw)):
            draw(*args, **named)
            state.drawn_fragment()

    return st.fragment(call, run_every=run_every)


@contextmanager
def net(where: str) -> Iterator[None]:
    """Go back to what was last drawn, once; then say in this place that something failed."""
    number = ""
    try:
        yield
    except Exception:
        # Streamlit's own control flow derives from BaseException and passes through.
        number = state.log_fault(where)
    if not number:
        return
    if state.restore():
        state.add_fault(Message("fault.restored", number=number))
        st.rerun()
    state.dismiss_faults()  # the last one's cure did not help: this place says so
    say_fault(number)


@contextmanager
def contained(where: str) -> Iterator[None]:
    """Say in this place that something failed: where the picture is drawn already."""
    number = ""
    try:
        yield
    except Exception:
        number = state.log_fault(where)
    if number:
        say_fault(number)


def say_fault(number: str) -> None:
    """The sentence, where the page is drawing."""
    scene = state.current()
    say = speaker(scene.lang, scene.convention)
    st.error(say("fault.here", number=number), icon=":material/error:")


def uncaught(error: Exception) -> bool:
    """For `st.App`: what escaped every net, as a widget's value does that Streamlit cannot read.

    Then no page was drawn at all: it is drawn again without that value.
    """
    number = state.log_fault("the script", error)
    preemption.drop_widget_states()
    if state.restore():
        state.add_fault(Message("fault.restored", number=number))
        preemption.request_rerun()
    else:
        say_fault(number)
    return True


def _name(draw: Callable[..., object]) -> str:
    inner = draw.func if isinstance(draw, partial) else draw
    return f"{inner.__module__}.{inner.__qualname__}"
