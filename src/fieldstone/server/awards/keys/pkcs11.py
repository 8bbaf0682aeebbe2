"""Keys in a PKCS#11 token: a smart card, a hardware module, or SoftHSM. Needs the extra packages `.[pkcs11]`.

The place is a URI of RFC 7512, such as
`pkcs11:token=college?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/secrets/pin`. Keys are made in
the token as sensitive and not extractable, so that no call gives them out; Ed25519 (PKCS#11 3.0) or P-256.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from fieldstone import credential
from fieldstone.server.awards.keys.sealed import CannotOpen

# DER of the curves' names: the OID of P-256 (RFC 5480), and "edwards25519" (PKCS#11 3.0 section 2.3.10).
_CURVES: Final = {"P-256": bytes.fromhex("06082a8648ce3d030107"), "Ed25519": b"\x13\x0cedwards25519"}
_one_login = threading.Lock()  # a token knows one login for a process, not one for each session


@dataclass(frozen=True)
class Token:
    """One token, by its library, its name, and where its PIN is."""

    module: str
    token: str
    pin: Callable[[], str] = field(repr=False)

    @classmethod
    def of(cls, uri: str) -> Token:
        """From a PKCS#11 URI; raises ValueError for one that does not name module, token and PIN."""
        parts = urlsplit(uri)
        path = dict(item.partition("=")[::2] for item in parts.path.split(";"))
        query = dict(parse_qsl(parts.query))
        token, module, source = (
            unquote(path.get("token", "")),
            query.get("module-path", ""),
            query.get("pin-source", ""),
        )
        if not token or not module or not (source or "pin-value" in query):
            raise ValueError("FIELDSTONE_KEYS: a pkcs11 URI needs token, module-path and pin-source.")
        if "pin-value" in query:
            return cls(module, token, lambda: query["pin-value"])
        return cls(module, token, lambda: Path(source.removeprefix("file:")).read_text().strip())

    def make(self, kind: str, label: str) -> tuple[credential.PublicKey, str]:
        """A key made in the token, which it never leaves; raises CannotOpen."""
        if kind not in _CURVES:
            raise CannotOpen(f"Tokens make no keys of kind {kind} here.")
        name = secrets.token_hex(16)

        def work(session: Any, p11: Any) -> credential.PublicKey:
            curve = {p11.Attribute.EC_PARAMS: _CURVES[kind]}
            family = p11.KeyType.EC if kind == "P-256" else p11.KeyType.EC_EDWARDS
            parameters = session.create_domain_parameters(family, curve, local=True)
            public, _ = parameters.generate_keypair(
                id=bytes.fromhex(name), label=f"fieldstone {label}", store=True,
                mechanism=None if kind == "P-256" else p11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
            )  # fmt: skip
            return _public(kind, bytes(public[p11.Attribute.EC_POINT]))

        made: credential.PublicKey = self._with(work)
        return made, name

    def signer(self, name: str, public: credential.PublicKey, did: str) -> credential.Signer:
        """What signs in the token; raises CannotOpen where the key is not there."""

        def sign(data: bytes) -> bytes:
            def work(session: Any, p11: Any) -> bytes:
                key = session.get_key(object_class=p11.ObjectClass.PRIVATE_KEY, id=bytes.fromhex(name))
                if public.kind == "P-256":
                    return bytes(key.sign(sha256(data).digest(), mechanism=p11.Mechanism.ECDSA))
                return bytes(key.sign(data, mechanism=p11.Mechanism.EDDSA))

            signature: bytes = self._with(work)
            return signature

        return credential.RemoteKey.of(public, sign, did=did)

    def _with(self, work: Callable[[Any, Any], Any]) -> Any:
        """Some work in a session of its own; whatever the library raises becomes CannotOpen."""
        try:
            import pkcs11
        except ImportError:
            raise CannotOpen("PKCS#11 needs extra packages: pip install -e '.[pkcs11]'") from None
        try:
            token = pkcs11.lib(self.module).get_token(token_label=self.token)
            with _one_login, token.open(rw=True, user_pin=self.pin()) as session:
                return work(session, pkcs11)
        except (pkcs11.PKCS11Error, OSError, RuntimeError, ValueError) as error:
            raise CannotOpen(f"The token does not do this: {type(error).__name__}.") from None


def _public(kind: str, point: bytes) -> credential.PublicKey:
    """The public key in a token's EC_POINT: a DER OCTET STRING around the point, or (some tokens) the bare point."""
    size = 65 if kind == "P-256" else 32
    bare = point[-size:]
    try:
        if kind == "P-256":
            return credential.PublicKey.from_bytes(kind, bytes([2 + (bare[-1] & 1)]) + bare[1:33])
        return credential.PublicKey.from_bytes(kind, bare)
    except (credential.CredentialError, IndexError):
        raise CannotOpen("The token gave no public key.") from None
