"""The light page as a folder for any static host.

    python -m flowviz.ui.play.site FOLDER [--app ADDRESS] [NAME=QUERY …]

``index.html`` is the article's figure; every prior of the line has a page, and so has each named
query of a link. Nothing of it needs a server or another file than ``play.js``.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs

from flowviz.scene import Scene
from flowviz.scene.parameters import PRIOR
from flowviz.ui.play import bundle
from flowviz.ui.play.page import site_page

SCRIPT = "play.js"


def write(folder: Path, app: str = "", queries: Mapping[str, str] | None = None) -> list[Path]:
    """Write the pages and their script; returns their paths.

    Args:
        folder: made if it is not there.
        app: the address of the full application's page, without a query; empty if there is none.
        queries: of more pages, by the names of their files.

    Raises:
        ValueError: for a query that cannot be read in full.
    """
    default = Scene()
    priors = {
        name: "index.html" if name == default.prior else f"{name}.html" for name in PRIOR.classes()
    }
    scenes = {page: default.with_(prior=name) for name, page in priors.items()}
    scenes |= {f"{name}.html": _scene(query) for name, query in (queries or {}).items()}
    folder.mkdir(parents=True, exist_ok=True)
    texts = {name: site_page(scene, app, SCRIPT, priors) for name, scene in scenes.items()}
    for name, text in {**texts, SCRIPT: bundle.script()}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in (*texts, SCRIPT)]


def _scene(query: str) -> Scene:
    scene, notices = Scene.read_query(parse_qs(query.rpartition("?")[2], keep_blank_values=True))
    if notices:
        raise ValueError(f"{query!r} cannot be read in full: {notices[0].name}")
    return scene


def main() -> None:
    """Write what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("queries", nargs="*", metavar="NAME=QUERY")
    parser.add_argument("--app", default="", help="address of the full application's page")
    given = parser.parse_intermixed_args()
    queries = dict(query.split("=", 1) for query in given.queries)
    for path in write(given.folder, given.app, queries):
        print(path)


if __name__ == "__main__":
    main()
