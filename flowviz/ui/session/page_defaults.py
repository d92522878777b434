"""What a page shows to whoever has chosen nothing but language and size."""

from __future__ import annotations

from typing import Any

from flowviz.scene import Scene
from flowviz.scene.labelling import EXAMPLE

PAGE_DEFAULTS: dict[str, dict[str, Any]] = {
    "solvers": {"prior": "gaussian"},
    "guidance": {
        "prior": "gaussian",
        **EXAMPLE,
        "probe": (0.5, 0.2),
        "plane_probe": (0.5, 0.2, 0.9),
    },
}
"""Of a page on which the default scene would hide what the page is about, if none was chosen.

Under the article's uniform prior the velocity jumps, and no solver reaches its order; without
labels there is nothing to guide towards.
"""


def default_scene(page: str | None, reader: dict[str, Any]) -> Scene:
    """The page's default, with the settings that are the reader's."""
    return Scene(**reader).with_(**PAGE_DEFAULTS.get(page or "", {}))
