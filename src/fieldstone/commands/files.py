"""Reading and writing the files of commands: limited, never half written, never overwritten by accident."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

LARGEST: Final = 16 * 1024 * 1024


class CommandError(Exception):
    """What was asked for cannot be done; the message is for the person at the keyboard."""


def complain(command: str, error: Exception) -> int:
    """Say what was wrong with a command; gives the exit status 2."""
    words = getattr(error, "detail", None) or (error.strerror if isinstance(error, OSError) else None) or str(error)
    where = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
    said = f"fieldstone {command}: {where}{words}".encode(errors="backslashreplace").decode()
    print(said, file=sys.stderr)
    return 2


def read(path: str) -> bytes:
    """A file's bytes, or standard input's for `-`; raises OSError or CommandError for more than LARGEST."""
    if path == "-":
        data = sys.stdin.buffer.read(LARGEST + 1)
    else:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise CommandError(f"{path} is larger than {LARGEST} bytes.")
    return data


def write(path: Path, data: bytes, *, replace: bool = False, secret: bool = False) -> None:
    """Write a file whole or not at all; raises OSError, or CommandError where it exists and may not be replaced.

    `secret` files can be read by their owner alone.
    """
    if path.exists() and not replace:
        raise CommandError(f"{path} already exists.")
    if not path.parent.is_dir():
        raise CommandError(f"There is no folder {path.parent}.")
    part = path.with_name(f".{path.name}.part")
    flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if secret else os.O_TRUNC)
    try:
        if secret:  # a file that somebody put here before could be open to others
            part.unlink(missing_ok=True)
        handle = os.open(part, flags, 0o600 if secret else 0o644)
    except OSError as error:
        error.filename = str(path)  # the name that was given, not that of our half-written one
        raise
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    part.replace(path)
