"""Files that tests send: honest ones of every kind, and hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.domain)</script>"


def jpeg(size: tuple[int, int] = (60, 40), color: Any = (200, 190, 180), **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "JPEG", **save)
    return out.getvalue()


def picture(kind: str, size: tuple[int, int] = (20, 10), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 200 if mode == "L" else None).save(out, kind)
    return out.getvalue()


def located() -> bytes:
    """A JPEG taken sideways, with place, time, camera, a thumbnail's worth of notes and a comment."""
    image = Image.new("RGB", (60, 40), (250, 10, 10))
    image.paste((10, 10, 250), (0, 0, 30, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    exif[0x010F] = "SECRETCAMERA"
    exif[0x0132] = "2026:11:04 10:42:00"
    exif[0x8825] = {1: "N", 2: (36.0, 9.0, 44.0), 3: "W", 4: (86.0, 46.0, 27.0)}
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"SECRETCOMMENT", quality=95)
    return out.getvalue()


def huge_png(side: int = 50_000) -> bytes:
    """A PNG of some kilobytes that claims `side` squared pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00" * 10_000)) + chunk(b"IEND", b"")


def package(*names: str, size: int = 10, stored: bytes | None = None) -> bytes:
    """A zip file with these entries; `stored` is an uncompressed first entry named mimetype."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        if stored is not None:
            z.writestr("mimetype", stored, zipfile.ZIP_STORED)
        for name in names:
            z.writestr(name, b"0" * size)
    return out.getvalue()


def docx(*more: str, size: int = 10) -> bytes:
    return package("[Content_Types].xml", "word/document.xml", *more, size=size)
