"""Settings of Dask distributed, made at import; importing it takes half a second.

All connections are TLS: whoever reaches a scheduler can run code, and a port of 127.0.0.1 is open
to every account of the machine.
"""

from __future__ import annotations

import logging

from dask import config
from distributed import Security

_CONFIG = {
    "distributed.deploy.lost-worker-timeout": "24h",
    "distributed.scheduler.allowed-failures": 1,
    "distributed.scheduler.http.routes": [],  # no dashboard, no pages
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.limit": "1h",  # do not log that the machine is busy
    "distributed.admin.tick.interval": "1s",  # for that log alone it would wake 50 times a second
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
# `queue` reports lost connections.
logging.getLogger("distributed").setLevel(logging.CRITICAL)


def credentials(security: Security) -> dict[str, str]:
    """The credentials that a worker connects with."""
    return {name: getattr(security, name) for name in _FIELDS}


def security_of(credentials: dict[str, str]) -> Security:
    """The security object with these `credentials`."""
    return Security(require_encryption=True, **credentials)
