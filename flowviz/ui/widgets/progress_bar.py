"""A bar that shows how far a computation is, once it takes long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from flowviz.text import Say
from flowviz.ui.session.cache import Progress

_DELAY_S = 0.5  # what is done sooner needs no bar
_EVERY_S = 0.1


@contextmanager
def progress_bar(say: Say, delay: float = _DELAY_S, *, keep: bool = False) -> Iterator[Progress]:
    """Where it is called, a bar while the block runs; its place is kept when it is gone.

    Args:
        say: the speaker.
        delay: seconds before it is first drawn.
        keep: leave it where the block ends: the next run goes on.

    Yields:
        What the computation reports its fraction done to.
    """
    slot = st.empty()
    due = time.monotonic() + delay

    def report(done: float) -> None:
        nonlocal due
        now = time.monotonic()
        if now >= due:
            due = now + _EVERY_S
            percent = min(99, round(100 * done))  # 100 is the picture itself
            slot.progress(min(max(done, 0.0), 1.0), say("frame.computing", percent=percent))

    yield report
    if not keep:
        slot.empty()
