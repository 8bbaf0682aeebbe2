"""Photos made safe: decoded and written anew, upright, without the place, the time or the phone in them."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from itertools import accumulate
from typing import BinaryIO

from PIL import Image, ImageOps

MAX_PIXELS = 64_000_000
"""A phone's largest photo; more is taken for a decompression bomb and never decoded."""
LONG_SIDE = 3200
"""Pixels of the longer side that are kept: a page of handwriting stays readable."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error, Image.DecompressionBombError)


class Unreadable(Exception):
    """These bytes are no whole picture."""


class TooManyPixels(Exception):
    """The picture claims more pixels than a phone takes."""


@dataclass(frozen=True)
class Clean:
    """A picture as it is kept. `light` is the gray (0 to 255) that only its brightest twentieth passes."""

    data: bytes
    media_type: str
    light: int


def _light(image: Image.Image) -> int:
    histogram = image.convert("L").resize((64, 64)).histogram()
    passing = accumulate(reversed(histogram))
    return next(255 - i for i, beyond in enumerate(passing) if beyond * 20 >= 64 * 64)


def _open(file: BinaryIO, side: int) -> Image.Image:
    """The first frame, upright, at most `side` pixels long, in RGB or (with transparency) RGBA."""
    file.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(file, formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:
        raise TooManyPixels
    image.draft("RGB", (side, side))
    upright = ImageOps.exif_transpose(image)
    clear = upright.has_transparency_data and image.format != "JPEG"
    plain = upright.convert("RGBA" if clear else "RGB")
    plain.thumbnail((side, side), Image.Resampling.LANCZOS)
    fresh = Image.new(plain.mode, plain.size)
    fresh.paste(plain)
    return fresh


def clean(file: BinaryIO) -> Clean:
    """The picture re-encoded: JPEG, or PNG when it came as PNG or GIF.

    Raises Unreadable or TooManyPixels.
    """
    try:
        picture = _open(file, LONG_SIDE)
        file.seek(0)
        as_png = picture.mode == "RGBA" or file.read(4) in (b"\x89PNG", b"GIF8")
        out = io.BytesIO()
        if as_png:
            picture.save(out, "PNG", optimize=False)
        else:
            picture.save(out, "JPEG", quality=85, optimize=True, progressive=True)
        return Clean(out.getvalue(), "image/png" if as_png else "image/jpeg", _light(picture))
    except _UNREADABLE as error:
        if isinstance(error, Image.DecompressionBombError):
            raise TooManyPixels from error
        raise Unreadable from error


def small(file: BinaryIO, side: int = 228) -> bytes:
    """A JPEG of at most `side` pixels for lists, some kilobytes heavy."""
    picture = _open(file, side)
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70, optimize=True)
    return out.getvalue()
