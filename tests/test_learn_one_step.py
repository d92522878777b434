"""The page Train with the average velocity as target: one step beside the exact map."""

from __future__ import annotations

import pytest
import torch

from flowviz.core.training import VelocityNet
from flowviz.text import translator
from flowviz.ui.learn import compute, one_step
from flowviz.ui.learn.tasks import train, trained_net
from tests.test_learn_page import finished, small


@pytest.mark.parametrize("space", ["line", "plane"])
def test_one_step_is_compared_with_where_the_exact_flow_ends(space: str) -> None:
    steps = 900 if space == "line" else 20
    scene = compute.run_key(
        small(space, learn_target="average", learn_steps=steps, learn_width=32, prior="gaussian")
    )
    data = finished(train(scene, b""))[0].data
    found = one_step.one_step(scene, data)
    net = trained_net(scene, compute.unpack(data))
    assert isinstance(net, VelocityNet)
    assert net.spec.average
    x1 = compute.stage(compute.exact_key(scene)).x1
    with torch.no_grad():
        every = x1 - net(x1, 1.0, s=0.0)
    gap = torch.cdist(torch.from_numpy(found.ends), every).amin(1)
    assert float(gap.max()) < 1e-6  # float32 inside
    assert len(found.ends) >= len(x1) - 3  # without those on separatrices
    if space == "line":
        assert found.average < found.euler
        assert found.right > 0.5
    said = translator("en")("demo.one_step.text", n=3, average="1", euler="2", right="3%")
    assert "x₁ − u(x₁, 0, 1)" in said
