"""Who is at the other end: a session's name, its address, whether its visitor is there."""

from __future__ import annotations

import secrets

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx


def session_name() -> str:
    """A new name for this session, which begins with the identifier that the runtime gave it.

    AppTest gives all sessions the same identifier, so it alone is not enough.
    """
    context = get_script_run_ctx(suppress_warning=True)
    return f"{context.session_id if context else ''}/{secrets.token_hex(8)}"


def address() -> str | None:
    """The address this session's visitor comes from; None on this machine, where all come from."""
    return st.context.ip_address


def is_connected(session: str) -> bool:
    """Whether the visitor of a session, given by name or identifier, is there.

    A session without a server is taken to be connected.
    """
    identifier = session.partition("/")[0]
    return not runtime.exists() or runtime.get_instance().is_active_session(identifier)
