"""What every canvas component is told, whatever it draws."""

from __future__ import annotations

from typing import Any

from flowviz.figures.style import Style

_LOOK = ("accent", "ground", "ink", "faint", "dark", "basins", "density", "line")


def look(style: Style) -> dict[str, Any]:
    """Colours, widths and the size of letters, as `components/plane_paint.js` reads them."""
    return {name: getattr(style, name) for name in _LOOK} | {"font": style.font_size}
