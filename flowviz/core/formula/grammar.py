"""The grammar of typed formulas: from text to a syntax tree, without executing anything.

A LALR(1) parser reads a text in one pass without backtracking, so its time is linear in the length,
which is bounded beforehand. Nodes are built as rules are recognised; a tree that is too deep or too
large is an error at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from flowviz.core.formula.functions import FUNCTIONS

MAX_LENGTH = 256
MAX_NODES = 128
MAX_DEPTH = 32
MAX_CONSTANT = 1e6

GRAMMAR = r"""
?start: sum
?sum: product | sum (PLUS | MINUS) product -> binary
?product: signed | product (STAR | SLASH) signed -> binary
?signed: power | (PLUS | MINUS) signed -> sign
?power: part | part POWER signed -> binary
?part: atom | part OPEN NUMBER "]" -> component
?atom: NUMBER -> number
     | NAME -> name
     | NAME "(" _list ")" -> call
     | "(" sum ")"
     | OPEN _list "]" -> vector
_list: sum ("," sum)*

PLUS: "+"
MINUS: "-"
STAR: "*"
SLASH: "/"
POWER.2: "**" | "^"
OPEN: "["
NUMBER: /([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?/
NAME: /[A-Za-z][A-Za-z0-9_]*/
%ignore /[ \t\r\n]+/
"""

_CLOSES = {")": "(", "]": "["}
_DECIMAL_COMMA = re.compile(r"(?<![\w.])([0-9]+),[0-9]+(?![\w.])")
_VALUES = frozenset({"NAME", "NUMBER", "LPAR", "OPEN"})


class FormulaError(ValueError):
    """An invalid formula: what is wrong, and at which character.

    Args:
        code: the kind of error; the interface has a message for each.
        column: the character, counted from 1.
        values: placeholders of the message.
    """

    def __init__(self, code: str, column: int, values: Mapping[str, Any] | None = None) -> None:
        self.code = code
        self.column = column
        self.values = dict(values or {})
        super().__init__(code, column, self.values)

    def __str__(self) -> str:
        named = ", ".join(f"{name} {value}" for name, value in self.values.items())
        return f"formula refused at character {self.column}: {self.code}" + (
            f" ({named})" if named else ""
        )


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of a formula.

    ``kind`` is the operation or one of "number", "name", "call", "component", "vector", "sign";
    ``name`` of the function, variable or operator; ``value`` of the number or index; ``column``
    in the text, counted from 1; ``size`` and ``depth`` of the subtree.
    """

    kind: str
    column: int
    args: tuple[Node, ...] = ()
    name: str = ""
    value: float = 0.0
    size: int = 1
    depth: int = 1


def _node(kind: str, at: Token, *args: Node, name: str = "", value: float = 0.0) -> Node:
    """A node, or an error if the tree becomes too large or too deep."""
    column = (at.start_pos or 0) + 1
    size = 1 + sum(arg.size for arg in args)
    depth = 1 + max((arg.depth for arg in args), default=0)
    if depth > MAX_DEPTH:
        raise FormulaError("depth", column, {"limit": MAX_DEPTH})
    if size > MAX_NODES:
        raise FormulaError("nodes", column, {"limit": MAX_NODES})
    return Node(kind, column, args, name, value, size, depth)


@v_args(inline=True)
class _Build(Transformer[Token, Node]):
    """Builds the nodes during parsing."""

    def number(self, token: Token) -> Node:
        value = float(token)
        if value > MAX_CONSTANT:
            raise FormulaError(
                "constant", (token.start_pos or 0) + 1, {"token": token, "limit": MAX_CONSTANT}
            )
        return _node("number", token, value=value)

    def name(self, token: Token) -> Node:
        return _node("name", token, name=str(token))

    def call(self, token: Token, *args: Node) -> Node:
        return _node("call", token, *args, name=str(token))

    def vector(self, token: Token, *args: Node) -> Node:
        return _node("vector", token, *args)

    def component(self, value: Node, _: Token, index: Token) -> Node:
        if not index.isdecimal():
            raise FormulaError("index", (index.start_pos or 0) + 1, {"token": index})
        return _node("component", index, value, value=float(index))

    def sign(self, token: Token, value: Node) -> Node:
        return _node("sign", token, value, name=str(token))

    def binary(self, left: Node, token: Token, right: Node) -> Node:
        return _node("binary", token, left, right, name="^" if token == "**" else str(token))


_PARSER = Lark(GRAMMAR, parser="lalr", lexer="contextual", transformer=_Build())


def read(text: str) -> Node:
    """The syntax tree of a formula.

    Args:
        text: at most 256 characters, not only blanks.

    Raises:
        FormulaError: naming the first bad character.
    """
    if len(text) > MAX_LENGTH:
        values = {"n": len(text), "limit": MAX_LENGTH}
        raise FormulaError("long", MAX_LENGTH + 1, values)
    _require_brackets(text)
    try:
        tree: Any = _PARSER.parse(text)
    except UnexpectedInput as error:
        _refuse(error, text)
    return tree


def _require_brackets(text: str) -> None:
    """Check that brackets match and nest at most 32 deep, for a clear message."""
    opened: list[tuple[str, int]] = []
    for column, character in enumerate(text, 1):
        if character in "([":
            opened.append((character, column))
            if len(opened) > MAX_DEPTH:
                raise FormulaError("depth", column, {"limit": MAX_DEPTH})
        elif character in _CLOSES and (not opened or opened.pop()[0] != _CLOSES[character]):
            raise FormulaError("closed", column, {"token": character})
    if opened:
        token, column = opened[-1]
        raise FormulaError("open", column, {"token": token})


def _refuse(error: UnexpectedInput, text: str) -> NoReturn:
    """Raise the parser's error as a FormulaError."""
    # "from None", because the parser's exception quotes the whole text and its state.
    if isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
        raise FormulaError("character", at + 1, {"token": text[at]}) from None
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        token, column = error.token, (error.token.start_pos or 0) + 1
        before = text[: column - 1].rstrip()
        word = next((name for name in FUNCTIONS if _ends_with_word(before, name)), None)
        if word is not None and token.type != "RPAR":
            values = {"token": word, "names": ""}
            raise FormulaError("bare", len(before) - len(word) + 1, values) from None
        number = next((m for m in _DECIMAL_COMMA.finditer(text) if m.end(1) == column - 1), None)
        if str(token) == "," and number is not None:
            raise FormulaError("comma", number.start() + 1, {"token": number[0]}) from None
        missing = token.type in _VALUES and "STAR" in error.expected
        raise FormulaError(
            "operator" if missing else "token", column, {"token": str(token)}
        ) from None
    raise FormulaError("end", len(text) + 1) from None


def _ends_with_word(text: str, word: str) -> bool:
    head = text[: -len(word)]
    return text.endswith(word) and not (head and (head[-1].isalnum() or head[-1] == "_"))
