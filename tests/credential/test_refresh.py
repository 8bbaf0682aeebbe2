"""The newest form of a credential: taken only if it verifies and is about the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import refresh
from tests.credential.cases import AT, CREDENTIAL, KEY

URL = "https://college.example/refresh/1"
OTHER = c.SigningKey.from_seed(bytes(range(1, 33)))


def made(*, key: c.SigningKey = KEY, **changes: Any) -> bytes:
    credential = replace(CREDENTIAL, status=(), refresh_url=URL, **changes)
    return c.dumps(c.sign(c.build(credential), key=key, created=AT))


def ask(held: bytes, answer: bytes | None) -> tuple[bytes, c.Report]:
    resolver = c.Offline(pages={} if answer is None else {URL: answer})

    def verify(data: bytes) -> c.Report:
        return c.verify(data, resolver=resolver, at=AT)

    return c.refreshed(verify(held), resolver=resolver, verify=verify)


def refused(held: bytes, answer: bytes | None) -> str:
    with pytest.raises(c.CredentialError) as caught:
        ask(held, answer)
    return caught.value.code


def test_an_ended_credential_is_renewed() -> None:
    held = made(valid_until=AT - timedelta(days=1))
    newer = made(valid_from=AT)
    data, report = ask(held, newer)
    assert (data, report.verdict) == (newer, c.Verdict.VERIFIED)
    assert report.document is not None and report.document["refreshService"]["type"] == "1EdTechCredentialRefresh"


def test_attack_another_credential_put_in_its_place() -> None:
    held = made()
    assert refused(held, made(id="urn:uuid:00000000-0000-4000-8000-000000000098")) == "another_credential"
    foreign = replace(CREDENTIAL.issuer, id=OTHER.controller)
    assert refused(held, made(key=OTHER, issuer=foreign)) == "another_issuer"
    assert refused(held, made(identities=(c.Identity.of_name("Eve"),))) == "another_subject"
    assert refused(held, made(identities=())) == "another_subject"
    assert refused(held, made(valid_from=CREDENTIAL.valid_from - timedelta(days=1))) == "older"
    assert refused(held, held.replace(b"Ana Reyes", b"Eve Reyes")) == "not_verified"
    assert refused(held, b"<html>") == "not_verified"


def test_attack_a_forged_credential_makes_us_ask_nobody() -> None:
    assert refused(made().replace(b"Ana Reyes", b"Eve Reyes"), None) == "not_genuine"
    assert refused(b"{", None) == "not_genuine"


def test_who_names_no_service_or_nobody() -> None:
    assert refused(made(), None) == "unreachable"
    plain = c.dumps(c.sign(c.build(replace(CREDENTIAL, status=())), key=KEY, created=AT))
    assert refused(plain, None) == "missing"
    assert refused(made(identities=()), made(identities=())) == "another_subject"
    for value in (None, [], [1], {"type": refresh.TYPE}, {"type": refresh.TYPE, "id": "urn:x:1"}, {"type": "x"}):
        assert refresh.service_of({"refreshService": value}) is None
