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

from tests.protocol import Client
from tests.serving import running_server

_CHANGES = 100
_PAUSE_S = 0.25
_LESSON = "space=plane&learn_steps=60000&learn_seed={seed}"


class Learner:
    """A visitor who trains and watches, as often as the page asks to."""

    def __init__(self, url: str, seed: int) -> None:
        self.client = Client(url, "learn", _LESSON.format(seed=seed))
        self.client.run(id=self.client.widget("learn.main"), trigger_value=True)
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
