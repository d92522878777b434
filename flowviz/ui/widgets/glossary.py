"""Tooltips with the glossary's terms, and headings that have one."""

from __future__ import annotations

import streamlit as st

from flowviz.text import Say
from flowviz.text.glossary import TERMS


def tips(say: Say, *terms: str) -> str:
    """The definitions of terms, one below the other, as Markdown.

    Args:
        say: the speaker.
        terms: keys of `flowviz.text.glossary.TERMS`; without any, all of them.
    """
    return "\n\n".join(
        say("term.said", term=say(f"term.{name}"), tip=say(f"term.{name}.tip"))
        for name in terms or TERMS
    )


def heading(text: str, say: Say, *terms: str, level: int = 5, more: str = "") -> None:
    """A heading with a tooltip on its terms.

    Args:
        text: of the heading.
        say: the speaker.
        terms: keys of `flowviz.text.glossary.TERMS`.
        level: of the heading, 1 to 6.
        more: text after the definitions.
    """
    st.markdown(f"{'#' * level} {text}", help="\n\n".join(filter(None, (tips(say, *terms), more))))
