"""Bytes under their own SHA-256 in Django's default storage: a folder, or an S3 bucket by setting.

A file is written beside its place, read back, compared and only then moved there, so that under a digest there is
either nothing or exactly those bytes, whatever moment the power fails. Rows are written afterwards.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage

from fieldstone.server.evidence import images, rules, sniff
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _

CHUNK = 262_144


class FileRefused(Refused):
    """A file that is not kept, with what to do instead."""


class StorageBroken(Exception):
    """What was written is not what is read back."""


@dataclass(frozen=True)
class Stored:
    """A file that lies in the storage. `sent_sha256` is the digest of the bytes as they came."""

    sha256: str
    size: int
    media_type: str
    sent_sha256: str
    light: int | None


def path_of(sha256: str) -> str:
    """Where the bytes with this digest lie."""
    return f"blobs/{sha256[:2]}/{sha256}"


def digest_of(file: BinaryIO) -> str:
    """SHA-256 (hex) of what is left in `file`, read in pieces."""
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _lies_there(storage: Storage, sha256: str) -> bool:
    try:
        with storage.open(path_of(sha256), "rb") as file:
            return digest_of(cast(BinaryIO, file)) == sha256
    except FileNotFoundError:
        return False


def _to_folder(target: Path, file: BinaryIO) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".incoming-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            while chunk := file.read(CHUNK):
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def put(file: BinaryIO, *, storage: Storage = default_storage) -> tuple[str, int]:
    """Store the bytes of `file`; their SHA-256 and size. Storing the same bytes twice is one file.

    Raises StorageBroken when they cannot be read back unchanged.
    """
    file.seek(0)
    sha256 = digest_of(file)
    size = file.tell()
    if not _lies_there(storage, sha256):
        file.seek(0)
        if isinstance(storage, FileSystemStorage):
            _to_folder(Path(storage.path(path_of(sha256))), file)
        else:
            storage.delete(path_of(sha256))
            storage.save(path_of(sha256), File(file))
        if not _lies_there(storage, sha256):
            raise StorageBroken(sha256)
    return sha256, size


def open_blob(sha256: str, *, storage: Storage = default_storage) -> BinaryIO:
    """The stored bytes, opened for reading. Raises FileNotFoundError."""
    return cast(BinaryIO, storage.open(path_of(sha256), "rb"))


def _kind(part: str, media_type: str | None, kinds: tuple[str, ...]) -> str:
    """The kind of artifact, or a refusal that says what to send."""
    field = rules.field_of(part)
    if media_type == "image/heif":
        raise FileRefused(
            _("This photo is in a format that few can open (HEIC). In the phone’s camera settings choose "
              "“Most compatible”, take it again, and send that."),
            field,
        )  # fmt: skip
    kind = "photo" if media_type in ("image/gif", "image/webp") else rules.MEDIA_KINDS.get(media_type or "", "")
    if not kind:
        raise FileRefused(
            _("This kind of file is not kept. Send a photo, a PDF, an office file, a sound or a video."), field
        )
    if kind == "video" and "audio" in kinds and "video" not in kinds:
        kind = "audio"  # many voice recorders write sound into a video container
    if kind not in kinds:
        raise FileRefused(_("This part asks for another kind of file."), field)
    return kind


def take_in(file: BinaryIO, *, part: str, kinds: tuple[str, ...]) -> tuple[Stored, str]:
    """Check an uploaded file, clean it if it is a picture, store it; what was stored and its kind.

    Raises FileRefused with the part's field: too large, empty, of a kind that is not kept or not asked for here,
    or a picture that cannot be read.
    """
    field = rules.field_of(part)
    file.seek(0, os.SEEK_END)
    size = file.tell()
    if size > settings.EVIDENCE_MAX_BYTES:
        limit = settings.EVIDENCE_MAX_BYTES // 1_000_000
        raise FileRefused(_("This file is larger than %(limit)s MB."), field, limit=limit)
    if size == 0:
        raise FileRefused(_("This file is empty. Choose it again."), field)
    media_type = sniff.media_type(file)
    kind = _kind(part, media_type, kinds)
    file.seek(0)
    sent = digest_of(file)
    if kind != "photo":
        sha256, size = put(file)
        return Stored(sha256, size, media_type or "", sent, None), kind
    try:
        picture = images.clean(file)
    except images.TooManyPixels:
        raise FileRefused(_("This picture has too many pixels. Send a smaller one."), field) from None
    except images.Unreadable:
        raise FileRefused(_("This picture did not arrive whole. Send it again."), field) from None
    sha256, size = put(io.BytesIO(picture.data))
    return Stored(sha256, size, picture.media_type, sent, picture.light), kind

