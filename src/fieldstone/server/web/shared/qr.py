"""QR codes for pages."""

from __future__ import annotations

import segno


def qr(address: str) -> str:
    """The address as a picture that stands in the page itself, with its quiet zone, black on white in any light."""
    code = segno.make(address, error="m", micro=False)
    return str(code.svg_data_uri(border=4, scale=4, light="#fff", encode_minimal=False))
