"""`fieldstone keys new|rotate|show`: a signing key in a file that only its owner can read.

The file is JSON: `did`, `jwk` (with its secret `d`) and `retired` public keys, which a did:web goes on listing so that
what they signed keeps verifying.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fieldstone.commands import files
from fieldstone.credential import CredentialError, PublicKey, SigningKey, did_document, did_web_url, dumps, loads
from fieldstone.credential import generate_key as generate
from fieldstone.credential.multibase import base64url_decode, base64url_encode


@dataclass(frozen=True)
class KeyFile:
    """A signing key and the public keys that it replaced, newest first."""

    key: SigningKey
    retired: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """The file's content, secret included."""
        jwk = {**self.key.public.jwk(), "d": base64url_encode(self.key.seed())}
        return dumps({"did": self.key.controller, "jwk": jwk, "retired": list(self.retired)}) + b"\n"

    def document(self) -> dict[str, object]:
        """The DID document: what a did:web publishes."""
        retired = [PublicKey.from_multikey(text) for text in self.retired]
        return did_document(self.key.controller, [self.key.public], retired=retired)


def load(path: str) -> KeyFile:
    """Read a key file; raises OSError, CommandError or CredentialError."""
    value = loads(files.read(path))
    jwk = value.get("jwk") if isinstance(value, dict) else None
    if not isinstance(jwk, dict) or not isinstance(jwk.get("d"), str) or not isinstance(value.get("did"), str):
        raise files.CommandError(f"{path} is not a key file. Make one with: fieldstone keys new --out {path}")
    key = SigningKey.from_seed(base64url_decode(jwk["d"]), kind=str(jwk.get("crv")))
    if value["did"] != key.controller:
        key = key.controlled_by(value["did"])
    return KeyFile(key, tuple(str(text) for text in value.get("retired", ())))


def run(arguments: list[str], at: datetime) -> int:
    """Make, replace or show a key."""
    parser = argparse.ArgumentParser(prog="fieldstone keys", description="Make, replace and show signing keys.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="new|rotate|show")
    new = actions.add_parser("new", help="make a key")
    new.add_argument("--out", required=True, metavar="KEY", help="the file to write; it must not exist")
    new.add_argument("--kind", choices=("Ed25519", "P-256", "P-384"), default="Ed25519")
    new.add_argument("--did", metavar="did:web:…", help="who signs with it (default: a did:key of its own)")
    rotate = actions.add_parser("rotate", help="replace a key; the old one goes on verifying, under a did:web")
    rotate.add_argument("key", metavar="KEY")
    show = actions.add_parser("show", help="print a key's public side")
    show.add_argument("key", metavar="KEY")
    options = parser.parse_args(arguments)
    try:
        if options.action == "new":
            made = KeyFile(_under(generate(options.kind), options.did))
            files.write(Path(options.out), made.to_bytes(), secret=True)
        elif options.action == "rotate":
            made = _rotated(load(options.key))
            files.write(Path(options.key), made.to_bytes(), replace=True, secret=True)
        else:
            made = load(options.key)
    except (OSError, CredentialError, files.CommandError) as error:
        return files.complain(f"keys {options.action}", error)
    _print(made)
    return 0


def _under(key: SigningKey, did: str | None) -> SigningKey:
    if did is None:
        return key
    did_web_url(did)
    return key.controlled_by(did)


def _rotated(old: KeyFile) -> KeyFile:
    if old.key.controller.startswith("did:key:"):
        raise files.CommandError("A did:key is its key, so it cannot be replaced. Make a new one with: keys new")
    key = generate(old.key.kind).controlled_by(old.key.controller)
    return KeyFile(key, (old.key.public.multikey(), *old.retired))


def _print(made: KeyFile) -> None:
    print(f"DID:  {made.key.controller}")
    print(f"Key:  {made.key.id} ({made.key.kind})")
    if made.key.controller.startswith("did:web:"):
        print(f"Publish this at {did_web_url(made.key.controller)}:", file=sys.stderr)
        print(json.dumps(made.document(), indent=2))
