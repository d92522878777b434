"""Private names of Streamlit's and Plotly's frontends that FlowViz relies on.

Those of one page are looked for where a test of that page has it open.

Both may rename these in any release, and nothing would fail but the looks of a page. An upgrade
that breaks a test here names what has to be written anew. Documented, and so not here: the class
``st-key-…`` of a container and the variables ``--st-…`` of a component.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from flowviz.ui.browser import frontend
from tests.browser.conftest import OpenPage
from tests.serving import ROOT

TABLE = "Table and file"

# Selector: what in the project depends on it. By the page, and what is done there first.
FAN = {
    ".stAppHeader": "frame.py: a lower header",
    ".stMainBlockContainer": "frame.py: the page's margins",
    ".stMainBlockContainer .stMarkdown": "frame.py: formulas and tables scroll by themselves",
    '.stSidebar:not([data-collapsed="true"])': "frame.py: a wider sidebar when Large",
    '.stSidebar [data-testid="stSidebarHeader"]': "frame.py: a lower sidebar header",
    '[data-testid="stSidebarNavItems"] li:first-child a': "frame.py: marks the Fan at /fan",
    'a[data-testid="stSidebarNavLink"]': "copy_link.js: opens another page with the scene",
    '[class*="st-key-side-by-side"] > * > .stHorizontalBlock > .stColumn': "frame.py: columns fold",
    "[data-testid=stMain]": "solver_trajectories.js: how far the page is scrolled",
    '[data-testid="stCaptionContainer"]': "frame.py: letters that can be read",
    ".stExpander summary": "frame.py: the same",
    '[data-testid="stMain"]': "streamlit_texts.js: a name for screen readers",
    ".stAppHeader button": "frame.py: only they are pressed in the header",
    ".st-key-head .stHtml details": "frame.py: the menu of the settings",
    ".stVerticalBlock > :has(> .st-key-lead-above)": "page_style.py: not in a low window",
    ".stTooltipIcon svg": "page_style.py: of the size of the text",
    ".stTooltipIcon [aria-label^=Help]": "streamlit_texts.js: names of the buttons for help",
    '[data-testid="stElementContainer"]:has(.fv-fan)': "density_store.js: hides its own container",
}
# Plotly's, where it draws what canvases show while something moves.
PLOT = {
    ".subplot.xy > .overplot .heatmaplayer image": "stage.css: hidden while something moves",
    ".subplot.x2y > .overplot .scatterlayer": "stage.css: hidden while the engine draws the prior",
    ".subplot.xy > .layer-subplot": "stage.css: the same, of the basins' image",
    ".hoverlayer": "fan.css: no label on a picture that moves",
    ".modebar": "clicks.js: a press there is none on the picture",
    ".nsewdrag": "plane.css: what the pointer looks like; stage.js: labels under a handle",
}
ALERT = {".stSidebar .stAlert :is(p, li)": "frame.py: smaller letters in the sidebar's alerts"}
TYPED = {
    '[data-testid="InputInstructions"]': "frame.py: hidden in fields; streamlit_texts.js",
}
UPLOAD = {
    '[data-testid="stFileUploaderDropzone"] > span [data-testid="stMarkdownContainer"] p': (
        "upload.py: the button's words"
    ),
    '[data-testid="stFileUploaderDropzoneInstructions"] span': "upload.py: the limit's words",
}
REFUSED = {
    '[data-testid="stFileUploader"]:has([aria-invalid="true"])': "upload.py: too large a file",
    '[data-testid="stFileChip"] [role="alert"]': "upload.py: Streamlit's own words for it",
}
# `test_solvers` opens the menu.
MENU = {
    ".stMainMenuPopover": "streamlit_texts.js: its words",
    ".stMainMenuPopover span": "page_style.py: can be read",
}
# `test_learn` has it open.
LEARN = {
    ".stTextInput": "frame.py: no instructions over what is typed",
}
# Streamlit itself takes them away where it has measured a narrow field.
IN_WIDE_FIELDS = {
    ".stSidebar .stColumn .stNumberInput button": "frame.py: hidden where a number needs the room",
}
SOLVERS = {
    '.stButtonGroup > :has(> [data-variant="pills"])': "frame.py: pills take two rows",
    '[data-testid="stBaseButton-primary"]': "frame.py: dark letters in the dark theme",
}
TABLES = {
    '[data-testid="data-grid-canvas"]': "streamlit_texts.js: a name for screen readers",
    '[data-testid="stFileUploaderDropzone"]': "streamlit_texts.js: its words",
}
# `test_new_server` loses a connection.
LOST = {
    '[role="dialog"] .stErrorCodeBlock': "frame.py: hidden",
    ".stConnectionStatus": "streamlit_texts.js: its words",
}
FIRST = {
    ".stMain h1": "first_picture.js: the page has come",
    '[data-testid="stApp"][data-test-script-state="notRunning"]': "first_picture.js: it is whole",
}
INFO = {
    '.stElementContainer [data-testid="stAlertContentInfo"]': "present/style.py: said of what is "
    "not shown",
}
FAULT = {'[data-testid="stException"]': "first_picture.js: makes way for what Streamlit says"}
# `test_green` has it open.
GREEN = {
    ".stMarkdown .katex-display": "frame.py: wide formulas scroll",
    ".stMain .katex .mtight": "present/style.py: letters that can be read",
    '[data-testid="stAlertContentSuccess"]': "present/style.py: hidden, for it says that all holds",
}

PRIVATE = re.compile(r'\.st[A-Z]\w+|data-testid="?\w+|data-collapsed|\.katex\S*?(?=[ "])')


def missing(page: Page, names: dict[str, str]) -> list[str]:
    """Those of the names that are nowhere on the page, with what depends on them."""
    return [f"{s}: {why}" for s, why in names.items() if page.locator(s).count() == 0]


def test_names_of_an_alert_and_of_the_file_uploader(open_page: OpenPage) -> None:
    page = open_page("/fan")
    page.locator(".st-key-w-points textarea").fill("0.3, many")
    assert missing(page, TYPED) == []
    page.locator(".st-key-w-points textarea").press("Control+Enter")
    page.wait_for_selector(".stAlert")
    assert missing(page, ALERT) == []
    page.get_by_text(TABLE).click()
    page.wait_for_selector('[data-testid="stFileUploader"]')
    assert missing(page, UPLOAD | TABLES) == []
    large = {"name": "large.csv", "mimeType": "text/csv", "buffer": b"1,2\n" * 400_000}
    page.locator('[data-testid="stFileUploader"] input').set_input_files(large)  # type: ignore[arg-type]
    page.wait_for_selector('[data-testid="stFileChip"]')
    assert missing(page, REFUSED) == []


def test_names_of_what_is_said_on_a_page(open_page: OpenPage) -> None:
    page = open_page("/guidance?space=plane")  # points without labels
    page.wait_for_selector(".stAlert")
    assert missing(page, INFO) == []


# Where Plotly says that a figure's axes are, and where the rectangle lies that it zooms in.
AXES = """() => {
  const { xaxis, yaxis } = document.querySelector(".fv-plot")._fullLayout;
  const stage = document.querySelector(".fv-stage").getBoundingClientRect();
  const drawn = document.querySelector(".fv-plot .nsewdrag").getBoundingClientRect();
  const of = ({ _offset, _length, range }) => [_offset, _length, ...range];
  return {
    x: of(xaxis), y: of(yaxis),
    box: [drawn.left - stage.left, drawn.width, drawn.top - stage.top, drawn.height],
  };
}"""


def test_names_of_the_frame_and_of_a_plotly_axis(open_page: OpenPage) -> None:
    """Of an axis, `plot_axes.js`: from data to pixels and back."""
    page = open_page("/fan")
    page.wait_for_selector(".fv-fan[data-serial]")
    assert missing(page, FAN | FIRST) == []
    page.wait_for_selector(".fv-rest")
    assert missing(page, PLOT) == []
    # What carries the density and the engine's tables, and waits for rest, takes no room.
    hidden = page.locator('[data-testid="stElementContainer"][style*="display: none"]')
    expect(hidden).to_have_count(3)
    found = page.evaluate(AXES)
    left, width, top, height = found["box"]
    assert found["x"] == pytest.approx([left, width, -0.045, 1], abs=0.5)
    assert found["y"] == pytest.approx([top, height, -0.1, 2.1], abs=0.5)


def test_names_of_a_fault() -> None:
    """No page shows one: what Streamlit would show is in its scripts."""
    scripts = [path.read_text("utf-8") for path in (frontend.STATIC / "static/js").glob("*.js")]
    for name in FAULT:
        (test_id,) = re.findall(r'data-testid="(\w+)"', name)
        assert any(f'"{test_id}"' in text or f"`{test_id}`" in text for text in scripts), name


def used(path: Path) -> set[str]:
    return {name.replace('"', "") for name in PRIVATE.findall(path.read_text("utf-8"))}


def test_every_private_name_is_named_here() -> None:
    """One that is used anywhere in the project is in a table above."""
    on_pages = (FAN, ALERT, TYPED, UPLOAD, REFUSED, GREEN, MENU, LEARN, SOLVERS, TABLES, LOST, INFO)
    tables = (*on_pages, IN_WIDE_FIELDS, FIRST, FAULT)
    listed = " ".join(name for table in tables for name in table) + " "
    here = {name.replace('"', "") for name in PRIVATE.findall(listed)}
    files = [p for kind in ("py", "js", "css") for p in (ROOT / "flowviz").rglob(f"*.{kind}")]
    unnamed = {f"{path.name}: {name}" for path in files for name in used(path) - here}
    assert unnamed == set()
    # Plotly's own are asked for in one file alone.
    components = (ROOT / "flowviz").rglob("*.js")
    readers = {p.name for p in components if "_fullLayout" in p.read_text("utf-8")}
    assert readers == {"plot_axes.js"}
