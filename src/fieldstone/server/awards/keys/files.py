"""Keys in encrypted PEM files, one for each key, and keys that the environment holds."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from fieldstone import credential
from fieldstone.server.awards.keys.sealed import CannotOpen

_NAME = re.compile(r"[A-Za-z0-9]+\.pem")
_PEM = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", re.DOTALL)


@dataclass(frozen=True)
class Folder:
    """A folder of PKCS#8 files, encrypted with one password (AES-256, PBKDF2); only their owner may read them."""

    path: str
    password: Callable[[], str] = field(repr=False)

    def make(self, kind: str, label: str) -> tuple[credential.PublicKey, str]:
        """A new file, named after the public key; raises CannotOpen where it cannot be written."""
        key = credential.generate_key(kind)
        name = f"{key.public.multikey()}.pem"
        data = key.secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(self._password()))
        try:
            Path(self.path).mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(Path(self.path, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise CannotOpen(f"{self.path}: {error.strerror}") from None
        return key.public, name

    def signer(self, name: str, public: credential.PublicKey, did: str) -> credential.Signer:
        """The key in a file; raises CannotOpen."""
        if not _NAME.fullmatch(name):
            raise CannotOpen("The name of the key's file is not one of ours.")
        try:
            data = Path(self.path, name).read_bytes()
        except OSError as error:
            raise CannotOpen(f"{name}: {error.strerror}") from None
        return _same(_read(data, self._password()), public, did)

    def _password(self) -> bytes:
        password = self.password()
        if not password:
            raise CannotOpen("Keys in files need a password: set FIELDSTONE_KEY_PASSWORD_FILE.")
        return password.encode()


@dataclass(frozen=True)
class Environment:
    """Keys in an environment variable, as PEM text or `secretKeyMultibase`; the newest first."""

    variable: str
    environment: Mapping[str, str] = field(repr=False)

    def make(self, kind: str, label: str) -> tuple[credential.PublicKey, str]:
        """The first key that the variable holds: it was made elsewhere. Raises CannotOpen where there is none."""
        keys = self._keys()
        if not keys or keys[0].kind != kind:
            raise CannotOpen(f"{self.variable} holds no key of kind {kind}.")
        return keys[0].public, self.variable

    def signer(self, name: str, public: credential.PublicKey, did: str) -> credential.Signer:
        """The key among those that the variable holds; raises CannotOpen."""
        for key in self._keys():
            if key.public == public or key.public.multikey() == public.multikey():
                return _same(key, public, did)
        raise CannotOpen(f"{self.variable} does not hold this key.")

    def _keys(self) -> list[credential.SigningKey]:
        text = self.environment.get(self.variable, "").replace("\\n", "\n")
        found = [_read(pem.encode(), None) for pem in _PEM.findall(text)]
        try:
            return found or [credential.SigningKey.from_multikey(word) for word in text.split()]
        except credential.CredentialError:
            raise CannotOpen(f"{self.variable} holds something that is no key.") from None


def _read(data: bytes, password: bytes | None) -> credential.SigningKey:
    try:
        secret = load_pem_private_key(data, password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CannotOpen("The key does not open with this password.") from None
    try:
        return credential.SigningKey.of(secret)
    except credential.CredentialError:
        raise CannotOpen("The key is of a kind that we do not use.") from None


def _same(key: credential.SigningKey, public: credential.PublicKey, did: str) -> credential.SigningKey:
    if key.public.multikey() != public.multikey():
        raise CannotOpen("There is another key where this one should be.")
    return key if key.controller == did else key.controlled_by(did)
