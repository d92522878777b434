"""What the dialog "Share" says: ``components/share.js``."""

from __future__ import annotations

from typing import Any

from flowviz.text import Translator

_TEXTS = (
    "open",
    "title",
    "close",
    "short",
    "long",
    "copy",
    "copied",
    "refused",
    "now",
    "now.help",
    "qr",
    "making",
    "none",
    "local",
)


def content(page: str, tr: Translator) -> dict[str, Any]:
    """The content for a page: its type is ``ShareContent`` in ``components/types.d.ts``."""
    return {"page": page, "texts": {name: tr(f"share.{name}") for name in _TEXTS}}
