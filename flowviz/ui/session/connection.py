"""The browser's connection to a session: the session's name, the address, whether it is open."""

from __future__ import annotations

import hashlib
import secrets

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME


def session_name() -> str:
    """A new unique name for this session, which begins with the runtime's session identifier.

    The identifier alone is not enough: AppTest gives the same one to all sessions.
    """
    context = get_script_run_ctx(suppress_warning=True)
    return f"{context.session_id if context else ''}/{secrets.token_hex(8)}"


def address() -> str | None:
    """The IP address of this session's browser; None for one on this machine."""
    return st.context.ip_address


def browser_name() -> str | None:
    """A name of the browser, the same after a reload and for a new server; None without cookies.

    The cookie is another at each load: the token in it stays, under a mask that is drawn anew.
    """
    cookie = st.context.cookies.get(XSRF_COOKIE_NAME)
    token = decode_xsrf_token_string(cookie)[0] if isinstance(cookie, str) else None
    return hashlib.sha256(token).hexdigest()[:16] if token else None


def query() -> str:
    """The address's query as it came; Streamlit's own names, as ``embed``, are in it."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.query_string if context else ""


def is_connected(session: str) -> bool:
    """Whether the browser of a session, given by name or identifier, is connected.

    Without a server every session counts as connected.
    """
    identifier = session.partition("/")[0]
    return not runtime.exists() or runtime.get_instance().is_active_session(identifier)
