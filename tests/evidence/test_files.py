"""What a file is, what is kept of it, and what is refused."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage, InMemoryStorage, default_storage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fieldstone.server.evidence import images, rules, sniff, storage
from tests.evidence import files

EVERY = ("photo", "document", "audio", "video")


def sniffed(data: bytes) -> str | None:
    return sniff.media_type(io.BytesIO(data))


MP4 = b"\x00\x00\x00\x18ftyp"
OPEN = "application/vnd.openxmlformats-officedocument."
DOCX = f"{OPEN}wordprocessingml.document"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (files.jpeg(), "image/jpeg"),
        (files.picture("PNG"), "image/png"),
        (files.picture("GIF"), "image/gif"),
        (files.picture("WEBP"), "image/webp"),
        (MP4 + b"heic" + b"\x00" * 20, "image/heif"),
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (MP4 + b"isom" + b"\x00" * 20, "video/mp4"),
        (MP4 + b"qt  " + b"\x00" * 20, "video/quicktime"),
        (MP4 + b"M4A " + b"\x00" * 20, "audio/mp4"),
        (MP4 + b"3gp5" + b"\x00" * 20, "video/3gpp"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", None),
        (b"OggS\x00\x02", "audio/ogg"),
        (b"fLaC\x00\x00", "audio/flac"),
        (b"#!AMR\n", "audio/amr"),
        (b"ID3\x03\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", None),
        (files.docx(), DOCX),
        (files.package("[Content_Types].xml", "xl/workbook.xml"), f"{OPEN}spreadsheetml.sheet"),
        (files.package("[Content_Types].xml", "ppt/presentation.xml"), f"{OPEN}presentationml.presentation"),
        (files.package("content.xml", stored=b"application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
        (files.package("content.xml", stored=b"application/epub+zip"), None),
        ("Notas de la mañana, línea uno.\n".encode() * 4000, "text/plain"),
        (b"plain", "text/plain"),
    ],
)
def test_the_bytes_say_what_a_file_is(data: bytes, expected: str | None) -> None:
    assert sniffed(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        files.SVG,
        files.HTML,
        b"\xef\xbb\xbf  <HTML><body>",
        b"notes\n" * 2000 + b"<script>alert(1)</script>",
        b"x" * (65536 - 4) + b"<script>",
        b"MZ\x90\x00\x03",
        b"\x7fELF\x02\x01",
        b"PK\x03\x04 broken",
        b"PK\x05\x06" + b"\x00" * 18,
        files.package("a.txt"),
        files.package("[Content_Types].xml", "evil/payload.bin"),
        files.docx("word/vbaProject.bin"),
        b"words \x00 and zeros",
        b"words \x07 and bells",
        b"caf\xe9 latin-1 text",
        b"cut \xe2\x82",
        b"",
    ],
)
def test_what_is_not_kept_has_no_type(data: bytes) -> None:
    assert sniffed(data) is None


def test_an_office_file_that_claims_to_unpack_to_a_flood_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniff, "ZIP_LIMIT", 1_000_000)
    assert sniffed(files.docx(size=400_000)) == DOCX
    assert sniffed(files.docx(size=600_000)) is None


def test_an_encrypted_office_file_is_refused() -> None:
    data = bytearray(files.docx())
    at = data.index(b"PK\x01\x02") + 8
    data[at] |= 1
    assert sniffed(bytes(data)) is None


@given(st.binary(max_size=300))
def test_rubbish_never_raises(data: bytes) -> None:
    sniffed(data)
    sniffed(b"PK\x03\x04" + data)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 600))
def test_a_broken_picture_is_unreadable_and_nothing_worse(data: bytes, cut: int) -> None:
    for whole in (files.jpeg(), files.picture("PNG"), files.picture("GIF"), files.picture("WEBP")):
        try:
            images.clean(io.BytesIO(whole[:cut] + data))
        except (images.Unreadable, images.TooManyPixels):
            continue


def test_place_time_camera_and_comment_are_gone_and_the_picture_is_upright() -> None:
    sent = files.located()
    assert b"SECRETCAMERA" in sent
    kept = images.clean(io.BytesIO(sent))
    assert b"SECRET" not in kept.data
    assert b"2026:11:04" not in kept.data
    image = Image.open(io.BytesIO(kept.data))
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    assert image.size == (40, 60)
    top, bottom = image.convert("RGB").getpixel((20, 5)), image.convert("RGB").getpixel((20, 55))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[2] > 200 > 60 > top[0]
    assert bottom[0] > 200 > 60 > bottom[2]


def test_a_png_loses_its_notes_and_keeps_its_transparency() -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Author", "SECRETNAME")
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (1, 2, 3, 0)).save(out, "PNG", pnginfo=notes)
    kept = images.clean(io.BytesIO(out.getvalue()))
    assert b"SECRET" not in kept.data
    assert (kept.media_type, Image.open(io.BytesIO(kept.data)).mode) == ("image/png", "RGBA")
    assert images.small(io.BytesIO(kept.data)).startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("data", "kept_as"),
    [
        (files.jpeg(), "image/jpeg"),
        (files.picture("GIF"), "image/png"),
        (files.picture("PNG"), "image/png"),
        (files.picture("PNG", mode="P"), "image/png"),
        (files.picture("PNG", mode="L"), "image/png"),
        (files.picture("WEBP"), "image/jpeg"),
        (files.picture("WEBP", mode="RGBA"), "image/png"),
    ],
)
def test_pictures_are_written_anew(data: bytes, kept_as: str) -> None:
    kept = images.clean(io.BytesIO(data + files.HTML))
    assert kept.media_type == kept_as
    assert b"script" not in kept.data


def test_a_large_photo_is_made_smaller() -> None:
    kept = images.clean(io.BytesIO(files.jpeg((4000, 1000))))
    assert Image.open(io.BytesIO(kept.data)).size == (3200, 800)


@pytest.mark.parametrize("side", [9_000, 50_000])
def test_a_decompression_bomb_is_never_decoded(side: int) -> None:
    with pytest.raises(images.TooManyPixels):
        images.clean(io.BytesIO(files.huge_png(side)))


def test_dark_and_light_photos_are_told_apart() -> None:
    dark = images.clean(io.BytesIO(files.jpeg(color=(30, 32, 34)))).light
    paper = Image.new("RGB", (100, 100), (25, 25, 25))
    paper.paste((240, 240, 230), (0, 0, 30, 30))
    out = io.BytesIO()
    paper.save(out, "JPEG")
    assert dark < rules.DARK_BELOW < images.clean(io.BytesIO(out.getvalue())).light


def take(data: bytes, kinds: tuple[str, ...] = EVERY) -> tuple[storage.Stored, str]:
    return storage.take_in(io.BytesIO(data), part="notes", kinds=kinds)


def refused(data: bytes, kinds: tuple[str, ...] = EVERY) -> str:
    with pytest.raises(storage.FileRefused) as caught:
        take(data, kinds)
    assert caught.value.problems[0].field == "parts.notes"
    return caught.value.problems[0].english()


def test_a_file_lies_under_its_own_digest() -> None:
    data = b"%PDF-1.7 words"
    stored, kind = take(data)
    digest = hashlib.sha256(data).hexdigest()
    assert (stored.sha256, stored.sent_sha256, stored.size, kind) == (digest, digest, len(data), "document")
    with storage.open_blob(digest) as file:
        assert file.read() == data
    assert take(data)[0] == stored


def test_a_photo_keeps_the_digest_of_what_was_sent() -> None:
    sent = files.located()
    stored, kind = take(sent)
    assert (stored.sent_sha256, kind) == (hashlib.sha256(sent).hexdigest(), "photo")
    assert stored.sha256 != stored.sent_sha256
    assert stored.light is not None


def test_refusals_say_what_to_do(settings: Any) -> None:
    assert "Send a photo" in refused(files.SVG)
    assert "Send a photo" in refused(files.package("../../../../etc/passwd"))
    assert "another kind" in refused(b"%PDF-1.7", ("photo",))
    assert "Most compatible" in refused(MP4 + b"heic" + b"\x00" * 20)
    assert "empty" in refused(b"")
    assert "too many pixels" in refused(files.huge_png())
    assert "whole" in refused(files.jpeg((400, 400))[:300])
    settings.EVIDENCE_MAX_BYTES = 2_000_000
    assert refused(b"%PDF-" + b"0" * 2_000_000) == "This file is larger than 2 MB."


def test_sound_in_a_video_container_counts_as_sound() -> None:
    data = MP4 + b"isom" + b"\x00" * 40
    assert take(data, ("audio",))[1] == "audio"
    assert take(data, ("audio", "video"))[1] == "video"


def test_nothing_is_left_under_a_digest_when_writing_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = FileSystemStorage(location=tmp_path / "here")

    def breaks(_handle: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(storage.os, "fsync", breaks)
    with pytest.raises(OSError, match="full"):
        storage.put(io.BytesIO(b"words"), storage=place)
    assert [p for p in (tmp_path / "here").rglob("*") if p.is_file()] == []


def test_damaged_bytes_are_written_again(tmp_path: Path) -> None:
    place = FileSystemStorage(location=tmp_path / "here")
    sha256, _size = storage.put(io.BytesIO(b"words"), storage=place)
    (tmp_path / "here" / storage.path_of(sha256)).write_bytes(b"wor")
    storage.put(io.BytesIO(b"words"), storage=place)
    assert (tmp_path / "here" / storage.path_of(sha256)).read_bytes() == b"words"


def test_a_bucket_without_folders_works_too() -> None:
    place = InMemoryStorage()
    sha256, size = storage.put(io.BytesIO(b"words"), storage=place)
    assert storage.put(io.BytesIO(b"words"), storage=place) == (sha256, size)
    assert storage.open_blob(sha256, storage=place).read() == b"words"
    assert place.listdir(f"blobs/{sha256[:2]}")[1] == [sha256]


def test_a_storage_that_does_not_keep_its_word_is_found_out() -> None:
    class Forgets(InMemoryStorage):
        def _save(self, name: str, content: Any) -> str:
            return name

    with pytest.raises(storage.StorageBroken):
        storage.put(io.BytesIO(b"words"), storage=Forgets())


def test_the_default_storage_is_used() -> None:
    sha256, _size = storage.put(io.BytesIO(b"words"))
    assert default_storage.exists(f"blobs/{sha256[:2]}/{sha256}")
