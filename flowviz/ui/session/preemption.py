"""Preemption of long computations at the end of a run by the next run.

Streamlit ends a run early for another run of the whole page, but not for the run of a fragment: a
drag would wait for the computation. So long computations poll `rerun_requested`.

It ends a run at any access to the session's state, too: between two changes of it that belong
together. These are made in `uninterrupted`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx


def rerun_requested() -> bool:
    """Whether another run is requested in this session, of the page or of a fragment."""
    context = get_script_run_ctx(suppress_warning=True)
    requests = None if context is None else context.script_requests
    return getattr(requests, "_state", ScriptRequestType.CONTINUE) != ScriptRequestType.CONTINUE


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Context, or decorator, in which no other run ends this one; it ends at the next element.

    Without it a change is lost where another page is opened while it is applied: that a widget's
    value was seen is recorded already, and what it changes is not.
    """
    context = get_script_run_ctx(suppress_warning=True)
    session = None if context is None else context.session_state
    if session is None:
        yield
        return
    give_way = session._yield_callback
    # `SafeSessionState.__setattr__` would store an item of the session.
    object.__setattr__(session, "_yield_callback", lambda: None)
    try:
        yield
    finally:
        object.__setattr__(session, "_yield_callback", give_way)


def is_first_in_run(name: str) -> bool:
    """Whether this is the first call with that name in this run of the script."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return True
    run = context.cursors  # made anew at the start of each run
    first = st.session_state.get(name) is not run
    st.session_state[name] = run
    return first


def is_fragment_run() -> bool:
    """Whether this run draws fragments alone, and not the page."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and bool(context.fragment_ids_this_run)


def request_rerun() -> None:
    """Request another run of this session's page outside of a script, where `st.rerun` cannot."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None and context.script_requests is not None:
        context.script_requests.request_rerun(
            RerunData(context.query_string, page_script_hash=context.page_script_hash)
        )


def drop_widget_states() -> None:
    """Delete the widgets' new values, also those that Streamlit cannot read or delete itself."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        context.session_state._state._new_widget_state.states.clear()
