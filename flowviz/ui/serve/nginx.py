"""The configuration of nginx, for this machine and for containers, from one template.

``python -m flowviz.ui.serve.nginx > deploy/nginx.conf`` writes that of the containers.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from string import Template

import flowviz

DEPLOY = Path(flowviz.__path__[0]).parent / "deploy"
CONTAINERS = ("app1:8501", "app2:8501")
"""The servers of ``deploy/compose.yaml``."""


class _Template(Template):
    delimiter = "@"  # nginx's own variables begin with a dollar


def find_nginx() -> str | None:
    """The program, if it is installed; Debian's is not on everybody's path."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def configuration(servers: tuple[str, ...], listen: str, folder: str) -> str:
    """The configuration of a proxy.

    Args:
        servers: ``host:port`` of each.
        listen: ``host:port``, or a port alone for all addresses.
        folder: where nginx may write, absolute.

    Raises:
        ValueError: without servers.
    """
    if not servers:
        raise ValueError("a proxy needs servers, got none")
    numbers = range(1, len(servers) + 1)
    share = f"{100 / len(servers):.2f}%"
    template = _Template((DEPLOY / "nginx.conf.template").read_text(encoding="utf-8"))
    lines = {
        "shares": [f"{share if k < len(servers) else '*'} {k};" for k in numbers],
        "numbers": [f"{k} {k};" for k in numbers],
        "known": [f'{k} "";' for k in numbers],
    }
    return template.substitute(
        {name: "\n".join(f"        {line}" for line in part) for name, part in lines.items()},
        upstreams="\n".join(_upstream(k, servers) for k in numbers),
        listen=listen,
        folder=folder,
    )


def _upstream(number: int, servers: tuple[str, ...]) -> str:
    own = servers[number - 1]
    others = [server for server in servers if server != own]
    lines = [f"server {own} max_fails=1 fail_timeout=1s;"]
    lines += [f"server {other} backup;" for other in others]
    lines += ["keepalive 32;"]
    inner = "\n".join(f"        {line}" for line in lines)
    return f"    upstream flowviz_{number} {{\n{inner}\n    }}"


if __name__ == "__main__":
    print(configuration(CONTAINERS, "8080", "/tmp/nginx"), end="")
