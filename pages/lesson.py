"""The lesson: ten predictions and an exit question."""

from flowviz.ui import frame
from flowviz.ui.lesson import view as lesson_view

with frame.page("lesson") as (scene, tr):
    lesson_view.show(scene, tr, frame.style(scene))
