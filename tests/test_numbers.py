"""One format of numbers on all pages and in both languages."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowviz.scene import Scene
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.scene.points import PlanePoints, Points
from flowviz.text import ENTRIES, LANGUAGES, Language, translator
from flowviz.text.numbers import digits_apart, fixed, number, percent
from tests.numerals import value_of
from tests.visitor import PAGES, ROOT, Visitor

FOLD = EXAMPLES["line"]["fold"]


@given(st.floats(-1e12, 1e12).filter(lambda x: abs(x) > 1e-200 or x == 0), st.integers(1, 10))
def test_a_number_is_read_back_to_its_digits(value: float, digits: int) -> None:
    said = number(value, digits)
    assert value_of(said) == pytest.approx(value, rel=0.51 * 10.0 ** (1 - digits))
    assert not re.search("[e-]", said)
    assert len(said) <= digits + 10


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (number(4.4e-16, 2), "4.4·10⁻¹⁶"),
        (number(-1.2e6), "−1.2·10⁶"),
        (number(1e-8), "10⁻⁸"),
        (number(-1e-8), "−10⁻⁸"),
        (number(999.9), "1000"),
        (number(1234.4), "1234"),
        (number(-0.0), "0"),
        (number(math.nan), "—"),
        (number(-math.inf), "−∞"),
        (fixed(-0.25, 3), "−0.250"),
        (fixed(-1e-9, 3), "0.000"),
        (fixed(math.nan, 3), "—"),
        (percent(0.1264), "12.6%"),
        (percent(0.05, places=1), "5.0%"),
        (percent(1.0), "100%"),
        (percent(0.0), "0%"),
        (percent(math.nan), "—"),
    ],
)
def test_numbers_as_readers_see_them(said: str, words: str) -> None:
    assert said == words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_writes_its_numbers_the_same_way(lang: str) -> None:
    tr = translator(lang)
    assert "−3 " in tr("error.params.order", low=-3.0, high=-5)
    assert "−5" in tr("error.params.order", low=-3.0, high=-5)
    assert "2·10⁻⁷" in tr("checks.value", value=2e-7, bound=1)


# ---------------------------------------------------------------------- on the pages

#: Scenes whose numbers are negative, tiny and huge.
LINE = Points.parse("-0.5*2, -1.2, 1.7")
LABELLED = Points.parse("-0.5*2@a, -1.2@b, 1.7@a")
PLANE = PlanePoints.parse("(-1,-0.5)*9, (1e3,0.2)")
SCENES = [
    ("app", Scene(points=LINE, probe=(0.5, -0.6), arrows=True, color="x1")),
    ("fan", Scene(points=Points.parse("-500, 0.7"), prior="gaussian", probe=(0.02, -0.5))),
    ("plane", Scene(plane_points=PLANE, plane_probe=(0.5, -0.4, -0.2))),
    ("green", Scene(points=LINE, green_x0=-0.7, green_x=-0.3)),
    ("green", Scene(space="plane", green_a=-0.7, green_u=-0.3, green_v=-0.2)),
    ("green", Scene(family="formula", formula=FOLD)),
    ("learn", Scene()),
    ("solvers", Scene(points=LINE, prior="gaussian", probe=(0.4, -0.8), solver_step=2)),
    ("couplings", Scene(points=LINE, prior="laplace", coupling="independent")),
    ("couplings", Scene(plane_points=PLANE, space="plane")),
    ("images", Scene(image_count=30)),
    ("guidance", Scene(points=LABELLED, prior="laplace", probe=(0.4, -0.8))),
    ("guidance", Scene(points=LINE)),
]

#: Formulas, icons, addresses, and what is shown to be typed as it stands.
NOT_READ = re.compile(
    r"(?s)<style>.*?</style>|style=\".*?\"|\$\$.*?\$\$|\$.*?\$|`.*?`|:material/\w+:|\]\(.*?\)|---:"
)
TYPED = {ENTRIES["plane.points.help"].en, ENTRIES["plane.points.help"].zh}
STRAY = re.compile(r"(?<![\w.*/)\]])-\.?\d|\d[\s\u00a0]%|\d[eE][-+]?\d")


def shown(visitor: Visitor) -> Iterator[str]:
    """Every sentence, label and number of a page, without what is typed and without formulas."""
    yield from (re.sub(NOT_READ, " ", text) for text in visitor.words() if text not in TYPED)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("page", "scene"), SCENES, ids=[f"{page}{i}" for i, (page, _) in enumerate(SCENES)]
)
def test_every_number_of_a_page_is_in_the_one_format(
    page: str, scene: Scene, lang: Language
) -> None:
    (path,) = [path for path in PAGES if path.stem == page]
    texts = list(shown(Visitor(path, scene.with_(lang=lang).to_query())))
    assert [text for text in texts if STRAY.search(text)] == []
    if scene != Scene():
        assert any(re.search(r"−\d|·10⁻|10⁻\d", text) for text in texts)


def test_no_entry_writes_a_number_in_another_format() -> None:
    typed = re.compile(r"error\.(points|formula)|formula\.|points\.help")
    texts = {(key, lang): getattr(ENTRIES[key], lang) for key in ENTRIES for lang in LANGUAGES}
    assert {k: t for k, t in texts.items() if STRAY.search(t) and not typed.search(k[0])} == {}


@pytest.mark.parametrize(
    "text", ["at x = -0.5", "(-1.5, 2)", "12.6 %", "40\u00a0%", "about 2.3e-13", "1e6 steps"]
)
def test_a_planted_number_is_found(text: str) -> None:
    assert STRAY.search(text)


def own_formats(source: str) -> list[str]:
    """f-strings that write a number in a format of their own, unless they are TeX."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr) and not re.search(r"[$\\^]", ast.unparse(node)):
            parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
            specs = [ast.unparse(part.format_spec)[2:-1] for part in parts if part.format_spec]
            found += [ast.unparse(node) for spec in specs if re.fullmatch(r"[.\d]*[gefGEF%]", spec)]
    return found


def test_nothing_on_a_page_formats_a_number_by_itself() -> None:
    sources = [*(ROOT / "flowviz" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    sources += (ROOT / "flowviz" / "figures").rglob("*.py")
    sources.remove(ROOT / "flowviz" / "ui" / "widgets" / "formula_tex.py")  # numbers of a formula
    unseen = [
        ROOT / "flowviz" / "ui" / name for name in ("serve", "watch", "jobs")
    ]  # no page has theirs
    sources = [path for path in sources if not any(map(path.is_relative_to, unseen))]
    assert {str(p): f for p in sources if (f := own_formats(p.read_text(encoding="utf-8")))} == {}


@pytest.mark.parametrize("line", ['f"{x:.3g}"', 'f"{100 * x:.2g} %"', 'f"{x:.1%}"', 'f"{x:e}"'])
def test_a_planted_format_is_found(line: str) -> None:
    assert own_formats(line)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ((184.22, 184.25, 179.1), ["184.22", "184.25", "179.1"]),
        ((1952.0, 1957.0, 2007.0), ["1952", "1957", "2007"]),
        ((999_500.0, 999_501.0), ["999500", "999501"]),
        ((0.5, -1.2, 1.7), ["0.5", "−1.2", "1.7"]),
        ((2e-7, 1e-7), ["2·10⁻⁷", "10⁻⁷"]),
        ((-1e6, 1e6), ["−10⁶", "10⁶"]),
        ((3.0,), ["3"]),
        ((), []),
        ((0.5, 999_999.0, 1_000_000.0), ["0.5", "999999", "1000000"]),
        ((-1e6, 0.0011, 0.0012), ["−10⁶", "0.0011", "0.0012"]),
        ((2_000.0, 2_000.25, -1e6), ["2000", "2000.2", "−10⁶"]),
    ],
)
def test_close_positions_far_from_0_get_enough_digits(
    column: tuple[float, ...], said: list[str]
) -> None:
    assert [number(value, digits_apart(column)) for value in column] == said


def test_the_browser_formats_numbers_in_one_file() -> None:
    """Elsewhere only of numbers that stay numbers, of pixels, and where nobody reads them."""
    other = re.compile(r"Number\(|\bp[xy]\.toFixed|down\(|valuenow|dataset")
    files = (ROOT / "flowviz" / "ui" / "browser" / "components").glob("*.js")
    own = [
        f"{file.name}: {line.strip()}"
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r"\.to(Fixed|Precision|Exponential)\(", line) and not other.search(line)
        if file.name != "number.js"
    ]
    assert own == []


@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 4)), max_size=8, unique=True))
def test_different_positions_are_different_texts(column: list[float]) -> None:
    texts = [number(value, digits_apart(column)) for value in column]
    assert len(set(texts)) == len({x + 0.0 for x in column})
