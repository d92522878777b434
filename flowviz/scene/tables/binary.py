"""Tables in NumPy, Parquet and JSON files.

No file can run code or unpack to more memory than allowed: the size of a NumPy array is checked in
its header before it is read, and nothing is unpickled; of Parquet only columns of numbers are read,
in batches, and only uncompressed or with Snappy, which compresses at most twentyfold.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from flowviz.scene.tables.archive import unpacked
from flowviz.scene.tables.roles import has_role
from flowviz.scene.tables.table import MAX_COLUMNS, Column, Table, from_array, from_frame
from flowviz.text import Refusal, excerpt

MAX_ROWS = 1_000_000
_MAX_MEMBERS = 100
_CODECS = {"UNCOMPRESSED", "SNAPPY"}


def npy(data: bytes) -> Table:
    """The array of a ``.npy`` file: (rows,), (rows, columns) or with named fields.

    Raises:
        Refusal: for objects (pickles), more dimensions, or a damaged file.
    """
    return _from_npy(data, "npy")


def npz(data: bytes) -> Table:
    """The arrays of an ``.npz`` file: one table, or several arrays of one length side by side.

    Raises:
        Refusal: as ``npy``, and for over 16 MB of arrays.
    """
    members = islice(unpacked(data, "npz", ".npy"), _MAX_MEMBERS)
    tables = {name.removesuffix(".npy"): _from_npy(array, "npz") for name, array in members}
    if not tables:
        raise Refusal("error.file.excel" if data.find(b"xl/") >= 0 else "error.file.zip")
    return _side_by_side(tables)


def _side_by_side(tables: dict[str, Table]) -> Table:
    """The columns of the longest tables, named after their arrays."""
    rows = max(table.rows for table in tables.values())
    columns = [
        Column(name if len(t.columns) == 1 else f"{name}[{k}]", c.numbers)
        for name, t in tables.items()
        if t.rows == rows
        for k, c in enumerate(t.columns)
    ]
    one = len(tables) == 1 and len(columns) > 0
    named = [Column("", c.numbers) for c in columns] if one else columns
    return Table(tuple(named[:MAX_COLUMNS]), header=not one)


def _from_npy(data: bytes, kind: str) -> Table:
    stream = io.BytesIO(data)
    formats = np.lib.format
    try:
        version = formats.read_magic(stream)
        read: Callable[..., Any] = {
            (1, 0): formats.read_array_header_1_0,
            (2, 0): formats.read_array_header_2_0,
        }[version]
        shape, by_columns, dtype = read(stream)
    except Exception as error:  # numpy reads headers with Python's own tokenizer and parser
        raise Refusal("error.file.damaged", kind=kind) from error
    if dtype.hasobject:
        raise Refusal("error.file.pickle")
    count = int(np.prod([int(n) for n in shape], dtype=object))
    if not 0 < count * dtype.itemsize == len(data) - stream.tell():
        raise Refusal("error.file.damaged", kind=kind)
    try:
        array = np.frombuffer(data, dtype, offset=stream.tell())
        array = array.reshape(shape, order="F" if by_columns else "C")
    except ValueError as error:
        raise Refusal("error.file.damaged", kind=kind) from error
    if dtype.names:
        return from_frame(pd.DataFrame({name: array[name] for name in dtype.names}))
    if dtype.kind not in "biuf" or not 1 <= array.ndim <= 2:
        raise Refusal("error.file.array", shape=str(shape), dtype=excerpt(dtype))
    return from_array(array.astype(float))


def parquet(data: bytes) -> Table:
    """The columns of numbers of a Parquet file, with about the first million rows.

    Raises:
        Refusal: for a damaged file, or one with another compression than Snappy.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(data))
        meta = file.metadata
        fields = [f for f in file.schema_arrow if pa.types.is_primitive(f.type) and _number(f.type)]
        groups = [meta.row_group(i) for i in range(meta.num_row_groups)]
        codecs = {g.column(k).compression for g in groups for k in range(g.num_columns)}
        if others := codecs - _CODECS:
            raise Refusal("error.file.codec", codec=excerpt(min(others)))
        frames, rows = [], 0
        names = [f.name for f in fields[:MAX_COLUMNS]]
        for batch in file.iter_batches(batch_size=50_000, columns=names):
            frames.append(batch.to_pandas(ignore_metadata=True))
            rows += batch.num_rows
            if rows >= MAX_ROWS:
                break
    except Refusal:
        raise
    except Exception as error:  # Arrow's exceptions have no class in common
        raise Refusal("error.file.damaged", kind="Parquet") from error
    if not rows or not names:
        raise Refusal("error.file.damaged", kind="Parquet")
    return from_frame(pd.concat(frames, ignore_index=True))


def _number(kind: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)


def json_table(text: str) -> Table | None:
    """The table of a JSON text: a list of numbers, rows or records, lists by name, or JSON lines.

    The forms that pandas writes are read, too: ``orient`` columns, index, split and table.

    Returns:
        The table; None if the text is not JSON, or not such a list.
    """
    value = _json(text)
    if value is None and text.lstrip()[:1] in ("{", "["):
        value = _json(text.replace("'", '"')) if '"' not in text else None  # as Python prints it
        if value is None:
            value = [_json(line) for line in text.splitlines() if line.strip()]
            if None in value:
                return None
    names: list[Any] | None = None
    if isinstance(value, dict):
        value, names = _of_pandas(value)
    if isinstance(value, dict):
        lists = {str(k): v for k, v in value.items() if isinstance(v, list)}
        longest = max(map(len, lists.values()), default=0)
        value = {k: v for k, v in lists.items() if len(v) == longest}
    elif not isinstance(value, list) or len({_shape(v) for v in value}) > 1:
        return None
    if not value or _width(value) > MAX_COLUMNS:
        return None
    try:
        frame = pd.DataFrame(value, columns=names)
        table = None if frame.empty else from_frame(frame)
    except (ValueError, TypeError, OverflowError):
        return None
    if table is None or names or isinstance(value, dict) or isinstance(value[0], dict):
        return table
    return Table(tuple(Column("", c.numbers, c.texts) for c in table.columns))


def _of_pandas(value: dict[str, Any]) -> tuple[Any, list[Any] | None]:
    """Rows, records or lists by name, and the names of rows' columns, of a data frame's JSON."""
    data, names = value.get("data"), value.get("columns")
    if isinstance(data, list) and {"index", "schema"} & set(value):
        if isinstance(names, list) and all(_shape(row) == "row" for row in data):
            return data, names
        return data, [value["name"]] if isinstance(value.get("name"), str) else None
    items = list(value.values())
    if items and all(_shape(v) == "value" and not isinstance(v, str) for v in items):
        named = any(has_role(k) and not k.isdecimal() for k in value)
        return ([value] if named else items), None
    if not items or any(_shape(v) != "record" for v in items):
        nested = [v for v in items if isinstance(v, list) and v and _shape(v[0]) != "value"]
        return (nested[0] if len(nested) == 1 else value), None
    keys = list(items[0])
    if any(list(item) != keys for item in items):
        return value, None
    if all(map(str.isdecimal, value)) and not all(map(str.isdecimal, keys)):
        return items, None  # by the index
    return {name: [item[k] for k in keys] for name, item in value.items()}, None


def _shape(value: Any) -> str:
    """The kind of a list's item: record, row or value."""
    return "record" if isinstance(value, dict) else "row" if isinstance(value, list) else "value"


def _width(value: list[Any] | dict[str, Any]) -> int:
    if isinstance(value, dict):
        return len(value)
    return max((len(row) for row in value if isinstance(row, list | dict)), default=1)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
