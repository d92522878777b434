"""Jobs: shared, stopped within a second, retried once, and no process outlives the server."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import flowviz
from flowviz.scene import Scene
from flowviz.text import LANGUAGES, Refusal, translator
from flowviz.ui.jobs import Handle, Job, Phase, Queue, Spec, Status, Store, Task
from flowviz.ui.jobs import job as job_module
from flowviz.ui.jobs import queue as queues
from flowviz.ui.jobs.cluster import Cluster
from tests import job_tasks as tasks
from tests.serving import ROOT
from tests.waiting import TIMEOUT_S, until


def job(task: Task, n: int = 1, state: bytes = b"", *, state_in_key: bool = False) -> Job:
    """A job of its own for each ``n``."""
    return Job.of(Scene(trajectories=n), Spec(task, state, state_in_key))


def end(handle: Handle) -> Status:
    """How a job ends."""
    return until(lambda: (s := handle.status()).phase.is_final and s)


def begun(handle: Handle) -> int:
    """The process that does a job, once it is under way."""
    return int(until(lambda: handle.status().news))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two workers, for all tests of this module."""
    one = Cluster(2)
    yield one
    one.close()


class Lent:
    """A cluster that its queue must not close."""

    def __init__(self, cluster: Cluster) -> None:
        self.slots, self.start, self.replace_dead = (
            cluster.slots,
            cluster.start,
            cluster.replace_dead,
        )

    def close(self) -> None:
        """It is another's."""


@pytest.fixture
def queue(cluster: Cluster, tmp_path: Path) -> Iterator[Queue]:
    # Nobody leaves and nothing is late here, however long a busy machine takes to start a worker.
    made = Queue(lambda: Lent(cluster), Store(tmp_path), seconds=math.inf, poll_timeout=math.inf)
    yield made
    made.close()


# ---------------------------------------------------------------------- a job's usual life


def test_a_job_reports_ends_and_is_stored(queue: Queue) -> None:
    asked = job(tasks.counting, 6)
    handle = queue.submit(asked, "a")
    seen: list[Status] = []
    while not (seen and seen[-1].phase.is_final):
        seen.append(handle.status())
        time.sleep(0.05)
    shares = [s.done for s in seen]
    assert shares == sorted(shares)
    assert any(0 < s.done < 1 and s.seconds_left and s.seconds_left < 5 for s in seen)
    assert (seen[-1].phase, seen[-1].done, seen[-1].data) == (Phase.DONE, 1.0, b"60")
    again = Queue(lambda: pytest.fail("no worker is needed"), queue.store)
    assert again.store.get(asked.key) == b"60"
    assert queue.submit(asked, "b").status().data == b"60"


def test_a_worker_runs_at_low_priority_and_gets_the_scene(queue: Queue) -> None:
    told = json.loads(end(queue.submit(job(tasks.telling, 7), "a")).data or b"")
    assert told == {
        "nice": min(os.nice(0) + 10, 19),
        "threads": 1,
        "scene": Scene(trajectories=7).query_string(),
    }


def test_a_stopped_job_ends_soon_and_can_be_continued(queue: Queue) -> None:
    handle = queue.submit(job(tasks.counting, 90), "a")
    begun(handle)
    counted = 900 * handle.status().done
    handle.stop()
    stopped = end(handle)
    assert stopped.phase is Phase.STOPPED
    # A hundred steps are a second of the worker's own time.
    assert 0 < int(stopped.data or b"") < counted + 200
    assert queue.store.get(job(tasks.counting, 90).key) is None
    # From the state it was stopped in, with an end that is near: the same job, the same key.
    rest = job(tasks.counting, 90, b"880")
    assert (
        rest.key
        == job(tasks.counting, 90).key
        != job(tasks.counting, 90, b"880", state_in_key=True)
    )
    assert end(queue.submit(rest, "a")).data == b"900"


class Unbegun:
    """One worker that does not come to begin, until it is told to stop."""

    slots = 1

    def __init__(self) -> None:
        self.started: list[str] = []
        self.told = False

    def start(self, job: Job, channel: str, seconds: float) -> Unbegun:
        self.started.append(job.text)
        return self

    def report(self) -> dict[str, Any]:
        return {"done": 0.0, "news": b"", "seconds_left": None, "pid": 0}

    def stop(self) -> None:
        self.told = True

    kill = stop

    def ended(self) -> dict[str, Any] | None:
        return {"ended": "stopped", "data": b"late"} if self.told else None

    def replace_dead(self) -> None:
        """It needs no care."""

    close = replace_dead


def test_a_job_of_which_nothing_is_done_is_stopped_at_once(tmp_path: Path) -> None:
    worker = Unbegun()
    queue = Queue(lambda: worker, Store(tmp_path))
    first, second = job(tasks.counting, 1), job(tasks.counting, 2)
    handle = queue.submit(first, "a")
    until(lambda: handle.status().phase is Phase.RUNNING)
    handle.stop()
    status = handle.status()
    assert (status.phase, status.data) == (Phase.STOPPED, None)
    # Its worker is wound up behind the scenes, and then does the next one's.
    queue.submit(second, "b")
    until(lambda: worker.told and worker.started == [first.text, second.text])
    assert handle.status() == status
    queue.close()


def test_stop_may_wait_for_the_end(queue: Queue) -> None:
    handle = queue.submit(job(tasks.counting, 80), "a")
    begun(handle)
    handle.stop(TIMEOUT_S)
    assert handle.status().phase is Phase.STOPPED


def test_a_stored_job_is_done_again_on_request(queue: Queue) -> None:
    asked = job(tasks.counting, 6)
    queue.store.put(asked.key, b"60")
    assert queue.submit(asked, "a").status().phase is Phase.DONE
    watched = queue.submit(asked, "a", recompute=True)
    assert begun(watched)
    assert end(watched).data == b"60"


def test_equal_jobs_of_two_visitors_run_once_until_both_stop(queue: Queue) -> None:
    first, second = (queue.submit(job(tasks.counting, 95), name) for name in "ab")
    assert begun(first) == begun(second)
    first.stop()
    assert first.status().phase is Phase.STOPPED
    done = second.status().done
    until(lambda: second.status().done > done)
    assert second.status().phase is Phase.RUNNING
    back = queue.submit(job(tasks.counting, 95), "a")  # and one comes back to it
    assert back.status().phase is Phase.RUNNING
    back.stop()
    second.stop()
    assert end(second).phase is Phase.STOPPED


def test_a_page_that_was_reloaded_is_no_other_visitor(cluster: Cluster, tmp_path: Path) -> None:
    gone: set[str] = set()
    queue = Queue(lambda: Lent(cluster), Store(tmp_path), is_connected=lambda v: v not in gone)
    asked = job(tasks.counting, 96)
    begun(queue.submit(asked, "before"))
    gone.add("before")  # the same browser has a new session
    after = queue.join(asked, "after")
    assert after
    until(lambda: after.status().done > 0)
    after.stop()
    stopped = end(after)
    assert (stopped.phase, stopped.runs_for_others) == (Phase.STOPPED, False)
    assert int(stopped.data or b"") > 0  # what is learned is kept
    queue.close()


def test_a_later_visitor_joins_a_running_job(queue: Queue) -> None:
    asked = job(tasks.counting, 397)
    assert queue.join(asked, "late") is None
    first = queue.submit(asked, "first")
    pid, late = begun(first), queue.join(asked, "late")
    assert late
    assert begun(late) == pid
    first.stop()
    assert late.status().phase is Phase.RUNNING
    late.stop()
    assert queue.join(asked, "later still") is None  # it is ending
    assert end(late).phase is Phase.STOPPED


def test_each_visitor_has_one_running_job_and_a_position_in_the_queue(queue: Queue) -> None:
    mine = [queue.submit(job(tasks.counting, 60 + k), "a") for k in range(3)]
    begun(mine[0])
    with pytest.raises(Refusal, match="3"):
        queue.submit(job(tasks.counting, 70), "a")
    other = queue.submit(job(tasks.counting, 71), "b")
    begun(other)  # it overtakes the two that wait for the first
    assert [h.status().phase for h in mine] == [Phase.RUNNING, Phase.WAITING, Phase.WAITING]
    assert [h.status().ahead for h in mine[1:]] == [0, 1]
    for handle in (*mine, other):
        handle.stop()
    assert [end(h).phase for h in mine] == [Phase.STOPPED] * 3


def test_too_many_jobs_are_refused(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MAX_JOBS", 3)
    handles = [queue.submit(job(tasks.counting, 40 + k), f"v{k}") for k in range(3)]
    with pytest.raises(Refusal) as caught:
        queue.submit(job(tasks.counting, 50), "w")
    assert all(caught.value.translated(translator(lang)) for lang in LANGUAGES)
    assert queue.submit(job(tasks.counting, 40), "w").status().phase is not Phase.FAILED
    for handle in handles:
        handle.stop()


def test_time_in_which_the_process_was_suspended_does_not_count(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(lambda: Lent(cluster), Store(tmp_path), poll_timeout=30.0)
    begun(handle := queue.submit(job(tasks.counting, 330), "a"))
    now = time.monotonic
    monkeypatch.setattr(queues.time, "monotonic", lambda: now() + 100.0)  # the machine stood still
    before = queue._clock_read
    until(lambda: queue._clock_read > before + 100.0)
    assert handle._entry.subscribers == {"a"}
    handle.stop()
    queue.close()


def test_the_job_of_a_visitor_who_left_is_stopped(cluster: Cluster, tmp_path: Path) -> None:
    queue = Queue(lambda: Lent(cluster), Store(tmp_path), poll_timeout=1.5)
    begun(gone := queue.submit(job(tasks.counting, 300), "a"))
    waiting = [queue.submit(job(tasks.counting, 301 + k), "b") for k in range(2)]
    begun(waiting[0])
    until(lambda: waiting[0].status() and gone._entry.status.phase is Phase.STOPPED)
    assert waiting[0].status().phase is Phase.RUNNING  # who asks is there
    queue.close()


# ---------------------------------------------------------------------- what can go wrong


def test_a_killed_worker_is_replaced_and_its_job_done_once_more(queue: Queue) -> None:
    other = queue.submit(job(tasks.busy), "b")
    begun(other)  # first: a worker may take longer to start than the other job runs
    mine = queue.submit(job(tasks.counting, 40), "a")
    os.kill(begun(mine), signal.SIGKILL)
    ended = end(mine)
    assert (ended.phase, ended.data, ended.restarted) == (Phase.DONE, b"400", True)
    assert (other.status().phase, other.status().restarted) == (Phase.RUNNING, False)
    other.stop()
    assert end(other).phase is Phase.STOPPED


def test_a_job_that_loses_two_workers_fails_with_a_sentence(queue: Queue) -> None:
    handle = queue.submit(job(tasks.counting, 33), "a")
    first = begun(handle)
    os.kill(first, signal.SIGKILL)
    second = until(lambda: (pid := int(handle.status().news or b"0")) != first and pid)
    os.kill(second, signal.SIGKILL)
    ended = end(handle)
    assert ended.phase is Phase.FAILED
    assert ended.why
    assert ended.why.key == "error.jobs.lost"
    # And the next job finds a worker.
    assert end(queue.submit(job(tasks.counting, 2), "a")).data == b"20"


@pytest.mark.parametrize(
    ("task", "why"),
    [
        (tasks.failing, "error.jobs.failed"),
        (tasks.greedy, "error.jobs.memory"),
        (tasks.refusing, "error.params.order"),
    ],
)
def test_what_fails_says_so_in_both_languages(queue: Queue, task: Task, why: str) -> None:
    ended = end(queue.submit(job(task), "a"))
    assert (ended.phase, ended.restarted) == (Phase.FAILED, False)
    assert ended.why
    assert ended.why.key == why
    assert not any("secret" in ended.why.translated(translator(lang)) for lang in LANGUAGES)
    assert end(queue.submit(job(tasks.telling), "a")).phase is Phase.DONE


def test_a_job_that_takes_too_long_is_stopped(cluster: Cluster, tmp_path: Path) -> None:
    queue = Queue(lambda: Lent(cluster), Store(tmp_path), seconds=0.5)
    ended = end(queue.submit(job(tasks.counting, 400), "a"))
    assert ended.phase is Phase.STOPPED
    assert int(ended.data or b"0") > 0
    assert ended.why
    assert ended.why.key == "error.jobs.late"
    queue.close()


def test_a_worker_that_does_not_listen_is_killed(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "_KILL_AFTER_S", 0.5)
    handle = queue.submit(job(tasks.deaf), "a")
    until(lambda: handle.status().news)
    handle.stop()
    assert end(handle).phase is Phase.STOPPED
    assert end(queue.submit(job(tasks.counting, 3), "a")).data == b"30"


# ---------------------------------------------------------------------- where it runs

SERVER = """
import sys, time
from pathlib import Path
from flowviz.scene import Scene
from flowviz.ui.jobs import Job, Queue, Spec, Store
from flowviz.ui.jobs.cluster import Cluster
from tests.job_tasks import busy
queue = Queue(lambda: Cluster(1), Store(Path(sys.argv[1])))
handle = queue.submit(Job.of(Scene(), Spec(busy)), "a")
while not handle.status().news:
    time.sleep(0.05)
print(*(p.pid for p in queue._workers.local.processes), flush=True)
{rest}
"""


def alive(pid: int) -> bool:
    """Whether a process runs: one that only waits to be counted does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("ending", [signal.SIGKILL, None])
def test_no_worker_outlives_the_server(tmp_path: Path, ending: signal.Signals | None) -> None:
    script = SERVER.format(rest="time.sleep(600)" if ending else "")
    server = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with server:
        assert server.stdout
        pids = [int(pid) for pid in server.stdout.readline().split()]
        assert len(pids) == 1
        if ending:
            assert all(alive(pid) for pid in pids)
            server.send_signal(ending)
        until(lambda: not any(alive(pid) for pid in pids), "an orphan is left")
        server.kill()


def test_nothing_listens_beyond_this_machine_or_without_tls(cluster: Cluster) -> None:
    from distributed import Client

    assert cluster.local
    pids = [os.getpid(), *(process.pid for process in cluster.local.processes)]
    sockets = {os.readlink(link) for pid in pids for link in links(pid)}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    v6 = [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    listening = [row for row in rows + v6 if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
    assert len(listening) >= 3
    assert {row[1].split(":")[0] for row in listening} == {"0100007F"}
    address = str(cluster._client.scheduler.address)  # pyright: ignore
    assert address.startswith("tls://")
    with pytest.raises((OSError, TypeError)):
        Client(address.replace("tls", "tcp"), timeout="1s", set_as_default=False)


def links(pid: int) -> list[Path]:
    return [link for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "127.0.0.1:8786", "ws://x"])
def test_a_scheduler_elsewhere_must_speak_tls(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWVIZ_SCHEDULER", address)
    queue = Queue(Cluster, Store(tmp_path))
    ended = end(queue.submit(job(tasks.counting), "a"))
    assert ended.phase is Phase.FAILED
    assert ended.why
    assert ended.why.key == "error.jobs.scheduler"
    queue.close()


def test_the_same_job_runs_on_a_scheduler_elsewhere(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dask import config

    from flowviz.ui.jobs.dask_settings import credentials

    assert cluster.local
    pems = credentials(cluster.local._security)
    for name, text in pems.items():
        (tmp_path / name).write_text(text)
    client = {"ca-file": str(tmp_path / "tls_ca_file")}
    client |= {f"client.{part}": str(tmp_path / f"tls_client_{part}") for part in ("cert", "key")}
    monkeypatch.setenv("FLOWVIZ_SCHEDULER", cluster.local.client.scheduler.address)  # pyright: ignore
    with config.set({f"distributed.comm.tls.{key}": path for key, path in client.items()}):
        queue = Queue(Cluster, Store(tmp_path / "store"))
        assert end(queue.submit(job(tasks.counting, 4), "a")).data == b"40"
        queue.close()


# ---------------------------------------------------------------------- results on disk


def test_the_store_forgets_the_longest_unused(tmp_path: Path) -> None:
    store = Store(tmp_path / "new", limit=2_500)
    for key in ("a", "b"):
        store.put(key, key.encode() * 1_000)
        os.utime(tmp_path / "new" / f"{key}.bin", (1, 1 if key == "a" else 2))
    assert store.get("a")
    store.put("c", b"c" * 1_000)
    assert [store.get(key) is not None for key in "abc"] == [True, False, True]
    store.put("d", b"d" * 3_000)
    assert store.get("d") is None
    store.drop("a")
    assert store.get("a") is None


def test_a_disk_that_is_full_is_survived_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    store.put("a", b"1")
    assert store.get("a") is None
    assert list(tmp_path.iterdir()) == []
    Store(Path("/proc/nowhere")).put("a", b"1")
    with pytest.raises(ValueError, match="letters and digits"):
        store.get("../a")


def test_a_result_depends_on_the_core_and_the_pages_modules(monkeypatch):
    read: list[Path] = []
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path) or b"")
    job_module._sources.__wrapped__("flowviz.ui.learn.tasks:train")
    package = Path(flowviz.__path__[0])
    mathematics = set((package / "core").rglob("*.py"))
    assert mathematics | {package / "ui" / "learn" / "measures.py"} <= set(read)
    assert package / "core" / "training" / "network.py" in mathematics


# ---------------------------------------------------------------------- who may ask, and for what


class Idle:
    """Workers that never begin: everything waits."""

    slots = 0

    def replace_dead(self) -> None:
        """There is nothing to tend."""

    def close(self) -> None:
        """There is nothing to close."""


def test_one_address_may_queue_a_hundred_jobs_but_not_fill_the_queue(
    tmp_path: Path,
) -> None:
    queue = Queue(Idle, Store(tmp_path), poll_timeout=TIMEOUT_S)  # pyright: ignore[reportArgumentType]
    taught = [
        queue.submit(job(tasks.counting, k), f"s{k}", address="school") for k in range(1, 101)
    ]
    assert [h.status().phase for h in taught] == [Phase.WAITING] * 100
    for k in range(101, 151):
        queue.submit(job(tasks.counting, k), f"m{k}", address="school")
    with pytest.raises(Refusal) as caught:
        queue.submit(job(tasks.counting, 151), "m151", address="school")
    assert caught.value.key == "error.jobs.many"
    assert queues.MAX_PER_ADDRESS == 150 < queues.MAX_JOBS == 200
    others = [
        queue.submit(job(tasks.counting, 400 - k), f"o{k}", address=f"a{k}") for k in range(50)
    ]
    assert all(h.status().phase is Phase.WAITING for h in others)
    with pytest.raises(Refusal):
        queue.submit(job(tasks.counting, 320), "last", address="other")
    # What is asked for already takes no place.
    assert queue.submit(job(tasks.counting, 1), "late", address="school").status().ahead == 0
    queue.close()


def test_a_job_is_dropped_soon_after_its_visitor_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {"stays", "leaves", "returns"}
    queue = Queue(  # pyright: ignore[reportArgumentType]
        Idle,  # pyright: ignore[reportArgumentType]
        Store(tmp_path),
        poll_timeout=TIMEOUT_S,
        is_connected=lambda visitor: visitor in there,
    )
    monkeypatch.setattr(Queue, "_ensure_thread", lambda self: None)  # the clock is turned by hand
    monkeypatch.setattr(Queue, "_advance_clock", lambda self: None)

    def look() -> None:
        with queue._condition:
            queue._drop_disconnected()

    handles = {v: queue.submit(job(tasks.counting, k), v) for k, v in enumerate(sorted(there), 1)}
    shared = queue.submit(job(tasks.counting, 1), "stays")
    there -= {"leaves", "returns"}
    look()
    queue._clock += queues.DISCONNECTED_S - 0.1
    look()
    assert all(h._entry.active for h in handles.values())
    there.add("returns")
    look()
    queue._clock += 0.2
    look()
    # "leaves" asked for the first job, which another still wants.
    assert [v for v, h in handles.items() if not h._entry.active] == []
    assert shared._entry.subscribers == {"stays"}
    there.discard("returns")
    look()
    queue._clock += queues.DISCONNECTED_S + 0.1
    look()
    assert [v for v, h in handles.items() if not h._entry.active] == ["returns"]
