"""The buttons of the page Train, and one line with the state of the run.

One button starts, stops, continues or extends the run, with a changing label: it stays the same
element of the page, so that it keeps the keyboard focus.
"""

from __future__ import annotations

import math
import time

import streamlit as st

from flowviz.text import Translator
from flowviz.text.numbers import fixed, percent
from flowviz.ui.jobs import Phase, Status
from flowviz.ui.learn import compute
from flowviz.ui.learn.compute import Arrays
from flowviz.ui.learn.session import MAX_STEPS, TrainingRun, lengthen

_LABEL = "flowviz.learn.label"
_LABEL_STABLE_S = 0.4  # a press sooner than this after a change of the label is ignored


def buttons(run: TrainingRun, tr: Translator) -> None:
    """The main button, and Reset if there is a result."""
    name = action(run)
    # With its own key, so that the first button keeps its identity.
    with st.container(horizontal=True, gap="small", key="learn-buttons"):
        pressed = bool(name) and _button("main", name, tr, primary=True)
        resettable = not run.busy and (run.data is not None or run.retrain)
        reset = resettable and _button("reset", "reset", tr)
    if _is_label_stable(name) and pressed:
        _perform(run, name)
    elif reset:
        run.reset()
    else:
        return
    st.rerun(scope="app")  # the buttons have changed


def action(run: TrainingRun) -> str:
    """The action of the main button, with the label ``learn.<name>``; "" if there is no button."""
    if run.busy:
        return "stop.measuring" if run.measuring else "stop"
    if run.data is None:
        return "anew" if run.lost else "train"
    if not run.complete:
        return "continue"
    return "longer" if run.scene.learn_steps < MAX_STEPS else ""


def _perform(run: TrainingRun, name: str) -> None:
    match name:
        case "train" | "anew":
            run.train()
        case "continue":
            run.resume()
        case "longer":
            lengthen(run)
        case _:
            run.stop()


def _is_label_stable(name: str) -> bool:
    """Whether the main button has had this label for long enough to be read.

    Otherwise a double click on Train would stop the training, and a press on Stop right after the
    last step would extend it. The first label may be pressed at once.
    """
    now = time.monotonic()
    last, since = st.session_state.setdefault(_LABEL, (name, -math.inf))
    if last != name:
        st.session_state[_LABEL] = name, now
        return False
    return now - since >= _LABEL_STABLE_S


def _button(key: str, name: str, tr: Translator, *, primary: bool = False) -> bool:
    return st.button(
        tr(f"learn.{name}"),
        help=tr(f"learn.{name}.help"),
        type="primary" if primary else "secondary",
        key=f"learn.{key}",
    )


# ---------------------------------------------------------------------- state of the run


def show_status(run: TrainingRun, news: Arrays, tr: Translator) -> None:
    """The state of the run or its result in one line, in a container of constant height."""
    status = run.status
    with st.container(key="learn-standing", gap="small"):
        if run.error:
            st.error(run.error.markdown(tr))
        if run.busy:
            st.progress(*progress(run, status or Status(Phase.WAITING), tr))
            if status and status.restarted:
                st.caption(tr("learn.again"))
        elif run.runs_for_others:
            st.info(tr("learn.shared"))
        elif run.lost and not run.error:
            st.warning(tr("learn.lost"))
        elif run.data is None and not run.error:
            st.caption(tr("learn.idle"))
        if run.data and not run.busy and len(news.get("curve", ())):
            _summary(run, news, tr)


def progress(run: TrainingRun, status: Status, tr: Translator) -> tuple[float, str]:
    """The fraction done of the running job, and its description."""
    done = min(status.done, 1.0)
    if status.phase is Phase.WAITING:
        return done, tr("learn.waiting", n=status.ahead) if status.ahead else tr("learn.next")
    if run.measuring:
        return done, tr("learn.measuring", percent=round(100 * done))
    news = compute.unpack(status.news) if status.news else {}
    step, steps = int(news.get("step", 0)), run.scene.learn_steps
    if not step:
        ready = float(news.get("ready", 0.0))
        text = tr("learn.preparing", percent=round(100 * ready)) if ready else None
        return ready, text or tr("learn.starting")
    if step >= steps:
        return done, tr("learn.trained", steps=steps)
    left = (
        "…"
        if status.seconds_left is None
        else tr("learn.seconds", n=max(1, round(status.seconds_left)))
    )
    where = device(str(news["device"]), tr)
    return done, tr("learn.training.now", step=step, steps=steps, left=left, device=where)


def _summary(run: TrainingRun, news: Arrays, tr: Translator) -> None:
    """The error, the time taken, the device, and whether it was cached."""
    relative, median = news["curve"][-1][3:].tolist()
    heavy = math.isnan(relative)  # E‖f‖² is infinite
    values = {
        **({"median": percent(median)} if heavy else {"relative": percent(relative)}),
        "step": int(news["step"]),
        "seconds": fixed(float(news["seconds"]), 1),
        "device": device(str(news["device"]), tr),
    }
    name = f"learn.summary{'' if run.complete else '.stopped'}{'.heavy' if heavy else ''}"
    st.markdown(tr(name, **values))
    if run.cached:
        st.caption(tr("learn.known"))


def device(name: str, tr: Translator) -> str:
    """The name of the training device."""
    return tr("learn.device.cpu") if name == "cpu" else tr("learn.device.gpu", name=name)
