"""Any link, formula or message gives a value or one sentence.

The suite runs a seeded part; ``python -m tests.test_untrusted`` runs 20,000 links, 20,000 formulas
and 5,000 messages, and draws a hundredth of the links on the pages.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from flowviz.core.formula.functions import FUNCTIONS
from flowviz.core.paths import validity
from flowviz.scene import Scene
from flowviz.scene.formula import KINDS, Typed
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.scene.settings import SHOWN, Space
from flowviz.scene.suggestions import nearest_family, nearest_schedule
from flowviz.text import LANGUAGES, Refusal, translator
from flowviz.ui.fan import view as fan_view
from flowviz.ui.green import view as green_view
from flowviz.ui.guidance import view as guidance_view
from flowviz.ui.plane import view as plane_view
from flowviz.ui.session import state
from flowviz.ui.solvers import view as solvers_view
from flowviz.ui.widgets.formula_tex import family_tex
from tests.block_reader import read
from tests.protocol import _ENDED, Client
from tests.serving import RunningServer, running_server
from tests.visitor import FAULT, ROOT, Visitor

OLD = [c["link"] for c in json.loads(Path(__file__).with_name("links.json").read_text("utf-8"))]
ODD = [
    "",
    "nan",
    "inf",
    "-0",
    "1e400",
    "1e-400",
    "９",
    "∞",
    "\x00",
    "~",
    "~a",
    "~c0.0.1.1~a",
    "%",
    "*",
]
ODD += ["0,0.5", "0,0,0", "1,0", "(0.00001,0.00002),(1,1)", "(1,1)*0.000001", "1e6", "-1000000"]
ODD += ["1~mean~~t~", "1~mean~x0~~", "1~forward~~~", "none", "formula", "true", "[]", "{}", "null"]
ODD += [
    "0.5*2,,",
    "0.5 0.5 0.5",
    "1",
    "0",
    "-1",
    "0.02",
    "64",
    "200000",
    "x" * 5_000,
    "🎲",
    "a=b",
    "&",
]


# ------------------------------------------------------------------------------------------ links


def links(seed: int, count: int) -> Iterator[dict[str, str]]:
    """Old links with values exchanged, characters changed, keys lost; and links of odd values."""
    rng = random.Random(seed)
    whole = [{k: v[0] for k, v in parse_qs(link, keep_blank_values=True).items()} for link in OLD]
    keys = sorted({key for texts in whole for key in texts})
    for _ in range(count):
        texts = dict(rng.choice(whole))
        for _ in range(rng.randint(1, 6)):
            key = rng.choice(keys) if rng.random() < 0.5 or not texts else rng.choice(list(texts))
            other = rng.choice(whole)
            match rng.randrange(6):
                case 0:
                    texts[key] = rng.choice(ODD)
                case 1:
                    texts[key] = rng.choice(list(other.values()) or [""])
                case 2:
                    texts |= {k: v for k, v in other.items() if rng.random() < 0.3}
                case 3:
                    texts.pop(key, None)
                case 4:
                    texts[key] = changed(rng, texts.get(key, ""))
                case _:
                    texts[changed(rng, key)] = texts.get(key, "")
        yield texts


def changed(rng: random.Random, text: str) -> str:
    """A text with a few characters dropped, doubled or exchanged."""
    letters = list(text)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(letters) + 1)
        match rng.randrange(3):
            case 0:
                letters[at : at + 1] = []
            case 1:
                letters.insert(at, rng.choice("0123456789.,-*()~=+ex^/[]t１。−\u200b\n "))
            case _:
                letters[at:at] = letters[max(0, at - 4) : at]
    return "".join(letters)


def check_link(texts: dict[str, str]) -> Scene:
    """It gives a scene, which travels, and a sentence in both languages for what was lost."""
    scene, notices = Scene.read_query(texts)
    for page in SHOWN:
        query = parse_qs(scene.query_string(page), keep_blank_values=True)
        assert Scene.read_query(query) == (scene, []), texts
    for notice in notices:
        assert all(notice.markdown(translator(lang)) for lang in LANGUAGES)
    return scene


def check_page(name: str, texts: dict[str, str]) -> None:
    visitor = Visitor(ROOT / "pages" / f"{name}.py", texts)  # fails for any fault
    # The lesson has its board there, and the gallery nothing.
    assert name in {"lesson", "gallery"} or len(visitor.app.sidebar.children) > 5, texts
    assert visitor.link


def test_any_link_gives_a_scene_and_sentences() -> None:
    for texts in links(1, 120):
        check_link(texts)


CULPRITS: list[dict[str, str]] = [
    {"probe": "0,0.5"},
    {"plane_probe": "0,0.5,0.5", "space": "plane"},
    {"family": "formula", "formula": "1~mean~~t~"},
    {"plane_family": "formula", "plane_formula": "1~mean~~~", "space": "plane"},
    {"schedule": "formula", "s.alpha": "1", "s.sigma": "1"},
    {"schedule": "formula", "s.alpha": "1-t", "s.sigma": "0.5"},
    {"plane_points": "(0.00001,0.00002),(1,1)", "plane_probe": "0.5,0.00001,0.00002"},
    {"points": "0.00001,0.00002", "probe": "0.000001,0.00001"},
    {"points": "1e400", "time": "1e400", "p.low": "-1e400"},
]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("name", SHOWN)
def test_a_page_lives_with_what_once_broke_one(name: str) -> None:
    for texts in CULPRITS:
        if _concerns(texts, name):
            check_page(name, texts)


def _concerns(texts: dict[str, str], name: str) -> bool:
    """Whether a page shows what a link is about: the Fan no plane, the Plane no line."""
    if any(key.startswith("plane_") for key in texts):
        return name != "fan"
    return name != "plane" or "time" in texts or not texts.keys() & {"points", "probe", "family"}


# --------------------------------------------------------------------------------------- formulas

WORDS = ["x0", "x1", "x", "t", "a", "k", "pi", "e", "0", "1", "2", "0.5", "1e9", "1e-9", *FUNCTIONS]
WORDS += ["+", "-", "*", "/", "^", "**", "(", ")", "[", "]", ",", "x0[0]", "x1[1]", " ", "(1-t)"]
WORDS += [
    "t*x1",
    "(1-t)*x0",
    "−",
    "（",
    "２",
    "inf",
    "nan",
    "__import__",
    "lambda",
    "sqrt(t)",
    "log(t)",
]
BENDS = ["sin", "cos", "exp", "tanh", "sqrt", "log", "abs", "1/", "2^", "tan"]


def formulas(seed: int, count: int) -> Iterator[str]:
    rng = random.Random(seed)
    good = [e.text for space in EXAMPLES.values() for e in space.values()] + [
        "1-t",
        "t",
        "cos(pi*t/2)",
    ]
    for _ in range(count):
        if rng.random() < 0.4:
            yield "".join(rng.choice(WORDS) for _ in range(rng.randint(0, 14)))
        elif rng.random() < 0.4:
            bend = f"{rng.choice(WORDS)}({rng.choice(WORDS)}*{rng.choice(WORDS)})"
            bend = bend if rng.random() < 0.3 else f"{rng.choice(BENDS)}({rng.choice('atk1')}*t)"
            yield f"(1-t)*x0 + t*x1 + {rng.choice('abk23')}*{bend}*t*(1-t)"
        else:
            yield changed(rng, rng.choice(good))


def scene_or_refusal(values: dict[str, Any]) -> Scene | Refusal:
    try:
        return Scene(**values)
    except Refusal as why:
        return why


def check_formula(text: str, rng: random.Random, *, deep: bool) -> bool:
    """It is refused in a sentence, or is a family that can be judged, written and drawn."""
    space: Space = rng.choice(["line", "plane"])
    kind = "forward" if "x1" in text else "mean"
    kind = rng.choice(KINDS) if rng.random() < 0.3 else kind
    typed = Typed(kind, text, rng.choice(["t", "t^2", text]) if kind == "mean" else "")
    prefix = "plane_" if space == "plane" else ""
    values: dict[str, Any] = {
        f"{prefix}family": "formula",
        f"{prefix}formula": typed,
        "space": space,
    }
    scene = scene_or_refusal(values)
    if isinstance(scene, Refusal):
        assert all(scene.markdown(translator(lang)) for lang in LANGUAGES)
        if deep:
            nearest_family(typed, 2 if prefix else 1)
            nearest_schedule(alpha=text, sigma="t")
        return False
    assert Scene.from_query(parse_qs(scene.query_string())) == scene
    if deep:
        field = scene.field(space)
        validity.first_violation(field.path, field.x0, field.prior)
        assert family_tex(scene, space)
    return True


def test_any_formula_is_refused_in_a_sentence_or_used() -> None:
    rng = random.Random(2)
    taken = [check_formula(t, rng, deep=k % 20 == 0) for k, t in enumerate(formulas(2, 600))]
    assert 60 < sum(taken) < 500


# --------------------------------------------------------------------------------------- messages

NUMBERS = [0, 1, -1, 2, 0.5, 1e9, 1e308, -1e308, 10**30, 10**400, float("inf"), float("nan"), True]
OPS = [
    "move",
    "weigh",
    "remove",
    "add",
    "brush",
    "undo",
    "redo",
    "write",
    "query",
    "rerun",
    "wings",
]
FIELDS = ["op", "rev", "n", "i", "x", "y", "w", "t", "at", "preview", "session"]


def value(rng: random.Random, depth: int = 0) -> Any:
    """Any JSON, and what Python reads as JSON besides: Infinity, NaN, whole numbers of any size."""
    match rng.randrange(9 if depth < 3 else 6):
        case 0 | 1:
            return rng.choice(NUMBERS)
        case 2:
            return rng.choice(ODD)
        case 3:
            return rng.choice([None, True, False])
        case 4:
            return rng.choice(OPS)
        case 5:
            return [rng.choice(NUMBERS) for _ in range(rng.randrange(4))]
        case 6:
            return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
        case _:
            return {rng.choice(FIELDS): value(rng, depth + 1) for _ in range(rng.randrange(5))}


def message(rng: random.Random, session: str, points: int) -> Any:
    """What a component might send, with some of it exchanged."""
    said = {
        "op": rng.choice(OPS), "rev": rng.randrange(1, 10**9), "session": session, "n": points,
        "i": rng.randrange(-1, 4), "x": 0.3, "y": 0.4, "w": 1.5, "t": 0.5, "preview": False,
        "at": rng.choice([[0.5, 0.5], [[0.1], [0.2]], [[0.1, 0.2]], "x0"]),
    }  # fmt: skip
    for key in rng.sample(sorted(said), rng.randint(1, 3)):
        if rng.random() < 0.2:
            del said[key]
        elif key != "session":
            said[key] = value(rng)
    return said if rng.random() < 0.9 else value(rng)


ODD_NUMBERS = [*NUMBERS, -(10**400), [1], {}, "x0", "", None, [NUMBERS]]
HANDLERS = {
    "fan": fan_view._do,
    "plane": plane_view._do,
    "green": green_view._do,
    "solvers": solvers_view._apply_message,
    "guidance": guidance_view._apply_message,
}


@pytest.mark.parametrize("space", ["line", "plane"])
@pytest.mark.parametrize("name", HANDLERS)
def test_a_position_of_any_type_is_taken_or_refused(
    name: str, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(_: str, /, **changes: Any) -> bool:
        try:
            taken.append(Scene(space=space).with_(**changes))
        except Refusal:
            return False
        return True

    taken: list[Scene] = []
    monkeypatch.setattr(state, "current", lambda: Scene(space=space))
    monkeypatch.setattr(state, "change", change)
    for odd in ODD_NUMBERS:
        for at in ([odd, 0.5], [0.5, odd], odd):
            for handle in ("x0", "place"):
                message = {"op": "query", "i": handle, "at": at, "t": odd, "x": odd, "y": 0.5}
                HANDLERS[name](message)
    assert taken


class Forger(Client):
    """A visitor who sends whatever it likes, and notes what the server draws."""

    def __init__(self, url: str, page: str) -> None:
        self.ids: dict[str, str] = {}
        self.sessions: dict[str, str] = {}  # of the pictures that are dragged in
        self.forget()
        super().__init__(url, page)

    def forget(self) -> None:
        self.exceptions: list[str] = []
        self.said: list[str] = []
        self.beside: set[str] = set()
        self.link = ""

    def _listen(self) -> None:
        patience = 300.0
        while True:
            try:
                got = ForwardMsg.FromString(self.socket.recv(patience))  # type: ignore[arg-type]
            except TimeoutError:
                return
            if got.WhichOneof("type") == "delta":
                self.note(got)
            elif got.WhichOneof("type") == "script_finished":
                # What was restored is drawn by another run, at once.
                patience = 0.5 if got.script_finished in _ENDED else 300.0
                assert got.script_finished != ForwardMsg.FINISHED_WITH_COMPILE_ERROR

    def note(self, got: ForwardMsg) -> None:
        element = got.delta.new_element
        kind = element.WhichOneof("type")
        if kind is None:
            return
        part = getattr(element, kind)
        if got.metadata.delta_path[0] == 1:
            self.beside.add(kind)
        if kind == "exception":
            self.exceptions.append(part.message)
        if kind == "alert":
            self.said.append(part.body)
        if kind == "bidi_component" and part.id.endswith("-link"):
            self.link = json.loads(part.json)["query"]
        if getattr(part, "id", ""):
            self.ids[part.id] = kind
        if kind == "bidi_component" and part.bytes:
            session = read(part.bytes).get("session")
            if session is not None:
                self.sessions[part.id] = session

    def send(self, states: dict[str, dict[str, Any]]) -> None:
        """One request for a run, with the states of some widgets."""
        self.forget()
        back = BackMsg()
        back.rerun_script.page_name = self.page
        for name, held in states.items():
            back.rerun_script.widget_states.widgets.append(WidgetState(id=name, **held))
        self.socket.send(back.SerializeToString())
        self._listen()


def component_state(rng: random.Random, session: str) -> dict[str, Any]:
    return {"json_value": json.dumps({"edit": message(rng, session, rng.choice([1, 2, 3, 4]))})}


def any_state(rng: random.Random) -> dict[str, Any]:
    """A widget's state of any kind."""
    small = [-1, 0, 1, 2**40]
    kinds: list[dict[str, Any]] = [
        {"bool_value": rng.random() < 0.5},
        {"double_value": rng.choice([0.5, 1e308, float("inf"), float("nan"), -1.0])},
        {"int_value": rng.choice(small)},
        {"string_value": rng.choice(ODD[:-4])},
        {
            "double_array_value": {
                "data": rng.choices([0.1, float("nan"), 1e99], k=rng.randrange(3))
            }
        },
        {"int_array_value": {"data": rng.choices(small, k=rng.randrange(3))}},
        {"string_array_value": {"data": rng.choices(ODD[:9], k=rng.randrange(3))}},
        {"json_value": rng.choice(["{", "[1e400]", "Infinity", "null", json.dumps(value(rng))])},
        {"json_value": json.dumps({"edited_rows": value(rng), "added_rows": value(rng)})},
        {"bytes_value": b"\xff\x00"},
        {"trigger_value": True},
    ]
    return rng.choice(kinds)


PAGES = ("start", "plane", "green", "solvers", "learn")


def check_messages(server: RunningServer, page: str, rng: random.Random, runs: int) -> int:
    """Messages to every component and widget of a page, many in a run; how many were sent."""
    sent, forger = 0, Forger(server.url, page)
    for k in range(runs):
        mixed = k >= runs // 2
        if k == runs // 2 or k % 25 == 24:  # a fault is said until it is dismissed
            forger.socket.close()
            forger = Forger(server.url, page)
        server.new_log()
        if mixed:
            some = [n for n, kind in forger.ids.items() if kind != "file_uploader"]
            states = {name: any_state(rng) for name in some if rng.random() < 0.6}
        else:
            states = {n: component_state(rng, s) for n, s in forger.sessions.items()}
        sent += len(states)
        forger.send(states)
        assert not forger.exceptions, (page, states, server.new_log()[-3000:])
        assert len(forger.beside) > 2, (page, states, "the sidebar is gone")
        assert forger.link, (page, states, "the link is gone")
        if not mixed:
            faults = [said for said in forger.said if FAULT.search(said)]
            assert not faults, (page, states, faults, server.new_log()[-3000:])
    forger.send({})
    assert len(forger.beside) > 2
    forger.socket.close()
    return sent


@pytest.mark.parametrize("page", PAGES)
def test_any_message_leaves_a_page_alive(default_server: RunningServer, page: str) -> None:
    assert check_messages(default_server, page, random.Random(page), 6) > 10


def main() -> None:
    """All of it, with figures."""
    import tempfile

    which = set(sys.argv[1:]) or {"links", "formulas", "pages", "messages"}
    began = time.process_time()

    def done(what: str) -> None:
        print(f"{what}: {time.process_time() - began:.0f} s CPU", flush=True)

    if "links" in which:
        for texts in links(11, 20_000):
            check_link(texts)
        done("20,000 links")
    if "formulas" in which:
        rng = random.Random(12)
        taken = sum(
            check_formula(t, rng, deep=k % 10 == 0) for k, t in enumerate(formulas(12, 20_000))
        )
        done(f"20,000 formulas, {taken} of them used")
    if "pages" in which:
        drawn = 0
        for k, texts in enumerate(links(13, 200)):
            check_page(sorted(SHOWN)[k % len(SHOWN)], texts)
            drawn += 1
        done(f"{drawn} links drawn")
    if "messages" in which:
        with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
            sent = 0
            for page in PAGES:
                before = sent
                while sent - before < 1_000:
                    sent += check_messages(server, page, random.Random(f"{page}{sent}"), 50)
                done(f"{sent} messages")


if __name__ == "__main__":
    main()
