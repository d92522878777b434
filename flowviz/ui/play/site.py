"""The light page as a folder for any static host.

    python -m flowviz.ui.play.site FOLDER [--app ADDRESS] [NAME=QUERY …]

``index.html`` is the article's figure; every prior of the line has a page, every prior of the plane
one that begins with ``plane``, and so has each named query of a link: of Flow in 2-D where it names
a prior, points or family of the plane. Nothing of it needs a server or other files than the two
scripts.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs

from flowviz.scene import Scene
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.ui.play import bundle
from flowviz.ui.play.bundle import ENTRIES
from flowviz.ui.play.page import site_page

_PLANE = re.compile(r"(?:^|[?&])plane_")


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
    lines = {
        name: "index.html" if name == default.prior else f"{name}.html" for name in PRIOR.classes()
    }
    planes = {
        name: "plane.html" if name == default.plane_prior else f"plane-{name}.html"
        for name in PLANE_PRIOR.classes()
    }
    pages = {file: ("fan", default.with_(prior=name)) for name, file in lines.items()}
    pages |= {file: ("plane", default.with_(plane_prior=name)) for name, file in planes.items()}
    for name, query in (queries or {}).items():
        pages[f"{name}.html"] = ("plane" if _PLANE.search(query) else "fan", _scene(query))
    priors = {"fan": lines, "plane": planes}
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        file: site_page(scene, app, ENTRIES[name], priors[name], name)
        for file, (name, scene) in pages.items()
    }
    texts |= {entry: bundle.script(entry) for entry in ENTRIES.values()}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


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
