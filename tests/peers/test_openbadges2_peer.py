"""PyPI openbadgeslib's Open Badges 2.0, both ways: what it signs verifies here, and what we host verifies there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from fieldstone.credential import openbadges2, verify
from fieldstone.credential.baked import bake, unbake
from tests.credential.test_openbadges2 import AWARD, BADGE, ISSUER, KEY, Pages, badge, issuer, ours, pem, secret

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


def fetcher(pages: dict[str, Any]) -> Any:
    return Pages(pages).fetch


@pytest.mark.parametrize("name", ["RS256", "ES256", "EdDSA"])
def test_what_the_peer_signs_verifies_here(name: str) -> None:
    ob2 = pytest.importorskip("openbadgeslib.ob2")
    secret_pem = secret(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assertion = ob2.Assertion(
        recipient=ob2.IdentityObject.create("ana@example.org", "0f"),
        badge=BADGE,
        verification=ob2.Verification(type="SignedBadge", creator=KEY),
        issued_on=datetime(2026, 5, 1, tzinfo=UTC),
    )
    pages = {
        BADGE: ob2.BadgeClass(
            id=BADGE, name="n", description="d", image=f"{BADGE}.svg", criteria=f"{BADGE}/c", issuer=ISSUER
        ).to_dict(),
        ISSUER: ob2.Profile(
            id=ISSUER, name="n", url="https://college.example", email="a@college.example", public_key=[KEY]
        ).to_dict(),
        KEY: ob2.CryptographicKey(id=KEY, owner=ISSUER, public_key_pem=pem(name)).to_dict(),
    }
    baked = ob2.OB2Signer(secret_pem, name).sign_into_svg(assertion, SVG)
    report = verify(unbake(baked), resolver=Pages(pages), at=datetime(2026, 11, 23, tzinfo=UTC))
    assert str(report.verdict) == "verified", [check.to_json() for check in report.checks]
    assert report.document is not None
    assert openbadges2.recipient_matches(report.document, "ana@example.org") is True
    peer = ob2.OB2Verifier(download=fetcher(pages))
    assert peer.verify(ob2.OB2Verifier.extract_token_from_svg(baked), "ana@example.org").badge == BADGE


def test_what_we_host_verifies_there() -> None:
    ob2 = pytest.importorskip("openbadgeslib.ob2")
    written = ours()
    peer = ob2.OB2Verifier(download=fetcher(written))
    baked = bake(SVG, json.dumps(written[AWARD]).encode(), version="2.0")
    found = peer.verify_hosted(unbake(baked).decode(), expected_recipient="ana@example.org")
    assert (found.id, found.badge) == (AWARD, BADGE)
    with pytest.raises(ob2.OB2VerificationError):
        peer.verify_hosted(unbake(baked).decode(), expected_recipient="eve@example.org")


def test_both_refuse_what_is_hosted_elsewhere() -> None:
    ob2 = pytest.importorskip("openbadgeslib.ob2")
    forged = {**ours()[AWARD], "id": "https://evil.example/award"}
    pages = {"https://evil.example/award": forged, BADGE: badge(), ISSUER: issuer()}
    with pytest.raises(ob2.OB2VerificationError):
        ob2.OB2Verifier(download=fetcher(pages)).verify_hosted(forged)
    report = verify(forged, resolver=Pages(pages), at=datetime(2026, 11, 23, tzinfo=UTC))
    assert str(report.verdict) == "not_verified"
