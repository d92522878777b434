"""Every kind of file that can be taken away: its name, where it exists, and how it is made.

A kind is made from a `FileRequest` alone: whoever has the link gets the same file. Pictures as PNG
and SVG are not among them: the browser has them already (``components/saving.js``).
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urljoin

import numpy as np
import pandas as pd

from flowviz.core.training.export import comment, training_script
from flowviz.figures.animation import animation
from flowviz.figures.image_animation import image_animation
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import ENTRIES, translator
from flowviz.ui.guidance import compute as guidance
from flowviz.ui.learn.tasks import flow_of, shape_of, spec_of
from flowviz.ui.takeaway import image_scripts, images, lesson, plain
from flowviz.ui.takeaway.arrays import TABLES, TABLES_OF, Table, arrays, is_trained
from flowviz.ui.takeaway.core_script import core_script
from flowviz.ui.takeaway.image_motion import MOVING, image_motion
from flowviz.ui.takeaway.motion import motion
from flowviz.ui.takeaway.notebook import notebook

ARTICLE = "https://kexue.fm/archives/9379"
_PYTHON, _TEXT = "text/x-python; charset=utf-8", "text/plain; charset=utf-8"


@dataclass(frozen=True)
class FileRequest:
    """What is asked for: a page's scene, light or dark; ``app``, the page's address, no query."""

    page: str
    scene: Scene
    app: str
    dark: bool = False

    @property
    def link(self) -> str:
        """The address of the full scene."""
        return f"{self.app}?{self.scene.query_string(self.page)}"

    @property
    def stem(self) -> str:
        """The files' name: of the page and the scene, the same for equal scenes."""
        digest = hashlib.sha256(self.scene.query_string(self.page).encode()).hexdigest()
        return f"flowviz-{self.page}-{digest[:8]}"

    @property
    def heading(self) -> str:
        """What a file says about itself.

        The link comes third: an encoding in the first two lines of a script would be obeyed, and a
        link may look like one.
        """
        lines = ENTRIES[f"nav.{self.page}"].en, ENTRIES["take.about.time"].en
        return f"FlowViz, {lines[0]}\n{lines[1]}\n{self.link}"


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    Attributes:
        group: of the menu.
        suffix: of the file's name, after the stem.
        media: its type.
        make: its bytes.
        exists: whether the page's scene has it.
    """

    group: Literal["motion", "data", "code", "cite"]
    suffix: str
    media: str
    make: Callable[[FileRequest], bytes]
    exists: Callable[[str, Scene], bool] = lambda page, scene: True


# ---------------------------------------------------------------------- data


def csv(asked: FileRequest, name: str) -> bytes:
    """A table: lines that begin with # say what it is, the next one names the columns."""
    table = TABLES[name][1](arrays(asked.page, asked.scene), asked.scene)
    if "link" in table:
        table["link"] = np.array([urljoin(asked.app, link) for link in table["link"]])
    said = asked.heading
    if "data_point" in table:
        said += f"\n{ENTRIES['take.about.none'].en}"
    return f"{comment(said)}{_rows(table)}".encode()


def _rows(table: Table) -> str:
    return pd.DataFrame(table).to_csv(index=False, lineterminator="\n")


def npz(asked: FileRequest) -> bytes:
    """All arrays, with the link; no pickle is needed to read them."""
    file = io.BytesIO()
    found: dict[str, Any] = arrays(asked.page, asked.scene)
    np.savez_compressed(file, **found, about=np.array(asked.heading))
    return file.getvalue()


_HAS_TABLE = {"images": images.has_table, "lesson": lesson.has_table}


def _table(name: str) -> Kind:
    needs_network = name in ("learned", "curve")

    def exists(page: str, scene: Scene) -> bool:
        if name not in TABLES_OF[page]:
            return False
        if page in _HAS_TABLE:
            return _HAS_TABLE[page](name, scene)
        if name == "density" and page == "guidance" and scene.space == "plane":
            return guidance.density_side(guidance.setup_of(scene)) > 0
        return not needs_network or is_trained(scene)

    def make(asked: FileRequest) -> bytes:
        return csv(asked, name)

    return Kind("data", f"-{name}.csv", "text/csv; charset=utf-8", make, exists)


# ---------------------------------------------------------------------- code


def script_text(asked: FileRequest) -> str:
    """The source of the script with ``flowviz``."""
    if asked.page == "images":
        return image_scripts.script(asked.scene, comment(asked.heading))
    return core_script(asked.page, asked.scene, asked.heading)


def _script(asked: FileRequest) -> bytes:
    return script_text(asked).encode()


def plain_text(asked: FileRequest) -> str:
    """The source of the script without ``flowviz``."""
    found = arrays(asked.page, asked.scene)
    return plain.plain_script(asked.page, asked.scene, asked.heading, found)


def has_flow(page: str, scene: Scene) -> bool:
    """Whether the page shows a flow of its own: the lesson and the gallery open other pages."""
    return page not in ("lesson", "gallery")


def has_plain(page: str, scene: Scene) -> bool:
    """Whether there is such a script."""
    return has_flow(page, scene) and plain.why_not(page, scene) is None


def _notebook(asked: FileRequest) -> bytes:
    """Of the plain script, or else of that with ``flowviz``."""
    tr = translator(asked.scene.lang)
    if has_plain(asked.page, asked.scene):
        text = plain_text(asked)
    else:
        text = script_text(asked)
        # A notebook has no file of its own.
        text = text.replace('Path(__file__).with_suffix(".npz")', 'Path("flow.npz")')
    return notebook(text, tr(f"{asked.page}.title")).encode()


def _training(asked: FileRequest) -> bytes:
    scene = asked.scene
    return training_script(flow_of(scene), shape_of(scene), spec_of(scene), asked.heading).encode()


# ---------------------------------------------------------------------- animations


def _animation(kind: Literal["webp", "gif"]) -> Callable[[FileRequest], bytes]:
    def make(asked: FileRequest) -> bytes:
        style = Style(dark=asked.dark, convention=asked.scene.convention)
        found = arrays(asked.page, asked.scene)
        if asked.page == "images":
            return image_animation(image_motion(asked.scene, found), kind, style)
        return animation(motion(asked.page, asked.scene, found, style), kind, style)

    return make


def _moves(page: str, scene: Scene) -> bool:
    """Whether there is an animation: on Images some topics have curves alone."""
    return scene.image_topic in MOVING if page == "images" else has_flow(page, scene)


# ---------------------------------------------------------------------- references

_BIBTEX = """@misc{{su2022ode,
  author = {{Su, Jianlin}},
  title = {{{{生成扩散模型漫谈（十五）：构建ODE的一般步骤（中）}}}},
  note = {{Generative Diffusion Models (15): General Steps for Constructing ODEs, Part 2.
    Scientific Spaces, in Chinese}},
  year = {{2022}},
  month = dec,
  url = {{{article}}}
}}

@software{{flowviz,
  title = {{{{FlowViz: flows built from Green's functions, computed exactly}}}},
  author = {{{{FlowViz contributors}}}},
  year = {{2026}},
  {link}
}}
"""
_LOCAL = re.compile(r"https?://(?:localhost|127\.|\[::1\])")
"""An address that is no one else's: a reference names the scene alone then."""


_IN_TEX = str.maketrans(
    {mark: f"\\{mark}" for mark in "&%#_$"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
)
"""What LaTeX does not print in the text of a reference; an address (``url``) it takes as it is."""


def _bibtex(asked: FileRequest) -> bytes:
    # In BibTeX a brace would end the field; a link of ours has none, an address from outside might.
    link = asked.link.replace("{", "%7B").replace("}", "%7D")
    scene = link.partition("?")[2].translate(_IN_TEX)
    where = f"note = {{Scene {scene}}}" if _LOCAL.match(link) else f"url = {{{link}}}"
    return _BIBTEX.format(article=ARTICLE, link=where).encode()


KINDS: dict[str, Kind] = {
    "webp": Kind("motion", ".webp", "image/webp", _animation("webp"), _moves),
    "gif": Kind("motion", ".gif", "image/gif", _animation("gif"), _moves),
    **{name: _table(name) for name in TABLES},
    "npz": Kind("data", ".npz", "application/octet-stream", npz, lambda page, _: page != "gallery"),
    "script": Kind("code", ".py", _PYTHON, _script, has_flow),
    "plain": Kind("code", "-numpy.py", _PYTHON, lambda o: plain_text(o).encode(), has_plain),
    "notebook": Kind("code", ".ipynb", "application/x-ipynb+json", _notebook, has_flow),
    "training": Kind("code", "-train.py", _PYTHON, _training, lambda page, _: page == "learn"),
    "bib": Kind("cite", ".bib", _TEXT, _bibtex),
}
