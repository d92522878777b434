"""Tooltips with the glossary's terms, and headings that have one."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from flowviz.text import Translator
from flowviz.text.glossary import TERMS


@lru_cache(maxsize=256)
def tips(tr: Translator, *terms: str) -> str:
    """The definitions of terms, one below the other, as Markdown.

    Args:
        tr: the translator.
        terms: keys of `flowviz.text.glossary.TERMS`; without any, all of them.
    """
    return "\n\n".join(
        tr("term.said", term=tr(f"term.{name}"), tip=tr(f"term.{name}.tip"))
        for name in terms or TERMS
    )


def heading(text: str, tr: Translator, *terms: str, level: int = 2, more: str = "") -> None:
    """A heading with a tooltip on its terms.

    Args:
        text: of the heading.
        tr: the translator.
        terms: keys of `flowviz.text.glossary.TERMS`.
        level: of the heading, 1 to 6.
        more: text after the definitions.
    """
    st.markdown(f"{'#' * level} {text}", help="\n\n".join(filter(None, (tips(tr, *terms), more))))
