"""The libraries' names of schedules, against the libraries' definitions in their own time."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

from flowviz.core.schedules import SCHEDULES, FormulaSchedule
from flowviz.scene import Scene
from flowviz.scene.aliases import ALIASES, EXPLODING, FORMULAS
from flowviz.scene.formula import Typed
from flowviz.scene.suggestions import nearest_family, nearest_schedule
from flowviz.text import Refusal

Curve = Callable[[float], tuple[float, float]]

# (α, σ) of the data and of the prior, at the library's time: 0 is the prior.
DEFINED: dict[str, Curve] = {
    "condot": lambda t: (t, 1 - t),
    "rectifiedflow": lambda t: (t, 1 - t),
    "gvp": lambda t: (math.sin(t * math.pi / 2), math.cos(t * math.pi / 2)),
}
DIFFERENT: dict[str, Curve] = {
    "vp": lambda t: (math.exp(-(0.25 * (1 - t) ** 2 * 19.9 + 0.05 * (1 - t))), 0.0),
    "quadratic": lambda t: (t**2, 1 - t**2),  # PolynomialConvexScheduler(2)
    "cubic": lambda t: (t**3, 1 - t**3),
}
TIMES = [k / 16 for k in range(17)]


def core(schedule: str, t: float) -> tuple[float, float]:
    """(α, σ) here, at the library's time."""
    alpha, sigma = SCHEDULES[schedule]()(torch.tensor(1.0 - t, dtype=torch.float64))
    return float(alpha), float(sigma)


def test_an_alias_is_the_same_curve_in_the_other_time() -> None:
    assert DEFINED.keys() == ALIASES.keys()
    for name, defined in DEFINED.items():
        for t in TIMES:
            assert core(ALIASES[name], t) == pytest.approx(defined(t), abs=1e-15)


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_is_another_curve_is_no_alias(name: str) -> None:
    apart = max(abs(core(name, t)[0] - DIFFERENT[name](t)[0]) for t in TIMES)
    assert apart > 1e-3
    assert name not in ALIASES.values()


def test_exploding_schedules_are_the_linear_one_divided() -> None:
    for sigma in (0.01, 1.0, 80.0):
        u = sigma / (1.0 + sigma)
        assert core("linear", 1.0 - u) == pytest.approx((1 / (1 + sigma), sigma / (1 + sigma)))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("condot", "linear"),
        ("CondOT", "linear"),
        ("CondOTScheduler", "linear"),
        ("rectified_flow", "linear"),
        ("Rectified flow", "linear"),
        ("GVP", "cosine"),
        ("VP", "vp"),
        ("Cosine", "cosine"),
    ],
)
def test_a_link_accepts_an_alias(typed: str, meant: str) -> None:
    scene, notices = Scene.read_query({"schedule": typed})
    assert (scene.schedule, notices) == (meant, [])
    assert scene.to_query()["schedule"] == meant


@pytest.mark.parametrize("name", [*EXPLODING, "VE", "EDM"])
def test_a_link_to_an_exploding_schedule_says_what_is_the_same_flow(name: str) -> None:
    scene, (notice,) = Scene.read_query({"schedule": name})
    assert scene.schedule == "linear"
    assert "linear" in str(notice)
    assert name in str(notice)


def test_a_refused_name_lists_the_aliases() -> None:
    with pytest.raises(Refusal) as caught:
        Scene(schedule="sigmoid")
    assert all(alias in str(caught.value) for alias in ALIASES)


def test_a_name_in_a_formulas_box_is_offered_as_formulas() -> None:
    for name in (*ALIASES, *FORMULAS, *EXPLODING, "CondOT"):
        found = nearest_schedule(name, "t")
        assert found
        assert found.reason == "named"
        FormulaSchedule(**found.texts)
        family = nearest_family(Typed("forward", name), 1)
        assert family
        assert family.reason == "named"
        assert family.texts["text"].endswith("*x1")
    assert nearest_schedule("v - e", "t") is None
