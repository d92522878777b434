"""Texts in the visitor's language: the dictionary, its lookup, and messages without a language.

``core`` and ``scene`` do not know the visitor's language, so they report a `Message`: a key and its
values. A page turns it into a sentence with `Translator`, the lookup in its language::

    tr = translator("zh")
    try:
        points = Points.parse("0.5, abc")
    except Refusal as refusal:
        st.error(refusal.markdown(tr))

A value of a message may be a message itself ("line 7", "the prior's *low*").
"""

from __future__ import annotations

import pkgutil
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from flowviz.conventions import (
    DEFAULT,
    TimeConvention,
    shown_rate,
    shown_tex,
    shown_text,
    shown_time,
    time_text,
)
from flowviz.text.entry import Text
from flowviz.text.numbers import formatted

Language = Literal["en", "zh"]
_Numeric = TypeVar("_Numeric")  # a number or an array
LANGUAGES: dict[Language, str] = {"en": "English", "zh": "中文"}

#: What is said of typed formulas, of links and of both directions is the same in either time.
FIXED = (
    "error.",
    "formula.",
    "param.",
    "schedule.formula.",
    "fan.family.",
    "frame.convention.",
    "lesson.",
)

_EXCERPT = 24
_MARKDOWN = re.compile(r"([\\`*_\[\]()<>#|~:$!])")


def collect(topics: dict[str, dict[str, Text]]) -> dict[str, Text]:
    """Merge the topics' entries into one dictionary.

    Raises:
        ValueError: if two topics have the same key; names the key and both topics.
    """
    entries: dict[str, Text] = {}
    owner: dict[str, str] = {}
    for topic, texts in topics.items():
        for key, text in texts.items():
            if key in entries:
                raise ValueError(f"text key {key!r} is in both {owner[key]!r} and {topic!r}")
            entries[key], owner[key] = text, topic
    return entries


def _topics() -> dict[str, dict[str, Text]]:
    """The ``ENTRIES`` of all modules of this package but the three that have none, by name."""
    found: dict[str, dict[str, Text]] = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name not in {"entry", "numbers", "translation"}:
            found[module.name] = import_module(f"flowviz.text.{module.name}").ENTRIES
    return found


ENTRIES = MappingProxyType(collect(_topics()))


class _NumberFormatter(Formatter):
    """``str.format`` with numbers formatted by `numbers`: 0.3, −2, 4.4·10⁻¹⁶.

    ``{n:point|points}`` is the word for one if n is 1, else the word for several.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        one, both, several = format_spec.partition("|")
        if both:
            return one if str(value) == "1" else several
        if isinstance(value, int | float):
            return formatted(value, format_spec)
        return super().format_field(value, format_spec)


@dataclass(frozen=True)
class Translator:
    """The texts in one language and direction of time: ``tr("where.line", n=7)`` → "line 7"."""

    lang: Language
    convention: TimeConvention = DEFAULT

    def __call__(self, key: str, /, **values: object) -> str:
        """The entry ``key`` with its placeholders filled.

        Raises:
            KeyError: for a key that is in no topic, or a placeholder without a value.
        """
        template = _template(self, key)
        if not values and "{" not in template and "}" not in template:
            return template
        filled = {n: v.translated(self) if isinstance(v, Message) else v for n, v in values.items()}
        return _NumberFormatter().vformat(template, (), filled)

    def time(self, t: float, digits: int = 3) -> str:
        """A time as readers see it, with so many significant digits of t."""
        return formatted(float(time_text(t, self.convention, digits)), "")

    def time_value(self, t: float) -> float:
        """A time as a widget shows it; it is its own inverse."""
        return round(shown_time(t, self.convention), 12)

    def rate(self, value: _Numeric) -> _Numeric:
        """A velocity or another derivative in time, in the direction of the reader's time."""
        return shown_rate(value, self.convention)

    def tex(self, equation: str, flow_matching: str | None = None) -> str:
        """An equation between symbols as TeX, in the reader's time.

        Args:
            equation: in the diffusion literature's time.
            flow_matching: in flow matching's, where turning indices is not enough.
        """
        if flow_matching is not None and self.convention != DEFAULT:
            return flow_matching
        return shown_tex(equation, self.convention)


@lru_cache(maxsize=8192)
def _template(tr: Translator, key: str) -> str:
    """An entry in a language and a direction of time, with its placeholders."""
    turned = ENTRIES.get(f"flow_matching.{key}") if tr.convention != DEFAULT else None
    entry = turned or ENTRIES[key]
    text = entry.zh if tr.lang == "zh" else entry.en
    if turned or key.startswith(FIXED):
        return text
    return shown_text(text, tr.convention)


def translator(lang: str, convention: TimeConvention = DEFAULT) -> Translator:
    """The translator of ``lang``, a key of `LANGUAGES`, in a direction of time.

    Raises:
        ValueError: for any other language.
    """
    for language in LANGUAGES:
        if lang == language:
            return Translator(language, convention)
    raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {lang!r}")


def language_of(locale: str | None) -> Language:
    """The language for a browser's locale: ``zh-CN``, ``zh_TW``, ``zh`` → zh; others → en."""
    primary = re.split(r"[-_.,;]", (locale or "").strip().lower(), maxsplit=1)[0]
    return "zh" if primary == "zh" else "en"


@dataclass(frozen=True, init=False)
class Message:
    """A text of any language: its key and the values of its placeholders."""

    key: str
    values: tuple[tuple[str, object], ...]

    def __init__(self, key: str, /, **values: object) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "values", tuple(values.items()))

    def __str__(self) -> str:
        return self.translated(Translator("en"))

    def translated(self, tr: Translator) -> str:
        """The sentence as plain text."""
        return tr(self.key, **dict(self.values))

    def markdown(self, tr: Translator) -> str:
        """The sentence for a Markdown widget, with its values escaped.

        Links are opened by people other than those who made them; an unescaped value could put
        an image or a link into the page.
        """
        return self._escaped().translated(tr)

    def _escaped(self) -> Message:
        escaped: dict[str, object] = {}
        for name, value in self.values:
            if isinstance(value, Message):
                escaped[name] = value._escaped()
            else:
                escaped[name] = _MARKDOWN.sub(r"\\\1", value) if isinstance(value, str) else value
        return Message(self.key, **escaped)


class HasMessage:
    """A base class of objects with a message; `str`, `translated` and `markdown` are its."""

    message: Message

    def __str__(self) -> str:
        return str(self.message)

    def translated(self, tr: Translator) -> str:
        """The sentence as plain text."""
        return self.message.translated(tr)

    def markdown(self, tr: Translator) -> str:
        """The sentence for a Markdown widget; see `Message.markdown`."""
        return self.message.markdown(tr)


class Refusal(HasMessage, ValueError):
    """A value that is not accepted, with a message: what is wrong, and what is accepted.

    ``str(refusal)`` is the English sentence, ``refusal.translated(tr)`` the visitor's.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        self.message = Message(key, **values)
        super().__init__(key)

    @property
    def key(self) -> str:
        """The text key of the sentence."""
        return self.message.key

    def without_traceback(self) -> Refusal:
        """A copy of the refusal without its traceback.

        A traceback refers to the frames it passed through. If a refusal is raised again from an
        error of pydantic that refers to it, the two form a cycle that the collector cannot free.
        """
        return _refusal(self.message)

    def __reduce__(self) -> tuple[object, ...]:
        # By default an exception is rebuilt from its args alone, which would lose the values.
        return _refusal, (self.message,)


def _refusal(message: Message) -> Refusal:
    return Refusal(message.key, **dict(message.values))


def excerpt(token: object) -> str:
    """A visitor's text, shortened and printable, for quoting in a sentence."""
    text = str(token)
    shown = "".join(c if c.isprintable() else "·" for c in text[:_EXCERPT])
    return shown + "…" if len(text) > _EXCERPT else shown
