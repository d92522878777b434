"""Imports run one way: core ← scene ← ui ← pages and app; figures and text stand apart.

The rule is a table. The sources are read, never imported, so that an import written inside a
function or under `TYPE_CHECKING` counts like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.serving import ROOT

PAGE_LINES = 80


@dataclass(frozen=True)
class Layer:
    """What the files of one layer may import.

    Attributes:
        project: the layers of the project, besides itself.
        never: third-party packages it must not know.
    """

    project: frozenset[str]
    never: frozenset[str] = frozenset()


def layer(*project: str, never: str = "") -> Layer:
    return Layer(frozenset(project), frozenset(never.split()))


LAYERS = {
    "core": layer(never="streamlit starlette plotly pandas"),
    "conventions": layer(never="streamlit starlette plotly pandas torch numpy scipy"),
    "text": layer("conventions", never="streamlit starlette plotly pandas torch numpy scipy"),
    "scene": layer("core", "conventions", "text", never="streamlit starlette plotly"),
    "figures": layer("conventions", never="streamlit starlette torch"),
    "ui": layer("core", "conventions", "text", "scene", "figures"),
    "pages": layer("core", "text", "scene", "figures", "ui", never="torch scipy"),
    "app": layer("text", "ui", never="torch scipy numpy plotly"),
    "benchmarks": layer("core", "text", "scene", "ui"),
}

#: Inside the core: what the modules of each package may import, besides their own.
CORE = {
    "numerics": "",
    "numerics.ode": "numerics",
    "formula": "",
    "priors": "numerics",
    "datasets": "priors",
    "schedules": "numerics formula priors",
    "likelihood": "numerics priors",
    "paths": "numerics formula priors schedules",
    "greens": "numerics priors paths",
    "field": "numerics priors paths",
    "distances": "numerics priors field",
    "transport": "numerics numerics.ode priors schedules paths field",
    "couplings": "numerics priors schedules paths field transport",
    "checks": "numerics priors paths field transport",
    "solvers": "numerics priors schedules paths field transport likelihood distances",
    "guidance": "numerics priors paths field solvers",
    "training": "numerics formula priors paths field guidance transport likelihood",
    "images": "numerics priors schedules paths training",
}


def layer_of_file(path: Path) -> str | None:
    """The layer of a source, from its place relative to the root; None where no rule holds."""
    match path.parts:
        case ("app.py",):
            return "app"
        case ("flowviz", "__init__.py"):
            return None
        case ("flowviz", package, *_):
            return package
        case (folder, *_) if folder in LAYERS:
            return folder
        case _:
            return None


def layer_of_module(module: str) -> str | None:
    """The layer of a dotted module name; None for a package that is not the project's."""
    match module.split("."):
        case ["app"]:
            return "app"
        case ["pages" | "benchmarks" as folder, *_]:
            return folder
        case ["flowviz", package, *_] if package in LAYERS:
            return package
        case _:
            return None


def core_package(parts: Sequence[str]) -> str | None:
    """The core's package that a module belongs to, from its dotted name's parts; None elsewhere."""
    match parts:
        case ["flowviz", "core", "numerics", "ode", *_]:
            return "numerics.ode"
        case ["flowviz", "core", package, *_] if package != "__init__":
            return package
        case _:
            return None


def core_violation(path: Path, module: str) -> str | None:
    """What is wrong with an import inside the core, if anything is."""
    here = core_package([*path.parent.parts, path.stem])
    there = core_package(module.split("."))
    if here is None or there is None or here == there:
        return None
    if here not in CORE:
        return f"the package core/{here} has no line in tests/test_layers.py"
    return None if there in CORE[here].split() else f"core/{here} imports core/{there}"


def imported_modules(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Line and full name of every module, or name in a module, that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *([base] if base else [])])
            # `from flowviz.ui import server` may import the module flowviz.ui.server.
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def unsafe_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls that would run what they read."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        keywords = {k.arg: ast.unparse(k.value) for k in node.keywords}
        if name in {"eval", "exec", "__import__", "os.system", "os.popen"} or (
            name.split(".")[0] in {"pickle", "dill", "cloudpickle", "marshal", "shelve"}
        ):
            yield node.lineno, f"{name}() runs what it reads"
        if name == "torch.load" and keywords.get("weights_only") != "True":
            yield node.lineno, "torch.load() without weights_only=True"
        if name in {"np.load", "numpy.load"} and keywords.get("allow_pickle", "False") != "False":
            yield node.lineno, "np.load() with pickles allowed"


def violations(root: Path) -> list[str]:
    """Every breach of the rules under a root, as `file:line: what`."""
    found = []
    folders = [root / name for name in ("flowviz", "pages", "benchmarks")]
    nested = (source for folder in folders for source in folder.rglob("*.py"))
    for source in sorted([*root.glob("*.py"), *nested]):
        path = source.relative_to(root)
        text = source.read_text(encoding="utf-8")
        tree = ast.parse(text, str(path))
        found += [f"{path}:{line}: {what}" for line, what in unsafe_calls(tree)]
        if path.parts[0] == "pages" and len(text.splitlines()) > PAGE_LINES:
            found.append(f"{path}: {len(text.splitlines())} lines; a page has {PAGE_LINES}")
        here = layer_of_file(path)
        if here is None:
            continue
        if here not in LAYERS:
            found.append(f"{path}: the layer {here!r} has no line in tests/test_layers.py")
            continue
        package = ".".join(path.parent.parts)
        for line, module in imported_modules(tree, package):
            there = layer_of_module(module)
            if there is not None and there != here and there not in LAYERS[here].project:
                found.append(f"{path}:{line}: {here} imports {module} of {there}")
            if module.split(".")[0] in LAYERS[here].never:
                found.append(f"{path}:{line}: {here} imports {module}")
            if wrong := core_violation(path, module):
                found.append(f"{path}:{line}: {wrong}")
    return found


def test_imports_run_one_way() -> None:
    assert violations(ROOT) == []


def test_the_table_of_the_core_has_no_circle_and_no_stale_line() -> None:
    lower: set[str] = set()
    for package, below in CORE.items():  # in order: each stands on those before it alone
        assert set(below.split()) <= lower, package
        lower.add(package)
    there = {p.stem for p in (ROOT / "flowviz" / "core").iterdir() if p.stem[0] != "_"}
    assert there == {name.split(".")[0] for name in CORE}


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("flowviz/core/field.py", "import streamlit as st"),
        ("flowviz/core/field.py", "import plotly.graph_objects as go"),
        ("flowviz/core/field.py", "from flowviz.scene import Scene"),
        ("flowviz/core/field.py", "from flowviz import scene"),
        ("flowviz/core/field.py", "from ..ui import frame"),
        ("flowviz/core/field.py", "def f():\n    from flowviz.figures import fan"),
        (
            "flowviz/core/field.py",
            "if TYPE_CHECKING:\n    from flowviz.ui.browser.codec import Wire",
        ),
        ("flowviz/core/field/er.py", "from ...ui import frame"),
        ("flowviz/core/numerics/roots.py", "from flowviz.core.priors.base import Prior"),
        ("flowviz/core/numerics/roots.py", "from flowviz.core.numerics.ode.solve import solve"),
        ("flowviz/core/priors/base.py", "from flowviz.core import field"),
        ("flowviz/core/paths/base.py", "from flowviz.core.field import MarginalField"),
        ("flowviz/core/another.py", "from flowviz.core.priors import PRIORS"),
        ("flowviz/core/field.py", "value = eval(text)"),
        ("flowviz/scene/link.py", "import streamlit"),
        ("flowviz/scene/link.py", "from flowviz.figures import fan"),
        ("flowviz/scene/link.py", "from ..ui import frame"),
        ("flowviz/figures/fan.py", "import torch"),
        ("flowviz/figures/fan.py", "from flowviz.core.field import MarginalField"),
        ("flowviz/figures/fan.py", "from flowviz.scene.points import Points"),
        ("flowviz/text/fan.py", "from flowviz.scene import Scene"),
        ("flowviz/ui/frame.py", "import pages.fan"),
        ("flowviz/ui/frame.py", "state = torch.load(path)"),
        ("flowviz/ui/frame.py", "state = np.load(path, allow_pickle=True)"),
        ("flowviz/ui/frame.py", "state = pickle.loads(data)"),
        ("flowviz/jobs/pool.py", "x = 1"),
        ("pages/fan.py", "import torch"),
        ("pages/fan.py", "import app"),
        ("pages/fan.py", "x = 1\n" * (PAGE_LINES + 1)),
        ("app.py", "from flowviz.core.field import MarginalField"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, place: str, line: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(line + "\n", encoding="utf-8")
    assert [found.split(":")[0] for found in violations(tmp_path)] == [place]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("flowviz/core/field.py", "import torch\nfrom flowviz.core.paths import Path"),
        ("flowviz/scene/link.py", "from flowviz.core.field import MarginalField"),
        ("flowviz/scene/points.py", "from flowviz.scene import packing"),
        ("flowviz/core/numerics/ode/solve.py", "from flowviz.core.numerics.roots import solve"),
        ("flowviz/core/paths/base.py", "from flowviz.core import schedules"),
        ("flowviz/figures/fan.py", "import numpy as np\nfrom flowviz.figures.style import Style"),
        ("flowviz/ui/frame.py", "import streamlit\nfrom flowviz.figures import fan"),
        ("flowviz/ui/frame.py", "state = torch.load(path, weights_only=True)"),
        ("pages/fan.py", "import streamlit as st\nfrom flowviz.ui import frame"),
        ("app.py", "import streamlit as st\nfrom flowviz.ui import server"),
    ],
)
def test_what_is_allowed_is_let_through(tmp_path: Path, place: str, line: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(line + "\n", encoding="utf-8")
    assert violations(tmp_path) == []
