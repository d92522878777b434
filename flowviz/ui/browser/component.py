"""The declaration of a browser component: a few lines that load its module and its style sheets.

Both come from `/assets/`, so that the browser caches the files and no rerun sends them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from streamlit.components.v2 import component as streamlit_component

from flowviz.ui.browser import assets

# Without an await at its top: WebKit fails where such a module is imported several times at once.
_MODULE = """
const load = (url) => import(new URL(url, document.baseURI).href);
export default async (component) => {{
  const styled = load("{loader}").then((it) => it.loadStyleSheets({sheets}));
  const [it] = await Promise.all([load("{address}"), styled]);
  return it.default(component);
}};
"""


@cache
def component(name: str) -> Callable[..., Any]:
    """A component of ``components/``, by its name."""
    sheets = json.dumps([assets.asset_url(sheet) for sheet in assets.STYLE_SHEETS.get(name, ())])
    loader = assets.asset_url("style_sheets.js")
    return streamlit_component(
        f"flowviz.{name}",
        js=_MODULE.format(loader=loader, address=assets.asset_url(f"{name}.js"), sheets=sheets),
        # Plotly adds its style sheet to the document, where a shadow root does not see it.
        isolate_styles=False,
    )
