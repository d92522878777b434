"""Handling of unexpected exceptions: the page shows one sentence with a number, and stays.

An exception in a function of a page is logged with a number that the visitor can quote. Then the
scene last drawn is restored (`state.restore`) and the page is drawn again with every widget filled
from it: a scene that cannot be drawn, or a value that no widget can read, is thereby removed from
the session and the address. If the exception occurs again, the sentence is shown in place of what
failed, and the rest of the page is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial, wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from flowviz.text import Message, translator
from flowviz.ui import watch
from flowviz.ui.session import preemption, state, turns

P = ParamSpec("P")
R = TypeVar("R")


def guarded(draw: Callable[P, R]) -> Callable[P, R | None]:
    """Decorator: run a function of a page within `caught`."""

    @wraps(draw)
    def call(*args: P.args, **named: P.kwargs) -> R | None:
        with caught(_name(draw)):
            return draw(*args, **named)

    return call


def guarded_after_page(draw: Callable[P, R]) -> Callable[P, R | None]:
    """Decorator: the same for what comes after `state.end_page`, where the scene counts as drawn.

    It would be restored, and fail again, at every run.
    """

    @wraps(draw)
    def call(*args: P.args, **named: P.kwargs) -> R | None:
        with caught(_name(draw), restore=False):
            return draw(*args, **named)

    return call


def fragment(draw: Callable[P, object], run_every: float | None = None) -> Callable[P, object]:
    """`st.fragment` within `caught`, since a fragment's rerun is not within its page's.

    After a rerun without exception its scene counts as drawn (`state.end_fragment`).
    """

    @wraps(draw)
    def call(*args: P.args, **named: P.kwargs) -> None:
        alone = preemption.is_fragment_run()
        with _alone() if alone else nullcontext(), caught(_name(draw)):
            draw(*args, **named)
            state.end_fragment()

    return st.fragment(call, run_every=run_every)


@contextmanager
def _alone() -> Iterator[None]:
    with watch.run("fragment"), turns.RUNS.take():
        yield


@contextmanager
def caught(where: str, *, restore: bool = True) -> Iterator[None]:
    """Context in which an exception restores the scene last drawn, or is shown where it occurred.

    Args:
        where: what is drawn in the context, for the log.
        restore: whether to restore the scene, once; not for what is computed after the figure.
    """
    number = ""
    try:
        yield
    except Exception:
        # Streamlit's own control flow derives from BaseException and passes through.
        number = state.log_fault(where)
        watch.count("faults", number=number)
    if not number:
        return
    if restore:
        _restore(number)
    _show_fault(number)


def _restore(number: str) -> None:
    """Rerun the page with the scene last drawn; return if that was done before."""
    if state.restore():
        state.add_fault(Message("fault.restored", number=number))
        st.rerun()
    state.dismiss_faults()  # restoring did not help


def _show_fault(number: str) -> None:
    scene = state.current()
    tr = translator(scene.lang, scene.convention)
    st.error(tr("fault.here", number=number), icon=":material/error:")


def handle_uncaught(error: Exception) -> bool:
    """Handle an exception outside of `caught`, e.g. of a widget's value that Streamlit cannot read.

    No page is drawn then: it is rerun without that value. For ``on_script_error`` of `st.App`.
    """
    number = state.log_fault("the script", error)
    watch.count("faults", number=number)
    preemption.drop_widget_states()
    if state.restore():
        state.add_fault(Message("fault.restored", number=number))
        preemption.request_rerun()
    else:
        _show_fault(number)
    return True


def _name(draw: Callable[..., object]) -> str:
    inner = draw.func if isinstance(draw, partial) else draw
    return f"{inner.__module__}.{inner.__qualname__}"
