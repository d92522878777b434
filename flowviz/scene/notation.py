r"""Formulas as people write and copy them, in the signs of the grammar.

``1−t``, ``t²``, ``2²ᵗ``, ``2x₀``, ``x₁t``, ``πt``, ``√t``, ``t·x1``, full-width signs and LaTeX
(``\frac{t}{2}``, ``\boldsymbol{x}_0``, ``e^{-t}x_0``) become ``1-t``, ``t^2``, ``2^(2*t)``,
``2*x0``, ``x1*t``, ``pi*t``, ``sqrt(t)`` and so on; ``(1-t)x0``, ``(1-t)(1+t)`` and ``t(1-t)``
are products.
Only what can mean one thing is rewritten: ``1/2x0``, ``1/(1+t)x0``, ``√2t``, ``a(t)`` and ``x0(t)``
are left for the grammar to refuse.
"""

from __future__ import annotations

import re
import unicodedata

from flowviz.scene.decimals import to_ascii

_RAISED = {
    chr(code): unicodedata.normalize("NFKC", chr(code)).replace("−", "-")
    for code in range(0x80, 0x2100)
    if unicodedata.decomposition(chr(code)).startswith("<super>")
}
_RAISED_RUN = re.compile(f"[{''.join(_RAISED)}]+")
_FROM_RAISED = str.maketrans(_RAISED)
_LOWERED = "₀₁₂₃₄₅₆₇₈₉"
_FROM_LOWERED = str.maketrans(_LOWERED, "0123456789")
_INDEX = re.compile(
    rf"(?P<letter>[A-Za-z])(?:(?P<low>[{_LOWERED}]+)|_(?:\{{(?P<braced>[0-9])\}}|(?P<bare>[0-9])))"
)
_STRAY_INDEX = re.compile(f"[{_LOWERED}]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SIGNS = str.maketrans({"·": "*", "⋅": "*", "∙": "*", "•": "*", "÷": "/", "∕": "/"})
_STYLED = {
    code: letter
    for code in (*range(0x1D400, 0x1D6A4), *range(0xFF21, 0xFF5B), 0x210E)
    if (letter := unicodedata.normalize("NFKC", chr(code))).isascii() and letter.isalpha()
}
"""Letters of mathematical alphabets and of full width: an index may follow them."""
_FONT = re.compile(r"\\(?:boldsymbol|bm|vec|math(?:bf|rm|it|sf))\s*\{\s*(?P<of>[A-Za-z])\s*\}")
_NAME_BEFORE = re.compile(r"[A-Za-z][A-Za-z0-9]*$")
_COMMAND_BEFORE = re.compile(r"\\[A-Za-z]+$")
_ROOT = re.compile(r"√\s*(?:(?P<of>[A-Za-z][0-9]?|[0-9.]+)(?![A-Za-z0-9.(])|(?=\())")
_FACTOR = re.compile(
    r"(?<![\w.\]/^])(?P<number>(?>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))\s?(?=[A-Za-z(])"
)
_LATEX = re.compile(
    r"\\(?:(?P<times>cdot|times|ast)(?![a-z])|(?P<pi>pi)(?![a-z])\s*|(?:left|right)(?=[()\[\]])"
    r"|(?P<blank>[,;:! ]|quad)|(?P<part>[dt]?frac|sqrt)\s*\{|(?=[a-z]))|(?P<brace>[{}])"
)


_VARIABLES = frozenset({"t", "x", "x0", "x1", "pi"})  # which are never functions
_OF_TIME = re.compile(r"\(\s*t\s*\)")  # makes one of anything
_FACTOR_AFTER = re.compile(r"\s*(?=[A-Za-z(])")


def plain_formula(text: str) -> str:
    """The formula in ASCII, with single blanks; time is linear in its length."""
    text = _INVISIBLE.sub("", text).translate(_STYLED)
    text = _INDEX.sub(_name, _FONT.sub(_plain_letter, text))
    if "\\" in text or "{" in text:
        text = _without_latex(text)
    # An index that follows no letter is no digit of the number before it.
    text = _STRAY_INDEX.sub(lambda m: f" {m[0].translate(_FROM_LOWERED)}", text)
    text = re.sub("π", _pi, _RAISED_RUN.sub(_power, text))
    plain = to_ascii(_ROOT.sub(_root, text).translate(_SIGNS))
    return " ".join(_with_products(_FACTOR.sub(_times, plain)).split())


def _plain_letter(match: re.Match[str]) -> str:
    r"""x for \boldsymbol{x}: a factor behind a name, and set apart from a command as \cdot."""
    after_command = _COMMAND_BEFORE.search(match.string, max(0, match.start() - 8), match.start())
    return (" " if after_command else _star_before(match)) + match["of"]


def _name(match: re.Match[str]) -> str:
    """x₀, x_0 or x_{0} as x0. The index ends the name: x₁t is a product."""
    digits = match["low"] or match["braced"] or match["bare"]
    return match["letter"] + digits.translate(_FROM_LOWERED) + _star_after(match)


def _pi(match: re.Match[str]) -> str:
    """π as a factor of its neighbours."""
    return f"{_star_before(match)}pi{_star_after(match)}"


def _root(match: re.Match[str]) -> str:
    return f"{_star_before(match)}sqrt" + (f"({match['of']})" if match["of"] else "")


def _star_before(match: re.Match[str]) -> str:
    """A star behind a name; a blank where the name is a divisor or an exponent."""
    name = _NAME_BEFORE.search(match.string, max(0, match.start() - 8), match.start())
    if name is None:
        return ""
    return " " if _divides(match.string, name.start()) else "*"


def _star_after(match: re.Match[str]) -> str:
    """A star before a letter; a blank where what stands before it is a divisor or an exponent."""
    follows = match.string[match.end() : match.end() + 1]
    if not follows.isalnum():
        return ""
    return " " if follows.isdigit() or _divides(match.string, match.start()) else "*"


def _without_latex(text: str) -> str:
    """LaTeX's fractions, roots, powers and signs in the grammar's; other commands as names."""
    closes: list[str] = []  # how the groups that are open end
    pending: list[str] = []  # how the next group ends: the second of a fraction

    def replaced(match: re.Match[str]) -> str:
        if match["times"] or match["pi"] or match["blank"]:
            return "*" if match["times"] else "π" if match["pi"] else " "
        if match["part"]:
            closes.append(")" if match["part"] == "sqrt" else ")/")
            return "sqrt(" if match["part"] == "sqrt" else "(("
        if match["brace"] == "{":
            at = match.start()
            raised = text[at - 1 : at] == "^" and not _divides_base(text, at)
            closes.append(pending.pop() if pending else ")^" if raised else ")")
            return "("
        if match["brace"] == "}" and closes:
            end = closes.pop()
            if end == ")/":
                pending.append("))")
            follows = text[match.end() : match.end() + 2].lstrip()[:1]
            joined = ")*" if follows.isalpha() or follows == "\\" else ")"
            return joined if end == ")^" else end
        return match[0].strip("\\") if match["brace"] else ""

    return _LATEX.sub(replaced, text)


def _divides_base(text: str, at: int) -> bool:
    """Whether the base of a power is a divisor, or no name or number."""
    base = re.search(r"[A-Za-z0-9.]+\^$", text[max(0, at - 32) : at])
    return base is None or _divides(text, at - len(base[0]))


def _power(match: re.Match[str]) -> str:
    raised = match[0].translate(_FROM_RAISED)
    exponent = raised if len(raised) == 1 else f"({raised})"
    follows = match.string[match.end() : match.end() + 2].lstrip()[:1]
    return f"^{exponent}*" if follows.isalpha() or follows == "(" else f"^{exponent}"


def _times(match: re.Match[str]) -> str:
    before = match.string[: match.start()].rstrip()
    divides = before.endswith(("/", "^", "**"))
    return match[0] if divides else f"{match['number']}*"


def _with_products(text: str) -> str:
    """The text with each * that is omitted after a bracket, or between a variable and one."""
    stars: dict[int, int] = {}  # where one is inserted, and where the text goes on
    opened: list[int] = []  # where the factors begin whose brackets are open
    for at, character in enumerate(text):
        if character in "([":
            start = at
            while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
                start -= 1
            opened.append(start)
            variable = character == "(" and text[start:at] in _VARIABLES
            if variable and not _OF_TIME.match(text, at) and not _divides(text, start):
                stars[at] = at
        elif character in ")]" and opened:
            start, after = opened.pop(), _FACTOR_AFTER.match(text, at + 1)
            if after and not _divides(text, start):
                stars[at + 1] = after.end()
    return _inserted(text, stars)


def _divides(text: str, at: int) -> bool:
    """Whether what begins there is a divisor or an exponent, whose end another factor blurs."""
    return text[:at].rstrip()[-1:] in ("/", "^") or text[:at].rstrip().endswith("**")


def _inserted(text: str, stars: dict[int, int]) -> str:
    pieces, done = [], 0
    for at, resumed in stars.items():
        pieces += [text[done:at], "*"]
        done = resumed
    return "".join([*pieces, text[done:]])
