"""Where the organizations' private keys are kept. Only `awards.actions.signing` may import this package.

A *keeper* makes keys and signs with them, and gives none out: what leaves here is a `credential.Signer`. The table
holds the public key and a *reference*, which says which keeper has the secret and under which name:

- `sealed`: encrypted in the table itself, under this installation's secret (the default);
- `files`: encrypted PEM files in a folder, or keys that the environment holds;
- `program`: another process that we talk to in lines of JSON, in front of any key service;
- `pkcs11`: a token or a hardware module, by its PKCS#11 library.

`FIELDSTONE_KEYS` names the keepers: new keys go to the first, and the others still sign with theirs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from fieldstone import credential
from fieldstone.server.awards.keys.sealed import CannotOpen, holder, reseal, seal, unseal

__all__ = ["CannotOpen", "Keepers", "Kept", "holder", "keepers", "reseal", "seal", "unseal"]

_ELSEWHERE: Final = b"\x02"  # a reference's first byte where the secret is not in the table; 1 is `sealed`


class Keeper(Protocol):
    """One place where private keys live."""

    def make(self, kind: str, label: str) -> tuple[credential.PublicKey, str]:
        """A new key of a kind ("Ed25519", "P-256"): its public half, and the name under which it is found again.

        `label` is for people who look at the place. Raises CannotOpen.
        """

    def signer(self, name: str, public: credential.PublicKey, did: str) -> credential.Signer:
        """What signs with the key of this name, which must be that of `public`; raises CannotOpen."""


@dataclass(frozen=True)
class Kept:
    """A key as the table keeps it: whose it is, its public half, and where its secret is."""

    organization: UUID
    public: str
    did: str
    reference: bytes


@dataclass(frozen=True)
class Keepers:
    """The keepers of this installation, by name; the first makes new keys."""

    secret: str
    places: Mapping[str, Keeper]
    first: str

    def make(self, organization: UUID, *, kind: str, did: str | None) -> Kept:
        """A new key for an organization, under a DID or (None) a did:key of its own; raises CannotOpen."""
        if self.first == "sealed":
            key = credential.generate_key(kind)
            sealed = seal(key, organization=organization, secret=self.secret)
            return Kept(organization, key.public.multikey(), did or key.controller, sealed)
        public, name = self.places[self.first].make(kind, str(organization))
        reference = _ELSEWHERE + json.dumps({"keeper": self.first, "name": name}).encode()
        return Kept(organization, public.multikey(), did or credential.did_key(public), reference)

    def signer(self, kept: Kept) -> credential.Signer:
        """What signs with a key; raises CannotOpen where its keeper is not named, or does not have it."""
        if kept.reference[:1] != _ELSEWHERE:
            return unseal(
                kept.reference, organization=kept.organization, public=kept.public, did=kept.did, secret=self.secret
            )
        try:
            where = json.loads(kept.reference[1:])
            keeper, name = self.places[where["keeper"]], where["name"]
        except (ValueError, KeyError, TypeError):
            raise CannotOpen("FIELDSTONE_KEYS does not name what keeps this key.") from None
        return keeper.signer(str(name), credential.PublicKey.from_multikey(kept.public), kept.did)

    def is_sealed(self, kept: Kept) -> bool:
        """Whether the table itself holds the secret, encrypted."""
        return kept.reference[:1] != _ELSEWHERE


def keepers(
    places: Sequence[str], *, secret: str, password: Callable[[], str], environment: Mapping[str, str]
) -> Keepers:
    """The keepers that `FIELDSTONE_KEYS` names, as `sealed`, `file:FOLDER`, `environment:NAME`, `program:COMMAND LINE`
    or `pkcs11:URI`; raises ValueError for other words."""
    made: dict[str, Keeper] = {}
    names: list[str] = []
    for place in places:
        name, _, rest = place.partition(":")
        if name in names:
            raise ValueError(f"FIELDSTONE_KEYS names {name} twice.")
        names.append(name)
        if name == "file" and rest:
            from fieldstone.server.awards.keys.files import Folder

            made[name] = Folder(rest, password)
        elif name == "environment" and rest:
            from fieldstone.server.awards.keys.files import Environment

            made[name] = Environment(rest, environment)
        elif name == "program" and rest:
            from fieldstone.server.awards.keys.program import Program

            made[name] = Program.of(rest)
        elif name == "pkcs11" and rest:
            from fieldstone.server.awards.keys.pkcs11 import Token

            made[name] = Token.of(place)
        elif place != "sealed":
            raise ValueError(
                f"FIELDSTONE_KEYS: {place!r} is none of sealed, file:…, environment:…, program:…, pkcs11:…."
            )
    return Keepers(secret, made, names[0] if names else "sealed")
