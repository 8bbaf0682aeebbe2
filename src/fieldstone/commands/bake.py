"""`fieldstone bake IMAGE CREDENTIAL --out FILE`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from fieldstone.commands import files
from fieldstone.credential import CredentialError, jwt, loads
from fieldstone.credential.baked import bake
from fieldstone.credential.openbadges2 import is_openbadges2


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
        credential = files.read(options.credential)
        found = _version(credential)
        if found not in ("", options.version):
            raise files.CommandError(f"{options.credential} is of Open Badges {found}: give --version {found}.")
        made = bake(files.read(options.image), credential, version=options.version)
        files.write(options.out, made, replace=options.force)
    except (OSError, CredentialError, files.CommandError) as error:
        return files.complain("bake", error)
    return 0


def _version(data: bytes) -> str:
    """The version of Open Badges that a credential speaks, or nothing where that cannot be read."""
    try:
        text = data.decode().strip()
        document = jwt.read(text).claims if jwt.looks_like_jwt(text) else loads(text)
    except (CredentialError, UnicodeDecodeError):
        return ""
    if not isinstance(document, Mapping):
        return ""
    if is_openbadges2(document):
        return "2.0"
    return "3.0" if "issuer" in document or "vc" in document else ""
