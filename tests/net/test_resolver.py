"""The resolver on top of the door: what it asks, what it remembers, how it answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential.errors import Gone, Unreachable
from fieldstone.server.net import Door, FetchError, NetResolver, Response, Within
from fieldstone.server.net.resolver import speaks_for
from tests.credential.cases import AT, KEY, signed

DID = "did:web:college.example:awards"
URL = "https://college.example/awards/did.json"


class Pages(Door):
    """A door onto a dictionary."""

    def __init__(self, pages: dict[str, bytes | int]) -> None:
        super().__init__()
        object.__setattr__(self, "pages", pages)
        object.__setattr__(self, "asked", [])

    def fetch(self, url: str, **_: Any) -> Response:
        self.asked.append(url)  # type: ignore[attr-defined]  # set above on a frozen class
        found = self.pages.get(url, 0)  # type: ignore[attr-defined]  # set above on a frozen class
        if isinstance(found, int):
            raise FetchError("http_status", "No.", status=found or None)
        return Response(url, "application/json", found)


def _resolver(pages: dict[str, bytes | int], **options: Any) -> tuple[NetResolver, list[str]]:
    door = Pages(pages)
    return NetResolver(door, **options), door.asked  # type: ignore[attr-defined]  # set in Pages


def test_a_did_web_is_asked_at_its_address_and_remembered() -> None:
    document = c.did_document(DID, [KEY.public])
    resolver, asked = _resolver({URL: json.dumps(document).encode()})
    assert resolver.did(DID) == resolver.did(DID) == document
    assert asked == [URL]


def test_a_credential_under_did_web_verifies_through_the_resolver() -> None:
    key = KEY.controlled_by(DID)
    resolver, _ = _resolver({URL: json.dumps(c.did_document(DID, [KEY.public])).encode()})
    bare = {name: value for name, value in signed(status=()).items() if name != "proof"}
    document = c.sign({**bare, "issuer": {**bare["issuer"], "id": DID}}, key=key, created=AT)
    assert c.verify(document, resolver=resolver, at=AT).verdict == "verified"


@pytest.mark.parametrize(
    ("page", "error"),
    [
        (404, c.Missing),
        (410, c.Missing),
        (500, c.Unreachable),
        (0, c.Unreachable),
        (b"[]", c.Missing),
        (b"<html>", c.Missing),
        (b'{"id":1,"id":2}', c.Missing),
    ],
)
def test_what_cannot_be_had(page: bytes | int, error: type[Exception]) -> None:
    resolver, _ = _resolver({URL: page})
    for _ in range(2):
        with pytest.raises(error):
            resolver.did(DID)


def test_a_malformed_did_is_missing() -> None:
    resolver, asked = _resolver({})
    with pytest.raises(c.Missing):
        resolver.did("did:web:a/b")
    assert asked == []


def test_answers_are_forgotten_in_time_and_unreachable_ones_sooner() -> None:
    now = [0.0]
    pages: dict[str, bytes | int] = {"https://a.example/l": b"1", "https://a.example/m": 500}
    resolver, asked = _resolver(pages, ttl=100, clock=lambda: now[0])
    for moment, expected in ((0, 2), (9, 2), (11, 3), (99, 4), (101, 5)):
        now[0] = moment
        assert resolver.fetch("https://a.example/l#7") == b"1"
        with pytest.raises(c.Unreachable):
            resolver.fetch("https://a.example/m")
        assert len(asked) == expected, moment


def test_only_so_much_is_remembered() -> None:
    pages: dict[str, bytes | int] = {f"https://a.example/{n}": b"x" for n in range(4)}
    resolver, asked = _resolver(pages, size=2)
    for n in (0, 1, 2, 0, 2):
        resolver.fetch(f"https://a.example/{n}")
    assert [url[-1] for url in asked] == ["0", "1", "2", "0"]


def test_what_is_local_is_not_asked_outside() -> None:
    local = c.Offline({DID: {"id": DID}}, {"http://10.0.0.2/list": b"bits"})
    resolver, asked = _resolver({"https://a.example/": b"page"}, local=local)
    assert resolver.did(DID) == {"id": DID}
    assert resolver.fetch("http://10.0.0.2/list") == b"bits"
    assert resolver.fetch("https://a.example/") == b"page"
    with pytest.raises(c.Unreachable):
        resolver.did("did:web:elsewhere.example")
    assert asked == ["https://a.example/", "https://elsewhere.example/.well-known/did.json"]


def test_the_default_resolver_has_the_default_door() -> None:
    assert NetResolver().door.ports == frozenset({443})


@pytest.mark.parametrize(
    ("asked", "answered", "speaks"),
    [
        ("https://college.example/a", "https://college.example/b", True),
        ("https://college.example/a", "https://www.college.example/a", True),
        ("https://www.college.example/a", "https://college.example/a", True),
        ("https://college.example/go?to=https://evil.example", "https://evil.example/", False),
        ("https://college.example/a", "https://college.example.evil.example/a", False),
        ("https://w3id.org/a", "https://anywhere.example/a", True),
    ],
)
def test_attack_an_open_redirect_does_not_speak_for_its_host(asked: str, answered: str, speaks: bool) -> None:
    assert speaks_for(asked, answered) is speaks

    class Elsewhere(Door):
        def fetch(self, url: str, **_: Any) -> Response:
            return Response(answered, "application/json", b"{}")

    resolver = NetResolver(Elsewhere())
    if speaks:
        assert resolver.fetch(asked) == b"{}"
    else:
        with pytest.raises(Unreachable):
            resolver.fetch(asked)


def test_what_was_taken_away_is_gone() -> None:
    class Away(Door):
        def fetch(self, url: str, **_: Any) -> Response:
            raise FetchError("http_status", "The answer was HTTP 410.", status=410)

    with pytest.raises(Gone):
        NetResolver(Away()).fetch("https://college.example/award")


class Tagged(Door):
    """A server of one page with a tag, which it is asked about."""

    def __init__(self, body: bytes, tag: str, max_age: int | None) -> None:
        super().__init__()
        object.__setattr__(self, "page", [body, tag, max_age])
        object.__setattr__(self, "asked", [])

    def fetch(self, url: str, *, etag: str = "", **_: Any) -> Response:
        body, tag, max_age = self.page  # type: ignore[attr-defined]  # set above on a frozen class
        self.asked.append(etag)  # type: ignore[attr-defined]  # set above on a frozen class
        if isinstance(body, int):
            raise FetchError("http_status", "No.", status=body)
        if etag and etag == tag:
            return Response(url, "", b"", tag, max_age, unchanged=True)
        return Response(url, "application/json", body, tag, max_age)


@pytest.mark.parametrize(("max_age", "kept"), [(None, 100), (60, 60), (0, 10), (5, 10), (10**9, 1200)])
def test_a_page_is_kept_for_as_long_as_it_says_and_then_asked_about_by_its_tag(max_age: int | None, kept: int) -> None:
    now = [0.0]
    door = Tagged(b"one", '"1"', max_age)
    resolver = NetResolver(door, ttl=100, clock=lambda: now[0])
    asked: list[str] = door.asked  # type: ignore[attr-defined]  # set in Tagged
    for moment, expected in ((0, [""]), (kept - 1, [""]), (kept, ["", '"1"']), (2 * kept - 1, ["", '"1"'])):
        now[0] = moment
        assert resolver.fetch("https://a.example/list") == b"one"
        assert asked == expected
    door.page[:2] = [b"two", '"2"']  # type: ignore[attr-defined]  # set in Tagged
    now[0] = 2 * kept
    assert resolver.fetch("https://a.example/list") == b"two" and asked[-1] == '"1"'


def test_what_is_missing_is_asked_again_soon_and_without_a_tag() -> None:
    now = [0.0]
    door = Tagged(b"one", '"1"', None)
    resolver = NetResolver(door, ttl=100, clock=lambda: now[0])
    resolver.fetch("https://a.example/list")
    door.page[0] = 404  # type: ignore[attr-defined]  # set in Tagged
    for moment in (100, 109):
        now[0] = moment
        with pytest.raises(c.Missing):
            resolver.fetch("https://a.example/list")
    door.page[0] = b"one"  # type: ignore[attr-defined]  # set in Tagged
    now[0] = 110
    assert resolver.fetch("https://a.example/list") == b"one"
    assert door.asked == ["", '"1"', ""]  # type: ignore[attr-defined]  # set in Tagged


def test_attack_pages_that_are_kept_are_bounded_by_their_bytes() -> None:
    pages: dict[str, bytes | int] = {f"https://a.example/{n}": b"x" * 1000 for n in range(10)}
    resolver, asked = _resolver(pages, max_kept=3100)
    for url in pages:
        resolver.fetch(url)
    assert len(resolver._kept) == 3
    resolver.fetch("https://a.example/9")
    resolver.fetch("https://a.example/7")
    assert len(asked) == 10
    resolver.fetch("https://a.example/0")
    assert len(asked) == 11 and len(resolver._kept) == 3
    long = "https://a.example/" + "y" * 4000
    with pytest.raises(c.Unreachable):
        resolver.fetch(long)
    assert len(resolver._kept) == resolver._bytes == 0


def test_a_page_that_is_asked_again_is_counted_once() -> None:
    now = [0.0]
    resolver, asked = _resolver({"https://a.example/": b"x" * 1000}, max_kept=2500, clock=lambda: now[0])
    for _ in range(5):
        resolver.fetch("https://a.example/")
        now[0] += 1000
    assert len(asked) == 5 and resolver._bytes == len("https://a.example/") + 1000


def test_attack_slow_places_do_not_hold_up_one_check_for_long() -> None:
    now = [0.0]

    class Slow(Door):
        def fetch(self, url: str, **_: Any) -> Response:
            now[0] += 8
            raise FetchError("timeout", "Slow.")

    document = signed(
        status=tuple(c.StatusEntry(list_url=f"https://a.example/{n}", index=1) for n in range(10)),
        resources=tuple(c.Resource(id=f"https://f.example/{n}", digest_sri=c.digest_sri(b"")) for n in range(9)),
    )
    report = c.verify(document, resolver=Within(NetResolver(Slow()), clock=lambda: now[0]), at=AT)
    assert now[0] <= 20
    assert report.verdict == "could_not_tell"


def test_a_check_in_time_asks_as_it_would_without_an_end() -> None:
    now = [0.0]
    document = c.did_document(DID, [KEY.public])
    resolver, _ = _resolver({URL: json.dumps(document).encode(), "https://a.example/": b"page"})
    within = Within(resolver, 5, clock=lambda: now[0])
    now[0] = 4.9
    assert within.did(DID) == document and within.fetch("https://a.example/") == b"page"
    now[0] = 5
    for ask in (lambda: within.did(DID), lambda: within.fetch("https://a.example/")):
        with pytest.raises(c.Spent, match="too long"):
            ask()
