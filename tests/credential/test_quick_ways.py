"""What is read, written and looked at in a quick way comes out as in the careful way, for every document.

The careful way is the judge: it looks at each rule by itself, and the published vectors and attacks are held against
it, too. See docs/adr/0053-quick-ways-are-proven.md.
"""

from __future__ import annotations

import base64
import copy
import gc
import json
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fieldstone import credential as c
from fieldstone.credential import attached, jsontext, jwt, multibase, shape
from fieldstone.credential.errors import CredentialError
from fieldstone.credential.withdrawal import is_closed
from tests.credential.cases import AT, CREDENTIAL, KEY
from tests.credential.test_hostile import ENDORSEMENT, _paths, _put

DOCUMENT = c.build(CREDENTIAL)
PATHS = _paths(DOCUMENT)


class Word(StrEnum):
    ONE = "one"


class Number(IntEnum):
    ONE = 1


class Text(str):
    __slots__ = ()


class Whole(int):
    pass


class Members(dict[str, Any]):
    pass


class Items(list[Any]):
    pass


names = st.sampled_from(["a", "b", "id", "endorsement", "é", "", "a\nb", '"']) | st.text(max_size=3)
numbers = (
    st.integers(-(2**70), 2**70) | st.integers(2**53 - 2, 2**53 + 2) | st.integers(-9, 9) | st.floats()
    | st.sampled_from([0.0, -0.0, 1e16, 1e22, 1e-7, 5e-324, 1.7976931348623157e308])
)  # fmt: skip
trees = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=6) | st.sampled_from(["\x7f", "\x1f", "/", "<", "\u2028"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
strange = st.sampled_from(
    [
        (), (1, "a"), {1}, b"x", Word.ONE, Number.ONE, Text("x"), Whole(3), Items(["a"]), Members(a=1), Decimal("1.5"),
        OrderedDict(b=1, a=2), MappingProxyType({"a": 1}), datetime(2026, 1, 1, tzinfo=UTC), "\ud800", float("nan"),
        {1: "a"}, {None: "a"}, {True: "a"}, {1.5: "a"}, {Text("k"): "a"}, {Word.ONE: "a"}, {("a",): "b"}, {"\udc00": ""},
    ]
)  # fmt: skip
values = st.recursive(
    trees | strange,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)


def outcome(work: Callable[..., Any], *arguments: Any) -> str:
    """What came out, told apart by type, too; or which error."""
    try:
        return repr(work(*arguments))
    except CredentialError as error:
        return f"{type(error).__name__}: {error}"


@st.composite
def texts(draw: st.DrawFn) -> str:
    """JSON text in one of its many ways to be written, sometimes with a slip in it."""
    text = json.dumps(
        draw(trees), ensure_ascii=draw(st.booleans()), separators=draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    )
    slip = st.sampled_from(
        ["", "", "", ",", '"a":1,', '"a":', "1", "0", "-", ".0", "e5", "E5", "\\u0061", "\\ud800", "\\/", " ", "[", "]",
         "{", "}", '"', "null", "NaN", "9" * 16, "\x00", "\ufeff", "/**/"]
    )  # fmt: skip
    place = draw(st.integers(0, len(text)))
    return text[:place] + draw(slip) + text[place + draw(st.integers(0, 1)) :]


@settings(max_examples=600, deadline=None)
@given(texts())
@example('{"a":1,"a":1}')
@example('{"a":{"b":1,"c":[{"b":1,"b":2}]}}')
@example('{"a":9007199254740991}')
@example('{"a":9007199254740992}')
@example('{"a":-9007199254740993}')
@example('{"a":18446744073709551616}')
@example('{"a":1.0,"b":1e20,"c":-0,"d":-0.0,"e":1e400}')
@example('{"a":"\\ud83d\\ude00\\ud800"}')
@example('{"a":"\ud800"}')
@example("[" * 65 + "]" * 65)
@example("[" * 64 + "]" * 64)
@example('{"a":[' + ",".join(["{}"] * 70) + "]}")
@example("[" * 3000 + "]" * 3000)
@example('{"a":NaN}')
@example("")
def test_reading(text: str) -> None:
    careful = outcome(jsontext._loads_carefully, text)
    assert outcome(c.loads, text) == careful
    data = text.encode("utf-8", "surrogatepass")
    assert outcome(c.loads, data) == outcome(jsontext._loads_carefully, data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=12))
@example(b'"\xed\xa0\x80"')
@example(b'"\xc0\xaf"')
@example(b'"\xf4\x90\x80\x80"')
def test_reading_bytes(data: bytes) -> None:
    for text in (data, b'{"a":"' + data + b'"}'):
        assert outcome(c.loads, text) == outcome(jsontext._loads_carefully, text)


def test_the_quick_reader_alone_would_not_do() -> None:
    """It takes what strict JSON refuses, so that the comparisons above have something to find."""
    assert jsontext._READER.decode(b'{"a":1,"a":2}') == {"a": 2}
    assert jsontext._WRITER.encode({"a": float("nan"), "b": (1,), 3: 4}) == b'{"a":null,"b":[1],"3":4}'


def _nested(levels: int, last: Any) -> Any:
    for _ in range(levels):
        last = [last]
    return last


@settings(max_examples=600, deadline=None)
@given(values)
@example(_nested(64, "a"))
@example(_nested(63, {}))
@example(_nested(64, {}))
@example(_nested(65, "a"))
def test_writing(value: Any) -> None:
    careful = outcome(jsontext._dumps_carefully, value)
    assert outcome(jsontext.dumps_value, value) == careful
    assert outcome(c.dumps, {"x": value}) == outcome(jsontext._dumps_carefully, {"x": value})
    assert outcome(jsontext.check_tree, value) == outcome(lambda tree: jsontext._check(tree, texts=True), value)


@settings(max_examples=300, deadline=None)
@given(trees)
def test_what_is_written_is_read_again(value: Any) -> None:
    if "Error" not in (written := outcome(jsontext.dumps_value, value)):
        assert repr(c.loads(jsontext.dumps_value(value))) == repr(value), written


def test_every_character_is_written_as_before() -> None:
    text = "".join(map(chr, (n for n in range(0x3000) if not 0xD800 <= n < 0xE000)))
    assert jsontext.dumps_value([text]) == json.dumps([text], ensure_ascii=False, separators=(",", ":")).encode()


_BASE64URL = re.compile(r"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?")


@settings(max_examples=500, deadline=None)
@given(
    st.binary(max_size=30).map(lambda data: base64.urlsafe_b64encode(data).decode().rstrip("="))
    | st.text(alphabet="ABQgwEz019-_", max_size=9)
    | st.text(alphabet="AQ-_=+/ \n\r\t\0é\ud800.", max_size=7)
    | st.text(max_size=5)
)
@example("AA=")
@example("AA==AA")
@example("QUJD\nQUJD")
@example("A")
def test_base64url(text: str) -> None:
    """Against the standard library's lenient reader and a strict pattern (RFC 4648 sections 3.5 and 5)."""
    if _BASE64URL.fullmatch(text):
        data = multibase.base64url_decode(text)
        assert data == base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        assert multibase.base64url_encode(data) == text
    else:
        with pytest.raises(c.CredentialError, match="base64url"):
            multibase.base64url_decode(text)


changes = st.sampled_from([None, [], {}, "", 5, True, "x y", ["Wrong"], [{}], {"type": 3}, "urn:x", 1.5]) | trees


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PATHS), changes, st.sampled_from(PATHS), changes)
def test_an_achievement_met_before_changes_no_finding(
    monkeypatch: pytest.MonkeyPatch, path: Any, value: Any, other: Any, second: Any
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(shape, "FAULTLESS", shape.Faultless())
        documents = [DOCUMENT, _put(DOCUMENT, path, value), _put(DOCUMENT, other, second), DOCUMENT]
        warm = [shape.problems(document, c.KNOWN) for document in documents * 2]
        cold = []
        for document in documents:
            patch.setattr(shape, "FAULTLESS", shape.Faultless(most=0, longest=-1))
            cold.append(shape.problems(document, c.KNOWN))
        assert warm == cold * 2
        assert shape.problems(DOCUMENT, c.KNOWN) == []


def test_an_achievement_with_a_fault_is_never_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "FAULTLESS", shape.Faultless())
    wrong = _put(DOCUMENT, ("credentialSubject", "achievement", "description"), 5)
    words = ["credentialSubject.achievement.description must be text."]
    assert [shape.problems(wrong, c.KNOWN) for _ in range(3)] == [words] * 3
    assert jsontext.repeatable(wrong["credentialSubject"]["achievement"]) not in shape.FAULTLESS
    assert shape.problems(DOCUMENT, c.KNOWN) == []
    assert jsontext.repeatable(DOCUMENT["credentialSubject"]["achievement"]) in shape.FAULTLESS


def test_an_achievement_after_the_last_fault_told_is_not_taken_for_faultless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing more is looked at when there are enough faults, so that nothing was found out about what follows."""
    monkeypatch.setattr(shape, "FAULTLESS", shape.Faultless())
    subject = DOCUMENT["credentialSubject"]
    achievement = {**subject["achievement"], "description": 5}
    document = {**DOCUMENT, "credentialSubject": {"type": [], "result": [{}] * 30, "achievement": achievement}}
    assert len(shape.problems(document, c.KNOWN)) == shape.MAX_PROBLEMS
    assert jsontext.repeatable(achievement) not in shape.FAULTLESS


def test_only_so_many_are_remembered_and_none_that_is_huge() -> None:
    known = shape.Faultless(most=2, longest=3)
    for data in (b"a", b"b", b"long"):
        known.add(data)
    assert b"a" in known and b"b" in known and b"long" not in known
    known.add(b"c")
    assert b"c" in known and b"a" not in known


def test_a_kind_of_text_of_ones_own_is_looked_at_each_time() -> None:
    document = _put(DOCUMENT, ("credentialSubject", "achievement", "name"), Text("Builds"))
    assert jsontext.repeatable(document["credentialSubject"]["achievement"]) is None
    assert shape.problems(document, c.KNOWN) == []
    assert shape.problems(_put(document, ("credentialSubject", "achievement", "id"), Text("no")), c.KNOWN)


ENDORSED = {"endorsement": [ENDORSEMENT]}


@pytest.mark.parametrize("spelled", ["endorsement", r"\u0065ndorsement", r"endorsemen\u0074"])
@pytest.mark.parametrize("path", [(), ("credentialSubject",), ("credentialSubject", "achievement"), ("issuer",)])
def test_endorsements_are_found_however_their_name_is_written(spelled: str, path: tuple[str, ...]) -> None:
    document = copy.deepcopy(DOCUMENT)
    place = document
    for name in path:
        place = place[name]
    place["endorsement"] = [ENDORSEMENT]
    text = json.dumps(document).replace('"endorsement"', f'"{spelled}"').encode()
    assert attached.endorsements(c.loads(text), text) == [ENDORSEMENT]
    assert attached.endorsements(document) == [ENDORSEMENT]
    token = _token(text)
    assert [check.code for check in _verify(token).checks if check.number == 11] == ["genuine"]


@pytest.mark.parametrize("path", ["", "credentialSubject"])
def test_endorsements_that_a_disclosure_brings_in_are_found(path: str) -> None:
    """The signed text of an SD-JWT does not hold the names of what was hidden."""
    document = copy.deepcopy(DOCUMENT)
    (document[path] if path else document)["endorsement"] = [ENDORSEMENT]
    places = [tuple(filter(None, (path, "endorsement")))]
    text = c.sign_sd_jwt(document, key=KEY, disclosable=places)
    assert b"endorsement" not in jwt.read(text.partition("~")[0]).payload
    report = c.verify(text, resolver=c.Offline(), at=AT, any_kind=True)
    assert [check.code for check in report.checks if check.number == 11] == ["genuine"]


def test_a_document_without_endorsements_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached, "_mentions", lambda document: pytest.fail("searched"))
    assert attached.endorsements(DOCUMENT) == attached.endorsements(DOCUMENT, c.dumps(DOCUMENT)) == []
    told = {**DOCUMENT, "name": "says\nsomething"}
    assert attached.endorsements(told, c.dumps(told)) == []


def test_endorsements_of_a_document_with_a_text_of_its_own_kind() -> None:
    document = {**DOCUMENT, "name": Text("x"), **ENDORSED}
    assert attached.endorsements(document) == [ENDORSEMENT]
    assert attached.endorsements(MappingProxyType({"name": "x"})) == []


def _token(payload: bytes) -> str:
    head = c.dumps({"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": KEY.id})
    message = f"{multibase.base64url_encode(head)}.{multibase.base64url_encode(payload)}"
    return f"{message}.{multibase.base64url_encode(KEY.sign(message.encode()))}"


def _verify(token: Any) -> c.Report:
    return c.verify(token, resolver=c.Offline(), at=AT)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PATHS), changes, st.booleans())
def test_a_token_of_any_document_is_answered_alike_whatever_was_met_before(
    monkeypatch: pytest.MonkeyPatch, path: Any, value: Any, ascii_only: bool
) -> None:
    """All twelve checks: as written compactly, as written with spaces and escapes, and with every memory empty."""
    document = _put(DOCUMENT, path, value)
    try:
        token = jwt.sign(document, key=KEY)
    except CredentialError:
        return
    other = _token(json.dumps(document, ensure_ascii=ascii_only).encode())
    _verify(jwt.sign(DOCUMENT, key=KEY))
    warm = _verify(token)
    with monkeypatch.context() as patch:
        patch.setattr(shape, "FAULTLESS", shape.Faultless(most=0, longest=-1))
        patch.setattr(attached, "could_name", lambda start, text: True)
        patch.setattr(jwt, "loads", jsontext._loads_carefully)
        careful = [_verify(token), _verify(other)]
    assert careful == [warm, warm]
    assert _verify(other) == warm
    assert repr(warm.document) == repr(careful[0].document)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"), ("a.b", "not_json"), ("..", "not_json"), ("e30.e30.AA", "readable"),
        (" e30.e30.AA\n", "readable"), (" {} ", "readable"), ("e30.e30.A~", "not_jwt"), ("e30.e30.AB", "not_jwt"),
        ("eyJhIjoxLCJhIjoyfQ.e30.AA", "duplicate_key"), ("e30.eyJhIjoxLCJhIjoyfQ.AA", "duplicate_key"),
        ("e30.W10.AA", "not_jwt"), ("e30.e30=.AA", "not_json"), ("e30.e30.AA.AA", "not_json"), ('"a.b.c"', "not_object"),
    ],
)  # fmt: skip
def test_what_is_a_token_and_what_is_none(text: str, code: str) -> None:
    assert _verify(text).checks[0].code == code


def test_a_check_that_nobody_answered_leaves_nothing_behind() -> None:
    """An error that is kept with all that was at work when it was raised would hold the whole document."""
    token = jwt.sign(DOCUMENT, key=KEY)
    _verify(token)
    gc.collect()
    gc.disable()
    try:
        assert "list_unreachable" in [check.code for check in _verify(token).checks]
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_an_address_of_any_length_is_open_or_closed() -> None:
    for address, closed in (("https://college.example/", False), ("http://10.0.0.1/", True)):
        assert [is_closed(address + "a" * length) for length in (0, 0, 3000)] == [closed] * 3
