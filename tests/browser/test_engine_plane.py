"""The engine in a browser agrees with the core for every prior and schedule of the plane."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from flowviz.core.paths import PATHS
from flowviz.core.priors.registry import PLANE_PRIORS, PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.scene import Scene
from flowviz.ui.browser import codec
from flowviz.ui.browser.codec import Double
from flowviz.ui.engine import plane
from flowviz.ui.plane import compute, preview, view
from flowviz.ui.session.keys import flow_key
from tests import engine_plane_fixtures
from tests.block_reader import read as read_block
from tests.browser.test_engine import Answer, Array, answers, numbers
from tests.engine_plane_fixtures import PATH, Case, Truth
from tests.serving import ROOT

Found = list[tuple[Case, Truth, Answer]]

TOLERANCE = 1e-4  # of positions
VALUE_TOLERANCE = 1e-9
UNDERESTIMATED = 10.0  # times; and where errors are far below what is allowed
NEGLIGIBLE = 1e-6

EDGE_CELLS = 1e-3  # of a density that jumps: cells whose centre a rounding puts on the other side
SERVER_ONLY = {"arcsine": "infinite edges"} | {
    name: "no schedule" for name in PATHS if name != "affine"
}
"""The entries that the engine has not in the plane, and why."""


@pytest.fixture(scope="module")
def found(browser: Browser) -> Found:
    """Every case, with what the core and the engine say of it."""
    cases = list(engine_plane_fixtures.cases())
    truths = [engine_plane_fixtures.truth(case) for case in cases]
    asked = [
        engine_plane_fixtures.packed(case, true) for case, true in zip(cases, truths, strict=True)
    ]
    return list(zip(cases, truths, answers(browser, asked, "planes"), strict=True))


def position_errors(true: Truth, answer: Answer) -> Array:
    """Of trajectories that start away from all borders, (S, T, Q'), relative to far positions."""
    s, t, q, _ = true.x.shape
    x = np.stack([numbers(row).reshape(q, t, 2).swapaxes(0, 1) for row in answer["x"]])
    core = true.x.numpy()
    away = np.linalg.norm(x - core, axis=-1) / np.maximum(1.0, np.linalg.norm(core, axis=-1))
    return away[:, :, true.inner.numpy()].reshape(s, t, -1)


def position_error(true: Truth, answer: Answer) -> float:
    return float(position_errors(true, answer).max(initial=0.0))


def value_error(true: Truth, answer: Answer) -> float:
    """The largest error of log p_t, the velocity and the posterior weights."""
    core = true.values.numpy().reshape(-1, true.values.shape[-1])
    values = np.stack([numbers(row) for row in answer["values"]])
    same = (values == core) | (np.isnan(values) & np.isnan(core))
    with np.errstate(invalid="ignore"):
        apart = np.abs(values - core) / np.maximum(1.0, np.abs(core))
    return float(np.max(np.where(same, 0.0, apart)))


def test_positions_are_those_of_the_core(found: Found) -> None:
    wrong = {
        case.name: error
        for case, true, answer in found
        if not (error := position_error(true, answer)) <= TOLERANCE
    }
    assert not wrong


def test_trajectories_reach_the_data_points_of_the_core(found: Found) -> None:
    tested = 0
    for case, true, answer in found:
        inner = true.inner.numpy()
        tested += int(inner.sum())
        for basin in answer["basin"]:
            assert (np.array(basin) == true.basin.numpy())[inner].all(), case.name
    assert tested > 0.9 * sum(len(true.basin) for _, true, _ in found)


def test_density_velocity_and_posterior_are_those_of_the_core(found: Found) -> None:
    wrong = {
        case.name: error
        for case, true, answer in found
        if not (error := value_error(true, answer)) <= VALUE_TOLERANCE
    }
    assert not wrong


def test_the_error_that_is_told_is_not_far_below_the_true_one(found: Found) -> None:
    for case, true, answer in found:
        told = np.stack([numbers(row) for row in answer["error"]])[:, true.inner.numpy()]
        actual = position_errors(true, answer).max(axis=1)
        assert np.median(told) < TOLERANCE, case.name
        assert (actual <= UNDERESTIMATED * told.max(axis=1, keepdims=True) + NEGLIGIBLE).all()


CODES = 1.0
"""Apart by rounding: of a density that the server sums in another order, of a position."""


def test_a_picture_is_the_one_that_the_server_packs(browser: Browser) -> None:
    scenes = [
        Scene(plane_prior=prior, plane_particles=80, plane_scale="log" if k % 2 else "linear")
        for k, prior in enumerate(PRIORS | PLANE_PRIORS)
        if prior not in SERVER_ONLY
    ]
    blocks = []
    for scene in scenes:
        x, y = scene.plane_points.x, scene.plane_points.y
        points = {"x": x, "y": y, "w": scene.plane_points.w}
        blocks.append(codec.pack({"tables": preview.tables(scene), "points": points}))
    detail = dataclasses.replace(compute.FULL, frames=24, cells=64)
    for scene, drawn in zip(scenes, answers(browser, blocks, "planePictures"), strict=True):
        key = flow_key(scene, "plane", "plane_particles", "plane_scale")
        block, _ = view._block(key.with_(plane_views=()), detail)
        true = read_block(block)
        found = {name: numbers(values) for name, values in drawn.items()}
        assert found["top"] == pytest.approx(np.array(true["scale_max"]), rel=1e-5), scene
        for name in ("colour", "reached", "lines"):
            assert (found[name] == true[name].ravel()).all(), scene
        assert np.abs(found["tracks"] - true["tracks"].ravel()).max() <= CODES, scene
        away = np.abs(found["density"] - true["density"].ravel())
        assert (away <= CODES).mean() > 1.0 - EDGE_CELLS, scene


def missing() -> dict[str, str]:
    """Entries of the registries that the engine has not in the plane, with the reason."""
    linear, gaussian = PATH["linear"], PRIORS["gaussian"]()
    flows = {name: (prior(), linear) for name, prior in (PRIORS | PLANE_PRIORS).items()}
    flows |= {f"affine, {name}": (gaussian, PATH[name]) for name in SCHEDULES}
    flows |= {
        name: (
            gaussian,
            PATHS["formula"](forward="x0 + t*(x1 - x0)") if name == "formula" else kind(),
        )
        for name, kind in PATHS.items()
        if name != "affine"
    }
    reasons = {name: plane.unsupported(*flow) for name, flow in flows.items()}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def test_every_entry_is_computed_by_the_engine_or_listed_with_a_reason() -> None:
    assert missing() == SERVER_ONLY
    assert set(SERVER_ONLY.values()) <= set(plane.SERVER_ONLY)
    assert "`arcsine`" in (ROOT / "docs" / "ENGINE.md").read_text("utf-8")


# ---------------------------------------------------------------------- injected faults

Tables = dict[str, Any]


def _density_off(tables: Tables) -> None:
    table = (tables["product"]["right"] if tables["product"] else tables["radial"])["density"]
    wrong = table["series"].values.copy().reshape(-1, 17)
    wrong[:, 0] += 1e-8
    table["series"] = Double(wrong.reshape(-1))


def _edge_moved(tables: Tables) -> None:
    (tables["radial"] or tables["product"]["right"])["edge"] += 0.01


def _centre_moved(tables: Tables) -> None:
    tables["radial"]["centre"] += 0.01


def _gaussian_moved(tables: Tables) -> None:
    values = tables["gaussians"].values.copy()
    values[0] += 1e-2
    tables["gaussians"] = Double(values)


FAULTS: dict[str, tuple[str, Callable[[Tables], None], Callable[[Truth, Answer], float]]] = {
    "a density off by 1e-8": ("student_t, 0", _density_off, value_error),
    "the ring's density off by 1e-8": ("ring, 0", _density_off, value_error),
    "an edge moved": ("uniform, 0", _edge_moved, position_error),
    "a centre moved": ("off the origin, 0", _centre_moved, position_error),
    "the disk's edge moved": ("disk, 0", _edge_moved, position_error),
    "a Gaussian moved": ("gaussian_mixture_2d, 0", _gaussian_moved, position_error),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_table_is_found(
    fault: str, found: Found, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, change, error = FAULTS[fault]
    case, true, _ = next(entry for entry in found if entry[0].name == name)
    tables = copy.deepcopy(plane.prior_table(case.prior))
    change(tables)
    monkeypatch.setattr(plane, "prior_table", lambda _: tables)
    block = engine_plane_fixtures.packed(case, true)
    assert error(true, answers(browser, [block], "planes")[0]) > TOLERANCE * (
        1.0 if error is position_error else 1e-5
    )
