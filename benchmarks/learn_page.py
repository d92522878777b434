"""Do two trainings slow other visitors down?  ``python -m benchmarks.learn_page``.

One visitor moves a slider of the Fan page, again and again: while nothing else happens; while two
others train on the Learn page, each watching; and while both watch but nothing is trained any more.
Visitors speak Streamlit's own protocol, so that no browser takes the server's processor. Prints a
Markdown table of the times from a slider's change to the end of what the server sends for it, and
how many steps were trained meanwhile.
"""

from __future__ import annotations

import os
import re
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.serving import running_server

_CHANGES = 100
_PAUSE_S = 0.25
_ENDED = {
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
}
_LESSON = "space=plane&learn_steps=60000&learn_seed={seed}"


class Client:
    """A visitor's connection: sends what a browser would, remembers widgets and words."""

    def __init__(self, url: str, page: str = "", query: str = "") -> None:
        self.page, self.query = page, query
        self.socket = connect(
            url.replace("http", "ws") + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=url,  # type: ignore[arg-type]
            max_size=None,
        )
        self.widgets: dict[str, str] = {}
        self.polling: tuple[float, str] | None = None
        self.words = ""
        self.run()

    def run(self, fragment: str = "", **widget: Any) -> None:
        """Ask for a run, and listen until it has ended."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.fragment_id = self.query, self.page, fragment
        state.is_auto_rerun = bool(fragment)
        if widget:
            one = state.widget_states.widgets.add()
            one.id = widget.pop("id")
            for name, value in widget.items():
                if isinstance(value, list):
                    getattr(one, name).data.extend(value)
                else:
                    setattr(one, name, value)
        if not fragment:
            self.polling = None
        self.socket.send(message.SerializeToString())
        self._listen()

    def _listen(self) -> None:
        while True:
            said = ForwardMsg.FromString(self.socket.recv(timeout=120))  # type: ignore[arg-type]
            kind = said.WhichOneof("type")
            if kind == "delta":
                self._remember(said.delta.new_element)
            elif kind == "auto_rerun":
                self.polling = said.auto_rerun.interval, said.auto_rerun.fragment_id
            elif kind == "script_finished" and said.script_finished in _ENDED:
                return

    def _remember(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind in {"slider", "button"}:
            part = getattr(element, kind)
            self.widgets[part.id] = part.label
        elif kind == "progress":
            self.words = element.progress.text

    def widget(self, key: str) -> str:
        """The id of the widget of that key."""
        return next(name for name in self.widgets if name.endswith(key))


class Learner:
    """A visitor who trains and watches, as often as the page asks to."""

    def __init__(self, url: str, seed: int) -> None:
        self.client = Client(url, "learn", _LESSON.format(seed=seed))
        self.client.run(id=self.client.widget("learn.train"), trigger_value=True)
        self.gone = False
        self.watching = threading.Thread(target=self._watch, daemon=True)
        self.watching.start()
        while not self.step:
            time.sleep(0.1)

    @property
    def step(self) -> int:
        """How far the training is."""
        found = re.match(r"Step ([\d,]+) of", self.client.words)
        return int(found[1].replace(",", "")) if found else 0

    def _watch(self) -> None:
        while self.client.polling and not self.gone:
            interval, fragment = self.client.polling
            time.sleep(interval)
            self.client.run(fragment)

    def leave(self) -> None:
        """Watch no longer."""
        self.gone = True
        self.watching.join()
        self.client.socket.close()


def main() -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder), env={"FLOWVIZ_CACHE": folder}) as server,
    ):
        rows = [("nothing else", *_slider(server.url), "")]
        learners = [Learner(server.url, seed) for seed in (1, 2)]
        before = [learner.step for learner in learners]
        median, high = _slider(server.url)
        steps = [one.step - first for one, first in zip(learners, before, strict=True)]
        for learner in learners:
            learner.leave()
        rows.append(("two trainings, watched", median, high, " and ".join(map(str, steps))))
    print(f"Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")
    print("| meanwhile | median, ms | p95, ms | steps trained |\n|---|---:|---:|---|")
    for name, median, high, steps in rows:
        print(f"| {name} | {median:.0f} | {high:.0f} | {steps} |")


def _slider(url: str) -> tuple[float, float]:
    """Median and 95th percentile of a slider's change, in milliseconds."""
    client = Client(url)
    slider = client.widget("w.trajectories")
    times = []
    for change in range(_CHANGES + 5):
        started = time.perf_counter()
        client.run(id=slider, double_array_value=[float(38 + change)])
        times.append(1000 * (time.perf_counter() - started))
        time.sleep(_PAUSE_S)
    client.socket.close()
    return statistics.median(times[5:]), statistics.quantiles(times[5:], n=20)[-1]


if __name__ == "__main__":
    main()
