"""What the gallery gives away: its scenes as a table of links."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowviz.scene import Scene
from flowviz.text import translator
from flowviz.ui.gallery.scenes import rows

Arrays = dict[str, NDArray[Any]]


def arrays(scene: Scene) -> Arrays:
    """``group``, ``title``, ``about`` and ``link`` ("page?query") of each scene, (K,)."""
    tr = translator(scene.lang, scene.convention)
    columns = {
        "group": [tr(f"gallery.group.{row.group}") for row in rows()],
        "title": [row.title(tr) for row in rows()],
        "about": [row.about(tr) for row in rows()],
        "link": [row.link(scene) for row in rows()],
    }
    return {name: np.array(column) for name, column in columns.items()}


def scenes(found: Arrays, scene: Scene) -> Arrays:
    """A row for each scene."""
    return found
