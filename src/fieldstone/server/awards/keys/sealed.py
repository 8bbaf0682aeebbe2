"""Keys in the table, encrypted; and the keys of learners, which are kept nowhere.

A private key is sealed with AES-256-GCM under a key that HKDF-SHA256 derives from the installation's secret; the
organization and the public key are authenticated with it, so that a sealed key moved to another row does not open.
"""

from __future__ import annotations

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fieldstone import credential

_VERSION = b"\x01"
_NONCE = 12


class CannotOpen(Exception):
    """A key cannot be had: it does not open under this installation's secret, or what keeps it does not answer."""


def holder(learner: UUID, *, secret: str) -> credential.SigningKey:
    """The key that this site keeps for a learner who has no wallet, as did:key.

    HKDF-SHA256 derives it from the installation's secret and her id, so that it lies nowhere and is the same each time.
    """
    derive = HKDF(algorithm=SHA256(), length=32, salt=b"fieldstone/holder-keys/1", info=learner.bytes)
    return credential.SigningKey.from_seed(derive.derive(secret.encode()))


def _cipher(secret: str) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=b"fieldstone/signing-keys/1", info=b"seal")
    return AESGCM(derive.derive(secret.encode()))


def _bound(organization: UUID, public: str) -> bytes:
    return organization.bytes + public.encode()


def seal(key: credential.SigningKey, *, organization: UUID, secret: str) -> bytes:
    """The private part, encrypted: version byte, nonce, ciphertext with its tag."""
    nonce = os.urandom(_NONCE)
    bound = _bound(organization, key.public.multikey())
    return _VERSION + nonce + _cipher(secret).encrypt(nonce, key.seed(), bound)


def unseal(sealed: bytes, *, organization: UUID, public: str, did: str, secret: str) -> credential.SigningKey:
    """The key again, under its DID. Raises CannotOpen."""
    if sealed[:1] != _VERSION:
        raise CannotOpen
    nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        seed = _cipher(secret).decrypt(nonce, body, _bound(organization, public))
    except (InvalidTag, ValueError):
        raise CannotOpen from None
    kind = credential.PublicKey.from_multikey(public).kind
    try:
        key = credential.SigningKey.from_seed(seed, kind=kind)
    except credential.CredentialError:
        raise CannotOpen from None
    return key if did == key.controller else key.controlled_by(did)


def reseal(sealed: bytes, *, organization: UUID, public: str, old: str, new: str) -> bytes | None:
    """The same key sealed under another secret, or None where it is already; raises CannotOpen under neither."""
    for secret, done in ((new, True), (old, False)):
        try:
            key = unseal(sealed, organization=organization, public=public, did="", secret=secret)
        except CannotOpen:
            continue
        return None if done else seal(key, organization=organization, secret=new)
    raise CannotOpen
