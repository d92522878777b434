"""The checks below the Fan: measured when a scene has rested, so that no picture waits for them.

The first picture of a session has its checks at once. After a change the browser asks for them when
nothing else has changed for a while (`components/rest.js`), longer where runs wait for a turn: most
scenes under a slider are seen for a moment. Until then the statements stand there without an
answer, for the last answers are of another scene. In a crowd this is so for first pictures too, and
the density has the cells of a drag until then.
"""

from __future__ import annotations

import streamlit as st

from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.ui.browser import mount_controls
from flowviz.ui.fan import compute
from flowviz.ui.session import faults, preemption, state, turns, valid_family
from flowviz.ui.widgets.progress_bar import progress_bar
from flowviz.ui.widgets.readouts import check_line, unanswered_line

_JUDGED = "flowviz.fan.judged"  # the flow of the checks that this session has seen last
_UNANSWERED = "flowviz.fan.unanswered"  # the flow that the last run of the page did not measure
_REST = "fan-rest"
_REST_MS, _LONGEST_MS = 400, 10_000
_BACKLOG = 2  # runs that wait


@faults.guarded
def show(scene: Scene, tr: Translator, *, changing: bool, coarse: bool) -> None:
    """The checks of what is shown.

    Args:
        scene: what is shown.
        tr: the translator.
        changing: a drag goes on, or the run of the page after its release is due.
        coarse: the density is, so that what calls this is to be drawn again, too.
    """
    st.markdown(f"## {tr('checks.title')}")
    _panel(tr, changing, coarse)
    if coarse:
        _ask(_name(compute.checks_key(scene)), answered=False)


def is_coarse(scene: Scene) -> bool:
    """Whether the density is coarse until the scene rests: others wait, and it is not in memory."""
    if not _has_backlog():
        return False
    flow = compute.checks_key(scene)
    return mount_controls.rested(_REST) != _name(flow) and not compute.is_drawn(scene)


@faults.fragment
def _panel(tr: Translator, changing: bool, coarse: bool) -> None:
    """A fragment: when the scene has rested only this reruns."""
    flow = compute.checks_key(valid_family.last_valid(state.sync_widgets(), "line"))
    name = _name(flow)
    found = compute.measured(flow)
    if found is None and _due(flow, name, changing):
        with progress_bar(tr) as report:
            found = compute.check(flow, report)
    if found is not None:
        st.session_state[_JUDGED] = flow
    if not preemption.is_fragment_run():
        st.session_state[_UNANSWERED] = flow if found is None else None
    with st.container(key="fan-checks"):
        for check in compute.CHECKS:
            if found is None:
                unanswered_line(check, tr)
            else:
                check_line(check, getattr(found, check), tr)
    if not coarse:
        _ask(name, answered=found is not None)


def _due(flow: Scene, name: str, changing: bool) -> bool:
    if changing and preemption.is_fragment_run():
        return False
    if mount_controls.rested(_REST) == name or not (
        _has_backlog() or st.session_state.get(_JUDGED)
    ):
        return True
    # A run of the page that changed nothing of the flow.
    return not preemption.is_fragment_run() and st.session_state.get(_UNANSWERED) == flow


def _has_backlog() -> bool:
    return turns.RUNS.waiting >= _BACKLOG


def _name(flow: Scene) -> str:
    return f"{hash(flow) % 2**64:016x}"


def _ask(name: str, *, answered: bool) -> None:
    wait = min(_LONGEST_MS, _REST_MS * (1 + turns.RUNS.waiting))
    mount_controls.rest(name, answered=answered, wait=wait, key=_REST)
