"""Bitstring status lists, against the standard's own example and 1EdTech's fixture, and the status check."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone import credential as c
from fieldstone.credential import status, withdrawal
from fieldstone.credential.errors import StatusError
from fieldstone.credential.multibase import base64url_encode
from tests.credential.cases import AT, CREDENTIAL, KEY, LIST_URL, signed
from tests.credential.shared import needs_data, read_json

INDEX = CREDENTIAL.status[0].index
# Bitstring Status List 1.0, section 2.2, example: a list of 131,072 zeros.
ZEROS = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"


def test_the_standards_example() -> None:
    assert c.decode_list(ZEROS) == bytes(16384)


@needs_data
def test_the_1edtech_fixture() -> None:
    subject = read_json("1edtech", "ob30", "bit-string-list", "testlist")["credentialSubject"]
    data = c.decode_list(subject["encodedList"])
    assert [index for index in range(len(data) * 8) if status.bit(data, index)][:3] == [23]


def test_bit_zero_is_the_most_significant_of_the_first_byte() -> None:
    data = c.decode_list(c.encode_list([0, 9, 131071]))
    assert (data[0], data[1], data[-1]) == (0b1000_0000, 0b0100_0000, 0b0000_0001)


@settings(max_examples=20, deadline=None)
@given(st.sets(st.integers(0, 262143), max_size=40))
def test_exactly_the_bits_that_were_set(positions: set[int]) -> None:
    data = c.decode_list(c.encode_list(positions, bits=262144))
    ones = [i * 8 + b for i, byte in enumerate(data) if byte for b in range(8) if byte & (0x80 >> b)]
    assert set(ones) == positions
    assert all(status.bit(data, position) for position in positions)


def test_the_same_list_is_the_same_text() -> None:
    assert c.encode_list([5]) == c.encode_list([5])


@pytest.mark.parametrize("bits", [0, 8, 131064, 131073, status.MAX_BYTES * 8 + 8])
def test_lists_of_bad_sizes(bits: int) -> None:
    with pytest.raises(StatusError):
        c.encode_list([], bits=bits)


@pytest.mark.parametrize("index", [-1, 131072])
def test_bits_outside_the_list(index: int) -> None:
    with pytest.raises(StatusError):
        c.encode_list([index])
    with pytest.raises(StatusError):
        status.bit(bytes(16384), index)


def _packed(data: bytes) -> str:
    return "u" + base64url_encode(data)


@pytest.mark.parametrize(
    "bad",
    [
        None, 5, "", ZEROS[1:], "z" + ZEROS[1:], "u!", "uAAAA", _packed(gzip.compress(bytes(16383), mtime=0)),
        _packed(gzip.compress(bytes(16384), mtime=0)[:-4]), _packed(gzip.compress(bytes(16384), mtime=0) + b"more"),
        _packed(gzip.compress(bytes(status.MAX_BYTES + 1), mtime=0)), _packed(gzip.compress(bytes(200_000_000), 9, mtime=0)[:200_000]),
    ],
)  # fmt: skip
def test_lists_that_cannot_be_used(bad: Any) -> None:
    with pytest.raises(StatusError):
        c.decode_list(bad)


def test_unknown_purposes_are_not_published() -> None:
    with pytest.raises(StatusError):
        c.build_list(url=LIST_URL, issuer=KEY.controller, purpose="message", positions=[], valid_from=AT)


def _list(positions: set[int], purpose: str = "revocation", key: c.SigningKey = KEY, **changes: Any) -> bytes:
    document = c.build_list(
        url=LIST_URL, issuer=key.controller, purpose=purpose, positions=positions, valid_from=AT,
        valid_until=AT + timedelta(days=9),
    )  # fmt: skip
    document["credentialSubject"].update(changes.pop("subject", {}))
    return c.dumps(c.sign({**document, **changes}, key=key, created=AT))


def _check(document: dict[str, Any], pages: dict[str, bytes], at: datetime = AT) -> c.Check:
    found = c.verify(document, resolver=c.Offline({}, pages), at=at).check("status")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("page", "outcome", "code"),
    [
        (_list(set()), "passed", "not_withdrawn"),
        (_list({INDEX - 1, INDEX + 1}), "passed", "not_withdrawn"),
        (_list({INDEX}), "failed", "revoked"),
        (_list({INDEX}, subject={"statusPurpose": ["revocation", "suspension"]}), "failed", "revoked"),
        (_list({INDEX}, purpose="suspension"), "could_not_tell", "wrong_list"),
        (_list({INDEX}, key=c.SigningKey.from_seed(b"1" * 32)), "could_not_tell", "list_of_another"),
        (_list({INDEX}).replace(b"revocation", b"suspension"), "could_not_tell", "list_not_verified"),
        (_list({INDEX}, validFrom="2026-03-03T00:00:00Z"), "could_not_tell", "list_not_verified"),
        (_list({INDEX}, subject={"encodedList": "uAAAA"}), "could_not_tell", "bad_list"),
        (b"<html>", "could_not_tell", "list_not_verified"),
        (b"{}", "could_not_tell", "list_not_verified"),
        (c.dumps(signed(status=())), "could_not_tell", "wrong_list"),
    ],
)
def test_what_the_list_says(page: bytes, outcome: str, code: str) -> None:
    check = _check(signed(), {LIST_URL: page})
    assert (check.outcome, check.code, check.needed) == (outcome, code, True), check.detail


def test_a_list_that_has_run_out_is_not_believed() -> None:
    check = _check(signed(), {LIST_URL: _list(set())}, at=AT + timedelta(days=10))
    assert check.code == "list_not_verified"


def test_suspension_is_said_as_such() -> None:
    document = signed(status=(replace(CREDENTIAL.status[0], purpose="suspension"),))
    assert _check(document, {LIST_URL: _list({INDEX}, purpose="suspension")}).code == "suspended"


def test_several_lists_the_worst_answer_counts() -> None:
    entry = CREDENTIAL.status[0]
    urls = [f"https://college.example/s/{n}" for n in range(3)]
    document = signed(status=tuple(replace(entry, list_url=url) for url in urls))
    clean, revoked = _list(set()), _list({INDEX})
    assert _check(document, dict.fromkeys(urls, clean)).code == "not_withdrawn"
    assert _check(document, {urls[0]: clean, urls[1]: clean}).code == "list_unreachable"
    assert _check(document, {urls[0]: clean, urls[2]: revoked}).code == "revoked"
    many = signed(status=tuple(replace(entry, list_url=f"{urls[0]}/{n}") for n in range(11)))
    assert _check(many, {}).code == "too_many"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"statusListIndex": "-1"}, "bad_entry"),
        ({"statusListIndex": "x"}, "bad_entry"),
        ({"statusListIndex": "131072"}, "bad_index"),
        ({"statusListCredential": "urn:x"}, "bad_entry"),
        ({"statusPurpose": "message"}, "unknown_purpose"),
        ({"type": "StatusList2021Entry"}, "unknown_status_type"),
    ],
)
def test_entries_that_cannot_be_asked(changes: dict[str, Any], code: str) -> None:
    """Checked on the parts, as the shape of a signed document would be refused before."""
    entry = {**signed()["credentialStatus"], **changes}
    listing = c.verify(_list(set()), resolver=c.Offline(), at=AT)
    check = withdrawal.check(
        {"issuer": KEY.controller, "credentialStatus": entry},
        c.Offline({}, {LIST_URL: b"x"}),
        lambda data: listing,
    )
    assert (check.outcome, check.code, check.needed) == ("could_not_tell", code, True)


def test_an_index_as_a_number_is_read() -> None:
    entry = {**signed()["credentialStatus"], "statusListIndex": INDEX}
    listing = c.verify(_list({INDEX}), resolver=c.Offline(), at=AT)
    check = withdrawal.check(
        {"issuer": {"id": KEY.controller}, "credentialStatus": [entry]},
        c.Offline({}, {LIST_URL: b"x"}),
        lambda data: listing,
    )
    assert check.code == "revoked"


class _Gone:
    def did(self, did: str) -> dict[str, Any]:
        raise c.Missing("gone")

    def fetch(self, url: str) -> bytes:
        raise c.Missing("gone")


def test_a_list_that_is_gone_leaves_the_question_open() -> None:
    check = c.verify(signed(), resolver=_Gone(), at=AT).check("status")
    assert check is not None
    assert (check.outcome, check.code, check.needed) == ("could_not_tell", "list_missing", True)


@pytest.mark.parametrize(
    ("url", "closed"),
    [
        ("http://college.example/1", True), ("https://10.0.0.5/1", True), ("https://192.168.1.9:8443/1", True),
        ("https://127.0.0.1/1", True), ("https://[::1]/1", True), ("https://[fd00::1]/1", True),
        ("https://localhost/1", True), ("https://box.local/1", True), ("https://library/1", True),
        ("https://box.lan./1", True), ("https://college.example/1", False), ("https://8.8.8.8/1", False),
        ("https://[2606:4700::1111]/1", False), ("https://[::1/1", False),
    ],
)  # fmt: skip
def test_closed_networks(url: str, closed: bool) -> None:
    assert withdrawal.is_closed(url) is closed


def test_a_list_inside_a_closed_network_is_not_needed() -> None:
    entry = replace(CREDENTIAL.status[0], list_url="http://192.168.7.2/status/1")
    report = c.verify(signed(status=(entry,)), resolver=c.Offline(), at=AT)
    check = report.check("status")
    assert check is not None
    assert (check.outcome, check.code, check.needed) == ("could_not_tell", "closed_network", False)
    assert "closed network" in check.detail
    assert report.verdict == "verified"
    both = signed(status=(entry, CREDENTIAL.status[0]))
    assert c.verify(both, resolver=c.Offline(), at=AT).verdict == "could_not_tell"


@pytest.mark.parametrize(
    ("listed", "outcome", "code"),
    [
        ({"revokedCredential": [{"id": CREDENTIAL.id, "revoked": True}]}, "failed", "revoked"),
        ({"revokedCredentials": [CREDENTIAL.id]}, "failed", "revoked"),
        ({"revokedCredential": [{"id": CREDENTIAL.id}]}, "failed", "revoked"),
        ({"revokedCredential": [{"id": CREDENTIAL.id, "revoked": False}]}, "passed", "not_withdrawn"),
        ({"revokedCredential": [{"id": "urn:other"}, 5]}, "passed", "not_withdrawn"),
        ({}, "passed", "not_withdrawn"),
        ({"revokedCredential": "x"}, "could_not_tell", "bad_list"),
        ([], "could_not_tell", "bad_list"),
    ],
)
def test_the_older_revocation_list(listed: Any, outcome: str, code: str) -> None:
    entry = {"id": LIST_URL, "type": "1EdTechRevocationList"}
    document = {"id": CREDENTIAL.id, "credentialStatus": entry}
    pages = {LIST_URL: json.dumps(listed).encode()}
    check = withdrawal.check(document, c.Offline({}, pages), lambda data: c.Report((), None))
    assert (check.outcome, check.code) == (outcome, code)


def test_an_older_list_that_is_not_json() -> None:
    document = {"credentialStatus": {"id": LIST_URL, "type": "1EdTechRevocationList"}}
    check = withdrawal.check(document, c.Offline({}, {LIST_URL: b"<"}), lambda data: c.Report((), None))
    assert check.code == "list_missing"


def test_a_list_is_signed_and_verifies_by_itself() -> None:
    report = c.verify(_list({1}), resolver=c.Offline(), at=AT)
    assert report.verdict == "verified"
    assert datetime(2026, 3, 11, 12, tzinfo=UTC) == c.parse_timestamp(report.valid_until)
