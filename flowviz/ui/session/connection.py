"""Who is at the other end: a session's name, its address, whether its visitor is there."""

from __future__ import annotations

import secrets

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx


def session_name() -> str:
    """This session, as Streamlit's runtime knows it; one without a server has a new name."""
    context = get_script_run_ctx(suppress_warning=True)
    # Without a runtime, as under AppTest, all sessions have the same identifier.
    return context.session_id if context and runtime.exists() else secrets.token_hex(8)


def address() -> str | None:
    """The address this session's visitor comes from; None on this machine, where all come from."""
    return st.context.ip_address


def is_connected(session: str) -> bool:
    """Whether a session's visitor is there; one without a server is taken to be."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)
