"""The Train page: a training run from start to report, shared by all who open the link."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from itertools import pairwise
from threading import Event
from types import SimpleNamespace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from scipy import integrate

from flowviz.core.field import MarginalField
from flowviz.core.training import TARGETS, NetSpec, TrainSpec, VelocityNet, load, notes
from flowviz.core.training.progress import drain
from flowviz.figures.learn import (
    excess_figure,
    gap_codes,
    gap_figure,
    line_figure,
    loss_figure,
    median_figure,
)
from flowviz.figures.learned import cloud_figure, landing_figure, likelihood_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.point_parsing import LABELS
from flowviz.scene.settings import LearnSettings
from flowviz.text import LANGUAGES, Refusal, translator
from flowviz.text.numbers import number, percent
from flowviz.ui import jobs
from flowviz.ui.jobs import Outcome, Phase, Spec, Status
from flowviz.ui.learn import compute, status, view
from flowviz.ui.learn.checkpoints import Checkpoints
from flowviz.ui.learn.session import TrainingRun, _require_affordable
from flowviz.ui.learn.tasks import fresh_net, measure, train, untrained
from tests.block_reader import inner, read
from tests.numerals import value_of
from tests.visitor import ROOT, Visitor
from tests.waiting import TIMEOUT_S, until

PAGE = ROOT / "pages" / "learn.py"
WILD = {"learn_rate": 1.0, "learn_depth": 8, "learn_width": 64, "learn_batch": 8}

# A network so small that it is trained in a second.
SMALL: dict[str, Any] = {"learn_steps": 90, "learn_width": 8, "learn_depth": 1, "learn_batch": 64}


def small(space: str = "line", **more: Any) -> Scene:
    settings: dict[str, Any] = SMALL | {"space": space} | more
    return compute.run_key(Scene(**settings))


def finished(steps: Any, *, stop_after: int | None = None) -> tuple[Outcome, list[compute.Arrays]]:
    """Drive a work to its end, or past some reports of steps; its outcome and all it reported."""
    reports: list[compute.Arrays] = []
    try:
        report = next(steps)
        while True:
            if news := report().news:
                reports.append(compute.unpack(news))
            taken = sum(int(news.get("step", 1)) > 0 for news in reports)
            report = steps.send(stop_after is not None and taken > stop_after)
    except StopIteration as end:
        return end.value, reports


# ---------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "field", [f for spec in (NetSpec, TrainSpec) for f in fields(spec)], ids=lambda f: f.name
)
def test_the_page_accepts_what_the_training_accepts(field: Any) -> None:
    if field.name == "classes":  # those of the data points, and that of points without label
        assert (field.metadata["min"], field.metadata["max"]) == (0, len(LABELS) + 1)
        return
    if field.name == "average":  # one of the targets
        assert "average" in TARGETS
        return
    name = f"learn_{'rate' if field.name == 'lr' else field.name}"
    ours = LearnSettings.model_fields[name]
    if field.type == "bool":
        assert ours.annotation is bool
        return
    if "choices" in field.metadata:
        assert set(field.metadata["choices"]) == set(ours.annotation.__args__)  # type: ignore[union-attr]
        return
    bounds = {type(m).__name__: m for m in ours.metadata if type(m).__name__ in {"Ge", "Le"}}
    assert (bounds["Ge"].ge, bounds["Le"].le) == (field.metadata["min"], field.metadata["max"])


@pytest.mark.parametrize(
    ("field", "value", "accepted"),
    [
        ("learn_batch", 10**9, "8 to 8,192"),
        ("learn_width", 10**6, "4 to 512"),
        ("learn_steps", 0, "1 to 200,000"),
        ("learn_rate", "0", "0.000001 to 1"),
        ("learn_rate", "nan", "0.000001 to 1"),
        ("learn_rate", "fast", "0.000001 to 1"),
        ("learn_rate", "", "0.000001 to 1"),
        ("learn_seed", None, "0 to 999,999"),
    ],
)
def test_a_bad_setting_is_refused_with_what_is_accepted(
    field: str, value: Any, accepted: str
) -> None:
    visitor = Visitor(PAGE)
    visitor.set(field, value)
    (complaint,) = visitor.complaints
    said = complaint.replace("\\", "").replace("1e-06", "0.000001")
    assert accepted in said
    assert ("is empty" in said) == (value in {None, ""})
    assert visitor.scene == Scene()
    scene, (notice,) = Scene.read_query({field: str(value)})
    assert (scene, notice.name) == (Scene(), field)


def test_several_refused_settings_are_one_list() -> None:
    visitor = Visitor(PAGE)
    for field in ("learn_width", "learn_depth", "learn_batch"):
        visitor.set(field, 10**7)
    (complaint,) = visitor.complaints
    lines = complaint.split("\n")
    names = [
        translator("en")(f"field.{name}") for name in ("learn_width", "learn_depth", "learn_batch")
    ]
    assert [line.split(":")[0] for line in lines] == [f"- {name}" for name in names]


@pytest.mark.parametrize(
    ("settings", "key", "limit"),
    [
        ({"learn_steps": 200_000, "learn_width": 256}, "error.learn.long", "5"),
        (
            {"learn_steps": 1, "learn_width": 512, "learn_depth": 8, "learn_batch": 8192},
            "error.learn.heavy",
            "0.4",
        ),
    ],
)
def test_what_would_take_too_long_is_refused_in_a_sentence(
    settings: dict[str, Any], key: str, limit: str
) -> None:
    with pytest.raises(Refusal) as caught:
        _require_affordable(Scene(**settings))
    assert caught.value.key == key
    assert all(limit in caught.value.translated(translator(lang)) for lang in LANGUAGES)
    _require_affordable(Scene())


def test_only_what_changes_the_lesson_is_in_its_key() -> None:
    scene = Scene(space="plane", learn_width=32)
    lesson = compute.run_key(scene)
    look = {
        "lang": "zh",
        "large": True,
        "time": 0.1,
        "trajectories": 9,
        "plane_views": ("density",),
    }
    for name, value in look.items():
        assert compute.run_key(scene.with_(**{name: value})) == lesson
    changes = {"learn_seed": 1, "plane_prior": "uniform", "schedule": "cosine", "space": "line"}
    for name, value in changes.items():
        assert compute.run_key(scene.with_(**{name: value})) != lesson
    assert compute.run_key(scene.with_(prior="gaussian")) == lesson  # the line's
    bent = scene.with_(plane_family="swirl")
    assert compute.run_key(bent.with_(schedule="vp")) == compute.run_key(bent)
    assert compute.exact_key(lesson) == compute.exact_key(lesson.with_(learn_steps=5))


# ---------------------------------------------------------------------- the works


@pytest.mark.parametrize("space", ["line", "plane"])
def test_a_stopped_training_continues_as_if_not_stopped(space: str) -> None:
    scene = small(space, learn_steps=300)
    whole, reports = finished(train(scene, b""))
    stopped, _ = finished(train(scene, b""), stop_after=1)
    assert (whole.complete, stopped.complete) == (True, False)
    assert 0 < int(compute.unpack(stopped.data)["step"]) < 300
    rest, _ = finished(train(scene, stopped.data))
    one, other = (compute.unpack(outcome.data) for outcome in (whole, rest))
    for name, value in net_of(one).state_dict().items():
        assert torch.equal(value, net_of(other).state_dict()[name])
    np.testing.assert_array_equal(one["curve"], other["curve"])
    np.testing.assert_array_equal(one["kept_steps"], other["kept_steps"])
    np.testing.assert_array_equal(one["kept"], other["kept"])
    check_checkpoints(scene, one)
    assert one["floor"][0] > 0
    assert one["curve"][-1, 3] < one["curve"][0, 3]  # it learned something
    assert len(reports[-1]["curve"]) > 1
    assert "tracks" in one if space == "plane" else "x" in one


def check_checkpoints(scene: Scene, found: compute.Arrays) -> None:
    """From before the first step to the last; the same starts, carried by that network."""
    steps, kept = found["kept_steps"].tolist(), found["kept"]
    assert (steps[0], steps[-1], len(steps)) == (0, 300, len(kept))
    assert steps == sorted(set(steps))
    field = scene.field(scene.space)
    starts = Checkpoints(scene, {}).x1
    for net, ends in ((fresh_net(scene), kept[0]), (net_of(found), kept[-1])):

        def slope(s: float, x: Any, net: VelocityNet = net) -> Any:
            at = torch.tensor(x)[None], torch.tensor(1 - s, dtype=torch.float64)
            with torch.no_grad():
                return -net(*at)[0].numpy()

        for start, end in zip(starts[:4], ends[:4], strict=True):
            last = 1 - scene.learn_t_min
            x = integrate.solve_ivp(slope, (0, last), start.numpy(), rtol=1e-5).y[:, -1]
            assert x + (1 - last) * slope(last, x) == pytest.approx(end, abs=0.05)
    nearest = [np.abs(ends[:, None] - field.x0.numpy()).sum(2).min(1).mean() for ends in kept]
    assert nearest[-1] < nearest[0]  # it learned something


def net_of(lesson: compute.Arrays) -> VelocityNet:
    return load(lesson["weights"].tobytes())


def test_a_lesson_stopped_before_its_first_step_leaves_what_there_was() -> None:
    assert finished(train(small(), b""), stop_after=-1)[0] == Outcome(b"", complete=False)


def test_training_can_be_stopped_while_the_exact_field_is_evaluated() -> None:
    work = train(small(family="squeeze", learn_target="exact"), b"")
    next(work)
    reports = [work.send(False)() for _ in range(3)]
    ready = [float(compute.unpack(report.news)["ready"]) for report in reports]
    assert 0.0 == ready[0] < ready[1] < ready[2]
    with pytest.raises(StopIteration) as end:
        work.send(True)
    assert end.value.value == Outcome(b"", complete=False)


def test_the_weights_carry_the_scene() -> None:
    scene = small("plane")
    lesson = compute.unpack(finished(train(scene, b""))[0].data)
    said = notes(lesson["weights"].tobytes())
    visitor = Visitor(PAGE, dict(part.split("=", 1) for part in said["scene"].split("&")))
    assert visitor.scene == scene
    assert net_of(lesson).spec == NetSpec(width=8, depth=1)


def test_a_divergence_is_said() -> None:
    with pytest.raises(Refusal, match="smaller learning rate"):
        finished(train(small(**WILD), b""))


@pytest.mark.parametrize("space", ["line", "plane"])
def test_measures_are_what_they_say(space: str) -> None:
    scene = small(space)
    lesson, _ = finished(train(scene, b""))
    outcome, reports = finished(measure(scene, lesson.data))
    found = compute.unpack(outcome.data)
    assert outcome.complete
    assert reports[0].keys() < found.keys()
    # The exact field in the network's place is no distance away; the network is some.
    gap = found["gap"]
    assert np.isnan(gap).any()
    assert np.nanmax(gap) > 0
    for name in ("energy", "w2"):
        value, noise, deviation = found[name]
        assert value > 0
        assert noise > deviation > 0
    assert (np.diff(found["nearest"]) >= 0).all()
    exact = scene.field(scene.space)
    assert found["log_p_exact"].shape == found["log_p"].shape
    assert float(found["apart"]) == pytest.approx(neighbours(exact))


def neighbours(field: MarginalField) -> float:
    points = field.x0.numpy()
    apart = np.linalg.norm(points[:, None] - points, axis=-1)
    np.fill_diagonal(apart, np.inf)
    nearest = np.sort(apart.min(1))
    return float(nearest[(len(nearest) - 1) // 2])


def test_a_page_does_not_wait_for_a_costly_exact_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = compute.exact_key(small(points="0.31,1.7"))
    exact, go_on = compute.exact, Event()

    def late(flow: Scene, progress: Callable[[float], None]) -> compute.Exact:
        progress(0.25)
        assert go_on.wait(TIMEOUT_S)
        return exact(flow)

    monkeypatch.setattr(compute, "exact", late)
    started = time.monotonic()
    assert compute.exact_soon(flow) is None
    waited = time.monotonic() - started
    assert compute.exact_soon(flow) is None  # at once: the patience was the first look's
    assert waited >= compute._WAIT_S
    assert compute.exact_done(flow) == 0.25
    go_on.set()
    until(lambda: compute.exact_soon(flow))
    found = compute.exact_soon(flow)
    assert found
    np.testing.assert_array_equal(found.x, exact(flow).x)


def test_the_exact_field_has_no_gap_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from flowviz.ui.learn import measures

    scene = small("plane")
    field, flow = scene.field("plane"), compute.exact_key(scene)
    times = measures._gap_times(flow)[10:12]
    gap, factors = drain(measures._gap(field, flow, field, times))  # type: ignore[arg-type]
    assert factors.shape == (4, 2)
    assert np.nanmax(gap) == pytest.approx(0.0, abs=1e-6)
    before, _ = drain(measures._gap(fresh_net(scene), flow, field, times))
    assert (np.isnan(gap) == np.isnan(before)).all()
    assert np.nanmedian(before) > 0.1


def test_arrays_travel_as_bytes_and_nothing_else_is_read() -> None:
    sent = {"a": np.arange(6.0).reshape(2, 3), "b": b"\x00\xff", "c": "words", "d": 3}
    back = compute.unpack(compute.pack(sent))
    np.testing.assert_array_equal(back["a"], sent["a"])
    assert (back["b"].tobytes(), str(back["c"]), int(back["d"])) == (b"\x00\xff", "words", 3)
    pickled = compute.pack({"a": np.array(1)}).replace(b"<i8", b"|O ")
    for data in (b"", b"not a zip", compute.pack(sent)[:-30], pickled):
        assert not compute.is_readable(data) or data is pickled


# ---------------------------------------------------------------------- the page


def content(visitor: Visitor, key: str) -> bytes:
    """A figure of the page as it travelled."""
    return inner(visitor.component(key).bytes, "figure")


def said(visitor: Visitor) -> str:
    return "\n".join(e.value for e in (*visitor.app.markdown, *visitor.app.caption))


MEANINGS = ("train", "anew", "stop", "stop.measuring", "continue", "longer", "reset")


def press(visitor: Visitor, name: str) -> None:
    assert name in buttons(visitor)
    visitor.app.button(key=f"learn.{'reset' if name == 'reset' else 'main'}").click()
    visitor.run()


def buttons(visitor: Visitor) -> set[str]:
    """What can be done now, as the words on the buttons say."""
    tr = translator(visitor.scene.lang)
    names = {tr(f"learn.{name}"): name for name in MEANINGS}
    return {names[b.label] for b in visitor.app.button if b.label in names}


def busy(visitor: Visitor) -> bool:
    return any(name.startswith("stop") for name in buttons(visitor))


POLL_S = 0.4  # each question runs the page


def until_idle(visitor: Visitor) -> Visitor:
    def idle() -> bool:
        visitor.run()
        return not busy(visitor)

    until(idle, lambda: said(visitor), every=POLL_S)
    return visitor


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """These visitors need no time to read."""
    monkeypatch.setattr(status, "_LABEL_STABLE_S", 0.0)


@pytest.fixture(scope="module", autouse=True)
def workers() -> Iterator[None]:
    """One worker: these visitors do one thing after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flowviz.ui.jobs.cluster.default_count", lambda: 1)
        yield
    jobs.default_queue().close()
    jobs._queue.cache_clear()


def test_a_training_from_click_to_report_and_the_same_link_shows_it_at_once() -> None:
    scene = small("plane", learn_seed=41)
    visitor = Visitor(PAGE, scene.to_query("learn"))
    assert buttons(visitor) == {"train"}
    press(visitor, "train")
    assert busy(visitor)
    until_idle(visitor)
    assert buttons(visitor) == {"longer", "reset"}
    assert not visitor.complaints
    assert "After 90 steps" in said(visitor)
    for key in ("learn.loss", "learn.excess", "learn.samples", "learn.likelihood"):
        assert content(visitor, key)
    visitor.app.session_state["flowviz.demo.checkpoints"] = True
    visitor.run()
    last = content(visitor, "demo.checkpoints")
    slider = visitor.app.select_slider(key="flowviz.demo.checkpoints.step")
    assert (slider.value, slider.options[0]) == (90, "0")
    slider.set_value(0)
    visitor.run()
    assert content(visitor, "demo.checkpoints") != last
    other = Visitor(PAGE, scene.with_(lang="zh", large=True).to_query("learn"))
    assert buttons(other) == {"longer", "reset"}
    assert translator("zh")("learn.known") in said(other)
    press(other, "reset")
    assert buttons(other) == {"train", "reset"}  # the keyboard stays where it was
    press(other, "train")  # to watch it: it is trained again
    assert busy(other)
    until_idle(other)


def test_no_density_is_shown_of_a_network_whose_velocity_jumps() -> None:
    for prior, jumps in (("uniform", True), ("gaussian", False)):
        scene = small(prior=prior, learn_edges=True, learn_seed=47)
        visitor = Visitor(PAGE, scene.to_query("learn"))
        press(visitor, "train")
        until_idle(visitor)
        tr = translator("en")
        keys = [element.key or "" for element in visitor.app.get("bidi_component")]
        assert any("learn.likelihood" in key for key in keys) != jumps
        assert (tr("learn.likelihood.jumps") in said(visitor)) == jumps
        assert (tr("learn.table.likelihood", t=tr.time(0.1)) in said(visitor)) != jumps


def test_a_network_is_trained_from_samples_to_points_in_the_plane() -> None:
    scene = small("plane", plane_prior="kernel_density_2d", learn_seed=46)
    visitor = Visitor(PAGE, scene.to_query("learn"))
    visitor.set("plane_points", "(-3, 0), (-3, 1)*2, (-2, 0.5)")
    visitor.set("plane_prior.kernel_density_2d.samples", "[[3, 0], [3, 1], [2, 0.5], [2.5, 0.5]]")
    assert dict(visitor.scene.plane_prior_params)["samples_x"] == (3.0, 3.0, 2.0, 2.5)
    press(visitor, "train")
    until_idle(visitor)
    assert not visitor.complaints
    assert "After 90 steps" in said(visitor)
    for key in ("learn.loss", "learn.excess", "learn.samples", "learn.likelihood"):
        assert content(visitor, key)


def test_stop_and_continue_and_as_long_again() -> None:
    visitor = Visitor(PAGE, small(learn_steps=60_000, learn_seed=42).to_query("learn"))
    press(visitor, "train")

    def measured() -> bool:
        visitor.run()
        return "below which no network can get, is" in said(visitor)

    until(measured, lambda: said(visitor), every=POLL_S)
    press(visitor, "stop")
    until_idle(visitor)
    assert buttons(visitor) == {"continue", "reset"}
    assert "Stopped after" in said(visitor)
    press(visitor, "continue")
    assert busy(visitor)
    other = Visitor(PAGE, visitor.scene.to_query("learn"))
    assert busy(other)  # who opens the link meanwhile watches, too
    press(other, "stop")
    until_idle(other)
    assert [box.value for box in other.app.info] == [translator("en")("learn.shared")]
    visitor.run()
    assert busy(visitor)  # it goes on for those who want it
    visitor.set("learn_steps", 80)  # another lesson: the one under way is left
    visitor.set("learn_target", "exact")
    assert visitor.scene.learn_target == "exact"
    assert buttons(visitor) == {"train"}
    press(visitor, "train")
    until_idle(visitor)
    assert "no floor" in said(visitor)
    press(visitor, "longer")
    assert visitor.scene.learn_steps == 160
    until_idle(visitor)
    assert "After 160 steps" in said(visitor)
    # What was trained by a detour is not what that link stands for.
    assert jobs.cached_result(compute.run_key(visitor.scene), Spec(train)) is None


@pytest.mark.parametrize("space", ["line", "plane"])
def test_before_training_the_networks_picture_is_that_of_its_first_weights(space: str) -> None:
    scene = small(space=space, learn_seed=46)
    visitor = Visitor(PAGE, scene.to_query("learn"))

    def shown() -> bool:
        visitor.run()
        return translator("en")("learn.untrained") in said(visitor)

    until(shown, lambda: said(visitor), every=0.1)
    run = compute.run_key(visitor.scene)
    net, at = fresh_net(run), compute.stage(compute.exact_key(run))
    # Heun's method by hand, from the same starts.
    x, times = at.x1.clone(), torch.linspace(1.0, run.learn_t_min, 25, dtype=torch.float64)
    with torch.no_grad():
        for t, to in pairwise(times):
            here = net(x, t)
            x = x + (to - t) / 2 * (here + net(x + (to - t) * here, to))
        x = x - (times[-1] - at.times.min()) * net(x, times[-1])
    flow = untrained(run)
    if space == "line":
        assert flow["x"][:, at.times.argmin()] == pytest.approx(x[:, 0].numpy(), abs=0.05)
    else:
        assert flow["tracks"].shape[0] == len(at.x1)
    assert buttons(visitor) == {"train"}


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> str:
    """A browser that is known again after a reload: AppTest has no cookies."""
    monkeypatch.setattr("flowviz.ui.learn.session.browser_name", lambda: "0123456789abcdef")
    return "0123456789abcdef"


def test_what_was_learned_is_there_after_a_stop_and_a_reload(browser: str) -> None:
    link = small(learn_steps=60_000, learn_seed=43).to_query("learn")
    visitor = Visitor(PAGE, link)
    press(visitor, "train")

    def measured() -> bool:
        visitor.run()
        return "below which no network can get, is" in said(visitor)

    until(measured, lambda: said(visitor), every=0.1)
    press(visitor, "stop")

    def stopped() -> bool:
        visitor.run()
        return "stop" not in buttons(visitor)

    until(stopped, lambda: said(visitor), every=0.1)
    if "stop.measuring" in buttons(visitor):
        press(visitor, "stop.measuring")
    until_idle(visitor)
    steps = re.findall(r"Stopped after [\d,]+", said(visitor))
    assert steps
    again = until_idle(Visitor(PAGE, link))
    assert buttons(again) == {"continue", "reset"}
    assert re.findall(r"Stopped after [\d,]+", said(again)) == steps
    press(again, "reset")
    assert buttons(Visitor(PAGE, link)) == {"train"}


def test_a_network_trained_for_longer_is_there_after_a_reload(browser: str) -> None:
    visitor = Visitor(PAGE, small(learn_steps=80, learn_seed=44).to_query("learn"))
    press(visitor, "train")
    until_idle(visitor)
    press(visitor, "longer")
    until_idle(visitor)
    again = until_idle(Visitor(PAGE, visitor.scene.to_query("learn")))
    assert "After 160 steps" in said(again)


def test_a_training_that_ended_with_its_server_says_so_and_can_begin_again(browser: str) -> None:
    scene = small(learn_steps=60_000, learn_seed=45)
    link = scene.to_query("learn")
    visitor = Visitor(PAGE, link)
    press(visitor, "train")
    old = jobs.default_queue()
    with pytest.MonkeyPatch.context() as patch:
        # The server is gone at once: nobody is told that the job ends.
        patch.setattr(old, "_end", lambda *_args, **_values: None)
        old.close()
    jobs._queue.cache_clear()
    again = Visitor(PAGE, link)
    assert [box.value for box in again.app.warning] == [translator("en")("learn.lost")]
    assert buttons(again) == {"anew"}
    press(again, "anew")
    assert busy(again)
    press(again, "stop")
    until_idle(again)


def test_a_press_right_after_a_change_of_label_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "_LABEL_STABLE_S", 60.0)
    now, real = [0.0], time.monotonic
    monkeypatch.setattr(status, "time", SimpleNamespace(monotonic=lambda: real() + now[0]))
    visitor = Visitor(PAGE, small(learn_steps=60_000, learn_seed=45).to_query("learn"))
    press(visitor, "train")  # as soon as it is there
    assert busy(visitor)
    press(visitor, "stop")  # the second of two clicks
    assert busy(visitor)
    now[0] += 61.0
    press(visitor, "stop")
    now[0] += 61.0
    until_idle(visitor)
    assert buttons(visitor) <= {"train", "continue", "reset"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_running_task_is_named(lang: str) -> None:
    tr, scene = translator(lang), small()
    handle: Any = object()
    training = TrainingRun(scene, training=handle)
    measuring = TrainingRun(scene, measuring=handle, data=b"x")
    assert view._nothing(training, tr) == tr("learn.nothing")
    assert view._nothing(measuring, tr) == tr("learn.nothing.measuring")
    assert view._nothing(TrainingRun(scene, data=b"x"), tr) == tr("learn.nothing.stopped")

    def progress(step: int, ready: float = 0.0) -> tuple[float, str]:
        news = compute.pack({"step": step, "ready": ready, "device": "cpu"})
        found = Status(Phase.RUNNING, done=step / 90, news=news, seconds_left=0.2)
        return status.progress(training, found, tr)

    assert progress(0) == (0.0, tr("learn.starting"))
    assert progress(0, 0.5) == (0.5, tr("learn.preparing", percent=50))
    assert tr("learn.seconds", n=1) in progress(45, 1.0)[1]
    assert progress(90, 1.0) == (1.0, tr("learn.trained", steps=90))
    for ahead, words in ((0, tr("learn.next")), (3, tr("learn.waiting", n=3))):
        waiting = Status(Phase.WAITING, ahead=ahead)
        assert status.progress(training, waiting, tr) == (0.0, words)


def test_measuring_stops_at_once_with_what_it_has_found() -> None:
    class Measuring:
        stopped = False

        def status(self) -> Status:
            return Status(Phase.RUNNING, done=0.5, news=b"found so far")

        def stop(self, patience: float = 0.0) -> None:
            assert patience == 0.0  # nobody waits for the part under way
            self.stopped = True

    handle: Any = Measuring()
    lesson = TrainingRun(small(), measuring=handle, data=b"x", complete=True)
    lesson.stop()
    assert (handle.stopped, lesson.busy, lesson.measured) == (True, False, b"found so far")


def test_a_divergence_is_one_sentence_on_the_page() -> None:
    visitor = Visitor(PAGE, small(**WILD).to_query("learn"))
    press(visitor, "train")
    until_idle(visitor)
    (complaint,) = visitor.complaints
    assert "diverged" in complaint
    assert buttons(visitor) == {"train"}


def shown(query: dict[str, str]) -> Visitor:
    """The page of a lesson that is known: trained and measured here, not by workers."""
    scene = compute.run_key(Visitor(PAGE, query).scene)
    lesson = finished(train(scene, b""))[0].data
    for work, data in ((train, lesson), (measure, finished(measure(scene, lesson))[0].data)):
        jobs.default_queue().store.put(jobs.Job.of(scene, Spec(work)).key, data)
    return Visitor(PAGE, query)


@pytest.mark.parametrize(("lang", "target"), [("en", "conditional"), ("zh", "exact")])
def test_where_a_mean_square_is_infinite_the_page_shows_the_median(lang: str, target: str) -> None:
    """A Cauchy prior: the relative error in L² is nowhere, and nothing is NaN."""
    query = small(prior="student_t", learn_target=target).to_query("learn")
    visitor = shown(query | {"p.df": "1", "p.loc": "0", "p.scale": "1", "lang": lang})
    assert not visitor.complaints
    words = said(visitor)
    (line,) = [t for t in drawn(visitor, "learn.excess") if t["name"] == "median"]
    medians = np.asarray(line["y"], float)
    assert np.isfinite(medians).all()
    percent = f"{medians[-1]:.1%}"
    (caption,) = [c.value for c in visitor.app.caption if "E‖f‖²" in c.value]
    (summary,) = [m.value for m in visitor.app.markdown if "E‖fₜ‖²" in m.value]
    assert percent in caption
    assert f"**{percent}**" in summary
    assert "nan" not in words.lower()
    loss = next(t for t in drawn(visitor, "learn.loss") if t["name"] == "loss")
    assert (np.asarray(loss["y"], float) > 0).all()


def test_with_a_second_moment_it_shows_the_mean() -> None:
    query = small(prior="student_t").to_query("learn")
    visitor = shown(query | {"p.df": "3", "p.loc": "0", "p.scale": "1"})
    assert "root mean square over the flow" in said(visitor)
    assert {t["name"] for t in drawn(visitor, "learn.excess")} == {"batches", "true"}


def drawn(visitor: Visitor, key: str) -> list[dict[str, Any]]:
    """The traces of a figure."""
    return read(content(visitor, key))["data"]


def test_a_damaged_result_is_trained_again() -> None:
    scene = small(learn_seed=44)
    store = jobs.default_queue().store
    for work in (train, measure):
        store.put(jobs.Job.of(scene, Spec(work)).key, b"half a file")
    visitor = Visitor(PAGE, scene.to_query("learn"))
    assert buttons(visitor) == {"train"}
    press(visitor, "train")
    assert "After 90 steps" in said(until_idle(visitor))


# ---------------------------------------------------------------------- figures


@pytest.mark.parametrize("style", [Style(), Style(dark=True, large=True)])
def test_every_figure_is_valid(style: Style) -> None:
    rng = np.random.default_rng(0)
    curve = np.abs(rng.normal(size=(9, 5)))
    labels: dict[str, str] = dict.fromkeys(
        (
            "step",
            "loss",
            "floor",
            "excess",
            "batches",
            "true",
            "t",
            "x",
            "nothing",
            "network",
            "exact",
            "median",
        ),
        "x",
    )
    points = np.array([0.0, 1.0]), np.array([0.5, 0.5])
    view, feet = (-1.0, 2.0), rng.uniform(size=(3, 7))
    t = np.linspace(0, 1, 5)
    gap = t, np.linspace(-1, 2, 4), rng.uniform(size=(5, 4))
    figures = [
        loss_figure(curve, (0.1, 0.01), 100, labels, style),
        loss_figure(curve[:0], (np.nan, np.nan), 100, labels, style),
        excess_figure(curve, (0.1, 0.01), 100, labels, style),
        excess_figure(curve[:0], (np.nan, np.nan), 100, labels, style),
        loss_figure(curve, (0.1, 0.01), 100, labels, style, heavy=True),
        loss_figure(curve, (0.0, 0.0), 100, labels, style, heavy=True),
        median_figure(curve, 100, labels, style),
        line_figure(None, None, points, view, labels, style),
        line_figure(None, (feet[0], feet[1], feet[2]), points, view, labels, style),
        gap_figure(gap, 0.5, points, view, labels, style),
        gap_figure(None, 1.0, points, view, labels, style),
        landing_figure(rng.uniform(size=50), points, view, style),
        cloud_figure(rng.uniform(size=(50, 2)), (*points, points[1]), (*view, *view), style),
        likelihood_figure(np.array([0.0, -np.inf]), np.array([0.0, -1.0]), labels, style),
    ]
    for figure in figures:
        go.Figure(figure.to_dict())


@pytest.mark.parametrize(("low", "high"), [(0.06, 0.8), (2e-4, 1.5e-3)])
def test_between_powers_of_ten_whole_numbers_stand_at_the_ticks(low: float, high: float) -> None:
    """And not a digit alone: 5 below 1 was half of it."""
    values = np.geomspace(low, high, 5)
    losses = np.stack([np.arange(5.0), 1.0 + values, values, values, values], axis=1)
    names = ("step", "excess", "batches", "true", "nothing", "median")
    labels: dict[str, str] = dict.fromkeys(names, "")
    excess: Any = excess_figure(losses, (1.0, 0.1), 100, labels, Style(), number).layout["yaxis"]
    median: Any = median_figure(losses, 100, labels, Style(), percent).layout["yaxis"]
    for axis in (excess, median):
        read = [value_of(text) for text in axis["ticktext"]]
        assert read == pytest.approx(axis["tickvals"])
        least, most = (10 ** float(end) for end in axis["range"])
        assert sum(least <= value <= most for value in read) >= 2


def test_arrows_of_the_line_point_to_the_data() -> None:
    feet = np.array([0.5]), np.array([1.0]), np.array([2.0])
    points = np.array([0.0]), np.array([1.0])
    labels = {"t": "t", "x": "x", "nothing": ""}
    figure: Any = line_figure(None, feet, points, (0.0, 2.0), labels, Style())
    (arrow,) = [trace for trace in figure.data if trace.name == "arrows"]
    (t0, t1), (x0, x1) = arrow.x[:2], arrow.y[:2]
    assert t1 < t0  # from the prior to the data
    assert (x1 - x0) / (t1 - t0) == pytest.approx(2.0)


def test_a_peak_at_a_data_point_is_one_bar() -> None:
    x = np.array([0.5, 1.2, 1.7])
    samples = np.repeat(x, [40, 20, 20]) + np.tile([-0.004, 0.004], 40)
    weights, view = np.array([0.5, 0.25, 0.25]), (-0.1, 2.1)
    bars: Any = landing_figure(samples, (x, weights), view, Style()).data[0]
    tall = bars.y > 0
    np.testing.assert_allclose(bars.y[tall], weights)
    np.testing.assert_allclose(bars.x[tall], x, atol=0.006)
    ends: Any = landing_figure(np.array(view), (x, weights), view, Style()).data[0]
    assert ends.y.sum() == pytest.approx(1.0)  # nothing is lost at an end of the view


def test_gap_codes_read_back() -> None:
    relative = np.random.default_rng(1).uniform(0, 0.9, (2, 5, 4))
    relative[0, 0, 0] = np.nan
    codes = gap_codes(relative, 0.5)
    back = (codes[:, ::-1].transpose(0, 2, 1).astype(float) - 0.5) / 255 * 0.5
    assert codes[0, -1, 0] == 0
    known = ~np.isnan(relative)
    np.testing.assert_allclose(back[known], np.clip(relative[known], 0, 0.5), atol=0.0025)
