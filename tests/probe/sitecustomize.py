"""Python runs this at the start of a process that has its folder on PYTHONPATH.

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
