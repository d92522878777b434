"""The proxy's configuration: one template, for this machine and for containers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import uvicorn

from flowviz.ui.jobs import scheduler
from flowviz.ui.serve import __main__ as serve
from flowviz.ui.serve.nginx import CONTAINERS, DEPLOY, configuration, find_nginx
from tests.serving import ROOT

SERVERS = tuple(f"127.0.0.1:{port}" for port in (9001, 9002, 9003))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_nginx_takes_the_configuration(count: int, tmp_path: Path) -> None:
    nginx = find_nginx()
    assert nginx, "no nginx; `make browser` installs it or says how"
    text = configuration(SERVERS[:count], "127.0.0.1:9000", str(tmp_path))
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
    command = [nginx, "-t", "-q", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    run = subprocess.run([*command, "-e", "stderr"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_each_server_has_its_visitors_and_the_others_stand_in() -> None:
    text = configuration(SERVERS, "9000", "/tmp/nginx")
    for number, server in enumerate(SERVERS, 1):
        found = re.search(rf"upstream flowviz_{number} {{(.*?)}}", text, re.DOTALL)
        assert found
        lines = [line.strip() for line in found[1].splitlines() if "server" in line]
        assert lines[0].startswith(f"server {server} max_fails")
        assert {line.split()[1] for line in lines[1:]} == set(SERVERS) - {server}
        assert all("backup;" in line for line in lines[1:])
    with pytest.raises(ValueError, match="servers"):
        configuration((), "9000", "/tmp/nginx")


def test_the_containers_have_what_the_template_makes() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "flowviz.ui.serve.nginx"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (DEPLOY / "nginx.conf").read_text(encoding="utf-8") == run.stdout
    composed = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    for server in CONTAINERS:
        assert f"  {server.partition(':')[0]}:" in composed


def test_without_nginx_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "find_nginx", lambda: None)
    monkeypatch.setattr(sys, "argv", ["serve"])
    with pytest.raises(SystemExit, match=r"apt-get install nginx-light.*`make run`"):
        serve.main()


def test_credentials_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    scheduler.security(folder)
    key = (folder / "key.pem").read_bytes()
    scheduler.security(folder)
    assert (folder / "key.pem").read_bytes() == key
    assert (folder / "key.pem").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    named = scheduler.settings(folder, 9004)
    assert named["FLOWVIZ_SCHEDULER"] == "tls://127.0.0.1:9004"
    assert all(Path(path).exists() for name, path in named.items() if name.startswith("DASK"))


def test_what_ends_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_AGAIN_S", 0.0)
    part = serve.Part("a part", [sys.executable, "-c", "pass"])
    part.start()
    assert part.process
    first = part.process
    first.wait()
    part.renew()
    assert part.process is not first
    part.ask_to_end()
    part.end(0.0)
    assert part.process.poll() is not None


def test_the_proxy_learns_of_a_port_when_its_server_answers(tmp_path: Path) -> None:
    """A server listens before it has warmed up: what is sent to it then waits for a minute."""
    whole = serve.Whole.of("nginx", tmp_path, "9000", 2, 2)
    one, other = whole.servers
    one.port = one.answering = 9001
    other.port, other.answering = 9003, 9002  # it is starting again
    whole.proxy.configure(whole.servers)
    text = (tmp_path / "nginx.conf").read_text(encoding="utf-8")
    assert "127.0.0.1:9002" in text
    assert "127.0.0.1:9003" not in text
    assert not other.ask()
    assert other.answering == 9002


def test_a_server_is_told_who_asks_by_the_proxy_alone() -> None:
    """The address in a request's own header does not count: limits are by address."""
    text = configuration(SERVERS, "9000", "/tmp/nginx")
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "proxy_add_x_forwarded_for" not in text
    assert "proxy_set_header" not in text.partition("    server {\n        listen")[2]  # all hold
    settings = uvicorn.Config("app:app")
    assert settings.proxy_headers
    assert set(str(settings.forwarded_allow_ips).split(",")) <= {"127.0.0.1", "::1"}
