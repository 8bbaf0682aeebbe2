"""Bitstring status lists, against the standard's own example and 1EdTech's fixture, and the status check."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone import credential as c
from fieldstone.credential import status, withdrawal
from fieldstone.credential.errors import StatusError
from fieldstone.credential.lists import Listing
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


@pytest.mark.parametrize("purpose", ["renewal", [], ["revocation", "renewal"]])
def test_unknown_purposes_are_not_published(purpose: Any) -> None:
    with pytest.raises(StatusError):
        c.build_list(url=LIST_URL, issuer=KEY.controller, purpose=purpose, valid_from=AT)


def test_values_of_several_bits() -> None:
    """Worked by hand from section 3.2: the value stands at index times size, leftmost bit first."""
    data = c.decode_list(c.encode_values({0: 0b101, 1: 0b011, 43690: 1}, size=3), size=3)
    assert (data[0], data[16_383], data[16_384]) == (0b101_011_00, 0, 0b1000_0000)  # entry 43,690 is bits 131,070 to 72
    assert [status.value(data, index, size=3) for index in (0, 1, 2, 43690)] == [5, 3, 0, 1]
    with pytest.raises(StatusError):
        status.value(data, 131_072, size=3)
    with pytest.raises(StatusError):
        status.value(data, -1, size=3)
    with pytest.raises(StatusError):
        c.decode_list(c.encode_list([]), size=2)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 8), st.data())
def test_exactly_the_values_that_were_set(size: int, data: st.DataObject) -> None:
    values = data.draw(st.dictionaries(st.integers(0, 131_071), st.integers(0, 2**size - 1), max_size=20))
    bits = c.decode_list(c.encode_values(values, size=size), size=size)
    assert {index: status.value(bits, index, size=size) for index in values} == values
    assert sum(byte.bit_count() for byte in bits) == sum(value.bit_count() for value in values.values())


@pytest.mark.parametrize(
    ("size", "values"), [(0, {}), (9, {}), (True, {}), ("2", {}), (2, {0: 4}), (2, {0: -1}), (2, {131_072: 1})]
)
def test_values_that_no_entry_holds(size: Any, values: dict[int, int]) -> None:
    with pytest.raises(StatusError):
        c.encode_values(values, size=size)


def _list(positions: set[int], purpose: str = "revocation", key: c.SigningKey = KEY, **changes: Any) -> bytes:
    document = c.build_list(
        url=LIST_URL, issuer=key.controller, purpose=purpose, positions=positions, valid_from=AT,
        valid_until=AT + timedelta(days=9), **changes.pop("made", {}),
    )  # fmt: skip
    document["credentialSubject"].update(changes.pop("subject", {}))
    return c.dumps(c.sign({**document, **changes}, key=key, created=AT))


def _desk(page: bytes, listing: c.Report | None = None) -> withdrawal.Desk:
    answer = c.Report((), None) if listing is None else listing
    return withdrawal.Desk(c.Offline({}, {LIST_URL: page}), lambda data: answer, AT)


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


def _said(value: int) -> dict[str, str]:
    return {"status": hex(value), "message": f"message {value}"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"statusListIndex": "-1"}, "bad_entry"),
        ({"statusListIndex": "x"}, "bad_entry"),
        ({"statusListIndex": "131072"}, "bad_index"),
        ({"statusListCredential": "urn:x"}, "bad_entry"),
        ({"statusPurpose": "renewal"}, "unknown_purpose"),
        ({"statusPurpose": ["revocation"]}, "unknown_purpose"),
        ({"statusSize": 0}, "bad_entry"),
        ({"statusSize": 1.0}, "bad_entry"),
        ({"statusSize": 9}, "bad_entry"),
        ({"statusSize": 2}, "bad_entry"),
        ({"statusSize": 2, "statusMessage": [_said(n) for n in range(3)]}, "bad_entry"),
        ({"statusSize": 2, "statusMessage": [_said(n) for n in (0, 1, 2, 2)]}, "bad_entry"),
        ({"statusSize": 2, "statusMessage": [_said(n) for n in range(5)]}, "bad_entry"),
        ({"statusMessage": [_said(0), {"status": "1", "message": "x"}]}, "bad_entry"),
        ({"statusMessage": [_said(0), {"status": "0x1", "message": 1}]}, "bad_entry"),
        ({"statusMessage": ["0x0", "0x1"]}, "bad_entry"),
        ({"statusMessage": "x"}, "bad_entry"),
        ({"statusReference": "relative"}, "bad_entry"),
        ({"statusReference": ["https://college.example/words", 5]}, "bad_entry"),
        ({"statusSize": 2, "statusMessage": [_said(n) for n in range(4)]}, "bad_list"),
        ({"type": "StatusList2021Entry"}, "unknown_status_type"),
    ],
)
def test_entries_that_cannot_be_asked(changes: dict[str, Any], code: str) -> None:
    """Checked on the parts, as the shape of a signed document would be refused before."""
    entry = {**signed()["credentialStatus"], **changes}
    listing = c.verify(_list(set()), resolver=c.Offline(), at=AT)
    check = withdrawal.check({"issuer": KEY.controller, "credentialStatus": entry}, _desk(b"x", listing))
    assert (check.outcome, check.code, check.needed) == ("could_not_tell", code, True)


def test_an_index_as_a_number_is_read() -> None:
    entry = {**signed()["credentialStatus"], "statusListIndex": INDEX}
    listing = c.verify(_list({INDEX}), resolver=c.Offline(), at=AT)
    check = withdrawal.check({"issuer": {"id": KEY.controller}, "credentialStatus": [entry]}, _desk(b"x", listing))
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
    check = withdrawal.check(document, _desk(json.dumps(listed).encode()))
    assert (check.outcome, check.code) == (outcome, code)


def test_an_older_list_that_is_not_json() -> None:
    document = {"credentialStatus": {"id": LIST_URL, "type": "1EdTechRevocationList"}}
    check = withdrawal.check(document, _desk(b"<"))
    assert check.code == "list_missing"


def test_a_list_is_signed_and_verifies_by_itself() -> None:
    report = c.verify(_list({1}), resolver=c.Offline(), at=AT)
    assert report.verdict == "verified"
    assert datetime(2026, 3, 11, 12, tzinfo=UTC) == c.parse_timestamp(report.valid_until)


REVIEW = ("pending_review", "accepted", "rejected", "undefined")
LIST_WORDS = "https://college.example/status-words"


def _message(value: int, **changes: Any) -> c.Check:
    entry = replace(CREDENTIAL.status[0], purpose="message", size=2, messages=REVIEW, references=(LIST_WORDS,))
    page = _list(set(), purpose="message", made={"values": {INDEX: value, INDEX + 1: 3}, "size": 2}, **changes)
    return _check(signed(status=(entry,)), {LIST_URL: page})


@pytest.mark.parametrize(
    ("value", "outcome"), [(0, "passed"), (1, "could_not_tell"), (2, "could_not_tell"), (3, "could_not_tell")]
)
def test_a_message_of_two_bits(value: int, outcome: str) -> None:
    """Section 2.1's example. What a message means is for people to judge: it does not decide."""
    check = _message(value)
    assert (check.outcome, check.code, check.needed) == (outcome, "message", False)
    assert f"{value:#x}: {REVIEW[value]}" in check.detail


def test_a_message_of_one_bit_needs_no_words() -> None:
    document = signed(status=(replace(CREDENTIAL.status[0], purpose="message"),))
    assert "0x1: set" in _check(document, {LIST_URL: _list({INDEX}, purpose="message")}).detail
    assert "0x0: unset" in _check(document, {LIST_URL: _list(set(), purpose="message")}).detail
    own = replace(CREDENTIAL.status[0], purpose="message", messages=("as issued", "under review"))
    assert "0x1: under review" in _check(signed(status=(own,)), {LIST_URL: _list({INDEX}, purpose="message")}).detail


def test_an_entry_says_what_its_values_mean() -> None:
    entry = c.build(replace(CREDENTIAL, status=(
        replace(CREDENTIAL.status[0], purpose="message", size=2, messages=REVIEW, references=(LIST_WORDS,)),
    )))["credentialStatus"]  # fmt: skip
    assert entry["statusSize"] == 2 and entry["statusReference"] == [LIST_WORDS]
    assert entry["statusMessage"] == [{"status": f"0x{n}", "message": word} for n, word in enumerate(REVIEW)]
    assert status.messages(entry, 2) == dict(enumerate(REVIEW))
    for size, messages in ((2, REVIEW[:3]), (2, ()), (1, REVIEW[:1]), (0, ()), (9, ("x",) * 512)):
        with pytest.raises(StatusError):
            c.build(replace(CREDENTIAL, status=(replace(CREDENTIAL.status[0], size=size, messages=messages),)))


def test_several_bits_of_a_withdrawal_are_any_bit() -> None:
    entry = replace(CREDENTIAL.status[0], size=2, messages=("good", "lost", "stolen", "other"))
    for value, code in ((0, "not_withdrawn"), (1, "revoked"), (2, "revoked")):
        page = _list(set(), made={"values": {INDEX: value}, "size": 2})
        assert _check(signed(status=(entry,)), {LIST_URL: page}).code == code


def test_a_newer_version_takes_nothing_back() -> None:
    entry = replace(CREDENTIAL.status[0], purpose="refresh")
    for positions, code in ((set(), "not_withdrawn"), ({INDEX}, "newer")):
        check = _check(signed(status=(entry,)), {LIST_URL: _list(positions, purpose="refresh")})
        assert (check.outcome, check.code) == ("passed", code)
    other = replace(CREDENTIAL.status[0], list_url=f"{LIST_URL}/refresh", purpose="refresh")
    both = signed(status=(CREDENTIAL.status[0], other))
    pages = {LIST_URL: _list(set()), f"{LIST_URL}/refresh": _list({INDEX}, purpose="refresh")}
    assert _check(both, pages).code == "newer"


def test_one_list_for_several_purposes() -> None:
    page = _list({INDEX}, purpose=["revocation", "suspension"])  # type: ignore[arg-type]  # several, as section 2.2 allows
    assert _check(signed(), {LIST_URL: page}).code == "revoked"


def test_a_list_of_somebody_else_is_believed_where_the_policy_trusts_them() -> None:
    service = c.SigningKey.from_seed(b"1" * 32)
    pages = c.Offline({}, {LIST_URL: _list({INDEX}, key=service)})
    both = c.TrustedIssuers({KEY.controller, service.controller})
    for policy, code in ((both, "revoked"), (c.TrustedIssuers({KEY.controller}), "list_of_another")):
        check = c.verify(signed(), resolver=pages, at=AT, policy=policy).check("status")
        assert check is not None and check.code == code


def test_attack_a_list_that_unpacks_to_more_than_memory_holds() -> None:
    bomb = _packed(gzip.compress(bytes(300_000_000), 9, mtime=0))
    tracemalloc.start()
    check = _check(signed(), {LIST_URL: _list(set(), subject={"encodedList": bomb})})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert check.code == "bad_list" and peak < 32_000_000


class _Counted(c.Offline):
    """Counts what it is asked."""

    def __init__(self, pages: dict[str, bytes]) -> None:
        super().__init__({}, pages)
        self.asked = 0

    def fetch(self, url: str) -> bytes:
        self.asked += 1
        return super().fetch(url)


def _status(resolver: c.Resolver, lists: c.Lists, at: datetime = AT, document: Any = None) -> str:
    check = c.verify(document or signed(), resolver=resolver, at=at, lists=lists).check("status")
    assert check is not None
    return check.code


@pytest.mark.parametrize(("ttl", "minutes"), [(None, 5), (timedelta(minutes=30), 30), (timedelta(days=30), 1440)])
def test_a_verified_list_is_kept_for_as_long_as_it_asks(ttl: timedelta | None, minutes: int) -> None:
    resolver, lists = _Counted({LIST_URL: _list(set(), made={"ttl": ttl})}), c.Lists()
    for after, asked in ((0, 1), (minutes - 1, 1), (minutes, 2), (minutes + 1, 2)):
        assert _status(resolver, lists, AT + timedelta(minutes=after)) == "not_withdrawn"
        assert resolver.asked == asked
    assert _status(resolver, lists, AT) == "not_withdrawn" and resolver.asked == 3  # a moment before it was fetched
    presentation = c.build_presentation([signed(), signed()])
    c.verify_presentation(presentation, resolver=resolver, at=AT, signed=False, lists=lists)
    assert resolver.asked == 3


def test_a_list_is_not_kept_beyond_its_end() -> None:
    resolver, lists = _Counted({LIST_URL: _list(set(), made={"ttl": timedelta(hours=20)})}), c.Lists()
    almost = AT + timedelta(days=9, hours=-1)
    assert _status(resolver, lists, almost) == "not_withdrawn"
    assert _status(resolver, lists, almost + timedelta(hours=2)) == "list_not_verified" and resolver.asked == 2


def test_what_could_not_be_trusted_is_not_kept() -> None:
    resolver, lists = _Counted({LIST_URL: b"<html>"}), c.Lists()
    assert _status(resolver, lists) == "list_not_verified"
    resolver.pages[LIST_URL] = _list({INDEX})
    assert _status(resolver, lists) == "revoked"


def test_lists_of_some_addresses_are_not_kept_and_of_others_only_so_many() -> None:
    resolver, lists = _Counted({LIST_URL: _list(set())}), c.Lists(skip=lambda url: url == LIST_URL)
    assert _status(resolver, lists) == _status(resolver, lists) == "not_withdrawn" and resolver.asked == 2
    few = c.Lists(size=2)
    listing = Listing(KEY.controller, frozenset(), b"", AT, AT + timedelta(minutes=1))
    for url in ("1", "2", "1", "3"):
        few.put(url, listing)
    assert [url for url in "123" if few.get(url, AT)] == ["1", "3"]


@pytest.mark.parametrize("ttl", [None, 0, -1, True, "300000", 10**13, 1.5])
def test_times_to_live_that_make_no_sense(ttl: Any) -> None:
    assert status.lasts({"ttl": ttl}) is None
