"""`fieldstone bake IMAGE CREDENTIAL --out FILE`."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from fieldstone.commands import files
from fieldstone.credential import CredentialError
from fieldstone.credential.baked import bake


def run(arguments: list[str], at: datetime) -> int:
    """Put a signed credential into a PNG or SVG."""
    parser = argparse.ArgumentParser(
        prog="fieldstone bake", description="Put a signed credential (JSON or JWT) into a badge image (PNG or SVG)."
    )
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("credential", metavar="CREDENTIAL", help="a file, or - for input")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")
    parser.add_argument("--version", choices=("3.0", "2.0"), default="3.0", help="of Open Badges (default: 3.0)")
    parser.add_argument("--force", action="store_true", help="replace FILE where it exists")
    options = parser.parse_args(arguments)
    try:
        made = bake(files.read(options.image), files.read(options.credential), version=options.version)
        files.write(options.out, made, replace=options.force)
    except (OSError, CredentialError, files.CommandError) as error:
        return files.complain("bake", error)
    return 0
