"""The training run of a visitor's session: its jobs and its results.

    idle → training → measuring → idle, with results
             ↓ Stop
           stopped, evaluated, can be continued

A `TrainingRun` is kept in the session for one configuration; another configuration has another one.
Results of earlier runs, of any visitor, are taken from the cache.
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
from flowviz.ui.session.connection import address, browser_name, session_name

_RUN, _VISITOR = "flowviz.learn.run", "flowviz.learn.visitor"
_BASE_S, _PER_SECOND = 1e-3, 7e9  # overhead of a step, and multiplications per second
_LONGEST_S, _LONGEST_STEP_S = 270.0, 0.4
_STOP_WAIT_S = 1.0  # the page waits for a job to stop
MAX_STEPS = 200_000
_SPECS = (Spec(train, state_in_key=True), Spec(train))  # an extended training is the later one


@dataclass
class TrainingRun:
    """Jobs and results for one configuration.

    Attributes:
        scene: the configuration, as `compute.run_key`.
        training, measuring: the running jobs.
        data: the result of `tasks.train`; ``complete`` if all steps were taken.
        measured: the result of `tasks.measure`.
        state_in_key: whether the run started from weights that the link does not determine.
        retrain: whether the next training is done even if its result is cached.
        cached: whether the result was in the cache.
        runs_for_others: whether it was stopped here, but continues for other visitors.
        error: the error message, if any.
        lost: whether a training ended with the server, or with its worker, and nothing is left.
        status: of the running job, as of the last `advance`.
    """

    scene: Scene
    training: Handle | None = None
    measuring: Handle | None = None
    data: bytes | None = field(default=None, repr=False)
    complete: bool = False
    measured: bytes | None = field(default=None, repr=False)
    state_in_key: bool = False
    retrain: bool = False
    cached: bool = False
    runs_for_others: bool = False
    error: Message | None = None
    lost: bool = False
    status: Status | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is running."""
        return self.training is not None or self.measuring is not None

    # ------------------------------------------------------------------ actions

    def train(self) -> None:
        """Start training."""
        self._clear()
        self._submit(Spec(train), recompute=self.retrain)

    def stop(self) -> None:
        """Stop the running job, and keep its results so far."""
        if self.training:
            self.training.stop(_STOP_WAIT_S)
            self.advance()
        elif self.measuring:
            self.advance()
            self.measured = self.measured or (self.status and self.status.news) or None
            self.abandon()

    def abandon(self) -> None:
        """Stop the running jobs and discard their results."""
        for handle in (self.training, self.measuring):
            if handle:
                handle.stop()
        self.training = self.measuring = None

    def resume(self) -> None:
        """Continue a stopped run."""
        assert self.data
        self._submit(Spec(train, self.data, self.state_in_key))

    def extend(self) -> TrainingRun:
        """A run with twice the steps that continues this one."""
        assert self.data
        steps = min(MAX_STEPS, 2 * self.scene.learn_steps)
        run = TrainingRun(self.scene.with_(learn_steps=steps), state_in_key=True, data=self.data)
        run.resume()
        return run

    def reset(self) -> None:
        """Clear all results; the next training is done again."""
        self._clear()
        self.retrain = True
        if name := browser_name():
            for spec in _SPECS:
                jobs.forget(self.scene, spec, name)

    def _clear(self) -> None:
        self.data = self.measured = self.error = self.status = None
        self.complete = self.cached = self.runs_for_others = self.state_in_key = self.lost = False

    # ------------------------------------------------------------------ jobs

    def load(self) -> None:
        """Take the result for this configuration from the cache, or join a running job."""
        for task in (train, measure):  # damaged files are removed from the cache
            data = jobs.cached_result(self.scene, Spec(task))
            if data is not None and not compute.is_readable(data):
                jobs.discard_result(self.scene, Spec(task))
        self.data = jobs.cached_result(self.scene, Spec(train))
        if self.data is not None:
            self.complete = self.cached = True
            self._measure()
            return
        # It may be running, for another visitor or for this one before the page was reloaded.
        self.training = jobs.join(self.scene, Spec(train), visitor())
        self.status = self.training.status() if self.training else None
        if self.training is None and (name := browser_name()):
            self._load_kept(name)

    def _load_kept(self, browser: str) -> None:
        """Take what this browser trained before its page was reloaded, or say that it was lost."""
        for spec in _SPECS:
            data = jobs.kept_result(self.scene, spec, browser)
            if data is not None and compute.is_readable(data):
                self.data, self.state_in_key = data, spec.state_in_key
                self.complete = int(compute.unpack(data)["step"]) >= self.scene.learn_steps
                self._measure()
                return
        self.lost = any(jobs.was_lost(self.scene, spec, browser) for spec in _SPECS)

    def advance(self) -> None:
        """Update the status, and go to the next state when the job has ended."""
        if self.training:
            self.status = self.training.status()
            if self.status.phase.is_final:
                self._trained(self.status)
        elif self.measuring:
            self.status = self.measuring.status()
            if self.status.phase.is_final:
                self.measuring = None
                self.measured, self.error = self.status.data, self.status.why or self.error

    def _trained(self, status: Status) -> None:
        self.training, self.error = None, status.why
        self.complete = status.phase is Phase.DONE
        self.runs_for_others = status.runs_for_others
        self.data = status.data or self.data
        self.lost = self.data is None and status.why == Message("error.jobs.lost")
        if self.data:
            self._measure()

    def _measure(self) -> None:
        assert self.data
        spec = Spec(measure, self.data, state_in_key=self.state_in_key or not self.complete)
        try:
            self.measuring = jobs.submit(self.scene, spec, visitor(), address=address())
            self.status = self.measuring.status()
        except Refusal as why:
            self.error = why.message

    def _submit(self, spec: Spec, *, recompute: bool = False) -> None:
        self.measured = self.error = self.status = None
        self.runs_for_others = self.lost = False
        try:
            _require_affordable(self.scene)
            self.training = jobs.submit(
                self.scene,
                spec,
                visitor(),
                recompute=recompute,
                address=address(),
                browser=browser_name(),
            )
        except Refusal as why:
            self.error = why.message


def _require_affordable(scene: Scene) -> None:
    """Raise Refusal for a run longer than the limit of a job, or with steps that are too long.

    By estimated CPU times; with a GPU only the limit of the job applies.
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
        raise Refusal("error.learn.long", minutes=minutes, limit=round(jobs.TIME_LIMIT_S / 60))


def run_of(scene: Scene) -> TrainingRun:
    """The session's run for a scene, with the last valid family; other runs are stopped."""
    canonical = compute.run_key(valid_family.last_valid(scene, scene.space))
    run: TrainingRun | None = st.session_state.get(_RUN)
    if run is None or run.scene != canonical:
        if run:
            run.abandon()
        run = TrainingRun(canonical)
        run.load()
        st.session_state[_RUN] = run
    return run


def lengthen(run: TrainingRun) -> None:
    """Continue a finished run to twice its steps, in the scene and the link as well."""
    longer = run.extend()
    if state.change("learn_steps", learn_steps=longer.scene.learn_steps):
        state.refill("learn_steps")
        st.session_state[_RUN] = longer


def visitor() -> str:
    """The session's identifier in the queue."""
    return st.session_state.setdefault(_VISITOR, session_name())
