"""What a page will load, named in its document: so that nothing waits for what asks for it.

Streamlit imports the module of an element when the first one is shown, a component's module imports
others, and these ask for plotly.js: each waits for the one before, and on a line with a latency of
60 ms that is a second and a half. Here all are named in the document: the modules of Streamlit's
elements and of the components, with what they import, their style sheets, and plotly.js. They come
after what the page needs to start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from flowviz.ui.browser import assets, frontend, packed

# Streamlit's modules, by their names without the hash.
_ELEMENTS = ("Html", "ButtonGroup", "Checkbox", "BidiComponent", "Selectbox", "Slider")
_TEXTS = ("TextArea", "rehype-katex")
ELEMENTS = {
    "lesson": (*_ELEMENTS, "rehype-katex", "Form", "NumberInput", "Button"),
    "fan": (*_ELEMENTS, "TextArea", "Button"),
    "plane": (*_ELEMENTS, "TextArea", "Button"),
    "green": (*_ELEMENTS, "rehype-katex", "Button"),
    "learn": (*_ELEMENTS, *_TEXTS, "NumberInput", "TextInput", "Radio", "Button"),
    "solvers": (*_ELEMENTS, *_TEXTS, "Button", "Metric", "Progress"),
    "couplings": (*_ELEMENTS, *_TEXTS, "Button", "Progress"),
    "images": (*_ELEMENTS, "NumberInput", "Metric", "Button", "LinkButton", "Progress"),
    "guidance": (*_ELEMENTS, *_TEXTS, "Button", "Metric", "Progress"),
    "gallery": ("Html", "ButtonGroup", "Checkbox", "BidiComponent"),
}
"""The elements that each page shows at first."""

_ALWAYS = ("copy_link", "present")
_IN_CLASS = (*_ALWAYS, "room_key")
_FLOW = (*_IN_CLASS, "take_away")
COMPONENTS = {
    "lesson": (*_IN_CLASS, "plot"),
    "fan": (*_FLOW, "fan", "plot", "density_store", "rest"),
    "plane": (*_FLOW, "plane", "density_store"),
    "green": (*_FLOW, "density_chart", "plot", "still_figure"),
    "learn": (*_FLOW, "plot", "still_figure"),
    "solvers": (*_FLOW, "plot", "solver_trajectories"),
    "couplings": (*_FLOW, "plot", "still_figure"),
    "images": (*_FLOW, "plot"),
    "guidance": (*_FLOW, "plot", "solver_trajectories"),
    "gallery": _ALWAYS,
}
"""The components that each page shows at first."""

_IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*["']\./([\w.-]+\.js)["']""")


def links(page: str, text: str) -> list[str]:
    """The link elements for a page's document.

    Args:
        page: its name.
        text: Streamlit's document, which names what every page needs to start.
    """
    named = frozenset(re.findall(r"/static/js/([\w.-]+)", text))
    # A document is made for each link: what it names changes with the files alone.
    return list(_links(page, named, tuple(map(assets.asset_url, ("runtime.js", assets.PLOTLY)))))


@lru_cache(maxsize=64)
def _links(page: str, named: frozenset[str], _versions: tuple[str, ...]) -> tuple[str, ...]:
    modules = ["style_sheets.js", *(f"{name}.js" for name in COMPONENTS[page])]
    sheets = {sheet for name in COMPONENTS[page] for sheet in assets.STYLE_SHEETS.get(name, ())}
    components = [*sorted(sheets), *_with_imports(modules, assets.asset_names().__getitem__)]
    return (
        *(_link(f"./static/js/{name}", "crossorigin ") for name in _elements(page, named)),
        *(_link(assets.asset_url(name)) for name in (*components, assets.PLOTLY)),
    )


def _link(address: str, more: str = "") -> str:
    match address.rpartition(".")[2], address.endswith(assets.PLOTLY):
        case "css", _:
            kind = 'rel="preload" as="style"'
        case _, True:  # no module: a script, loaded by `components/runtime.js`
            kind = 'rel="preload" as="script"'
        case _:
            kind = 'rel="modulepreload"'
    return f'<link {kind} {more}fetchpriority="low" href="{address}">'


def _elements(page: str, named: frozenset[str]) -> list[str]:
    """The files of the page's elements, without those that Streamlit's document has named."""
    folder = frontend.STATIC / "static" / "js"
    files = [path.name for name in ELEMENTS[page] for path in folder.glob(f"{name}.*.js")]
    found = _with_imports(files, folder.__truediv__)
    return [name for name in found if name not in named]


def _with_imports(names: Iterable[str], path: Callable[[str], Path]) -> list[str]:
    """Modules and all that they import, each once, an importing one before those it imports."""
    found: dict[str, None] = {}
    todo = list(names)
    while todo:
        name = todo.pop(0)
        if name not in found:
            found[name] = None
            todo += _imports(packed.load(path(name)).body)
    return list(found)


@lru_cache(maxsize=256)
def _imports(body: bytes) -> list[str]:
    return _IMPORTED.findall(body.decode("utf-8"))
