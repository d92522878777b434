"""Whose turn it is: a long piece of work at the end of a run gives way to what comes next.

Streamlit cuts a run short for another run of the whole page, but lets it finish before it runs a
fragment: a hand that drags would wait for whatever is being measured. So what may wait asks.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx


def rerun_requested() -> bool:
    """Whether this visitor waits for another run, of the page or of a part of it."""
    context = get_script_run_ctx(suppress_warning=True)
    requests = None if context is None else context.script_requests
    return getattr(requests, "_state", ScriptRequestType.CONTINUE) != ScriptRequestType.CONTINUE


def request_rerun() -> None:
    """Ask for another run of this visitor's page where `st.rerun` cannot: outside of a script."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None and context.script_requests is not None:
        context.script_requests.request_rerun(
            RerunData(context.query_string, page_script_hash=context.page_script_hash)
        )


def drop_widget_states() -> None:
    """Forget what the widgets were sent: what Streamlit cannot read it cannot delete, either."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        context.session_state._state._new_widget_state.states.clear()
