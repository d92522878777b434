"""Members of zip archives, unpacked within a limit whatever size they declare."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from flowviz.text import Refusal

MAX_UNPACKED = 16_000_000  # bytes of all members
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError
)  # fmt: skip


def names(data: bytes, kind: str) -> list[str]:
    """The names of an archive's members.

    Raises:
        Refusal: for a damaged file; ``kind`` names its format.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    except _DAMAGED as error:
        raise Refusal("error.file.damaged", kind=kind) from error


def unpacked(data: bytes, kind: str, ending: str = "") -> Iterator[tuple[str, bytes]]:
    """The names and contents of the members, of names with this ending.

    Raises:
        Refusal: for over 16 MB of contents, or a damaged file; ``kind`` names its format.
    """
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if not member.filename.endswith(ending):
                    continue
                with archive.open(member) as stream:
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise Refusal("error.file.unpacked", limit=MAX_UNPACKED)
                yield member.filename, content
    except Refusal:
        raise
    except _DAMAGED as error:
        raise Refusal("error.file.damaged", kind=kind) from error
