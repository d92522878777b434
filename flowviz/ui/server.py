"""Start-up and shutdown of the serving process, and its settings.

- One thread for each numerical library: requests already run in parallel, and with two threads
  for each of four they take sixty times as long.
- Large modules are imported, and the browser's files compressed, before the first request.
- Objects of the start-up are frozen (`gc.freeze`): they are never garbage, and a full collection
  that traverses torch's and plotly's modules takes a tenth of a second. Streamlit's collection
  after each script run is off in `.streamlit/config.toml`.
"""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

import flowviz
from flowviz.ui import document, headers, on_request, uploads, watch
from flowviz.ui.browser import assets, frontend
from flowviz.ui.jobs.shared_store import check_address
from flowviz.ui.jobs.store import shared_address
from flowviz.ui.rooms import store
from flowviz.ui.session import delivery, run_costs, state_view
from flowviz.ui.watch.tabs import CountTabs, gauges

if TYPE_CHECKING:
    from streamlit.web.server.starlette import App

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

# Imported late by others: pandas by Streamlit's tables, the figure classes by plotly itself.
HEAVY_MODULES = ("torch", "torch.func", "scipy.special", "pandas", "plotly.graph_objects")


def limit_threads() -> None:
    """One thread for each numerical library, in this process and in those it starts.

    The libraries read these variables when they are loaded, so `app.py` calls this first.
    """
    for name in THREAD_VARIABLES:
        os.environ[name] = "1"


def warm_up() -> None:
    """Import all modules and compute the default scene, which the first visitor would wait for."""
    modules = (found.name for found in pkgutil.walk_packages(flowviz.__path__, "flowviz."))
    for module in (*HEAVY_MODULES, *modules):
        importlib.import_module(module)
    import torch

    torch.set_num_threads(1)
    # The event loop sends messages while the script runs: with the default of 5 ms each message
    # waits that long for the interpreter lock.
    sys.setswitchinterval(0.001)
    document.compress()

    from flowviz.core import distances
    from flowviz.scene import Scene
    from flowviz.ui.fan import compute
    from flowviz.ui.plane import checks as plane_checks
    from flowviz.ui.plane import compute as plane_compute

    distances.optimal_transport()
    # The first differentiation costs two seconds of imports inside torch. The results stay in the
    # cache for the first visitor.
    scene = Scene()
    compute.density(scene, compute.FULL, lambda _: None)
    compute.trajectories(scene)
    compute.check(scene)
    for detail in (plane_compute.QUICK, plane_compute.FULL):
        plane_compute.frames(scene, detail)
        plane_compute.trajectories(scene, detail)
    plane_checks.check(scene, lambda _: None)


def middleware() -> list[Middleware]:
    """The middleware of the application, outermost first."""
    try:
        headers.check_settings()
        store.check_settings()
        watch.check_settings()
        if address := shared_address():
            check_address(address)
    except ValueError as error:  # one line, and not where it was found
        sys.exit(str(error))
    return [
        Middleware(headers.SecurityHeaders),
        Middleware(CountTabs),
        Middleware(uploads.UploadLimits),
        Middleware(document.Documents),
        Middleware(frontend.CompressedFrontend),
    ]


def hide_server_name() -> None:
    """Remove uvicorn's ``server`` header from all responses.

    Streamlit does not pass on uvicorn's option for it, so the header is removed at start-up.
    """
    start = uvicorn.Server.startup

    async def startup(self: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        self.config.encoded_headers = [
            header for header in self.config.encoded_headers if header[0] != b"server"
        ]
        await start(self, sockets)

    uvicorn.Server.startup = startup


def address_lines() -> list[str]:
    """The server's addresses, for this machine and for others, to print when it is ready."""
    port = st.get_option("server.port")
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    lines = [f"FlowViz is ready: {scheme}://localhost:{port}{assets.base_path()}"]
    address = st.get_option("server.address")
    outside = _local_address() if address in (None, "", "0.0.0.0", "::") else None
    if outside:
        lines.append(f"In this network:  {scheme}://{outside}:{port}{assets.base_path()}")
    elif address in ("127.0.0.1", "localhost", "::1"):
        lines.append("Only this machine reaches it; `make run HOST=0.0.0.0` opens it to others.")
    return lines


def _local_address() -> str | None:
    # Connecting a datagram socket sends nothing: it only determines the local address.
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    """Start-up before the first request, and shutdown after the last."""
    warm_up()
    # Otherwise the first request to a new server, if it is for a page, would run that page's script
    # without the navigation of `app.py`.
    PagesManager.uses_pages_directory = False
    watch.start(gauges())
    gc.collect()
    gc.freeze()
    # `streamlit run` leaves the script in argv; another ASGI server prints its own address, and
    # that of a server behind our proxy (`serve`) is for nobody.
    behind = os.environ.get("FLOWVIZ_BEHIND_PROXY") == "1"
    if not behind and sys.argv and Path(sys.argv[0]).name == app.script_path.name:
        print("", *address_lines(), "", sep="\n", flush=True)
    yield
    on_request.end()


limit_threads()
hide_server_name()
delivery.repeat_widget_values()
state_view.look_up_single_keys()
run_costs.reduce_run_costs()
