"""The symbols in the Learn page's words, as TeX where Markdown shows them: vθ has an index."""

from __future__ import annotations

import re

_SYMBOLS = re.compile("‖vθ − fₜ‖|−?(?:vθ|fₜ)")
_TEX = {"vθ": r"v_\theta", "fₜ": "f_t", "‖": r"\|", "−": "-"}


def with_tex(words: str) -> str:
    r"""Words with their symbols in TeX: "Learned vθ" → "Learned $v_\theta$"."""
    return _SYMBOLS.sub(_typeset, words)


def _typeset(found: re.Match[str]) -> str:
    text = found[0]
    for symbol, tex in _TEX.items():
        text = text.replace(symbol, tex)
    return f"${text}$"
