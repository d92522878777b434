"""Ready-made data: valid, in their dimension, and always the same."""

from __future__ import annotations

import pytest
import torch

from flowviz.core.datasets import DATASETS, Dataset
from flowviz.core.field import MarginalField
from flowviz.core.paths import Affine
from flowviz.core.priors import Gaussian
from flowviz.scene import Scene


@pytest.mark.parametrize("name", DATASETS)
def test_every_set_makes_a_field(name):
    data = DATASETS[name]
    x0, weights = data.tensors()
    assert data.d in (1, 2)
    assert x0.shape == (len(data.points), data.d)
    assert torch.unique(x0, dim=0).shape == x0.shape
    field = MarginalField(x0, weights, Gaussian(), Affine())
    assert torch.isfinite(field(x0, 0.5)).all()


def test_every_number_is_on_the_grid_of_links():
    for data in DATASETS.values():
        for point in data.points:
            assert all(value == round(value, 4) for value in point)


def test_the_article_is_the_article():
    x0, weights = DATASETS["article"].tensors()
    assert x0[:, 0].tolist() == [0.5, 1.2, 1.7]
    assert (weights / weights.sum()).tolist() == [0.5, 0.25, 0.25]


def test_a_set_needs_points_and_as_many_weights():
    with pytest.raises(ValueError, match="at least one point"):
        Dataset((), ())
    with pytest.raises(ValueError, match="2 points and 1 weights"):
        Dataset(((0.0,), (1.0,)), (1.0,))


def test_every_page_opens_on_an_example_of_its_menu() -> None:
    scene = Scene()
    for points in (scene.points.rows, scene.plane_points.rows):
        examples = [
            [(*at, w) for at, w in zip(data.points, data.weights, strict=True)]
            for data in DATASETS.values()
        ]
        assert [tuple(row) for row in points] in examples
