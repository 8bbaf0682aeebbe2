"""Credentials from elsewhere, invented and signed here: an issuer that Fieldstone does not know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fieldstone import credential as c

KEY = c.SigningKey.from_seed(bytes(range(1, 33)))
AWARDED = datetime(2025, 6, 1, 15, tzinfo=UTC)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
"""One red pixel."""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>'


def signed(name: str = "Food safety", *, identities: tuple[c.Identity, ...] = (), issuer: str = "Elsewhere School", **more: Any) -> bytes:
    """A signed credential as JSON bytes; its did:key needs no network, and it names no list of withdrawals."""
    slug = name.lower().replace(" ", "-")
    built = c.build(
        c.Credential(
            id=more.pop("id", f"https://elsewhere.example/credentials/{slug}"),
            issuer=c.Profile(id=KEY.controller, name=issuer, url="https://elsewhere.example"),
            name=name,
            achievement=c.Achievement(
                id=f"https://elsewhere.example/achievements/{slug}",
                name=name,
                description="Keeps a kitchen clean.",
                criteria=c.Criteria(narrative="Ten hours and a test."),
            ),
            valid_from=more.pop("valid_from", AWARDED),
            identities=identities,
            **more,
        )
    )
    return c.dumps(c.sign(built, key=KEY, created=AWARDED))


def unsigned_change(data: bytes) -> bytes:
    """The same credential with one word changed after it was signed."""
    assert b"Elsewhere School" in data
    return data.replace(b"Elsewhere School", b"Elsewhere Schools")
