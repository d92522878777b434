"""What moves in an animation of the page Images: its samples, from noise to what they become."""

from __future__ import annotations

from flowviz.conventions import time_text
from flowviz.figures.fonts import writable
from flowviz.figures.image_animation import ImageMotion
from flowviz.scene import Scene
from flowviz.text import Translator, translator
from flowviz.text.numbers import number
from flowviz.ui.images import compute
from flowviz.ui.takeaway.images import Arrays

MOVING = frozenset({"draws", "windows", "guidance", "own"})
"""The topics whose samples are known at all times."""
_COLUMNS = 8


def image_motion(scene: Scene, found: Arrays) -> ImageMotion:
    """The samples that the topic shows, from t = 1 to t = 0.

    Args:
        scene: of one of the topics `MOVING`.
        found: `images.arrays`.
    """
    tr = _translator(scene)
    what = "scale" if "scale" in found else "window"
    names = list(dict.fromkeys(found[what].tolist()))
    t, x = found["t"], found["x"]
    if scene.image_topic == "draws":
        x, labels = x[: compute.SHOWN], [""] * (compute.SHOWN // _COLUMNS)
    else:
        x = x[found["sample"] <= _COLUMNS]
        labels = [_label(what, name, tr) for name in names]
    # Noise is shown with less contrast, as on the page.
    boards = (x / (1.0 - t + 2.0 * t)[:, None]).swapaxes(0, 1)
    return ImageMotion(
        title=f"{tr('images.title')} · {tr(f'images.image_topic.{scene.image_topic}')}",
        texts=[f"t = {time_text(round(time, 2), scene.convention)}" for time in t.tolist()],
        labels=labels,
        images=boards.reshape(len(t), len(labels), _COLUMNS, *compute.SHAPE),
    )


def _label(what: str, name: str | float, tr: Translator) -> str:
    if what == "scale":
        return tr("images.row.scale", scale=number(float(name)))
    return tr(f"images.image_window.{name}")


def _translator(scene: Scene) -> Translator:
    """In the reader's language, where the machine has a font for it."""
    here = translator(scene.lang, scene.convention)
    return here if writable(here("images.title")) else translator("en", scene.convention)


__all__ = ["MOVING", "image_motion"]
