"""Images: the exact flow of small images, and models that see less."""

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.images import view as images_view

with frame.page("images") as (scene, tr):
    frame.lead("images", tr)
    images_view.show(tr, frame.style(scene))
    with st.sidebar:
        images_view.sidebar(tr)
