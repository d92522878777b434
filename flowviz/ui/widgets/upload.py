"""Streamlit's file uploader in the visitor's language.

Its texts are English, and only a tooltip reports a file that is too large. A style sheet replaces
them.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import streamlit as st

from flowviz.text import Translator
from flowviz.ui.session import state

_STYLE = """<style>
[data-testid="stFileUploaderDropzone"] > span [data-testid="stMarkdownContainer"] p,
[data-testid="stFileUploaderDropzoneInstructions"] span {{ font-size: 0; }}
[data-testid="stFileUploaderDropzone"] > span [data-testid="stMarkdownContainer"] p::after
{{ content: {choose}; font-size: 1rem; }}
[data-testid="stFileUploaderDropzoneInstructions"] span::after
{{ content: {limit}; font-size: 0.875rem; }}
[data-testid="stFileUploader"]:has([aria-invalid="true"])::after
{{ content: {large}; display: block; padding: 0.5rem 0.25rem 0; color: {red}; }}
[data-testid="stFileChip"] [role="alert"] {{ display: none; }}
</style>"""


def file_uploader(label: str, key: str, tr: Translator, read: Callable[[bytes], None]) -> None:
    """A file uploader; a file that is too large is refused in a line below it.

    Args:
        label: of the uploader.
        key: its session key.
        tr: the translator.
        read: called with the content of a new file.
    """
    texts = {
        name: json.dumps(tr(f"frame.file.{name}"), ensure_ascii=False)
        for name in ("choose", "limit", "large")
    }
    red = "#ff8a80" if st.context.theme.type == "dark" else "#b3261e"
    st.html(_STYLE.format(red=red, **texts))
    # No `type`: a file that is no table is refused when it is read, in the visitor's language.
    st.file_uploader(label, key=key)
    state.on_change(
        key,
        lambda file: None if file is None else read(file.getvalue()),
        lambda file: file and file.file_id,
    )
