"""No check fails for a correct flow: the quick part of `sweep_checks`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowviz.core import checks
from flowviz.core.checks import Check
from flowviz.core.priors import PLANE_PRIORS, PRIORS
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.ui.session.cache import RESULTS
from tests.sweep_checks import PAGES, Space, at_defaults, at_ends, ends, red, scenes


@pytest.fixture
def without_mass(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Most of the time would go into the mass, which `test_checks` and `test_quadrature` hold."""
    monkeypatch.setattr(checks, "mass", lambda *_: Check(0.0, 1.0))
    yield
    RESULTS.clear()


@pytest.mark.usefixtures("without_mass")
@pytest.mark.parametrize("settings", [at_defaults, at_ends])
def test_no_check_of_the_line_is_red(settings) -> None:
    for name, scene in scenes(settings("line"), "line"):
        assert red("fan", scene.with_(trajectories=5)) == {}, name


@pytest.mark.parametrize(("page", "space"), [(p, s) for p, it in PAGES.items() for s in it[1]])
@pytest.mark.parametrize("prior", ["gaussian", "laplace", "uniform"])
def test_no_check_of_a_page_is_red(page: str, space: Space, prior: str) -> None:
    key = "prior" if space == "line" else "plane_prior"
    ((name, scene),) = scenes(iter([{key: prior}]), space)
    assert red(page, scene) == {}, name


@pytest.mark.parametrize("name", [*PRIORS, *PLANE_PRIORS])
def test_no_prior_is_called_wrong(name: str) -> None:
    registry = PRIOR if name in PRIORS else PLANE_PRIOR
    for params in [{}, *ends(registry, name)]:
        try:
            prior = registry.build(name, registry.canonical(name, params))
        except ValueError:
            continue
        if prior.product:
            assert checks.distribution(prior).ok, prior
        for d in (1, 2):
            if prior.exists_in(d):
                assert checks.samples(prior, d).ok, prior


@pytest.mark.parametrize("name", ["gaussian", "student_t", "arcsine", "ring"])
def test_the_p_value_of_samples_is_uniform(name: str) -> None:
    """Over thirty seeds: its mean, and no more small ones than there may be."""
    prior = ({**PRIORS, **PLANE_PRIORS})[name]()
    p = [checks.samples(prior, 2, n=1000, seed=seed).value for seed in range(30)]
    assert 0.25 < sum(p) / len(p) < 0.75
    assert sum(value < 0.05 for value in p) <= 6
