"""The answers of the lesson's second part by other ways than the core's, in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from flowviz.core.datasets import DATASETS
from flowviz.text import LANGUAGES, Language, translator
from flowviz.ui.images import compute
from flowviz.ui.lesson import measured, truth
from flowviz.ui.lesson.steps import STEPS, is_right

Array = NDArray[np.floating]
Denoise = Callable[[Array, float], Array]
"""x (Q, d), t -> E[x₀|x], (Q, d)."""


def softmax(terms: Array) -> Array:
    r = np.exp(terms - terms.max(1, keepdims=True))
    return r / r.sum(1, keepdims=True)


def squares(x: Array, y: Array) -> Array:
    """‖x - y‖², (Q, N)."""
    return (x**2).sum(1)[:, None] + (y**2).sum(1) - 2 * x @ y.T


def posterior(x: Array, x0: Array, t: float) -> Array:
    return softmax(-squares(x, (1 - t) * x0) / (2 * t**2))


def exact(x0: Array) -> Denoise:
    return lambda x, t: posterior(x, x0, t) @ x0


def near(k: int) -> list[int]:
    """The pixels at most one row and one column from a pixel."""
    return [j for j in range(64) if max(abs(j // 8 - k // 8), abs(j % 8 - k % 8)) <= 1]


def small(x0: Array) -> Denoise:
    """The posterior mean of each pixel from the 3 × 3 pixels around it."""

    def denoise(x: Array, t: float) -> Array:
        seen = [near(k) for k in range(64)]
        columns = [
            posterior(x[:, pixels], x0[:, pixels], t) @ x0[:, k] for k, pixels in enumerate(seen)
        ]
        return np.stack(columns, 1)

    return denoise


def generate(denoise: Denoise, x: Array, steps: int) -> Array:
    """x along (x - D)/t from t = 1 to 0, with D constant within each step."""
    times = np.linspace(1, 0, steps + 1)
    for t, later in pairwise(times):
        mean = denoise(x, float(t))
        x = mean + later / t * (x - mean)
    return x


def passes(t: Array, curve: Array) -> float:
    """Where a falling curve passes ½."""
    return float(np.interp(-0.5, -curve, t))


def images(count: int) -> tuple[Array, NDArray[np.integer]]:
    found = compute.used(count)
    return found.x0.numpy(), found.labels.numpy()


def test_the_exact_flow_ends_on_training_images() -> None:
    x0, _ = images(measured.COUNT)
    ends = generate(exact(x0), compute.noise(measured.SEED).numpy(), 200)
    new = (squares(ends, x0).min(1) > 1e-9).sum()
    assert truth.truth(12).correct == (new,)
    assert truth.truth(12).words["copies"] == str(len(ends) - new)


def test_more_images_delay_the_image_and_not_the_class() -> None:
    rng, t, found = np.random.default_rng(5), np.linspace(0.35, 0.75, 9), {}
    for count in (measured.FEW, measured.MANY):
        x0, labels = images(count)
        own = rng.integers(count, size=400)
        noise, rows = rng.normal(size=(400, 64)), []
        for at in t:
            r = posterior((1 - at) * x0[own] + at * noise, x0, at)
            mine = (
                r[np.arange(400), own].mean(),
                (r * (labels == labels[own][:, None])).sum(1).mean(),
            )
            rows.append(mine)
        image, label = np.array(rows).T
        found[count] = passes(t, label), passes(t, image)
    moved = [abs(few - many) for few, many in zip(*found.values(), strict=True)]
    assert moved[0] < measured.MOVED < moved[1]
    option, place = truth.truth(13).correct
    assert option == 2.0  # only that of the image
    assert place == pytest.approx(found[measured.MANY][0], abs=0.02)
    said = truth.truth(13).words
    for name, times in zip(("few", "many"), found.values(), strict=True):
        shown = float(said[f"class_{name}"]), float(said[f"image_{name}"])
        assert shown == pytest.approx(times, abs=0.025)
    largest = np.linalg.eigvalsh(np.cov(x0.T, bias=True))[-1]
    assert float(said["theory"]) == pytest.approx(1 / (1 + largest**-0.5), abs=0.0051)


def test_a_small_window_denoises_new_images_better_near_the_data_only() -> None:
    rng = np.random.default_rng(6)
    x0, new = images(measured.COUNT)[0], compute.held_out(measured.COUNT).numpy()
    noise, options = rng.normal(size=new.shape), []
    for name, t in (("late", measured.LATE), ("early", measured.EARLY)):
        x = (1 - t) * new + t * noise
        errors = [float(((denoise(x, t) - new) ** 2).mean()) for denoise in (exact(x0), small(x0))]
        options.append(float(errors[1] < errors[0]))
        said = [float(truth.truth(14).words[f"{model}_{name}"]) for model in ("exact", "small")]
        assert said == pytest.approx(errors, rel=0.06)
    assert truth.truth(14).correct == tuple(options) == (0.0, 1.0)


def test_models_without_a_common_image_agree_once_they_have_many() -> None:
    x1, mean = compute.noise(measured.SEED, 12).numpy(), images(1797)[0].mean(0)
    for each, key, option in zip(measured.EACH, ("few", "many"), (1.0, 0.0), strict=True):
        halves = [compute.half(each, which) for which in range(2)]
        kept = [set(half.number.tolist()) for half in halves]
        assert not kept[0] & kept[1]
        a, b = (generate(small(half.x0.numpy()), x1, 16) - mean for half in halves)
        alike = float(((a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1))).mean())
        assert float(truth.truth(15).words[key]) == pytest.approx(alike, abs=0.06)
        assert truth.truth(15).correct[measured.EACH.index(each)] == option
        assert (alike > measured.ALIKE) == (option == 0.0)


def test_in_64_dimensions_the_target_hardly_varies_near_the_data() -> None:
    rng, t, shares = np.random.default_rng(7), measured.TARGET_TIME, []
    for x0 in (images(measured.COUNT)[0], DATASETS["two_moons"].tensors()[0].numpy()):
        own = rng.integers(len(x0), size=2000 if x0.shape[1] == 2 else 300)
        noise = rng.normal(size=(len(own), x0.shape[1]))
        x = (1 - t) * x0[own] + t * noise
        target = noise - x0[own]
        gap = target - (x - exact(x0)(x, t)) / t
        shares.append((gap**2).sum() / (target**2).sum())
    assert shares[0] < 0.1 * shares[1]
    assert truth.truth(16).correct == (2.0,)
    words = truth.truth(16).words
    assert float(words["moons"].rstrip("%")) / 100 == pytest.approx(shares[1], rel=0.08)
    assert float(words["images"].rstrip("%")) / 100 == pytest.approx(shares[0], abs=0.01)


def test_what_is_asked_is_what_is_computed() -> None:
    """The questions write out their setting: the numbers are those of `measured`."""
    given = {
        12: (measured.COUNT, compute.DRAWS),
        13: (measured.FEW, measured.MANY, measured.MOVED),
        14: (measured.COUNT, measured.LATE, measured.EARLY),
        15: measured.EACH,
        16: (measured.COUNT, measured.TARGET_TIME),
    }
    languages: list[Language] = list(LANGUAGES)
    for lang in languages:
        for step, numbers in given.items():
            text = translator(lang)(f"lesson.{step}.question")
            assert all(str(value) in text for value in numbers), (step, lang)


def test_right_answers_are_judged_right() -> None:
    for step in range(12, len(STEPS) + 1):
        assert is_right(STEPS[step - 1], truth.truth(step), truth.truth(step).correct)
