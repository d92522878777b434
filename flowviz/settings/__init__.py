"""What a visitor may choose, page by page: the fields of `flowviz.scene.Scene`, in groups.

Each group is a frozen pydantic model whose fields are a name (the link's key and the widget's too),
what is accepted, and the default. A page's own settings are one file here and its line in
`GROUPS`; the link, the widgets' keys and the refusals follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel

from flowviz.settings.green import GreenSettings
from flowviz.settings.learn import LearnSettings
from flowviz.settings.line import LineSettings
from flowviz.settings.plane import PlaneSettings
from flowviz.settings.shared import SharedSettings
from flowviz.settings.solvers import SolverSettings
from flowviz.settings.space import SpaceSettings

__all__ = [
    "GROUPS",
    "SHOWN",
    "GreenSettings",
    "LearnSettings",
    "LineSettings",
    "PlaneSettings",
    "SharedSettings",
    "SolverSettings",
    "SpaceSettings",
    "group_of",
]

#: A group is left out of the link of a page that does not show it, while all of it is at default.
GROUPS: Mapping[str, type[BaseModel]] = {
    "line": LineSettings,
    "plane": PlaneSettings,
    "space": SpaceSettings,
    "green": GreenSettings,
    "learn": LearnSettings,
    "solvers": SolverSettings,
}

#: The groups a page shows, besides what all share; with "space", the line's or the plane's too.
SHOWN: Mapping[str, frozenset[str]] = {
    "fan": frozenset({"line"}),
    "plane": frozenset({"plane"}),
    "green": frozenset({"space", "green"}),
    "learn": frozenset({"space", "learn"}),
    "solvers": frozenset({"space", "solvers"}),
}


@cache
def group_of(name: str) -> str | None:
    """The group a field belongs to; None for what all pages share."""
    return next((g for g, model in GROUPS.items() if name in model.model_fields), None)
