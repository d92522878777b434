"""QR codes of short addresses."""

from __future__ import annotations

import io

import segno

LARGEST = 6
"""The largest version: 41 modules a side, each still told apart from the last row of a room."""

_PLAIN = {"xmldecl": False, "nl": False, "svgclass": None, "lineclass": None, "omitsize": True}


def svg(address: str) -> str | None:
    """The QR code of an address as SVG; None if it would be larger than version 6.

    Error level M, which restores 15 % of the code: light on a screen and a hand before a camera
    cost more than a smaller code gains, and a usual address fits version 3 with it. A longer one
    gets level L, 7 %. Black on white with the quiet zone of four modules, whatever the theme:
    many readers take no inverted code.
    """
    for error in ("m", "l"):
        try:
            code = segno.make_qr(address, error=error, version=None, boost_error=True)
        except segno.DataOverflowError:
            continue
        if int(code.version) <= LARGEST:
            out = io.BytesIO()
            code.save(out, kind="svg", border=4, light="#fff", dark="#000", **_PLAIN)
            return out.getvalue().decode()
    return None
