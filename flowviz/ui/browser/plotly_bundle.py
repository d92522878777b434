"""plotly.js with no other traces than the figures use, cut out of the installed file.

plotly.min.js is built by esbuild. At its top level each module has a definition: a CommonJS module
``var X=W(…)``, an ES module ``var Y={};F(Y,…)``, its exports, and ``var …,X=E(…)``. W and E
evaluate the module when ``X()`` is first called. A definition that no remaining code calls or names
has no effect and is left out; everything else is evaluated as before. The last module registers the
traces, each of which reaches code of its own.
"""

from __future__ import annotations

import re
from itertools import pairwise

TRACES = frozenset({"bar", "heatmap"})
"""The traces that the figures use, besides ``scatter``, which is always there."""

_NAME = r"[\w$]+"
# The helpers W, E and F, whose names differ from build to build.
_COMMON = re.compile(rf"({_NAME})=\(\w,\w\)=>\(\)=>\{{try\{{return \w\|\|\w\(\(")
_LAZY = re.compile(rf"({_NAME})=\(\w,\w,(\w)\)=>\(\)=>\{{if\(\2\)throw \2\[0\]")
_EXPORTS = re.compile(rf"({_NAME})=\(\w,\w\)=>\{{for\(var \w in \w\){_NAME}\(\w,\w,\{{get:")

_REGISTER = re.compile(r"\.register\(\[([^\]]*)\]\)")
_TRACE = re.compile(r'moduleType:"trace",name:"(\w+)"')
# Most modules that are registered are another one's: `module.exports = require("./…")`.
_SAME_AS = re.compile(rf"exports=({_NAME})\(\)\}}\)")
_CALLED = re.compile(rf"(?<![\w$.]){_NAME}(?=\(\))")
_NAMED = re.compile(rf"(?<![\w$.]){_NAME}(?![\w$(])")


def with_traces(text: str, traces: frozenset[str] = TRACES) -> str:
    """The text of plotly.min.js without all traces that are neither named nor ``scatter``.

    Raises:
        ValueError: the text is not built as expected, or a trace is not in it.
    """
    head, modules = _split(text)
    last = next(reversed(modules))
    registered = _REGISTER.search(modules[last])
    if registered is None:
        raise ValueError("plotly.min.js does not register its traces last")
    calls = {_trace(modules, call): call for call in registered[1].split(",")}
    if unknown := traces - calls.keys():
        raise ValueError(f"plotly.min.js has no trace {', '.join(sorted(unknown))}")
    kept = ",".join(call for name, call in calls.items() if name in traces)
    modules[last] = modules[last].replace(registered[0], f".register([{kept}])")
    reached = _reachable(modules, last, head)
    return head + "".join(code for name, code in modules.items() if name in reached)


def _split(text: str) -> tuple[str, dict[str, str]]:
    """What precedes the modules, and the code of each by its name, in order."""
    helpers = [kind.search(text) for kind in (_COMMON, _LAZY, _EXPORTS)]
    if not all(helpers):
        raise ValueError("plotly.min.js is not built as expected")
    common, lazy, exports = (re.escape(found[1]) for found in helpers if found)
    start = re.compile(
        rf"(?<=[;}}])var (?:({_NAME})=(?:{common}\(|\{{\}};{exports}\()"
        rf"|(?:{_NAME},)*({_NAME})={lazy}\()"
    )
    starts = list(start.finditer(text))
    places = [found.start() for found in starts] + [len(text)]
    names = [found[1] or found[2] for found in starts]
    codes = [text[i:j] for i, j in pairwise(places)]
    return text[: places[0]], dict(zip(names, codes, strict=True))


def _trace(modules: dict[str, str], call: str) -> str:
    """The name of the trace that the module ``X()`` is; "" for a module that is none."""
    code = modules.get(call.removesuffix("()"), "")
    if same := _SAME_AS.search(code):
        code = modules.get(same[1], code)
    found = _TRACE.search(code)
    return found[1] if found else ""


def _reachable(modules: dict[str, str], last: str, head: str) -> set[str]:
    """The modules that the last one calls or names, and those that they do."""
    exports = {name for name, code in modules.items() if code.startswith(f"var {name}={{}};")}
    reached: set[str] = set()
    todo = [head, modules[last]]
    reached.add(last)
    while todo:
        code = todo.pop()
        used = set(_CALLED.findall(code)) | exports.intersection(_NAMED.findall(code))
        found = (used & modules.keys()) - reached
        reached |= found
        todo += [modules[name] for name in found]
    return reached
