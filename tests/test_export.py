"""A run exported as a script: it runs by itself and gives the same network."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.guidance import LabelledField
from flowviz.core.paths import PATHS
from flowviz.core.paths.base import Affine
from flowviz.core.priors import (
    PLANE_PRIORS,
    PRIORS,
    Gaussian,
    GaussianMixture2D,
    StudentT,
    Uniform,
)
from flowviz.core.schedules import SCHEDULES
from flowviz.core.training import TrainSpec, train
from flowviz.core.training.export import source, training_script
from flowviz.core.training.network import NetSpec, VelocityNet, weights
from tests.serving import ROOT

NET, SPEC = NetSpec(8, 2, "tanh"), TrainSpec(steps=20, batch=32, seed=3)


def test_the_script_runs_by_itself_and_gives_the_same_weights(tmp_path):
    x0 = torch.tensor([[0.5, 1.0], [1.25, 2.0], [1.75, 1.0]], dtype=torch.float64)
    text = "(1-t)*x0 + t*x1*(1 + a*(1-t))"
    path = PATHS["formula"](forward=text, parameters={"a": 0.5})
    field = MarginalField(x0, torch.tensor([2.0, 1.0, 1.0]), GaussianMixture2D(), path)
    script = tmp_path / "run.py"
    script.write_text(training_script(field, NET, SPEC, "One line\nand another"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "20/20" in done.stdout
    net = VelocityNet(field, NET.width, NET.depth, NET.activation, seed=SPEC.seed)
    for _ in train(net, field, SPEC):
        pass
    assert (tmp_path / "velocity.safetensors").read_bytes() == weights(net)
    assert script.read_text("utf-8").startswith("# One line\n# and another\n")


def test_the_script_of_a_network_with_labels_and_edges_gives_the_same_weights(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    x0 = torch.tensor([[0.5], [1.25], [1.75]], dtype=torch.float64)
    flow = LabelledField(x0, [2.0, 1.0, 1.0], [1, 0, 2], Uniform(), Affine())
    spec = NetSpec(8, 1, edges=True, classes=3)
    exec(training_script(flow, spec, SPEC), {})  # noqa: S102
    net = VelocityNet(flow.marginal, **vars(spec), seed=SPEC.seed)
    for _ in train(net, flow, SPEC):
        pass
    assert (tmp_path / "velocity.safetensors").read_bytes() == weights(net)


PARTS = [law() for law in {**PRIORS, **PLANE_PRIORS}.values()]
PARTS += [make() for name, make in PATHS.items() if name != "formula"]
PARTS += [PATHS["affine"](schedule=schedule()) for schedule in SCHEDULES.values()]
PARTS += [
    PATHS["formula"](inverse="x0 + (x-x0)/t^k", parameters={"k": 1.5}),
    PATHS["formula"](mu="(1-t)*x0", sigma="t^2"),
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
def test_the_source_of_an_object_makes_an_equal_object(part):
    needed: set[tuple[str, str]] = set()
    text = source(part, needed)
    names: dict[str, object] = {}
    for module, name in needed:
        names[name] = getattr(sys.modules[module], name)
    # The text is ours, written from our own dataclasses.
    assert eval(text, names) == part  # noqa: S307


@pytest.mark.parametrize(("df", "error"), [(2.0, "median"), (3.0, "relative")])
def test_it_prints_the_error_that_means_something(df, error):
    x0 = torch.tensor([[0.5], [1.25]], dtype=torch.float64)
    field = MarginalField(x0, torch.ones(2), StudentT(df=df), PATHS["affine"]())
    assert f'f"{error} {{at.{error}:.4f}}"' in training_script(field, NET, SPEC)


def test_what_has_no_source_is_refused():
    field = MarginalField(
        torch.zeros(1, 1).double(), torch.ones(1), Gaussian(), Affine(mu=lambda x0, t: (1 - t) * x0)
    )
    with pytest.raises(ValueError, match="no source is known for <function"):
        training_script(field, NET, SPEC)
    with pytest.raises(ValueError, match="a tensor has no source"):
        source((torch.zeros(2),), set())
