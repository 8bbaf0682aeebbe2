"""The picture that other sites show beside a link: the award's stone on the ground it stands on, as a PNG.

No words: the title travels beside it as text, in any script.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

from fieldstone.server.web.public.story import Look
from fieldstone.server.web.shared import stones

WIDTH, HEIGHT = 1200, 630
_FINE = 2
"""Drawn this many times larger, then made small, so that edges are smooth."""


def png(look: Look, *, width: int = WIDTH, height: int = HEIGHT, margin: int = 150) -> bytes:
    """The card of one stone; `margin` is left free beside the ground line. All in pixels."""
    family = look.family if look.family in stones.FAMILIES else "slate"
    foot, *faces = stones.PALETTE[family]
    identifier = str(look.id)
    outline = stones.flatten(stones.round_by_share(*stones.vertices(identifier, look.level)))
    top = min(y for _x, y in outline)
    face = [(x, top + (y - top) * 0.93) for x, y in outline]
    picture = Image.new("RGB", (width * _FINE, height * _FINE), "#F7F4EC")
    draw = ImageDraw.Draw(picture)
    scale = 5.2 * _FINE
    left = width * _FINE / 2 - 48 * scale
    lowest = max(y for _x, y in outline)
    ground = (height - 70) * _FINE

    def placed(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(left + x * scale, ground - (lowest - y) * scale) for x, y in points]

    draw.line([(margin * _FINE, ground), ((width - margin) * _FINE, ground)], fill="#6B7679", width=4 * _FINE)
    draw.polygon(placed(outline), fill=foot)
    draw.polygon(placed(face), fill=faces[stones.tone(identifier) - 1])
    out = BytesIO()
    picture.resize((width, height), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
