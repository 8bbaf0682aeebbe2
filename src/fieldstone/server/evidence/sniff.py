"""What a file is, told from its bytes alone. Names and declared types are not believed.

Signatures: the WHATWG MIME Sniffing Standard, RFC 8118 (PDF), ISO/IEC 14496-12 (file type box), ISO/IEC 29500-2
and OASIS OpenDocument 1.3 part 2 (zip packages).
"""

from __future__ import annotations

import re
import zipfile
from typing import BinaryIO

HEAD = 4096
ZIP_LIMIT = 300_000_000
"""Bytes that an office file may claim to hold once unpacked (we never unpack it)."""

_OPENXML = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OPENDOCUMENT = {
    f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation")
}
_BRANDS = {b"qt  ": "video/quicktime", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4"}
_HEIF = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|svg|script|\?xml|head|body|iframe|math)", re.IGNORECASE)


def _iso_media(head: bytes) -> str | None:
    brand = head[8:12]
    if brand in _HEIF:
        return "image/heif"
    return "video/3gpp" if brand.startswith(b"3g") else _BRANDS.get(brand, "video/mp4")


def _office(file: BinaryIO) -> str | None:
    """The kind of office file in a zip; None for other zips, encrypted ones, macros, and bombs."""
    try:
        with zipfile.ZipFile(file) as package:
            entries = package.infolist()
            names = {entry.filename for entry in entries}
            claimed = sum(entry.file_size for entry in entries)
            bad = claimed > ZIP_LIMIT or len(entries) > 5000 or any(entry.flag_bits & 1 for entry in entries)
            if bad or any(name.lower().endswith("vbaproject.bin") for name in names):
                return None
            if "[Content_Types].xml" in names:
                return next((t for prefix, t in _OPENXML.items() if any(n.startswith(prefix) for n in names)), None)
            first = entries[0] if entries else None
            stored = first is not None and first.compress_type == zipfile.ZIP_STORED and first.file_size < 100
            if first and stored and first.filename == "mimetype":
                kind = package.read(first).decode("ascii", "replace")
                return kind if kind in _OPENDOCUMENT else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        return None
    return None


def _is_text(file: BinaryIO) -> bool:
    """UTF-8 throughout, no control signs, and nothing in it that looks like markup."""
    file.seek(0)
    tail = b""
    rest = b""
    while chunk := file.read(65536):
        if _MARKUP.search(tail + chunk) or b"\x00" in chunk or re.search(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]", chunk):
            return False
        tail = chunk[-32:]
        block = rest + chunk
        try:
            block.decode("utf-8")
            rest = b""
        except UnicodeDecodeError as error:
            if error.reason != "unexpected end of data" or len(block) - error.start > 3:
                return False
            rest = block[error.start :]
    return not rest


def media_type(file: BinaryIO) -> str | None:
    """The media type of `file`, or None when it is nothing we know. Leaves the position anywhere.

    Types that are recognized but not kept (image/heif, image/gif, image/webp) are named so that the answer can
    say what to do.
    """
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] in (b"WEBP", b"WAVE"):
        return "image/webp" if head[8:12] == b"WEBP" else "audio/wav"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else None
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head.startswith(b"fLaC"):
        return "audio/flac"
    if head.startswith(b"#!AMR"):
        return "audio/amr"
    if head.startswith(b"ID3") or (len(head) > 2 and head[0] == 0xFF and head[1] in (0xFB, 0xF3, 0xF2, 0xFA)):
        return "audio/mpeg"
    if len(head) > 2 and head[0] == 0xFF and head[1] in (0xF1, 0xF9):
        return "audio/aac"
    if head.startswith(b"PK\x03\x04"):
        file.seek(0)
        return _office(file)
    if head and _is_text(file):
        return "text/plain"
    return None
