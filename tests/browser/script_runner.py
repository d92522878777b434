"""Running scripts, each in a process of its own that need not load its libraries again.

Loading torch takes most of a short script's time. So one process loads it, and is forked for each
script: what a script finds is what it finds alone, but for the modules that are loaded already.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_LOOP = """
import importlib, os, runpy, sys, traceback
paths, modules = {paths!r}, {modules!r}
sys.path[:0] = paths
for module in modules:
    importlib.import_module(module)
print("ready", flush=True)
for line in sys.stdin:
    folder, name = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if not child:
        code = 1
        try:
            os.chdir(folder)
            out = os.open("output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(out, 1)
            os.dup2(out, 2)
            sys.argv[:] = [name]
            runpy.run_path(name, run_name="__main__")
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass(frozen=True)
class ScriptRunner:
    """The process that is forked."""

    process: subprocess.Popen[str]

    def run(self, script: Path) -> None:
        """Run a script in its folder; its failure is one of the test, with what it wrote."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{script.parent}\t{script.name}\n")
        self.process.stdin.flush()
        code = self.process.stdout.readline().strip()
        written = script.parent / "output.txt"
        assert code == "0", written.read_text("utf-8") if written.exists() else f"ended: {code!r}"


@contextmanager
def script_runner(modules: tuple[str, ...], paths: tuple[str, ...] = ()) -> Iterator[ScriptRunner]:
    """A runner whose scripts find the installed packages and what is in the paths.

    Args:
        modules: loaded before the first script.
        paths: folders of further packages; neither the environment nor the working folder adds any.
    """
    loop = _LOOP.format(paths=list(paths), modules=list(modules))
    with subprocess.Popen(
        [sys.executable, "-I", "-W", "error", "-c", loop],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield ScriptRunner(process)
        assert process.stdin is not None
        process.stdin.close()
