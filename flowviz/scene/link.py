"""The link as a mapping of texts: its versions, its limits, and notices about damaged values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flowviz.scene.decimals import decimal_text
from flowviz.scene.formula import Typed
from flowviz.scene.lesson_answers import LessonAnswers
from flowviz.scene.link_repair import CHECKSUM, checksum, clean_name, decoded_whole
from flowviz.scene.locked_answer import LockedAnswer
from flowviz.scene.parameters import Params, Registry
from flowviz.scene.points import PlanePoints, Points
from flowviz.text import HasMessage, Message, Refusal, excerpt

VERSION = 2
MAX_LINK = 4_400  # characters of the parameters of a link; proxies cut a query at 8 kB
STREAMLIT_KEYS = frozenset({"embed", "embed_options"})  # not part of a scene

NONE = "none"  # an empty choice: parameters with an empty value may be dropped on the way

Texts = dict[str, str]
Migration = Callable[[Texts], Texts]

# MIGRATIONS[n] rewrites the texts of a version-n link as version n + 1. Entries are never removed:
# old links stay in e-mails and lecture notes.
MIGRATIONS: dict[int, Migration] = {
    1: dict,  # version 2 has a checksum in every link, in front; parameters are the same
}

_MAX_NOTICES = 5


@dataclass(frozen=True)
class Notice(HasMessage):
    """A message about a parameter of a link that could not be used."""

    name: str
    message: Message

    @classmethod
    def damaged(cls, name: str, reason: Message) -> Notice:
        """The notice that a parameter's value cannot be used."""
        return cls(name, Message("notice.damaged", name=name, reason=reason))

    @classmethod
    def mangled(cls) -> Notice:
        """The notice that the link does not match its checksum."""
        return cls(CHECKSUM, Message("notice.mangled"))

    @classmethod
    def repeated(cls, name: str) -> Notice:
        """The notice that a parameter is given twice, with different values."""
        return cls(name, Message("notice.repeated", name=name))

    @classmethod
    def left_out(cls, name: str, given: Typed, kept: Typed) -> list[Notice]:
        """A notice for each part of a typed family that was not used."""
        return [cls(name, message) for message in given.left_out(kept)]

    @classmethod
    def broken(cls) -> Notice:
        """The notice that line breaks were removed from a link without a checksum."""
        return cls("", Message("notice.broken"))


def unknown(names: Sequence[str]) -> list[Notice]:
    """A notice for each unknown parameter; after five, a single one for the rest."""
    shown = [
        Notice(name, Message("notice.unknown", name=excerpt(name))) for name in names[:_MAX_NOTICES]
    ]
    rest = names[_MAX_NOTICES:]
    if rest:
        shown.append(Notice(rest[0], Message("notice.more", n=len(rest), name=excerpt(rest[0]))))
    return shown


def texts_of(query: Mapping[str, str | Sequence[str]]) -> tuple[Texts, list[str]]:
    """One text for each name, the last one, and the names that have different texts.

    A query that was escaped as a whole, which is a single name then, is decoded first.
    """
    texts: Texts = {}
    repeated: dict[str, None] = {}
    for key, value in decoded_whole(query).items():
        name = clean_name(key)
        for text in [value] if isinstance(value, str) else list(value) or [""]:
            if name not in STREAMLIT_KEYS:
                if texts.get(name, text) != text:
                    repeated[name] = None
                texts[name] = text
    return texts, list(repeated)


def read_params(registry: Registry, owner: str, texts: Texts) -> tuple[Params, list[Notice]]:
    """The parameters of ``owner`` in the link, removed from ``texts``, and notices of damage.

    A parameter that cannot be parsed gets its default; if the others are inconsistent (low ≥ high),
    all get their defaults.
    """
    values: dict[str, object] = {}
    notices: list[Notice] = []
    for name, spec in registry.specs(owner).items():
        key = registry.prefix + name
        if key in texts:
            try:
                values[name] = spec.read(texts.pop(key)[: MAX_LINK + 1])
            except Refusal as refusal:
                notices.append(Notice.damaged(key, refusal.message))
    try:
        return registry.canonical(owner, values), notices
    except Refusal as refusal:
        names = ", ".join(registry.prefix + name for name in values)
        notices.append(Notice.damaged(names, refusal.message))
        return registry.canonical(owner, {}), notices


def head(texts: Mapping[str, str]) -> Texts:
    """What a link begins with: its version and the checksum of it and the parameters.

    They stand first so that a link that is cut, wherever that is, does not match its checksum.
    """
    version = {"v": str(VERSION)}
    return version | {CHECKSUM: checksum(version | dict(texts))}


def encoded(texts: Texts, safe: str = "*,~()") -> str:
    """Parameters as they stand in an address."""
    return urlencode(texts, quote_via=quote, safe=safe)


def migrate(
    texts: Texts,
    migrations: Mapping[int, Migration] = MIGRATIONS,
    current: int = VERSION,
) -> tuple[Texts, list[Notice]]:
    """Bring the texts of a link, without ``v`` afterwards, to the current version.

    Args:
        texts: the link's parameters; a link typed by hand, without ``v``, counts as current.
        migrations: for each version n, the function that returns texts of version n + 1.
        current: the version to migrate to.

    Returns:
        The texts in the current version, and a notice when ``v`` is damaged or newer than that.
    """
    texts = dict(texts)
    token = texts.pop("v", str(current)).strip()
    if not re.fullmatch(r"[0-9]{1,6}", token) or int(token) < 1:
        message = Message("notice.version", token=excerpt(token), current=current)
        return texts, [Notice("v", message)]
    version = int(token)
    for step in range(version, current):
        texts = migrations[step](texts)
    if version > current:
        return texts, [Notice("v", Message("notice.newer", token=token, current=current))]
    return texts, []


def to_text(value: Any) -> str:
    """A setting's value as text for the link."""
    match value:
        case bool():
            return str(int(value))
        case float():
            return decimal_text(value)
        case tuple():
            return ",".join(v if isinstance(v, str) else decimal_text(v) for v in value) or NONE
        case Points() | PlanePoints() | Typed() | LockedAnswer():
            return value.link
        case LessonAnswers():
            return value.link or NONE
        case _:
            return str(value)
