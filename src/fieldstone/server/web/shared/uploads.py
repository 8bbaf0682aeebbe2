"""A bound on each uploaded file while it arrives. The other fields of the form are read all the same."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest


class BoundedUpload(FileUploadHandler):
    """Drops a file once it passes settings.EVIDENCE_MAX_BYTES and notes its field on the request.

    Stands first in FILE_UPLOAD_HANDLERS; `too_large(request)` tells the view which fields were dropped.
    """

    seen = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        super().new_file(*args, **kwargs)
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count, and let the next handler have the bytes."""
        self.seen += len(raw_data)
        if self.seen > settings.EVIDENCE_MAX_BYTES:
            if self.request is not None:
                self.request.META.setdefault("fieldstone.too_large", []).append(self.field_name)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler keeps the file."""


def too_large(request: HttpRequest) -> list[str]:
    """Names of the fields whose files were dropped for their size."""
    _files = request.FILES
    return list(request.META.get("fieldstone.too_large", []))
