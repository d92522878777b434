"""ES modules of the package as one script, in the order of their dependencies, without a build.

Each module becomes a function that is called once and returns what it exports; an import becomes
the reading of those names. Comments and indentation are left out, half of the bytes, and private
members have short names: the modules themselves are to be read.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from string import ascii_lowercase

from flowviz.ui.browser.assets import COMPONENTS

ENTRIES = {"fan": "play.js", "plane": "play_plane.js"}
"""The module of each page that has a light one."""
PATHS = {"fan": "play", "plane": "play/plane"}
"""Where the light page of each page is served; below it, at ``/live``, as a file."""
ROOM = "room.js"
"""The module of a student's side of a class room, beside any of them."""
_STYLES = ("stage.css", "player.css", "play.css")
STYLES = {
    "play.js": _STYLES,
    "play_plane.js": ("stage.css", "player.css", "plane.css", "play.css"),
    ROOM: ("room.css", "place_marks.css"),
}

_IMPORT = re.compile(r'^import (?P<names>\{[^}]*\}) from "\./(?P<module>[\w.]+)";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let) (?P<name>\w+))", re.M)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.M)
_COMMENT = re.compile(
    r"/\*\*.*?\*/ ?"  # JSDoc, also in the middle of a line
    r"|^[ ]*//[^\n]*\n"  # a line of its own
    r"|(?<=[;,{}()\]])[ ]+// [^\n]*$",  # behind code
    re.M | re.S,
)
_PRIVATE = re.compile(r"(?<=\.)#(\w+)|^(\s*(?:(?:async|get|set|static) )*)#(\w+)", re.M)
_OTHER_QUOTE = re.compile(r"['`/\\]")
_STRING = re.compile(r'("[^"]*")')
_TEMPLATE = re.compile(r"(`[^`\"]*`)")  # the only one of its line, and without strings in it
_ZERO = re.compile(r"(?<![\w.$])0(?=\.\d)")  # before a decimal point
_SPACED = re.compile(r" *([=<>*,;:?&|!{}()[\]]) *")
_DIVISION = " / "  # of a regular expression or a comment, a slash stands otherwise
_BINARY = re.compile(r"(?<=[\w)\]]) ([-+/%]) (?=[\w(\[.])")  # and no sign
_DECLARES = ("const ", "let ")
_LAST = re.compile(r";(?=\n\})")  # of a block's last statement
_TRAILING = re.compile(r",(?=\n[)\]}])")  # comma
_BREAK = re.compile(r"(?<!\w)\n|\n(?!\w)")  # between two words it stays
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_INDENTATION = re.compile(r"^\s+", re.M)
_RULE = re.compile(r"(?P<selectors>[^{}]+)\{(?P<body>[^{}]*)\}")
_ALTERNATIVES = re.compile(r",(?![^(]*\))")
_PSEUDO = re.compile(r":(?:is|not|has)\([^)]*\)")
_CLASS = re.compile(r"\.(f[vp]-[\w-]+)")
_MENTION = re.compile(r"</(?=script)|<!--")


@cache
def script(entry: str = ENTRIES["fan"], folder: Path = COMPONENTS) -> str:
    """The script of a module and all that it imports.

    Args:
        entry: its file's name.
        folder: where the modules are.

    Raises:
        ValueError: for an import or export of another form, or modules that import each other.
    """
    order: dict[str, str] = {}
    _add(entry, folder, order, ())
    body = "\n".join(order.values())
    return _MENTION.sub(_escaped, f'(() => {{\n"use strict";\n{body}\n}})();\n')


def _add(name: str, folder: Path, order: dict[str, str], path: tuple[str, ...]) -> None:
    """Add a module after all that it imports."""
    if name in order:
        return
    if name in path:
        raise ValueError(f"modules import each other: {' → '.join([*path, name])}")
    source = _COMMENT.sub("", (folder / name).read_text(encoding="utf-8"))
    for found in _IMPORT.finditer(source):
        _add(found["module"], folder, order, (*path, name))
    exports = [found["name"] for found in _EXPORT.finditer(source)]
    variables = {module: f"m{k}" for k, module in enumerate(order)}
    text = _EXPORT.sub("", _IMPORT.sub(partial(_reading, variables), source))
    if wrong := _LEFT.search(text):
        raise ValueError(f"{name}: {wrong[0]!r} is no import or export of a form that is known")
    text = f"const m{len(order)} = (() => {{\n{text}\nreturn {{ {', '.join(exports)} }};\n}})();"
    order[name] = _squeezed(_renamed(text))


def _renamed(text: str) -> str:
    """The text with private members of one or two letters, which nothing else names."""
    short: dict[str, str] = {}

    def replaced(found: re.Match[str]) -> str:
        name = found[1] or found[3]
        return f"{found[2] or ''}#{short.setdefault(name, _short_name(len(short)))}"

    return _PRIVATE.sub(replaced, text)


def _short_name(k: int) -> str:
    """a to z, then aa to zz."""
    first, last = divmod(k, len(ascii_lowercase))
    return (ascii_lowercase[first - 1] if first else "") + ascii_lowercase[last]


def _squeezed(text: str) -> str:
    """The text without line breaks, which no statement needs, and blanks around punctuation."""
    lines = _joined(map(_squeezed_line, _INDENTATION.sub("", text).splitlines()))
    return _BREAK.sub("", _LAST.sub("", _TRAILING.sub("", "\n".join(lines))))


def _joined(lines: Iterable[str]) -> list[str]:
    """The lines, with declarations that follow one another as one: a line is a whole statement."""
    found: list[str] = []
    for line in lines:
        word = line[: line.find(" ") + 1]
        if word in _DECLARES and found and found[-1].startswith(word) and found[-1][-1] == ";":
            found[-1] = f"{found[-1][:-1]},{line.removeprefix(word)}"
        else:
            found.append(line)
    return found


def _squeezed_line(line: str) -> str:
    strings = _TEMPLATE if line.count("`") == 2 else _STRING
    parts = strings.split(line)  # every second one is a string
    code = "".join(parts[::2]).replace(_DIVISION, "")
    if _OTHER_QUOTE.search(code) or (strings is _TEMPLATE and '"' in code):
        return line
    return "".join(part if k % 2 else _squeezed_code(part) for k, part in enumerate(parts))


def _squeezed_code(code: str) -> str:
    return _ZERO.sub("", _BINARY.sub(r"\1", _SPACED.sub(r"\1", code)))


def _reading(variables: dict[str, str], found: re.Match[str]) -> str:
    names = re.sub(r"(\w+) as (\w+)", r"\1: \2", found["names"])
    return f"const {names} = {variables[found['module']]};\n"


def _escaped(found: re.Match[str]) -> str:
    raise ValueError(f"a script that has {found[0]!r} cannot stand in a page")


@cache
def style(entry: str = ENTRIES["fan"], folder: Path = COMPONENTS) -> str:
    """The style sheets of a page, without the rules for what is not on it."""
    sheets = [folder / name for name in STYLES[entry]]
    text = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    text = re.sub(r"\s+", " ", _CSS_COMMENT.sub("", text))
    used = _RULE.sub(partial(_used, script(entry)), text)
    return re.sub(r" ?([{};,>]) ?|(?<=:) ", r"\1", used).replace(";}", "}")


def _used(script: str, found: re.Match[str]) -> str:
    """A rule with those of its selectors whose classes all occur in the script."""
    kept = [
        selector
        for selector in _ALTERNATIVES.split(found["selectors"])
        if all(name in script for name in _CLASS.findall(_PSEUDO.sub("", selector)))
    ]
    return f"{','.join(kept)}{{{found['body']}}}" if kept else ""


def policy_hash(text: str) -> str:
    """The source of an inline script for a Content-Security-Policy: ``'sha256-…'``."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
