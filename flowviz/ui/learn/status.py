"""What a visitor of the Learn page can do now, and one line on how it stands.

One button has all the meanings of going on and of stopping, in turn: it stays the same element of
the page, so that the keyboard stays on it. A press counts for what the visitor has read on it.
"""

from __future__ import annotations

import math
import time

import streamlit as st

from flowviz.text import Say
from flowviz.text.numbers import fixed, percent
from flowviz.ui.jobs import Phase, Status
from flowviz.ui.learn import compute
from flowviz.ui.learn.compute import Arrays
from flowviz.ui.learn.session import MOST_STEPS, TrainingRun, lengthen

_SAID = "flowviz.learn.said"
_NOTICED_S = 0.4  # a press sooner than this after its words changed was for the words before


def buttons(lesson: TrainingRun, say: Say) -> None:
    """Train, Stop, Continue, as long again, in one place; Reset, where there is something."""
    name = meaning(lesson)
    # With a key of its own: in its column the first button stays the first.
    with st.container(horizontal=True, gap="small", key="learn-buttons"):
        pressed = bool(name) and _button("main", name, say, primary=True)
        resettable = not lesson.busy and (lesson.data is not None or lesson.anew)
        reset = resettable and _button("reset", "reset", say)
    if _read(name) and pressed:
        _go(lesson, name)
    elif reset:
        lesson.reset()
    else:
        return
    st.rerun(scope="app")  # the buttons are others now


def meaning(lesson: TrainingRun) -> str:
    """What the main button does now: ``learn.<name>`` are its words; "" where there is none."""
    if lesson.busy:
        return "stop.measuring" if lesson.measuring else "stop"
    if lesson.data is None:
        return "train"
    if not lesson.whole:
        return "continue"
    return "longer" if lesson.scene.learn_steps < MOST_STEPS else ""


def _go(lesson: TrainingRun, name: str) -> None:
    match name:
        case "train":
            lesson.train()
        case "continue":
            lesson.resume()
        case "longer":
            lengthen(lesson)
        case _:
            lesson.stop()


def _read(name: str) -> bool:
    """Whether the visitor had time to read these words on the main button before this run.

    Else a second click on Train would stop what the first began, and a Stop that comes as the last
    step is taken would ask for as many again. The first words on it may be pressed at once.
    """
    now = time.monotonic()
    last, since = st.session_state.setdefault(_SAID, (name, -math.inf))
    if last != name:
        st.session_state[_SAID] = name, now
        return False
    return now - since >= _NOTICED_S


def _button(key: str, words: str, say: Say, *, primary: bool = False) -> bool:
    return st.button(
        say(f"learn.{words}"),
        help=say(f"learn.{words}.help"),
        type="primary" if primary else "secondary",
        key=f"learn.{key}",
    )


# ---------------------------------------------------------------------- how it stands


def standing(lesson: TrainingRun, news: Arrays, say: Say) -> None:
    """Waiting, training with the time left, measuring, or what came of it: never without words,
    in a place that keeps its height.
    """
    status = lesson.status
    with st.container(key="learn-standing", gap="small"):
        if lesson.why:
            st.error(lesson.why.markdown(say))
        if lesson.busy:
            st.progress(*progress(lesson, status or Status(Phase.WAITING), say))
            if status and status.again:
                st.caption(say("learn.again"))
        elif lesson.shared:
            st.info(say("learn.shared"))
        elif lesson.data is None and not lesson.why:
            st.caption(say("learn.idle"))
        if lesson.data and not lesson.busy and len(news.get("curve", ())):
            _summary(lesson, news, say)


def progress(lesson: TrainingRun, status: Status, say: Say) -> tuple[float, str]:
    """The share done of what is under way, and what that is."""
    done = min(status.done, 1.0)
    if status.phase is Phase.WAITING:
        return done, say("learn.waiting", n=status.ahead) if status.ahead else say("learn.next")
    if lesson.measuring:
        return done, say("learn.measuring", percent=round(100 * done))
    news = compute.unpack(status.news) if status.news else {}
    step, steps = int(news.get("step", 0)), lesson.scene.learn_steps
    if not step:
        ready = float(news.get("ready", 0.0))
        words = say("learn.preparing", percent=round(100 * ready)) if ready else None
        return ready, words or say("learn.starting")
    if step >= steps:
        return done, say("learn.trained", steps=steps)
    left = "…" if status.left is None else say("learn.seconds", n=max(1, round(status.left)))
    where = device(str(news["device"]), say)
    return done, say("learn.training.now", step=step, steps=steps, left=left, device=where)


def _summary(lesson: TrainingRun, news: Arrays, say: Say) -> None:
    """How good it is, how long it took, where, and who asked for it first."""
    relative, median = news["curve"][-1][3:].tolist()
    heavy = math.isnan(relative)  # E‖f‖² is infinite
    values = {
        **({"median": percent(median)} if heavy else {"relative": percent(relative)}),
        "step": int(news["step"]),
        "seconds": fixed(float(news["seconds"]), 1),
        "device": device(str(news["device"]), say),
    }
    name = f"learn.summary{'' if lesson.whole else '.stopped'}{'.heavy' if heavy else ''}"
    st.markdown(say(name, **values))
    if lesson.known:
        st.caption(say("learn.known"))


def device(name: str, say: Say) -> str:
    """Where it is trained, in words."""
    return say("learn.device.cpu") if name == "cpu" else say("learn.device.gpu", name=name)
