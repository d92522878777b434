"""What the sections below the figure of Solvers have in common: the flow, and a still figure."""

from __future__ import annotations

from flowviz.figures.couplings import Curves, lines_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.ui.browser import codec, mount
from flowviz.ui.session import state, valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.solvers import compute
from flowviz.ui.widgets.readouts import points_text


def scene_and_flow() -> tuple[Scene, Scene]:
    """The visitor's scene with its last valid family, and the key of its flow."""
    current = state.current()
    scene = valid_family.last_valid(current, current.space)
    return scene, compute.setup_of(scene).flow


def lines_picture(
    curves: Curves, scene: Scene, flow: Scene, tr: Translator, style: Style, name: str, title: str
) -> None:
    """Curves with the data points, over the axes of the page's figure.

    Args:
        curves: what is drawn.
        scene: the visitor's.
        flow: the key of its flow.
        tr: the translator.
        style: light or dark, plain or Large.
        name: the component's key.
        title: of the figure, for its text alternative.
    """
    axis = "solvers.axis.t.short" if style.large else "solvers.axis.t"
    labels = {"t": tr(axis), "x": tr("solvers.axis.x"), "y": tr("solvers.axis.y")}
    field = compute.field_of(flow)
    points = field.x0.numpy(), field.weights.numpy()
    figure = lines_figure(curves, points, axis_range(flow), labels, style)
    label = tr("figure.points", figure=title, points=points_text(scene, scene.space))
    mount.still(codec.pack(figure), tr, style, key=name, title=title, label=label)
