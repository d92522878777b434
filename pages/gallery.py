"""Gallery: scenes worth seeing, each a link."""

from flowviz.ui import frame
from flowviz.ui.gallery import view as gallery_view

with frame.page("gallery") as (scene, tr):
    gallery_view.show(scene, tr, frame.style(scene))
