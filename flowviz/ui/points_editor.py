"""The data points in every form a visitor may edit: text, table, CSV, examples, and by hand.

The scene's `Points` are the truth; each view is filled from them when another view changed them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from flowviz.core.datasets import DATASETS
from flowviz.points import Points
from flowviz.scene import Scene
from flowviz.text import Refusal, Say
from flowviz.ui import state

_FILE = "w.csv"
_BASE, _TURN, _ROUNDED = "flowviz.table", "flowviz.table.turn", "flowviz.rounded"


def sidebar(scene: Scene, say: Say) -> None:
    """The points' section of the sidebar."""
    st.selectbox(
        say("fan.preset"),
        ["", *_examples()],
        format_func=lambda name: say(f"dataset.{name}") if name else say("fan.preset.own"),
        key=state.bound_as("preset", _example_of(scene.points), _take_example),
    )
    st.text_area(
        say("fan.points.text"),
        height=68 if len(scene.points) <= 12 else 140,
        help=say("fan.points.help"),
        key=state.bound_as("points", scene.points.text(), _take_text),
    )
    _complain(say)
    table = st.expander(say("fan.table"), key="w.table.open", on_change="rerun")
    if table.open:
        with table:
            _table(scene.points, say)
            st.file_uploader(say("fan.csv"), type=["csv", "txt", "tsv"], key=_FILE)
            state.watch(_FILE, _take_file, lambda upload: upload and upload.file_id)


def take_word(word: dict[str, Any]) -> None:
    """Do what the visitor's hand did in the picture: move, add, remove or weigh a point.

    A word says what is to be, not what to change, and how many points its speaker saw: heard
    twice, it does the same as once.
    """
    points = state.current().points
    x, w = list(points.x), list(points.w)
    if word.get("n") != len(x):
        return
    try:
        i = int(word.get("i", -1))
        match word.get("op"):
            case "move" if 0 <= i < len(x):
                x[i] = float(word["x"])
            case "weigh" if 0 <= i < len(x):
                w[i] = float(word["w"])
            case "remove" if 0 <= i < len(x):
                del x[i], w[i]
            case "add":
                x.append(float(word["x"]))
                w.append(sum(w) / len(w))
            case _:
                return
    except (TypeError, ValueError, KeyError):
        return  # not a word of our own component
    try:
        _store(Points(tuple(x), tuple(w)))
    except Refusal as why:
        state.refuse("points", why)


def _store(points: Points, *, keep_text: bool = False, keep_table: bool = False) -> None:
    shareable = points.shareable()
    if not state.change("points", points=shareable):
        return
    st.session_state[_ROUNDED] = shareable != points and len(shareable) == len(points)
    state.forget("preset")
    if not keep_text or shareable != points:
        state.forget("points")
    if not keep_table:
        st.session_state.pop(_BASE, None)


def _complain(say: Say) -> None:
    why = state.refusal("points")
    if why is not None:
        st.error(why.markdown(say))
    elif st.session_state.get(_ROUNDED):
        st.caption(say("fan.csv.rounded"))


# ------------------------------------------------------------------------------ text, examples


def _take_text(text: str) -> None:
    try:
        _store(Points.parse(text), keep_text=True)
    except Refusal as why:
        state.refuse("points", why)


def _examples() -> list[str]:
    return [name for name, data in DATASETS.items() if data.d == 1]


def _points_of(name: str) -> Points:
    data = DATASETS[name]
    return Points(tuple(x for (x,) in data.points), data.weights)


def _example_of(points: Points) -> str:
    return next((name for name in _examples() if _points_of(name) == points), "")


def _take_example(name: str) -> None:
    if name:
        _store(_points_of(name))


# ------------------------------------------------------------------------------ table, file


def _table(points: Points, say: Say) -> None:
    """An editable table. Its base stays as it was while the table is edited: only then does the
    editor keep the visitor's place; another view's change starts it afresh.
    """
    if _BASE not in st.session_state:
        st.session_state[_BASE] = pd.DataFrame({"x": points.x, "w": points.w})
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.data_editor(
        st.session_state[_BASE],
        key=_table_key(),
        num_rows="dynamic",
        hide_index=True,
        height=min(38 * (len(points) + 2), 320),
        column_config={
            "x": st.column_config.NumberColumn(say("fan.table.position"), format="%.6g"),
            "w": st.column_config.NumberColumn(say("fan.table.weight"), format="%.6g"),
        },
    )

    state.watch(_table_key(), _take_table, repr)


def _table_key() -> str:
    return f"w.table.{st.session_state.get(_TURN, 0)}"


def _take_table(edits: dict[str, Any]) -> None:
    if _BASE not in st.session_state:
        return  # another view has just changed the points: the table starts afresh
    rows: list[Sequence[object] | None] = [
        (row.x, row.w) for row in st.session_state[_BASE].itertuples()
    ]
    for index, changed in edits["edited_rows"].items():
        x, w = rows[int(index)] or (None, None)
        rows[int(index)] = (changed.get("x", x), changed.get("w", w))
    for index in edits["deleted_rows"]:
        rows[int(index)] = None
    rows.extend((row.get("x"), row.get("w")) for row in edits["added_rows"])
    try:
        _store(Points.from_rows([row for row in rows if row is not None]), keep_table=True)
    except Refusal as why:
        state.refuse("points", why)


def _take_file(upload: UploadedFile | None) -> None:
    if upload is None:
        return
    try:
        _store(Points.from_csv(upload.getvalue()))
    except Refusal as why:
        state.refuse("points", why)
