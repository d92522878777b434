"""Python runs this at the start of a process that has its folder on PYTHONPATH.

With $FLOWVIZ_HELD_RUNS set, a server there is as slow to send as a busy one (`hold_messages`).

Sent SIGUSR1, the process then writes what is in force inside it to the file $FLOWVIZ_PROBE, as
JSON: so a test can ask a really started server without the server carrying code for tests.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any


def report(*_: object) -> None:
    """Write the state of this process, in one step, so that a reader never sees half of it."""
    import threadpoolctl
    from streamlit import config
    from streamlit.runtime.pages_manager import PagesManager

    modules = sorted(sys.modules)
    torch = sys.modules.get("torch")
    state = {
        "options": {k: v.value for k, v in config.get_config_options().items() if not v.sensitive},
        "threads": torch.get_num_threads() if torch else None,
        "pools": [
            [pool["user_api"], pool["num_threads"]] for pool in threadpoolctl.threadpool_info()
        ],
        "frozen": gc.get_freeze_count(),
        "uses_pages_directory": PagesManager.uses_pages_directory,
        "modules": modules,
    }
    target = Path(os.environ["FLOWVIZ_PROBE"])
    half = target.with_suffix(".half")
    half.write_text(json.dumps(state, default=str), encoding="utf-8")
    half.rename(target)


signal.signal(signal.SIGUSR1, report)


def hold_messages(runs: int) -> None:
    """Send a session no message before so many of its runs have started, as a busy server does."""
    from streamlit.runtime.app_session import AppSession

    flush, start = AppSession.flush_browser_queue, AppSession._create_new_session_message
    started: dict[str, int] = {}

    def counted(self: AppSession, *args: Any, **named: Any) -> Any:
        started[self.id] = started.get(self.id, 0) + 1
        return start(self, *args, **named)

    def held(self: AppSession) -> Any:
        return flush(self) if started.get(self.id, 0) >= runs else []

    AppSession._create_new_session_message = counted
    AppSession.flush_browser_queue = held


if "FLOWVIZ_HELD_RUNS" in os.environ:
    hold_messages(int(os.environ["FLOWVIZ_HELD_RUNS"]))
