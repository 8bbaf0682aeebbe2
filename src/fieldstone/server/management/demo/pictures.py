"""Drawn photos: pages of notes, a block corner, a checklist. Nobody and no real place is in them."""

from __future__ import annotations

import random
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw

VARIANTS = 12


@lru_cache(maxsize=VARIANTS)
def photo(number: int) -> bytes:
    """One of a dozen JPEG pictures, 960 × 720 pixels."""
    chance = random.Random(number)  # noqa: S311 - a drawing, not a secret
    ground = chance.choice(("#B9A88C", "#A9B0A6", "#C4B49A", "#9FA8A3"))
    image = Image.new("RGB", (960, 720), ground)
    draw = ImageDraw.Draw(image)
    for sheet in range(1 + number % 2):
        left = 120 + 400 * sheet + chance.randint(-20, 20)
        lean = chance.randint(-30, 30)
        width = 340 if number % 2 else 620
        draw.polygon(
            [(left, 70), (left + width, 70 + lean), (left + width - 10, 650 + lean), (left - 10, 640)], fill="#FBF8F1"
        )
        for line in range(12):
            y = 120 + line * 42
            if number % 3 == 0:
                draw.rectangle((left + 30, y - 10, left + 50, y + 10), outline="#2F6A8F", width=3)
            end = left + width - 60 - chance.randint(0, 140)
            draw.line((left + 70, y, end, y + lean * (end - left) // width // 2), fill="#3A474D", width=5)
    held = BytesIO()
    image.save(held, "JPEG", quality=72)
    return held.getvalue()
