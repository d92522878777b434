"""The thumbnails: the arrays of the pages' own figures as small SVG files, which are checked in.

``python -m flowviz.ui.gallery.thumbnails`` writes those of all rows, and removes others. A file has
both themes: with ``#dark`` after its address it is dark.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from flowviz.figures.static_svg import SIDE, FlowPicture, svg
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.ui.browser import assets
from flowviz.ui.couplings import compute as couplings
from flowviz.ui.fan.compute import GUTTER
from flowviz.ui.first_picture.compute import Still, still
from flowviz.ui.gallery.scenes import Row, rows
from flowviz.ui.green import compute as green
from flowviz.ui.guidance import compute as guidance
from flowviz.ui.images import compute as images
from flowviz.ui.images import own
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import no_progress
from flowviz.ui.solvers import compute as solvers

FOLDER = assets.THUMBNAILS
LIMITS = (1e9, math.inf)
CELLS = 40
"""Most cells of a thumbnail's shading, a side."""
NODES = 30
"""Most nodes of a thumbnail's line."""
STEP = 3.0  # pixels of a dot where a solver evaluates, and of the smallest point
SMALLER = 0.55  # a point, than on its page

_RULES = (
    ".shading{fill:var(--deep)}"
    "path{fill:none;stroke:var(--faint);stroke-width:1.3;vector-effect:non-scaling-stroke}"
    ".point{stroke-linecap:round}"
)


def thumbnail(row: Row) -> str:
    """The SVG file of a row."""
    found = _still(row.page, row.scene)
    square = row.page == "plane" or row.scene.space == "plane"
    text = svg(_coarse(found.picture), "").replace('role="img" aria-label="" ', 'id="dark" ')
    if square:
        text = text.replace('preserveAspectRatio="none"', "", 1)
    opening, _, rest = text.partition(">")
    shapes = rest.removesuffix("</svg>") + _probe(row, found)
    return f"{opening}><style>{_colours(found)}{_RULES}</style>{shapes}</svg>\n"


def _probe(row: Row, found: Still) -> str:
    """The mark of the query point of Flow in 1-D."""
    if row.page != "fan" or row.scene.probe is None:
        return ""
    (t, x), (low, high) = row.scene.probe, found.view
    across = round(SIDE * (t + GUTTER) / (1.0 + GUTTER))
    up = round(SIDE * (high - x) / (high - low))
    return (
        f'<path class="point" style="stroke:var(--accent);stroke-width:11" d="M{across} {up}h0"/>'
    )


def _colours(found: Still) -> str:
    """The colours of both themes, as custom properties and as rules of the groups."""
    used = {int(k) for k in {*found.picture.group.tolist(), *found.picture.point_group.tolist()}}
    text = ""
    for style, root in ((Style(), ":root"), (Style(dark=True), ":root:target")):
        names = {
            "faint": style.faint,
            "accent": style.accent,
            "deep": style.density[-2 if style.dark else -1][1],
        }
        names |= {f"c{k}": style.basins[k] for k in used if 0 <= k < len(style.basins)}
        lines = style.spectrum if found.by_start else ()
        names |= {f"l{k}": lines[k] for k in used if 0 <= k < len(lines)}
        text += f"{root}{{{';'.join(f'--{name}:{value}' for name, value in names.items())}}}"
    kind = "l" if found.by_start else "c"
    return text + "".join(
        f".c{k}{{stroke:var(--{kind}{k})}}.point.c{k}{{stroke:var(--c{k})}}"
        for k in sorted(used)
        if k >= 0
    )


def _still(page: str, scene: Scene) -> Still:
    """The picture of a scene on its page.

    Raises:
        ValueError: it takes more work than a first picture may.
    """
    if page == "green":
        return _green(scene)
    if page == "solvers":
        return _solvers(scene)
    if page == "guidance":
        return _guidance(scene)
    if page == "couplings":
        return _couplings(scene)
    if page == "images":
        return _images(scene)
    if page == "learn":  # the exact flow, beside which the page draws what was learned
        page = "fan" if scene.space == "line" else "plane"
    found = still(page, scene, LIMITS)
    if found is None:
        raise ValueError(f"no picture of {page}?{scene.query_string(page)}")
    return replace(found, picture=replace(found.picture, lines=_thinned(found.picture.lines)))


def _green(scene: Scene) -> Still:
    """The family of one data point, and the trajectory through the query point."""
    key = green.point_key(scene, "green_lines")
    family, query = green.family_trajectories(key), green.query_trajectory(green.query_key(scene))
    view = green.picture_range(green.point_key(scene))
    if scene.space == "line":
        low, high = view
        shading = green.heat(scene, no_progress)
        codes = shading.p[::-1] / shading.ceiling
        points = np.array([[0.0, scene.green_x0], [scene.green_t, scene.green_x]])
        box = np.array([[0.0, 1.0], [low, high]])
        lines, through = (_over_time(found) for found in (family, query))
    else:
        codes = np.zeros((1, 1))
        points = np.array([[scene.green_a, scene.green_b], [scene.green_u, scene.green_v]])
        box, lines, through = np.array(view).reshape(2, 2), family.x, query.x
    picture = FlowPicture(
        lines=_in_box(_thinned(np.concatenate([lines, through])), box),
        group=np.array([0] * len(lines) + [1]),
        points=_in_box(points, box),
        sizes=np.array([20.0, 16.0]),
        point_group=np.array([0, 1]),
        shading=codes,
    )
    return Still(picture, (0.0, 1.0), [], [])


def _images(scene: Scene) -> Still:
    """Images in frames: of the exact flow, or a row for each window."""
    if scene.image_topic == "own":
        rows = [own.generated(scene.image_own, window, 0).x[:, -1] for window in ("whole", "three")]
        rows.insert(0, own.tensor(scene.image_own))
    else:
        windows = ("whole", "five", "three") if scene.image_topic == "windows" else ("whole",)
        made = [images.made(scene.image_count, window, scene.image_seed) for window in windows]
        rows = [found.x[:, -1] for found in made]
        if len(rows) == 1:
            rows = [*rows, rows[0][4:], rows[0][8:]]
    pictures = np.stack([row[:4].reshape(4, *images.SHAPE).numpy() for row in rows])
    cells = np.pad(0.5 + 0.5 * pictures.clip(-1.0, 1.0), ((0, 0), (0, 0), (1, 1), (1, 1)))
    (down, across), side = pictures.shape[:2], images.SHAPE[0] + 2
    board = cells.swapaxes(1, 2).reshape(down * side, across * side)
    corners = np.array([(1, 1), (side - 1, 1), (side - 1, side - 1), (1, side - 1), (1, 1)])
    places = [(side * k, side * i) for i in range(down) for k in range(across)]
    frames = corners + np.array(places)[:, None]
    picture = FlowPicture(
        lines=frames / np.array([across * side, down * side]),
        group=np.full(down * across, -1),
        points=np.zeros((0, 2)),
        sizes=np.zeros(0),
        point_group=np.zeros(0, int),
        shading=board,
    )
    return Still(picture, (0.0, 1.0), [], [])


def _over_time(found: green.FamilyTrajectories) -> np.ndarray:
    """Trajectories of the line as places (t, x)."""
    times = np.broadcast_to(found.t, found.x.shape[:2])
    return np.stack([times, found.x[..., 0]], axis=-1)


def _solvers(scene: Scene) -> Still:
    """The exact trajectories, and the solver's over them, with a dot at every step."""
    setup = solvers.setup_of(scene)
    found = solvers.picture(setup, solvers.method_of(scene), scene.solver_lines)
    field, line = setup.field, scene.space == "line"
    data = field.x0.numpy()
    exact, solved = found.exact.x.numpy(), found.solution.x.numpy()
    if line:
        exact, solved = (
            np.stack([np.broadcast_to(np.asarray(t), x.shape[:2]), x[..., 0]], axis=-1)
            for t, x in ((found.exact.t, exact), (found.solution.t, solved))
        )
        data = np.concatenate([np.zeros_like(data), data], axis=1)
    seen = np.concatenate([exact.reshape(-1, 2), solved.reshape(-1, 2)])
    low, high = seen.min(0), seen.max(0)
    box = np.stack([low, high], axis=1) + 0.06 * (high - low)[:, None] * np.array([-1.0, 1.0])
    exact = _thinned(exact)
    basin = found.exact.basin.numpy()
    steps = solved[:, 1:].reshape(-1, 2)
    nodes = max(exact.shape[1], solved.shape[1])
    lines = np.concatenate([_padded(exact, nodes), _padded(solved, nodes)])
    picture = FlowPicture(
        lines=_in_box(lines, box),
        group=np.concatenate([np.full(len(basin), -1), basin]),
        points=_in_box(np.concatenate([steps, data]), box),
        sizes=np.concatenate([np.full(len(steps), STEP), np.full(len(data), 20.0)]),
        point_group=np.concatenate([np.repeat(basin, solved.shape[1] - 1), np.arange(len(data))]),
        shading=np.zeros((1, 1)),
    )
    return Still(picture, (0.0, 1.0), [], [])


def _guidance(scene: Scene) -> Still:
    """The guided trajectories and the data points, coloured by class."""
    setup = guidance.setup_of(scene)
    found, line = guidance.picture(setup, scene.guidance_lines), scene.space == "line"
    x, data = found.x[found.drawn], setup.labelled.marginal.x0.numpy()
    if line:
        x = np.stack([np.broadcast_to(found.t, x.shape[:2]), x[..., 0]], axis=-1)
        data = np.concatenate([np.zeros_like(data), data], axis=1)
    view = axis_range(setup.flow)
    box = np.array([[0.0, 1.0], view]) if line else np.array(view).reshape(2, 2)
    picture = FlowPicture(
        lines=_in_box(_thinned(x), box),
        group=found.label[found.drawn] - 1,
        points=_in_box(data, box),
        sizes=np.full(len(data), 20.0),
        point_group=setup.labelled.labels.numpy() - 1,
        shading=np.zeros((1, 1)),
    )
    return Still(picture, (0.0, 1.0), [], [])


def _couplings(scene: Scene) -> Still:
    """The pairs of the coupling."""
    flow = couplings.flow_key(scene)
    found = couplings.picture(flow, scene.coupling, scene.coupling_lines, scene.coupling_batch)
    index, line = found.index.numpy(), scene.space == "line"
    data, x1 = found.x0.numpy(), found.x1.numpy()
    if line:
        data, x1 = (np.insert(x, 0, t, axis=1) for x, t in ((data, 0.0), (x1, 1.0)))
    lines = np.stack([data[index], x1], axis=1)
    low, high = (f(lines.reshape(-1, 2), axis=0) for f in (np.min, np.max))
    box = np.stack([low, high], axis=1) + 0.06 * (high - low)[:, None] * np.array([-1.0, 1.0])
    picture = FlowPicture(
        lines=_in_box(lines, box),
        group=index,
        points=_in_box(data, box),
        sizes=np.full(len(data), 20.0),
        point_group=np.arange(len(data)),
        shading=np.zeros((1, 1)),
    )
    return Still(picture, (0.0, 1.0), [], [])


def _padded(lines: np.ndarray, nodes: int) -> np.ndarray:
    """Lines with a gap after their end, up to so many nodes."""
    short = nodes - lines.shape[1]
    return np.pad(lines, ((0, 0), (0, short), (0, 0)), constant_values=np.nan)


def _in_box(places: np.ndarray, box: np.ndarray) -> np.ndarray:
    return (places - box[:, 0]) / (box[:, 1] - box[:, 0])


def _coarse(picture: FlowPicture) -> FlowPicture:
    """With smaller points, and fewer cells, each the mean of those whose place it takes."""
    cells = picture.shading
    for axis in (0, 1):
        ends = np.linspace(0, cells.shape[axis], min(cells.shape[axis], CELLS) + 1).astype(int)
        sums = np.add.reduceat(np.nan_to_num(cells), ends[:-1], axis)
        cells = sums / np.diff(ends).reshape((-1, 1) if axis == 0 else (1, -1))
    return replace(picture, shading=cells, sizes=np.maximum(SMALLER * picture.sizes, STEP))


def _thinned(lines: np.ndarray) -> np.ndarray:
    if not lines.size:
        return lines
    kept = np.unique(np.linspace(0, lines.shape[1] - 1, min(lines.shape[1], NODES)).round())
    return lines[:, kept.astype(int)]


def main(wanted: Iterable[Row]) -> None:
    """Write the thumbnails."""
    FOLDER.mkdir(exist_ok=True)
    names = set()
    for row in wanted:
        path = FOLDER / f"gallery-{row.name}.svg"
        names.add(path.name)
        path.write_text(thumbnail(row), encoding="utf-8")
    for path in FOLDER.glob("*.svg"):
        if path.name not in names:
            path.unlink()
    total = sum(path.stat().st_size for path in FOLDER.glob("*.svg"))
    sys.stdout.write(f"{len(names)} thumbnails, {total:,} bytes\n")


if __name__ == "__main__":
    main(rows())
