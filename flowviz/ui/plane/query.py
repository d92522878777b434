"""The query point: what the flow does at one place, as arrows in the picture and in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from flowviz.figures.plane import reading_arrows
from flowviz.scene import Scene
from flowviz.text import Say
from flowviz.ui.plane import compute
from flowviz.ui.plane.tables import LISTED, pair, table
from flowviz.ui.readings import density_tex, tex

_ARROWS = 24  # arrows at the query point


def arrows(scene: Scene) -> dict[str, Any] | None:
    """The query point with its arrows."""
    if scene.plane_probe is None:
        return None
    t, x, y = scene.plane_probe
    at = compute.probe(scene, scene.plane_probe)
    out: dict[str, Any] = {"t": t, "at": [x, y], "arrows": []}
    if bool(at.log_p.isfinite().all()):
        posterior = at.posterior[0].numpy()
        top = np.argsort(-posterior)[:_ARROWS]
        # Drawn towards the data, the way the particles go: against the direction of time.
        pulls, flow = -at.conditional[0].numpy(), -at.velocity[0].numpy()
        read = reading_arrows(pulls[top], posterior[top], flow)
        out |= {"arrows": read["arrows"], "marginal": read["marginal"]}
        out |= {"shares": posterior[top].tolist(), "colours": (top % compute.COLOURS).tolist()}
    return out


def reading(scene: Scene, say: Say) -> None:
    """At the query point: p_t, f_t, whose pull it is, and how much of it cancels."""
    st.markdown(f"##### {say('fan.query')}")
    if scene.plane_probe is None:
        st.caption(say("plane.query.none"))
        return
    t, x, y = scene.plane_probe
    at = compute.probe(scene, scene.plane_probe)
    density = density_tex(float(at.log_p))
    st.markdown(f"$t={t:.3f},\\; x=({x:.3f},\\ {y:.3f})$")
    if density is None:
        unknown = bool(at.log_p.isnan().any())
        st.info(say("fan.query.unknown" if unknown else "fan.query.nowhere"))
        return
    f_x, f_y = at.velocity[0].tolist()
    st.markdown(f"$p_t(x) = {density}, \\quad f_t(x) = ({tex(f_x)},\\ {tex(f_y)})$")
    posterior, conditional = at.posterior[0].numpy(), at.conditional[0].numpy()
    left = reading_arrows(conditional, posterior, at.velocity[0].numpy())["left"]
    st.markdown(say("plane.query.cancel", left=f"{left:.1%}", gone=f"{1 - left:.1%}"))
    top = np.argsort(-posterior)[:LISTED]
    points = scene.plane_points
    rows = [
        (
            pair(points.x[i], points.y[i]),
            f"{100 * posterior[i]:.3g}\u00a0%",
            pair(*conditional[i]),
        )
        for i in top.tolist()
    ]
    table([say(f"fan.query.table.{column}") for column in ("point", "posterior", "velocity")], rows)
    if len(posterior) > LISTED:
        rest = f"{100 * max(1.0 - float(posterior[top].sum()), 0.0):.2g} %"
        st.caption(say("fan.query.rest", n=LISTED, rest=rest))
    st.caption(say("plane.query.caption"))
