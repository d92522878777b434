"""One scheduler for several servers: ``python -m flowviz.ui.jobs.scheduler FOLDER PORT WORKERS``.

It listens on 127.0.0.1, or where a fourth argument says, over TLS with the credentials in
``FOLDER``, which it makes there if there are none: whoever can read them can run code, so nobody
else can. Its workers are those that a single server starts for itself (`cluster.LocalWorkers`); one
that ends is replaced.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import Security

WARM = ("flowviz.ui.learn.tasks:warm",)
_FILES = {"ca": "ca.pem", "cert": "cert.pem", "key": "key.pem"}
_EVERY_S = 1.0


def settings(folder: Path, port: int) -> dict[str, str]:
    """The environment of a server that uses this scheduler."""
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    files = {name: str(folder / file) for name, file in _FILES.items()}
    return {
        "FLOWVIZ_SCHEDULER": f"tls://127.0.0.1:{port}",
        f"{prefix}CA_FILE": files["ca"],
        f"{prefix}CLIENT__CERT": files["cert"],
        f"{prefix}CLIENT__KEY": files["key"],
    }


def security(folder: Path) -> Security:
    """The credentials in a folder, which are made where there are none."""
    from distributed import Security

    from flowviz.ui.jobs.dask_settings import security_of

    if not (folder / _FILES["key"]).exists():
        made = Security.temporary()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, field in (("ca", "tls_ca_file"), ("cert", "tls_client_cert")):
            (folder / _FILES[name]).write_text(getattr(made, field))
        key = os.open(folder / _FILES["key"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(key, "w") as file:
            file.write(made.tls_client_key)
    ca, cert, key = (str(folder / file) for file in _FILES.values())
    roles = ("client", "scheduler", "worker")
    pairs = {f"tls_{role}_cert": cert for role in roles} | {
        f"tls_{role}_key": key for role in roles
    }
    return security_of({"tls_ca_file": ca} | pairs)


def main() -> None:
    """Serve until it is asked to end."""
    from flowviz.ui.jobs.cluster import LocalWorkers

    folder, port, number = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    host = sys.argv[4] if len(sys.argv) > 4 else "127.0.0.1"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    workers = LocalWorkers(number, WARM, host, port, security(folder))
    print(f"scheduler: {workers.address}, {number} workers", flush=True)
    while True:
        time.sleep(_EVERY_S)
        workers.replace_dead()


if __name__ == "__main__":
    main()
