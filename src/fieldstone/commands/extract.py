"""`fieldstone extract IMAGE [--out FILE]`."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from fieldstone.commands import files
from fieldstone.credential import CredentialError
from fieldstone.credential.baked import is_image, unbake


def run(arguments: list[str], at: datetime) -> int:
    """Take the credential out of a PNG or SVG."""
    parser = argparse.ArgumentParser(
        prog="fieldstone extract",
        description="Take the credential out of a badge image (PNG or SVG). It is not checked.",
    )
    parser.add_argument("image", metavar="IMAGE", help="a file, or - for input")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: print it")
    parser.add_argument("--force", action="store_true", help="replace FILE where it exists")
    options = parser.parse_args(arguments)
    try:
        data = files.read(options.image)
        if not is_image(data):
            raise files.CommandError(f"{options.image} is neither PNG nor SVG.")
        credential = unbake(data)
        if options.out is None:
            sys.stdout.buffer.write(credential + b"\n")
        else:
            files.write(options.out, credential, replace=options.force)
    except (OSError, CredentialError, files.CommandError) as error:
        return files.complain("extract", error)
    return 0
