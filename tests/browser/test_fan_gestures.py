"""Gestures of the Fan page besides moving points: query, undo, drags beyond the figure."""

from __future__ import annotations

import itertools
import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, expect

from flowviz.scene import Scene
from flowviz.scene.points import Points
from tests.browser.conftest import OpenPage
from tests.browser.pointer import RECORD, FanUser
from tests.numerals import value_of
from tests.waiting import until

# Counts what arrives that is as large as a density in full resolution.
COUNT = """{
  window.large = 0;
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => (window.large += data.byteLength > 250_000));
    }
  };
}"""
LAWS = ["uniform", "gaussian_mixture", "arcsine"]


@pytest.mark.parametrize("prior", LAWS)
def test_the_tooltip_has_density_velocity_and_weights(open_page: OpenPage, prior: str) -> None:
    scene = Scene(prior=prior, schedule="cosine")
    user = FanUser(open_page(f"/fan?{scene.query_string()}", script=RECORD))
    user.until_shown()
    user.page.wait_for_selector(".fv-rest")
    t, x = 0.62, 0.8
    user.page.mouse.move(*user.pixel(t, x))
    label = user.page.locator(".hoverlayer .hovertext")
    expect(label).to_contain_text("−fₜ =")
    first, *shares = label.locator("tspan.line").all_text_contents()
    shares = [line for line in shares if "%" in line]
    names = ("t", "x", "p", "−fₜ")
    t, x, p, f = (value_of(re.search(rf"{n} = (\S+)", first)[1]) for n in names)  # type: ignore[index]
    true = scene.field().probe(torch.tensor([[x]], dtype=torch.float64), t)
    assert p == pytest.approx(float(true.log_p.exp()), rel=0.02)
    assert f == pytest.approx(-float(true.velocity), rel=0.02, abs=0.02)
    weights = dict(zip(scene.points.x, true.posterior[0].tolist(), strict=True))
    for share, place in (line.split("→") for line in shares):
        assert value_of(share) == pytest.approx(weights[value_of(place)], abs=0.01)
    assert sum(value_of(line.split("→")[0]) for line in shares) == pytest.approx(1, abs=0.003)


def test_the_tooltip_of_a_nonlinear_family_has_the_density_only(
    open_page: OpenPage,
) -> None:
    user = FanUser(open_page("/fan?family=wave"))
    user.page.wait_for_selector(".fv-rest")
    user.page.mouse.move(*user.pixel(0.5, 1.0))
    expect(user.page.locator(".hovertext")).to_contain_text("p =")
    expect(user.page.locator(".hovertext")).not_to_contain_text("fₜ =")


def test_changes_of_the_points_are_taken_back_one_by_one(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan", script=RECORD))
    user.until_shown(points="0.5*2,1.2,1.7")
    undo = user.page.get_by_role("button", name="Undo")
    expect(undo).to_be_disabled()
    user.drag(1.2, 0.9, moves=8)
    user.until(lambda: abs(user.scene.points.x[1] - 0.9) < 0.02)
    dragged = user.scene.points
    user.page.mouse.click(*user.pixel(-0.02, 0.2))
    user.until(lambda: len(user.scene.points) == 4)
    user.page.keyboard.press("Control+z")
    user.until(lambda: user.scene.points == dragged)
    undo.click()
    user.until(lambda: user.scene.points == Scene().points)
    user.until_shown()
    expect(undo).to_be_disabled()
    box = user.page.get_by_role("textbox", name="Positions")
    assert box.input_value() == "0.5*2, 1.2, 1.7"
    expect(user.page.locator(".fv-legend")).to_be_hidden()  # of colours of the start


def test_a_point_is_dragged_beyond_the_picture_and_the_picture_follows(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan", script=RECORD))
    user.until_shown()
    left, top = user.pixel(0, 1.7)
    edge = user.pixel(0, 2.1)[1]
    user.page.mouse.move(left, top)
    user.page.mouse.down()
    for y in (edge, edge - 30, edge - 60):
        user.page.mouse.move(left, y)
    user.page.mouse.up()
    user.until(lambda: user.scene.points.x[2] > 2.2)
    user.until_shown()
    far = user.scene.points.x[2]
    (_, y) = user.pixel(0, far)
    stage = user.page.locator(".fv-stage").bounding_box()
    assert stage is not None
    assert stage["y"] < y < stage["y"] + stage["height"]


def test_colours_of_the_start_have_a_legend(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan?color=x1"))
    expect(user.page.locator(".fv-legend")).to_contain_text("x₁ = 0.02")


def test_a_slice_falls_at_the_edge_of_a_flat_prior(open_page: OpenPage) -> None:
    scene = Scene(points=Points((1.0,), (1.0,)), time=1.0)
    user = FanUser(open_page(f"/fan?{scene.query_string()}", script=RECORD))
    user.until_shown()
    path = user.page.locator(".fv-slice").get_attribute("d") or ""
    places = [tuple(map(float, at.split(","))) for at in path.removeprefix("M").split("L")]
    falls = [(a, b) for a, b in pairwise(places) if abs(a[0] - b[0]) > 20]
    assert len(falls) == 2
    assert all(a[1] == b[1] for a, b in falls)


def test_at_the_data_the_slice_is_an_arrow_for_each_weight(open_page: OpenPage) -> None:
    scene = Scene(points=Points((0.5, 1.2, 1.7), (2.0, 1.0, 1.0)), time=0.0)
    user = FanUser(open_page(f"/fan?{scene.query_string()}", script=RECORD))
    user.until_shown()
    expect(user.page.locator(".fv-slice-labels text")).to_have_text(["0.5 δ", "0.25 δ", "0.25 δ"])
    path = user.page.locator(".fv-slice").get_attribute("d") or ""
    starts = [float(x) for x in re.findall(r"M([\d.]+),[\d.]+H", path)]
    tips = [float(x) for x in re.findall(r"H([\d.]+)", path)]
    lengths = [tip - start for start, tip in zip(starts, tips, strict=True)]
    assert lengths == pytest.approx([lengths[0], lengths[0] / 2, lengths[0] / 2], abs=1e-3)
    assert lengths[0] > 20


def test_the_density_travels_when_it_changes_and_once(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan", script=RECORD + COUNT))
    user.until_shown()
    large = lambda: user.page.evaluate("window.large")  # noqa: E731
    assert large() == 1
    user.drag(1.2, 1.4)
    user.until_shown(points="0.5*2,1.4,1.7")
    user.page.wait_for_timeout(800)  # the whole page has followed
    assert large() == 2
    slider = user.page.locator(".st-key-w-trajectories input[type=range]")
    slider.focus()
    slider.press("ArrowRight")
    user.until_shown(trajectories="38")
    assert large() == 2


def test_a_slice_higher_than_its_axis_breaks_visibly(open_page: OpenPage) -> None:
    """What reaches beyond the axis is marked there, with its highest value."""
    scene = Scene(prior="gaussian", time=0.25)
    user = FanUser(open_page(f"/fan?{scene.query_string()}", script=RECORD))
    user.until_shown()
    field, x = scene.field(), torch.linspace(-3, 3, 2001, dtype=torch.float64)[:, None]
    highest = float(field.log_prob(x, 0.25).exp().max())
    label = user.page.locator(".fv-slice-labels text").text_content() or ""
    assert value_of(label.split("=")[1]) == pytest.approx(highest, rel=0.01)
    assert (user.page.locator(".fv-break").get_attribute("d") or "").startswith("M")
    user.page.locator(".fv-time").fill("0.9")
    expect(user.page.locator(".fv-slice-labels text")).to_have_count(0)
    # Infinite at its edges it has no highest value.
    singular = Scene(prior="arcsine", time=0.25).query_string()
    user.page.goto(f"{user.page.url.split('?')[0]}?{singular}")
    expect(user.page.locator(".fv-slice-labels text")).to_have_text("max pₜ = ∞")


def test_the_answer_stays_in_the_picture_and_off_its_point(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan?prior=gaussian"))
    card = user.page.locator(".fv-card:visible")
    for t, x in itertools.product((0.06, 0.98), (-2.8, 2.8)):
        user.click(t, x)
        user.until(lambda t=t: abs(float(user.query.get("probe", "9").split(",")[0]) - t) < 0.01)
        user.until(lambda t=t, x=x: not card_flaws(user, card, (t, x)), f"at {t}, {x}")
    # Where it has no room on either side it may hide the point.
    user.page.set_viewport_size({"width": 400, "height": 800})
    user.page.wait_for_selector(".fv-rest")
    user.click(0.5, 0.3)
    user.until(lambda: abs(float(user.query["probe"].split(",")[0]) - 0.5) < 0.02)
    user.until(lambda: "beyond" not in "".join(card_flaws(user, card, (0.5, 0.3))), "narrow")


def card_flaws(user: FanUser, card: Locator, query: tuple[float, float]) -> list[str]:
    """What is wrong with where the card stands."""
    axes, box = user.page.locator(".fv-stage .nsewdrag").first.bounding_box(), card.bounding_box()
    if not (axes and box):
        return ["there is none"]
    inside = all(
        axes[low] - 1 <= box[low] and box[low] + box[size] <= axes[low] + axes[size] + 1
        for low, size in (("x", "width"), ("y", "height"))
    )
    over = all(
        box[low] <= at <= box[low] + box[size]
        for at, low, size in zip(user.pixel(*query), "xy", ("width", "height"), strict=True)
    )
    return ["it is beyond the axes"] * (not inside) + ["it hides the point"] * over


# On the screen, of each arrow (tail, tip, barb, tip, barb): the cosine of each barb with the shaft,
# and its length as a fraction of the shaft's.
HEADS = """() => {
  const { data, _fullLayout } = document.querySelector(".fv-rest .fv-plot") ?? {};
  const arrows = data?.find(({ name }) => name === "arrows");
  if (!arrows) return [];
  const { xaxis, yaxis } = _fullLayout;
  const { x, y } = arrows;
  const at = (k) => [xaxis.l2p(x[k]), yaxis.l2p(y[k])];
  const heads = [];
  for (let k = 0; k + 4 < x.length; k += 6) {
    const [tail, tip, one, , other] = [0, 1, 2, 3, 4].map((i) => at(k + i));
    const from = (to) => [to[0] - tip[0], to[1] - tip[1]];
    const [shaft, ...barbs] = [tail, one, other].map(from);
    const long = Math.hypot(...shaft);
    heads.push(barbs.map((b) => [
      (b[0] * shaft[0] + b[1] * shaft[1]) / Math.hypot(...b) / long, Math.hypot(...b) / long]));
  }
  return heads;
}"""


@pytest.mark.parametrize("path", ["/fan?arrows=true", "/green?green_t=0.7"])
def test_the_heads_of_arrows_are_symmetric_on_the_screen(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    for width, height in ((1400, 900), (1000, 460)):
        page.set_viewport_size({"width": width, "height": height})
        until(lambda: symmetric(page.evaluate(HEADS)), (width, height))


def symmetric(heads: list[list[list[float]]]) -> bool:
    """Whether both barbs of each arrow are at 25° to its shaft, and equally long."""
    found = np.array(heads)
    return (
        found.size > 0
        and np.allclose(found[..., 0], np.cos(np.deg2rad(25)), atol=5e-3)
        and np.allclose(found[:, 0, 1], found[:, 1, 1], rtol=1e-2)
    )
