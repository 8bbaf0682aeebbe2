"""Digests of secrets and keys, and PKCE, against the standards' own examples."""

from __future__ import annotations

import base64
import hashlib
import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldstone.server.ledger.kept import digest, proves, stored_key
from tests.connections.kit import CHALLENGE, VERIFIER

ANA, BEN = UUID(int=1), UUID(int=2)
UNRESERVED = string.ascii_letters + string.digits + "-._~"


def test_the_digest_of_fips_180_2() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_text_that_no_file_could_hold_has_a_digest() -> None:
    assert digest("\ud800") != digest("\ud801")


def test_a_key_is_bound_to_its_owner() -> None:
    assert stored_key(ANA, "k") == digest("00000000-0000-0000-0000-000000000001 k")
    assert len({stored_key(ANA, "k"), stored_key(BEN, "k"), stored_key(ANA, "l")}) == 3
    assert stored_key(ANA, "") is None


def test_pkce_as_in_appendix_b_of_the_rfc() -> None:
    verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert proves(verifier, challenge)
    assert not proves(verifier, CHALLENGE)


@pytest.mark.parametrize(
    "verifier",
    ["", "short", VERIFIER[1:], VERIFIER + "w", "v" * 129, "é" * 43, "é" * 50, CHALLENGE, "v" * 42 + "\n", VERIFIER + "\n"],
)
def test_attack_a_verifier_that_does_not_fit(verifier: str) -> None:
    assert proves(VERIFIER, CHALLENGE)
    assert not proves(verifier, CHALLENGE)


@given(st.text(alphabet=UNRESERVED, min_size=43, max_size=128), st.characters())
def test_a_verifier_has_unreserved_signs_only(verifier: str, sign: str) -> None:
    """RFC 7636 section 4.1; the challenge is made here as its section 4.2 says."""
    for tried in (verifier, verifier[:-1] + sign):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(tried.encode("utf-8", "replace")).digest())[:43].decode()
        assert proves(tried, challenge) is set(tried).issubset(UNRESERVED)
