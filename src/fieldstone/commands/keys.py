"""`fieldstone keys new|rotate|show`: a signing key in a file that only its owner can read.

The file is JSON: `did`, `jwk` (the public key), `retired` public keys, which a did:web goes on listing so that what
they signed keeps verifying, and the secret: `sealed` with AES-256-GCM under a key that scrypt makes of a password, or,
only where somebody asked for that, plainly as the `d` of `jwk`.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from fieldstone.commands import files
from fieldstone.credential import CredentialError, PublicKey, SigningKey, did_document, did_web_url, dumps, loads
from fieldstone.credential import generate_key as generate
from fieldstone.credential.multibase import base64url_decode, base64url_encode

HARDNESS: Final = 2**16  # scrypt's n with r = 8: 64 MB and about a fifth of a second for each guess
Password = Callable[[], str | None]


@dataclass(frozen=True)
class KeyFile:
    """A signing key and the public keys that it replaced, newest first."""

    key: SigningKey
    retired: tuple[str, ...] = ()

    def to_bytes(self, password: str | None) -> bytes:
        """The file's content; the secret is in it plainly where `password` is None."""
        jwk = self.key.public.jwk()
        head: dict[str, Any] = {"did": self.key.controller, "jwk": jwk, "retired": list(self.retired)}
        if password is None:
            return dumps({**head, "jwk": {**jwk, "d": base64url_encode(self.key.seed())}}) + b"\n"
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        body = AESGCM(_stretched(password, salt, HARDNESS)).encrypt(nonce, self.key.seed(), dumps(head))
        parts = {"salt": salt, "nonce": nonce, "body": body}
        sealed = {"kdf": "scrypt", "n": HARDNESS, **{name: base64url_encode(part) for name, part in parts.items()}}
        return dumps({**head, "sealed": sealed}) + b"\n"

    @property
    def public(self) -> PublicFile:
        return PublicFile(self.key.controller, self.key.public, self.retired)


@dataclass(frozen=True)
class PublicFile:
    """What a key file says without its secret."""

    did: str
    key: PublicKey
    retired: tuple[str, ...]

    def document(self) -> dict[str, object]:
        """The DID document: what a did:web publishes."""
        return did_document(self.did, [self.key], retired=[PublicKey.from_multikey(text) for text in self.retired])


def load(path: str, password: Password = lambda: None) -> KeyFile:
    """Read a key file; `password` is asked only for a sealed one. Raises OSError, CommandError or CredentialError."""
    value, public = _head(path)
    if "sealed" in value:
        seed = _unsealed(value, path, password())
    elif isinstance(value["jwk"].get("d"), str):
        seed = base64url_decode(value["jwk"]["d"])
    else:
        raise _no_key_file(path)
    key = SigningKey.from_seed(seed, kind=public.key.kind)
    if key.public.multikey() != public.key.multikey():
        raise files.CommandError(f"{path}: the secret is not that of the public key.")
    return KeyFile(key if value["did"] == key.controller else key.controlled_by(value["did"]), public.retired)


def show(path: str) -> PublicFile:
    """The public side of a key file, sealed or not; raises OSError, CommandError or CredentialError."""
    return _head(path)[1]


def _head(path: str) -> tuple[dict[str, Any], PublicFile]:
    value = loads(files.read(path))
    jwk = value.get("jwk") if isinstance(value, dict) else None
    retired = value.get("retired", []) if isinstance(value, dict) else None
    if not isinstance(jwk, dict) or not isinstance(value.get("did"), str) or not isinstance(retired, list):
        raise _no_key_file(path)
    public = PublicKey.from_jwk({name: item for name, item in jwk.items() if name != "d"})
    return value, PublicFile(value["did"], public, tuple(str(text) for text in retired))


def _no_key_file(path: str) -> files.CommandError:
    return files.CommandError(f"{path} is not a key file. Make one with: fieldstone keys new --out FILE")


def _unsealed(value: Mapping[str, Any], path: str, password: str | None) -> bytes:
    if password is None:
        raise files.CommandError(f"{path} is sealed with a password: give --password-file.")
    sealed = value["sealed"]
    try:
        salt, nonce, body = (base64url_decode(sealed[name]) for name in ("salt", "nonce", "body"))
        if sealed["kdf"] != "scrypt" or sealed["n"] not in {2**power for power in range(14, 21)}:
            raise KeyError
        head = {name: item for name, item in value.items() if name != "sealed"}
        return AESGCM(_stretched(password, salt, sealed["n"])).decrypt(nonce, body, dumps(head))
    except (KeyError, TypeError, ValueError):
        raise _no_key_file(path) from None
    except InvalidTag:
        raise files.CommandError(f"{path} does not open with this password.") from None


def _stretched(password: str, salt: bytes, hardness: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=hardness, r=8, p=1).derive(password.encode())


def password_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that names a file with a password."""
    parser.add_argument(
        "--password-file", metavar="FILE", help="the password of a sealed key file (default: the environment, or asked)"
    )


def password_of(options: argparse.Namespace, *, twice: bool = False) -> Password:
    """How to get at a password: a file, FIELDSTONE_KEY_PASSWORD_FILE, FIELDSTONE_KEY_PASSWORD, or the keyboard."""

    def ask() -> str | None:
        named = options.password_file or os.environ.get("FIELDSTONE_KEY_PASSWORD_FILE")
        if named:
            return files.read(named).decode(errors="replace").strip()
        if os.environ.get("FIELDSTONE_KEY_PASSWORD"):
            return os.environ["FIELDSTONE_KEY_PASSWORD"]
        if not sys.stdin.isatty():
            return None
        given = getpass.getpass("Password of the key file: ")
        if twice and getpass.getpass("The same again: ") != given:
            raise files.CommandError("The two passwords are not the same.")
        return given

    return ask


def run(arguments: list[str], at: datetime) -> int:
    """Make, replace or show a key."""
    options = _options(arguments)
    try:
        if options.action == "new":
            password = None if options.no_password else _wanted(password_of(options, twice=True)())
            made = KeyFile(_under(generate(options.kind), options.did))
            files.write(Path(options.out), made.to_bytes(password), secret=True)
            _print(made.public)
        elif options.action == "rotate":
            given = password_of(options)() if "sealed" in _head(options.key)[0] else None
            made = _rotated(load(options.key, lambda: given))
            files.write(Path(options.key), made.to_bytes(given), replace=True, secret=True)
            _print(made.public)
        else:
            _print(show(options.key))
    except (OSError, CredentialError, files.CommandError) as error:
        return files.complain(f"keys {options.action}", error)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fieldstone keys", description="Make, replace and show signing keys.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="new|rotate|show")
    new = actions.add_parser("new", help="make a key")
    new.add_argument("--out", required=True, metavar="KEY", help="the file to write; it must not exist")
    new.add_argument("--kind", choices=("Ed25519", "P-256", "P-384"), default="Ed25519")
    new.add_argument("--did", metavar="did:web:…", help="who signs with it (default: a did:key of its own)")
    password_option(new)
    new.add_argument("--no-password", action="store_true", help="leave the secret unsealed in the file")
    rotate = actions.add_parser("rotate", help="replace a key; the old one goes on verifying, under a did:web")
    rotate.add_argument("key", metavar="KEY")
    password_option(rotate)
    show = actions.add_parser("show", help="print a key's public side")
    show.add_argument("key", metavar="KEY")
    return parser.parse_args(arguments)


def _wanted(password: str | None) -> str:
    if not password:
        raise files.CommandError("A key file needs a password: give --password-file, or --no-password to do without.")
    return password


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


def _print(made: PublicFile) -> None:
    print(f"DID:  {made.did}")
    print(f"Key:  {made.did}#{made.key.multikey()} ({made.key.kind})")
    if made.did.startswith("did:web:"):
        print(f"Publish this at {did_web_url(made.did)}:", file=sys.stderr)
        print(json.dumps(made.document(), indent=2))
