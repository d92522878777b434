"""Streamlit's place for a file, in the visitor's language.

Its own words are English, and that a file is too large it says in a tooltip alone. A style sheet
puts ours in their place.
"""

from __future__ import annotations

import json

import streamlit as st

from flowviz.text import Say

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


def file_uploader(label: str, key: str, say: Say) -> None:
    """A place to upload a file; one that is too large is refused in a line below it.

    Args:
        label: what is wanted.
        key: the session key that holds the file.
    """
    words = {
        word: json.dumps(say(f"frame.file.{word}"), ensure_ascii=False)
        for word in ("choose", "limit", "large")
    }
    red = "#ff8a80" if st.context.theme.type == "dark" else "#b3261e"
    st.html(_STYLE.format(red=red, **words))
    # No `type`: what is no table is refused in the visitor's language, by us.
    st.file_uploader(label, key=key)
