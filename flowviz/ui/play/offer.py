"""Where the light page is offered: in the sidebar of the Fan's page."""

from __future__ import annotations

import streamlit as st

from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.ui.browser import assets
from flowviz.ui.play import bundle
from flowviz.ui.session import faults


@faults.guarded
def section(scene: Scene, tr: Translator) -> None:
    """The scene as a file, and at an address; for the file, the hash of its script."""
    st.markdown(f"## {tr('play.take')}")
    query = scene.query_string("fan")
    for name, path in (("file", "play/live"), ("page", "play")):
        st.link_button(
            tr(f"play.{name}"),
            f"{assets.base_path()}/{path}?{query}",
            help=tr(f"play.{name}.help"),
            width="stretch",
        )
    allowed = bundle.policy_hash(bundle.script())
    # No `st.code`: for its colours the browser would load a library.
    st.caption(f"{tr('play.policy')} `script-src {allowed}`")
