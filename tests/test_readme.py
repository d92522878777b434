"""README's examples work as written."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from scipy import stats

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.transport import trajectories
from flowviz.text import translator
from flowviz.ui.document import PAGES
from tests.serving import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def shown(with_text: str, folder: Path) -> ModuleType:
    """The one code block of README that holds a text, as a module of its own."""
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (block,) = [block for block in blocks if with_text in block]
    file = folder / "shown_in_readme.py"
    file.write_text(block, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_first_picture_in_code(tmp_path: Path) -> None:
    fan = shown("trajectories(field", tmp_path).fan
    assert fan.x.shape == (37, 101, 1)
    assert set(fan.basin.tolist()) == {0, 1, 2}


def test_the_prior_of_the_example_is_a_prior(tmp_path: Path) -> None:
    prior = shown("class Cauchy", tmp_path).Cauchy(loc=0.3, scale=2.0)
    true: Any = stats.cauchy(0.3, 2.0)
    z = torch.tensor([-1e12, -40.0, 0.3, 1.0, 40.0, 1e12], dtype=torch.float64)
    for ours, theirs in (
        (prior.log_pdf, true.logpdf),
        (prior.cdf, true.cdf),
        (prior.sf, true.sf),
    ):
        assert ours(z).tolist() == pytest.approx(theirs(z.numpy()).tolist(), rel=1e-12)
    q = torch.tensor([1e-12, 0.25, 0.5, 0.9], dtype=torch.float64)
    assert prior.icdf(q).tolist() == pytest.approx(true.ppf(q.numpy()).tolist(), rel=1e-9)
    x0 = torch.tensor([[-1.0], [0.5], [2.0]], dtype=torch.float64)
    weights = torch.tensor([1.0, 2.0, 1.0], dtype=torch.float64)
    field = MarginalField(x0, weights, prior, PATHS["affine"]())
    x1 = prior.icdf(torch.linspace(0.05, 0.95, 8, dtype=torch.float64))[:, None]
    t = torch.tensor([0.0, 0.3, 1.0], dtype=torch.float64)
    found = trajectories(field, x1, t)
    # F_t(x_t) = F₁(x₁), with SciPy's distribution function.
    level: Any = sum(
        w * true.cdf((found.x[:, 1, 0] - 0.7 * x) / 0.3)
        for w, x in zip((0.25, 0.5, 0.25), (-1.0, 0.5, 2.0), strict=True)
    )
    assert level.tolist() == pytest.approx(true.cdf(x1[:, 0].numpy()).tolist(), rel=1e-12)


def test_readme_is_short_and_names_what_is_there() -> None:
    assert len(README.splitlines()) <= 200
    assert "make run" in README
    assert "make test" in README
    for named in re.findall(r"`((?:flowviz|core|scene|ui|pages|tests|docs)/[\w/.]+)`", README):
        assert any((base / named).exists() for base in (ROOT, ROOT / "flowviz")), named


def test_its_pages_and_commands_are_those_there_are() -> None:
    """In the order of the navigation, by the names that it shows."""
    table = re.findall(r"^\| \*\*(.+?)\*\* \|", README, re.MULTILINE)
    assert table == [translator("en")(f"nav.{name}") for name in PAGES]
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    commands = set(re.findall(r"\bmake ([a-z-]+)\b", README))
    assert {"run", "test"} <= commands <= set(targets)


FOLDERS = ("flowviz", "tests", "docs", "benchmarks", "pages")
FILE = re.compile(r"`((?:[\w.]+/)*\w+\.(?:py|js|css|ts|d\.ts|md|json))`")


def test_every_file_named_in_a_comment_or_document_exists() -> None:
    kinds = {".py", ".js", ".ts", ".css", ".md", ".json"}
    nested = (p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.suffix in kinds)
    files = [*nested, *(p for p in ROOT.iterdir() if p.suffix in kinds)]
    paths = [f"/{p.relative_to(ROOT).as_posix()}" for p in files]
    missing = {
        f"{p.relative_to(ROOT)}: {named}"
        for p in files
        for named in FILE.findall(p.read_text(encoding="utf-8"))
        if not any(path.endswith(f"/{named}") for path in paths)
    }
    assert missing == set()
