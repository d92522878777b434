"""The query point as the picture of solvers and of guidance sets it."""

from __future__ import annotations

from flowviz.ui.session import state
from flowviz.ui.session.drag import DragMessage


def set_query_point(message: DragMessage, plane_time: float) -> None:
    """Set the query point that a message has: (t, x) on the line, (x, y) in the plane.

    Args:
        message: of the picture; any other than that of a query point is ignored.
        plane_time: the query point's t in the plane.
    """
    at, scene = message.get("at"), state.current()
    if message.get("op") != "query" or not isinstance(at, list) or len(at) != 2:
        return
    if not all(isinstance(value, int | float) for value in at):
        return
    if scene.space == "line":
        state.change("probe", probe=(min(max(at[0], 0.0), 1.0), at[1]))
    else:
        state.change("plane_probe", plane_probe=(plane_time, *at))
