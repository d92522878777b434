"""The glossary's terms where they occur: the tips that a "?" shows, and headings that have one."""

from __future__ import annotations

import streamlit as st

from flowviz.text import Say
from flowviz.text.glossary import TERMS


def tips(say: Say, *terms: str) -> str:
    """The tips of some terms, one below the other, as Markdown.

    Args:
        say: the speaker.
        terms: keys of `flowviz.text.glossary.TERMS`; without any, all of them.
    """
    return "\n\n".join(
        say("term.said", term=say(f"term.{name}"), tip=say(f"term.{name}.tip"))
        for name in terms or TERMS
    )


def heading(words: str, say: Say, *terms: str, level: int = 5, more: str = "") -> None:
    """A heading with the tips of the terms that it is about.

    Args:
        words: of the heading.
        say: the speaker.
        terms: keys of `flowviz.text.glossary.TERMS`.
        level: of the heading, 1 to 6.
        more: what else its "?" says, after the tips.
    """
    st.markdown(f"{'#' * level} {words}", help="\n\n".join(filter(None, (tips(say, *terms), more))))
