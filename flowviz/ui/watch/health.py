"""``/healthz``: whether this server can draw. It draws a small picture, anew, and looks at it.

``/_stcore/health`` says 200 as long as the process answers. This one computes a flow that nobody
has asked for before, and checks what it must keep: 503 if it is wrong. Once in `_KEPT_S`: whoever
asks more often is told what was found.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flowviz.scene import Scene
from flowviz.ui.browser import assets
from flowviz.ui.on_request import end_with_server

PATH = "healthz"
_KEPT_S = 1.0
_BOUND = 1e-6
_turns = count()
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="health")
end_with_server(_thread)
_log = logging.getLogger(__name__)


def draw(turn: int) -> float:
    """Compute a small picture with a point of its own; how far its trajectories are off."""
    import torch

    from flowviz.core.transport import trajectories

    x0 = f"0.5*2, 1.2, {1.5 + (turn % 400) / 1000:.3f}"
    field = Scene.from_query({"points": x0}).field()
    x1 = torch.linspace(0.1, 1.9, 7, dtype=torch.float64)[:, None]
    found = trajectories(field, x1, torch.linspace(0.0, 1.0, 5, dtype=torch.float64))
    # Each ends in a data point, in the order of the starts.
    ends = found.x[:, 0]
    nearest = (ends - field.x0[:, 0]).abs().amin(dim=1)
    falls = (ends.diff(dim=0) < 0).any()
    return math.inf if bool(falls) else float(nearest.max())


class Health:
    """What was found last, and when."""

    def __init__(self) -> None:
        self.found: tuple[bool, float] = (False, 0.0)
        self.at = -math.inf
        self.lock = asyncio.Lock()

    async def ask(self) -> tuple[bool, float]:
        """Whether a picture can be drawn, and the seconds that it took."""
        async with self.lock:
            if time.monotonic() - self.at > _KEPT_S:
                loop = asyncio.get_running_loop()
                self.found = await loop.run_in_executor(_thread, self._look)
                self.at = time.monotonic()
        return self.found

    def _look(self) -> tuple[bool, float]:
        started = time.perf_counter()
        try:
            off = draw(next(_turns))
        except Exception:
            _log.exception("no picture")
            off = math.inf
        return off <= _BOUND, time.perf_counter() - started


_health = Health()


async def _healthz(request: Request) -> Response:
    if not assets.is_ours(request):
        return Response(status_code=404)
    well, seconds = await _health.ask()
    content = {"status": "ok" if well else "wrong", "ms": round(1000 * seconds, 1)}
    return JSONResponse(content, 200 if well else 503, {"Cache-Control": "no-store"})


def routes() -> list[Route]:
    """The routes for `st.App`."""
    return [Route(f"{prefix}/{PATH}", _healthz) for prefix in ("", "/{prefix:path}")]
