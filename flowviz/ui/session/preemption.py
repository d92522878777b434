"""Preemption of long computations at the end of a run by the next run.

Streamlit ends a run early for another run of the whole page, but not for the run of a fragment: a
drag would wait for the computation. So long computations poll `rerun_requested`.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx


def rerun_requested() -> bool:
    """Whether another run is requested in this session, of the page or of a fragment."""
    context = get_script_run_ctx(suppress_warning=True)
    requests = None if context is None else context.script_requests
    return getattr(requests, "_state", ScriptRequestType.CONTINUE) != ScriptRequestType.CONTINUE


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
