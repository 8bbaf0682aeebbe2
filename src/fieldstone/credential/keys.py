"""Keys: Ed25519 and the NIST curves, as Multikey, JWK or raw bytes.

A `Signer` signs, and knows who controls it (a DID) and the address under which others find its public half. A
`SigningKey` is one whose secret is in memory; it prints without its secret and cannot be pickled. A `RemoteKey` is one
whose secret stays elsewhere: in a token, a key service, another process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, NoReturn, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fieldstone.credential import multibase
from fieldstone.credential.errors import KeyFormatError

ED25519: Final = "Ed25519"
RSA: Final = "RSA"
_CURVES: Final[Mapping[str, tuple[type[ec.EllipticCurve], type[hashes.HashAlgorithm], int]]] = {
    "P-256": (ec.SECP256R1, hashes.SHA256, 32),
    "P-384": (ec.SECP384R1, hashes.SHA384, 48),
    "P-521": (ec.SECP521R1, hashes.SHA512, 66),
}
# Multicodec prefixes of public and secret keys, as bytes (Controlled Identifiers 1.0 section 2.2.2).
_PUBLIC: Final = {ED25519: b"\xed\x01", "P-256": b"\x80\x24", "P-384": b"\x81\x24", "P-521": b"\x82\x24"}
_SECRET: Final = {ED25519: b"\x80\x26", "P-256": b"\x86\x26", "P-384": b"\x87\x26", "P-521": b"\x88\x26"}

PublicMaterial = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
SecretMaterial = Ed25519PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key; `kind` is Ed25519, P-256, P-384, P-521 or RSA."""

    kind: str
    key: PublicMaterial

    @classmethod
    def from_multikey(cls, text: object) -> PublicKey:
        """From `publicKeyMultibase` text; raises KeyFormatError."""
        return _read_multikey(text if isinstance(text, str) else "")

    @classmethod
    def from_bytes(cls, kind: str, data: bytes) -> PublicKey:
        """From raw bytes (Ed25519) or a compressed point (NIST curves); raises KeyFormatError."""
        try:
            if kind == ED25519:
                return cls(kind, Ed25519PublicKey.from_public_bytes(data))
            curve, _, size = _CURVES[kind]
            if len(data) != size + 1:
                raise ValueError
            return cls(kind, ec.EllipticCurvePublicKey.from_encoded_point(curve(), data))
        except ValueError:
            raise KeyFormatError("bad_key", f"The bytes are not a {kind} public key.") from None

    @classmethod
    def from_jwk(cls, jwk: object) -> PublicKey:
        """From a JSON Web Key (RFC 7517, 8037); raises KeyFormatError. A secret member is refused."""
        if not isinstance(jwk, Mapping) or "d" in jwk:
            raise KeyFormatError("bad_key", "The value is not a public JSON Web Key.")
        try:
            curve_name = str(jwk.get("crv"))
            if jwk.get("kty") == "OKP" and curve_name == ED25519:
                return cls.from_bytes(ED25519, multibase.base64url_decode(_text(jwk, "x")))
            if jwk.get("kty") == "EC" and curve_name in _CURVES:
                curve, _, size = _CURVES[curve_name]
                x, y = (multibase.base64url_decode(_text(jwk, name)) for name in "xy")
                if len(x) != size or len(y) != size:
                    raise ValueError
                numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), curve())
                return cls(curve_name, numbers.public_key())
            if jwk.get("kty") == "RSA":
                n, e = (int.from_bytes(multibase.base64url_decode(_text(jwk, name)), "big") for name in "ne")
                if not 2048 <= n.bit_length() <= 8192:
                    raise ValueError
                return cls(RSA, rsa.RSAPublicNumbers(e, n).public_key())
        except (ValueError, UnsupportedAlgorithm):
            raise KeyFormatError("bad_key", "The JSON Web Key does not hold a usable key.") from None
        raise KeyFormatError("unknown_key_kind", "The JSON Web Key is of a kind we do not know.")

    def multikey(self) -> str:
        """`publicKeyMultibase` text; raises KeyFormatError for RSA."""
        if isinstance(self.key, Ed25519PublicKey):
            return multibase.encode(_PUBLIC[ED25519] + self.key.public_bytes_raw())
        if isinstance(self.key, ec.EllipticCurvePublicKey):
            point = self.key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
            return multibase.encode(_PUBLIC[self.kind] + point)
        raise KeyFormatError("unknown_key_kind", "An RSA key has no Multikey form.")

    def jwk(self) -> dict[str, str]:
        """The key as a JSON Web Key; raises KeyFormatError for RSA, which we only read."""
        encode = multibase.base64url_encode
        if isinstance(self.key, Ed25519PublicKey):
            return {"kty": "OKP", "crv": ED25519, "x": encode(self.key.public_bytes_raw())}
        if isinstance(self.key, ec.EllipticCurvePublicKey):
            size = _CURVES[self.kind][2]
            numbers = self.key.public_numbers()
            return {
                "kty": "EC",
                "crv": self.kind,
                "x": encode(numbers.x.to_bytes(size, "big")),
                "y": encode(numbers.y.to_bytes(size, "big")),
            }
        raise KeyFormatError("unknown_key_kind", "RSA keys are read, not written.")

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether `signature` over `data` is this key's.

        ECDSA signatures are r and s of fixed width; RSA ones PKCS 1 v1.5 with SHA-256.
        """
        try:
            if isinstance(self.key, Ed25519PublicKey):
                self.key.verify(signature, data)
            elif isinstance(self.key, ec.EllipticCurvePublicKey):
                _, algorithm, size = _CURVES[self.kind]
                if len(signature) != 2 * size:
                    return False
                r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
                self.key.verify(utils.encode_dss_signature(r, s), data, ec.ECDSA(algorithm()))
            else:
                self.key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True


class Signer(Protocol):
    """What every way of signing needs of a key; the secret need not be here."""

    @property
    def kind(self) -> str:
        """Ed25519, P-256, P-384 or P-521."""

    @property
    def controller(self) -> str:
        """Whose key it is: a DID."""

    @property
    def id(self) -> str:
        """The verification method's DID URL."""

    @property
    def public(self) -> PublicKey:
        """The half that others check with."""

    def sign(self, data: bytes) -> bytes:
        """A signature over `data`; ECDSA gives r and s of fixed width, over the curve's own hash."""


@dataclass(frozen=True, slots=True)
class RemoteKey:
    """A key whose secret stays elsewhere: `ask` gives signatures over bytes, in the form that `Signer.sign` gives."""

    public: PublicKey
    controller: str
    id: str
    ask: Callable[[bytes], bytes] = field(repr=False)

    @classmethod
    def of(cls, public: PublicKey, ask: Callable[[bytes], bytes], *, did: str | None = None) -> RemoteKey:
        """Under its own did:key, or under another DID (did:web)."""
        name = public.multikey()
        controller = did or did_key(public)
        return cls(public, controller, f"{controller}#{name}", ask)

    @property
    def kind(self) -> str:
        return self.public.kind

    def sign(self, data: bytes) -> bytes:
        """A signature that fits the public key; raises KeyFormatError for one that does not, and what `ask` raises."""
        signature = self.ask(data)
        if not self.public.verify(signature, data):
            raise KeyFormatError("bad_signature", "What keeps the key gave a signature that does not fit it.")
        return signature


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret key with its `controller` (a DID) and `id` (the verification method's DID URL)."""

    kind: str
    secret: SecretMaterial = field(repr=False)
    controller: str
    id: str

    @classmethod
    def from_seed(cls, seed: bytes, *, kind: str = ED25519) -> SigningKey:
        """From the secret's raw bytes (32 for Ed25519, 32/48/66 for P-256/384/521); a did:key of its own.

        Raises KeyFormatError.
        """
        secret: SecretMaterial
        try:
            if kind == ED25519:
                secret = Ed25519PrivateKey.from_private_bytes(seed)
            else:
                curve, _, size = _CURVES[kind]
                if len(seed) != size:
                    raise ValueError
                secret = ec.derive_private_key(int.from_bytes(seed, "big"), curve())
        except (ValueError, KeyError):
            raise KeyFormatError("bad_key", f"The bytes are not a {kind} secret key.") from None
        return cls._own(kind, secret)

    @classmethod
    def from_multikey(cls, text: str) -> SigningKey:
        """From `secretKeyMultibase` text; raises KeyFormatError."""
        data = multibase.decode(text)
        for kind, prefix in _SECRET.items():
            if data.startswith(prefix):
                return cls.from_seed(data[len(prefix) :], kind=kind)
        raise KeyFormatError("unknown_key_kind", "The key is of a kind we do not know.")

    @classmethod
    def of(cls, secret: object) -> SigningKey:
        """From a private key of the package `cryptography`; a did:key of its own. Raises KeyFormatError."""
        if isinstance(secret, Ed25519PrivateKey):
            return cls._own(ED25519, secret)
        if isinstance(secret, ec.EllipticCurvePrivateKey):
            for kind, (curve, _, _) in _CURVES.items():
                if isinstance(secret.curve, curve):
                    return cls._own(kind, secret)
        raise KeyFormatError("unknown_key_kind", "The key is of a kind that we cannot sign with.")

    @classmethod
    def _own(cls, kind: str, secret: SecretMaterial) -> SigningKey:
        controller = did_key(PublicKey(kind, secret.public_key()))
        return cls(kind, secret, controller, f"{controller}#{controller.removeprefix('did:key:')}")

    def controlled_by(self, did: str, *, fragment: str | None = None) -> SigningKey:
        """The same secret, found under another DID (did:web); `fragment` defaults to the Multikey."""
        return replace(self, controller=did, id=f"{did}#{fragment or self.public.multikey()}")

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.kind, self.secret.public_key())

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A signing key is not pickled: its secret would lie in the pickle.")

    def seed(self) -> bytes:
        """The secret's raw bytes, for storage under lock; `from_seed` reads them."""
        if isinstance(self.secret, Ed25519PrivateKey):
            return self.secret.private_bytes_raw()
        return self.secret.private_numbers().private_value.to_bytes(_CURVES[self.kind][2], "big")

    def sign(self, data: bytes) -> bytes:
        """A signature over `data`; ECDSA gives r and s of fixed width."""
        if isinstance(self.secret, Ed25519PrivateKey):
            return self.secret.sign(data)
        _, algorithm, size = _CURVES[self.kind]
        r, s = utils.decode_dss_signature(self.secret.sign(data, ec.ECDSA(algorithm())))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def generate_key(kind: str = ED25519) -> SigningKey:
    """A fresh key (Ed25519, P-256, P-384 or P-521) with a did:key of its own; raises KeyFormatError."""
    if kind == ED25519:
        return SigningKey._own(kind, Ed25519PrivateKey.generate())
    if kind not in _CURVES:
        raise KeyFormatError("unknown_key_kind", f"We cannot make keys of kind {kind}.")
    return SigningKey._own(kind, ec.generate_private_key(_CURVES[kind][0]()))


def did_key(public: PublicKey) -> str:
    """The did:key of a public key (W3C-CCG did:key method)."""
    return f"did:key:{public.multikey()}"


@lru_cache(maxsize=1024)
def _read_multikey(text: str) -> PublicKey:
    """A verifier meets the same few keys again and again, so those read last are kept."""
    data = multibase.decode(text)
    for kind, prefix in _PUBLIC.items():
        if data.startswith(prefix):
            return PublicKey.from_bytes(kind, data[len(prefix) :])
    raise KeyFormatError("unknown_key_kind", "The key is of a kind we do not know.")


def _text(jwk: Mapping[str, Any], name: str) -> str:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise KeyFormatError("bad_key", f"The JSON Web Key has no {name}.")
    return value
