"""The lines of a table's text: its rows, and what is before and after them.

Removed are comments, a declared separator, MATLAB's ``ans =``, and the footer of pandas, which says
whether a Series was printed: then the last cell is the value and everything before it the index.
MATLAB's blocks of columns are put side by side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from flowviz.text import Refusal

ONE_COLUMN = "\x1f"  # occurs in no text
QUOTED = re.compile(r'"[^"]*"')
CELL = "\ue000"  # replaces a quoted cell
_DECLARED = re.compile(r"sep=(.)", re.IGNORECASE)
# “#N/A” is a cell of a spreadsheet.
_COMMENT = re.compile(r"%|#(?!N/A|DIV/0!|REF!|NAME\?|NULL!|NUM!|VALUE!)")
_NUMBERS = re.compile(r"[-+0-9.,;eE\s]*")
_FOOTER = re.compile(r"(?:(?:Freq|Name|Length|dtype): .*|\[\d+ rows x \d+ columns\])")
_SERIES = re.compile(r"(?:Freq: [^,]*, )?(?:Name: (?P<name>.*), )?(?:Length: \d+, )?dtype: \w+")
_RULE = frozenset("|+:=-─┼_` \t")  # the characters of lines in and around tables
_TYPES = re.compile(  # below a header
    r"(?:\s*(?:<[a-z]{3,4}>|[│|]|(?:Float|U?Int)(?:16|32|64)\??))+\s*"
)
_COUNT = re.compile(r"\([0-9]+ rows?\)|[0-9]+ rows? in set.*")
_MATRIX_HEADER = re.compile(r"(?:\s*\[,[0-9]+\])+\s*")  # of R
_MATRIX_ROW = re.compile(r"\s*\[[0-9]+,\]\s")
_LATEX = re.compile(
    r"\\(?:begin|end)\{[^}\n]*\}(?:\{[^}\n]*\}|\[[^\]\n]*\])?"
    r"|\\(?:hline|toprule|midrule|bottomrule|cline\{[^}\n]*\})"
)
_LATEX_ROW = re.compile(r"\\\\(?:\[[^\]\n]*\])?")
# MATLAB's and Julia's
_ASSIGNMENT = re.compile(r"[A-Za-z_][\w.]*\s*=|[0-9]+(?:-element|[x*][0-9]+) .*")
_FACTOR = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+\s*\*")
_BLOCK = re.compile(r"Columns? [0-9]+(?: (?:through|and) [0-9]+)?:?")  # of MATLAB and Octave
_DOTS = ("...", "…", "⋮")
_MORE = re.compile(r"[#%]\s*(?:\.\.\.|…|ℹ).*\bmore\b")
_NUMERIC = re.compile(r"[+-]?[0-9.]*(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Lines:
    """The rows of a table as text.

    Attributes:
        rows: lines with cells; a header first, if there is one.
        separator: declared by a line ``sep=;``, or that of a Series; None if it is to be found.
        comment: the last comment before the rows, which may be a header; "" without one.
        assigned: whether they are printed after a name and =, or in blocks of columns.
    """

    rows: list[str]
    separator: str | None = None
    comment: str = ""
    assigned: bool = False


def lines(text: str) -> Lines:
    """The lines of a text.

    Raises:
        Refusal: if rows are abbreviated by ``...``, or all numbers have a common factor.
    """
    text = _without_latex(text)
    joined = QUOTED.sub(lambda cell: " ".join(cell[0].splitlines()), text).replace(ONE_COLUMN, " ")
    found = [s for line in joined.splitlines() if (s := line.strip(" \r\n\v\f")).strip()]
    rows = [_without_note(line) for line in found if not _COMMENT.match(line)]
    before = list(takewhile(_COMMENT.match, found))
    if any(map(_is_abbreviated, found)):
        raise Refusal("error.file.dots")
    footer = next((s for line in rows[-3:] if (s := _SERIES.fullmatch(line.strip()))), None)
    rows = [line for line in rows if not _is_decoration(line)]
    if rows and _MATRIX_HEADER.fullmatch(rows[0]):
        rows = [_MATRIX_ROW.sub("", row) for row in rows[1:]]
    if rows and all(row.strip().startswith("|") for row in rows):
        rows = [row.strip().removeprefix("|").removesuffix("|") for row in rows]
    if footer and rows:
        return Lines(_of_series(rows, footer["name"] or "value"), "\t")
    declared = _DECLARED.fullmatch(rows[0].strip('"')) if rows else None
    assigned = bool(rows and _ASSIGNMENT.fullmatch(rows[0]))
    if declared or assigned:
        rows = rows[1:]
    if rows and (factor := _FACTOR.fullmatch(rows[0])):
        raise Refusal("error.file.factor", factor=factor[0])
    if blocks := _blocks(rows):
        rows, assigned = blocks, True
    comment = before[-1].lstrip("#% ") if before and rows else ""
    return Lines(rows, declared[1] if declared else None, comment, assigned)


def _without_note(line: str) -> str:
    """The line without a comment behind its numbers."""
    numbers = _NUMBERS.match(line)
    if numbers is None or not line.startswith(("#", "//", "%"), numbers.end()):
        return line
    kept = numbers[0]
    return kept.rstrip() if kept[-1:].isspace() and kept.strip() else line


def _is_decoration(line: str) -> bool:
    """Whether it is a rule, a row of types or a count of rows that was printed with a table."""
    if set(line) <= _RULE and any(3 * sign in line for sign in "-─_`"):
        return True
    return any(p.fullmatch(line) for p in (_FOOTER, _TYPES, _COUNT)) or line.startswith("```")


def _without_latex(text: str) -> str:
    """A LaTeX table with a line for each row and tabs between cells; any other text as it is."""
    if "\\\\" not in text or ("&" not in text and "\\begin{" not in text):
        return text
    rows = _LATEX_ROW.split(_LATEX.sub(" ", text).replace("\n", " "))
    return "\n".join("\t".join(map(str.strip, row.split("&"))) for row in rows)


def _blocks(rows: list[str]) -> list[str]:
    """The rows of all blocks of columns, side by side; empty if there are no blocks.

    Raises:
        Refusal: if a block has fewer rows than another.
    """
    blocks: list[list[str]] = []
    for row in rows:
        if _BLOCK.fullmatch(row.strip()):
            blocks.append([])
        elif not blocks:
            return []
        else:
            blocks[-1].append(row)
    if len(set(map(len, blocks))) > 1:
        raise Refusal("error.file.dots")
    return list(map(" ".join, zip(*blocks, strict=True)))


def _is_abbreviated(line: str) -> bool:
    """Whether a line of numbers has dots in place of some, or says that there are more."""
    if not any(dots in line for dots in _DOTS) and "ℹ" not in line:
        return False
    cells = line.replace(",", " ").split()
    dotted = any(dots in cells for dots in _DOTS)
    return bool(_MORE.match(line)) or (
        dotted and all(_NUMERIC.fullmatch(c) or c in _DOTS for c in cells)
    )


def _of_series(rows: list[str], name: str) -> list[str]:
    """A header, and each row's index and value between tabs."""
    pairs = [row.replace('"', "").replace("\t", " ").rsplit(None, 1) for row in rows]
    # The first line may have the names of the index.
    first = int(not re.search("[0-9]", pairs[0][-1]) and pairs[0][-1].lower() != "nan")
    values = [f'"{" ".join(index)}"\t{value}' for *index, value in pairs[first:]]
    return [f'""\t{name.replace(chr(34), "")}', *values]
