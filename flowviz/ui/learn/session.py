"""One visitor's lesson: what is asked of the workers, and what has come of it so far.

    idle → training → measuring → idle, with a lesson and its measures
             ↓ Stop
           stopped, measured as it is, to be continued

A `TrainingRun` lives in the session, for one configuration: another one begins a new lesson. What
anybody trained before is there at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from flowviz.scene import Scene
from flowviz.text import Message, Refusal
from flowviz.ui import jobs
from flowviz.ui.jobs import Handle, Phase, Spec, Status
from flowviz.ui.learn import compute
from flowviz.ui.learn.tasks import measure, train
from flowviz.ui.session import state, valid_family
from flowviz.ui.session.connection import address, session_name

_LESSON, _VISITOR = "flowviz.learn.lesson", "flowviz.learn.visitor"
_BASE_S, _PER_SECOND = 1e-3, 7e9  # of a step: its own time, and multiplications a second
_LONGEST_S, _LONGEST_STEP_S = 270.0, 0.4
_PATIENCE_S = 1.0  # that the page waits for a job to stop before it is drawn again
MOST_STEPS = 200_000


@dataclass
class TrainingRun:
    """What a visitor has of one configuration.

    Attributes:
        scene: in canonical form.
        training, measuring: the jobs under way.
        data: the lesson as `learn_works.train` returned it; ``whole`` if it took all its steps.
        found: what `learn_works.measure` returned.
        detour: whether the lesson began with weights that its link does not tell of.
        anew: whether the next training is to be watched even if its result is known.
        known: whether somebody else trained it earlier.
        shared: whether it was stopped, but goes on for others.
        why: what went wrong.
        status: of the job under way, as last asked for.
    """

    scene: Scene
    training: Handle | None = None
    measuring: Handle | None = None
    data: bytes | None = field(default=None, repr=False)
    whole: bool = False
    found: bytes | None = field(default=None, repr=False)
    detour: bool = False
    anew: bool = False
    known: bool = False
    shared: bool = False
    why: Message | None = None
    status: Status | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self.training is not None or self.measuring is not None

    # ------------------------------------------------------------------ what a visitor does

    def train(self) -> None:
        """Begin."""
        self._forget()
        self._submit(Spec(train), anew=self.anew)

    def stop(self) -> None:
        """End what is under way, and keep what there is."""
        if self.training:
            self.training.stop(_PATIENCE_S)
            self.advance()
        elif self.measuring:  # what it found so far is in its news
            self.advance()
            self.found = self.found or (self.status and self.status.news) or None
            self.leave()

    def leave(self) -> None:
        """No longer want what is under way, whatever comes of it."""
        for handle in (self.training, self.measuring):
            if handle:
                handle.stop()
        self.training = self.measuring = None

    def resume(self) -> None:
        """Continue what was stopped."""
        assert self.data
        self._submit(Spec(train, self.data, self.detour))

    def extend(self) -> TrainingRun:
        """A lesson of the same with as many steps again, that begins where this one ended."""
        assert self.data
        steps = min(MOST_STEPS, 2 * self.scene.learn_steps)
        lesson = TrainingRun(self.scene.with_(learn_steps=steps), detour=True, data=self.data)
        lesson.resume()
        return lesson

    def reset(self) -> None:
        """Forget everything; the next training is trained again."""
        self._forget()
        self.anew = True

    def _forget(self) -> None:
        self.data = self.found = self.why = self.status = None
        self.whole = self.known = self.shared = self.detour = False

    # ------------------------------------------------------------------ what the workers do

    def look_up(self) -> None:
        """Take what is known of this configuration already, or being found."""
        for work in (train, measure):  # what a bad disk damaged is done again
            data = jobs.known_result(self.scene, Spec(work))
            if data is not None and not compute.is_readable(data):
                jobs.forget(self.scene, Spec(work))
        self.data = jobs.known_result(self.scene, Spec(train))
        if self.data is not None:
            self.whole = self.known = True
            self._measure()
            return
        # Somebody trains it now, perhaps this visitor before the page was loaded anew.
        self.training = jobs.join(self.scene, Spec(train), visitor())
        self.status = self.training.status() if self.training else None

    def advance(self) -> None:
        """Ask how the job stands, and take the next step when it is over."""
        if self.training:
            self.status = self.training.status()
            if self.status.phase.over:
                self._trained(self.status)
        elif self.measuring:
            self.status = self.measuring.status()
            if self.status.phase.over:
                self.measuring = None
                self.found, self.why = self.status.data, self.status.why or self.why

    def _trained(self, status: Status) -> None:
        self.training, self.why = None, status.why
        self.whole = status.phase is Phase.DONE
        self.shared = status.shared
        self.data = status.data or self.data
        if self.data:
            self._measure()

    def _measure(self) -> None:
        assert self.data
        spec = Spec(measure, self.data, detour=self.detour or not self.whole)
        try:
            self.measuring = jobs.submit(self.scene, spec, visitor(), address=address())
            self.status = self.measuring.status()
        except Refusal as why:
            self.why = why.message

    def _submit(self, spec: Spec, *, anew: bool = False) -> None:
        self.found = self.why = self.status = None
        self.shared = False
        try:
            _affordable(self.scene)
            self.training = jobs.submit(self.scene, spec, visitor(), anew=anew, address=address())
        except Refusal as why:
            self.why = why.message


def _affordable(scene: Scene) -> None:
    """Refuse what would take longer than a job may, or could not be stopped within a second.

    Times are a processor's; where there is a GPU only the job's own limit holds.
    """
    import torch

    if torch.cuda.is_available():
        return
    work = scene.learn_batch * scene.learn_width**2 * scene.learn_depth
    step_s = _BASE_S + work / _PER_SECOND
    if step_s > _LONGEST_STEP_S:
        raise Refusal("error.learn.heavy", seconds=round(step_s, 1), limit=_LONGEST_STEP_S)
    if step_s * scene.learn_steps > _LONGEST_S:
        minutes = max(1, round(step_s * scene.learn_steps / 60))
        raise Refusal("error.learn.long", minutes=minutes, limit=round(jobs.SECONDS / 60))


def run_of(scene: Scene) -> TrainingRun:
    """The visitor's lesson on a scene, or on the last family that makes a flow.

    Another configuration's lesson is left.
    """
    canonical = compute.run_key(valid_family.last_valid(scene, scene.space))
    lesson: TrainingRun | None = st.session_state.get(_LESSON)
    if lesson is None or lesson.scene != canonical:
        if lesson:
            lesson.leave()
        lesson = TrainingRun(canonical)
        lesson.look_up()
        st.session_state[_LESSON] = lesson
    return lesson


def lengthen(lesson: TrainingRun) -> None:
    """Train a finished lesson for as many steps again: the scene, and so the link, says so."""
    longer = lesson.extend()
    if state.change("learn_steps", learn_steps=longer.scene.learn_steps):
        state.forget("learn_steps")
        st.session_state[_LESSON] = longer


def visitor() -> str:
    """This session, as the queue knows it."""
    return st.session_state.setdefault(_VISITOR, session_name())
