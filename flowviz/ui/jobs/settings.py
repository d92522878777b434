"""Dask distributed as these jobs need it; imported only where jobs run, for it takes half a second.

Everything speaks TLS: whoever reaches a scheduler may run code, and a port of 127.0.0.1 is open to
every account of the machine.
"""

from __future__ import annotations

import logging

from dask import config
from distributed import Security

_CONFIG = {
    "distributed.deploy.lost-worker-timeout": "24h",
    "distributed.scheduler.allowed-failures": 1,
    "distributed.scheduler.http.routes": [],  # no dashboard, no pages: nothing is served
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.limit": "1h",  # a busy machine is no news
    "distributed.comm.timeouts.connect": "10s",
    "distributed.admin.large-graph-warning-threshold": "1GB",
}
_FIELDS = (
    "tls_ca_file",
    "tls_client_cert",
    "tls_client_key",
    "tls_scheduler_cert",
    "tls_scheduler_key",
    "tls_worker_cert",
    "tls_worker_key",
)


config.set(_CONFIG)
# What it would tell of lost connections, `queue` says in its own words.
logging.getLogger("distributed").setLevel(logging.CRITICAL)


def credentials(security: Security) -> dict[str, str]:
    """What a worker needs to be let in."""
    return {name: getattr(security, name) for name in _FIELDS}


def secured(credentials: dict[str, str]) -> Security:
    """The security that `credentials` were taken from."""
    return Security(require_encryption=True, **credentials)
