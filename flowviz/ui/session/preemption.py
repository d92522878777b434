"""Whose turn it is: a long piece of work at the end of a run gives way to what comes next.

Streamlit cuts a run short for another run of the whole page, but lets it finish before it runs a
fragment: a hand that drags would wait for whatever is being measured. So what may wait asks.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx


def rerun_requested() -> bool:
    """Whether this visitor waits for another run, of the page or of a part of it."""
    context = get_script_run_ctx(suppress_warning=True)
    requests = None if context is None else context.script_requests
    return getattr(requests, "_state", ScriptRequestType.CONTINUE) != ScriptRequestType.CONTINUE
