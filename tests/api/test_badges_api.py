"""The Open Badges API as an app asks it: the standard's answers, the learner's bytes, and nobody else's."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from fieldstone import credential as c
from fieldstone.credential.baked import bake
from fieldstone.server.api import badges, held
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.backpack.models import Brought
from fieldstone.server.connections import rules
from fieldstone.server.connections.models import Connection
from fieldstone.server.journeys import bring_credential
from fieldstone.server.people.models import User
from tests.api.kit import CREDENTIALS, PROFILE, Wallet, nobody_answers, official, refused
from tests.awards.makers import make_review
from tests.backpack.makers import KEY, PNG, signed, unsigned_change
from tests.cast import Cast, make_version

READ, WRITE = rules.CREDENTIALS_READ, rules.CREDENTIALS_WRITE


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """No network, no counts from other tests."""
    nobody_answers(monkeypatch)
    cache.clear()


@pytest.fixture
def wallet(cast: Cast, now: datetime) -> Wallet:
    return Wallet(cast.learner, now)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch, at: datetime) -> datetime:
    """The moment of the tests is also that of the requests."""
    monkeypatch.setattr(badges, "now", lambda: at)
    return at


def earn(cast: Cast, at: datetime, number: int, learner: User | None = None) -> list[Award]:
    """Awards of so many micro-credentials, a minute apart."""
    made = []
    for n in range(number):
        version = make_version(
            cast.home.program, at, slug=f"skill-{n}-{(learner or cast.learner).name.split()[0].lower()}"
        )
        moment = at + timedelta(minutes=n)
        made.append(awards.issue(review=make_review(learner or cast.learner, version, moment), by=None, at=moment))
    return made


def links(answer: Any) -> dict[str, str]:
    found = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"])
    return {name: url for url, name in found}


# --- reading


def test_what_an_app_reads_is_what_was_signed_byte_for_byte(cast: Cast, at: datetime, wallet: Wallet) -> None:
    made = earn(cast, at, 2)
    token = c.sign_jwt({k: v for k, v in c.loads(signed("Baker")).items() if k != "proof"}, key=KEY, open_badges=True)
    for data in (signed(), token.encode(), bake(PNG, signed("Painter"))):
        assert bring_credential.bring(learner=cast.learner, data=data, source="file", at=at)[0].verdict == "verified"
    answer = wallet.get(CREDENTIALS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert "no-store" in answer.headers["Cache-Control"] and "Access-Control-Allow-Origin" not in answer.headers
    body = answer.json()
    official("getopenbadgecredentialsresponse", body)
    assert answer.headers["X-Total-Count"] == "5"
    assert body["compactJwsString"] == [token]
    assert [one["name"] for one in body["credential"]] == [
        "Food safety",
        "Painter",
        *(c.loads(a.document.body)["name"] for a in made),
    ]
    for text in (signed().decode(), signed("Painter").decode(), *(a.document.body for a in made)):
        assert text in answer.content.decode()
    for one in body["credential"]:
        report = c.verify(c.dumps(one), resolver=c.Offline(), at=at)
        assert report.check("signature").outcome is c.Outcome.PASSED  # type: ignore[union-attr]


def test_nothing_yet(wallet: Wallet) -> None:
    answer = wallet.get(CREDENTIALS)
    assert answer.json() == {"credential": [], "compactJwsString": []}
    official("getopenbadgecredentialsresponse", answer.json())
    assert answer.headers["X-Total-Count"] == "0"
    assert set(links(answer)) == {"first", "last"}


def test_pages(cast: Cast, at: datetime, wallet: Wallet) -> None:
    made = earn(cast, at, 5)
    seen, url = [], f"{CREDENTIALS}?limit=2"
    steps = []
    while url:
        answer = wallet.get(url)
        around = links(answer)
        steps.append(set(around))
        seen += [one["id"] for one in answer.json()["credential"]]
        assert answer.headers["X-Total-Count"] == "5"
        assert around["first"].endswith("limit=2&offset=0") and around["last"].endswith("limit=2&offset=4")
        url = around.get("next", "").removeprefix("http://127.0.0.1:8000")
    assert [f"/c/{a.code}/credential.json" in i for a, i in zip(made, seen, strict=True)] == [True] * 5
    assert steps == [{"first", "last", "next"}, {"first", "last", "next", "prev"}, {"first", "last", "prev"}]
    assert links(wallet.get(f"{CREDENTIALS}?limit=2&offset=1"))["prev"].endswith("limit=2&offset=0")
    assert wallet.get(f"{CREDENTIALS}?offset=99").json()["credential"] == []
    assert "limit=200&" in wallet.get(f"{CREDENTIALS}?limit=999999").headers["Link"]


def test_only_since(cast: Cast, at: datetime, wallet: Wallet) -> None:
    earn(cast, at, 3)
    answer = wallet.get(f"{CREDENTIALS}?since=2026-11-23T15:01:00Z")
    assert answer.headers["X-Total-Count"] == "1"
    assert "since=2026-11-23T15%3A01%3A00Z" in links(answer)["first"]
    assert wallet.get(f"{CREDENTIALS}?since=2026-11-23T10:00:30-05:00").headers["X-Total-Count"] == "2"
    assert wallet.get(f"{CREDENTIALS}?since=2026-11-23T15:00:30+00:00").headers["X-Total-Count"] == "2"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=x", "limit=", "limit=1.5", "limit=٣", "limit=1&limit=2", "limit=9999999999", "offset=-1",
     "offset=%00", "offset=1e3", "since=yesterday", "since=2026-11-23", "since=", "since=2026-11-23T15:00:00", "since=9999-99-99T00:00:00Z"],
)  # fmt: skip
def test_wrong_questions(wallet: Wallet, query: str) -> None:
    refused(wallet.get(f"{CREDENTIALS}?{query}"), 400, "invalid_query_parameter")


def test_withdrawn_paused_and_doubtful_ones_are_left_out(cast: Cast, at: datetime, wallet: Wallet) -> None:
    first, second, third = earn(cast, at, 3)
    Award.objects.filter(pk=first.pk).update(revoked_at=at, revoked_reason="x", revoked_by=cast.home.issuer.pk)
    Award.objects.filter(pk=second.pk).update(suspended_at=at, suspended_reason="x")
    Award.objects.filter(pk=third.pk).update(audience="private")
    bring_credential.bring(learner=cast.learner, data=unsigned_change(signed()), source="file", at=at)
    body = wallet.get(CREDENTIALS).json()
    assert [one["id"].split("/")[-2] for one in body["credential"]] == [third.code]


def test_what_is_no_open_badge_3_is_left_out(cast: Cast, at: datetime, wallet: Wallet) -> None:
    bring_credential.bring(learner=cast.learner, data=signed(), source="file", at=at)
    Brought.objects.update(sha256="0" * 64)
    held._known["0" * 64] = False
    assert wallet.get(CREDENTIALS).headers["X-Total-Count"] == "0"
    held._known.clear()
    for body in (b"{}", b"[]", b"7", b"\xff", b'{"type": "Assertion"}', b"a.b.c", b"<svg/>"):
        assert not held.is_badge(body)
    assert held.is_badge(b'{"type": "OpenBadgeCredential"}') and held.is_badge(signed())


def test_the_memory_of_kinds_is_bounded(cast: Cast, at: datetime, wallet: Wallet) -> None:
    held._known.update(dict.fromkeys(map(str, range(50_001)), False))
    bring_credential.bring(learner=cast.learner, data=signed(), source="file", at=at)
    assert wallet.get(CREDENTIALS).headers["X-Total-Count"] == "1"
    assert len(held._known) == 1


def test_a_long_list_takes_few_queries(
    cast: Cast, at: datetime, wallet: Wallet, django_assert_max_num_queries: Any
) -> None:
    earn(cast, at, 6)
    for n in range(6):
        bring_credential.bring(learner=cast.learner, data=signed(f"Badge {n}"), source="file", at=at)
    with django_assert_max_num_queries(18) as counted:
        assert wallet.get(CREDENTIALS).headers["X-Total-Count"] == "12"
    asked = [q["sql"] for q in counted.captured_queries if "fieldstone_tally" not in q["sql"]]
    assert len([sql for sql in asked if sql.startswith("SELECT")]) <= 6, asked


# --- who may


def test_without_a_token(db: None) -> None:
    answer = Client().get(CREDENTIALS)
    refused(answer, 401, "unauthorizedrequest")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Fieldstone"'


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Basic eDp5", "Bearer " + "a" * 5000, "Bearer a b", "Bearer \xff"]
)
def test_with_a_token_that_is_none(db: None, header: str) -> None:
    answer = Client().get(CREDENTIALS, headers={"Authorization": header})
    refused(answer, 401, "unauthorizedrequest")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_attack_a_session_instead_of_a_token(cast: Cast) -> None:
    """What opens the pages does not open the API, so no page of another site can use it."""
    client = Client()
    client.force_login(cast.learner)
    refused(client.get(CREDENTIALS), 401, "unauthorizedrequest")
    refused(client.put(PROFILE, "{}", content_type="application/json"), 401, "unauthorizedrequest")


def test_attack_a_token_in_the_address(wallet: Wallet) -> None:
    refused(Client().get(f"{CREDENTIALS}?access_token={wallet.issued.access}"), 401, "unauthorizedrequest")


def test_attack_a_token_of_another_learner(cast: Cast, at: datetime, wallet: Wallet) -> None:
    """It opens that learner's things, and only those."""
    earn(cast, at, 1)
    (theirs,) = earn(cast, at, 1, cast.other_learner)
    other = Wallet(cast.other_learner, at)
    assert [one["id"].split("/")[-2] for one in other.get(CREDENTIALS).json()["credential"]] == [theirs.code]
    assert other.get(PROFILE).json()["id"] == f"urn:uuid:{cast.other_learner.pk}"
    body = {**other.get(PROFILE).json(), "id": f"urn:uuid:{cast.learner.pk}", "name": "Taken Over"}
    refused(other.ask("PUT", PROFILE, c.dumps(body)), 400, "invalid_data")
    assert User.objects.get(pk=cast.learner.pk).name == cast.learner.name


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [("GET", CREDENTIALS, READ), ("POST", CREDENTIALS, WRITE), ("GET", PROFILE, rules.PROFILE_READ), ("PUT", PROFILE, rules.PROFILE_WRITE)],
)  # fmt: skip
def test_attack_more_than_was_allowed(cast: Cast, now: datetime, method: str, path: str, scope: str) -> None:
    others = [one for one in rules.PERMISSIONS if one != scope]
    answer = Wallet(cast.learner, now, *others).ask(method, path, signed())
    refused(answer, 403, "forbidden")
    assert f'error="insufficient_scope", scope="{scope}"' in answer.headers["WWW-Authenticate"]
    assert not Brought.objects.exists()


def test_a_connection_that_ended_opens_nothing(cast: Cast, at: datetime, wallet: Wallet) -> None:
    assert wallet.get(CREDENTIALS).status_code == 200
    Connection.objects.update(ended_at=at, ended_why="learner")
    refused(wallet.get(CREDENTIALS), 401, "unauthorizedrequest")


@pytest.mark.parametrize(("path", "allowed"), [(CREDENTIALS, "GET, POST"), (PROFILE, "GET, PUT")])
def test_other_methods(wallet: Wallet, path: str, allowed: str) -> None:
    for method in ("DELETE", "PATCH", "HEAD", "BREW"):
        answer = wallet.ask(method, path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    refused(wallet.ask("DELETE", path), 405, "not_allowed")


def test_too_often(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badges, "REQUESTS_PER_MINUTE", 2)
    assert [wallet.get(PROFILE).status_code for _ in range(3)] == [200, 200, 429]
    answer = wallet.get(PROFILE)
    refused(answer, 429, "server_busy")
    assert answer.headers["Retry-After"] == "60"


# --- adding


def test_a_new_credential_and_the_same_again(cast: Cast, wallet: Wallet) -> None:
    first = wallet.ask("POST", CREDENTIALS, signed())
    assert (first.status_code, first.headers["Content-Type"], first.content) == (201, "application/json", signed())
    official("achievementcredential", first.json())
    again = wallet.ask("POST", CREDENTIALS, signed(), "application/vc+ld+json")
    assert (again.status_code, again.content) == (200, signed())
    row = Brought.objects.get()
    assert (row.learner, row.source, row.audience) == (cast.learner, "api", "private")
    assert wallet.get(CREDENTIALS).json()["credential"] == [c.loads(signed())]


def test_a_newer_one_takes_the_place_of_the_older(wallet: Wallet, at: datetime) -> None:
    assert wallet.ask("POST", CREDENTIALS, signed()).status_code == 201
    newer = signed(valid_from=at - timedelta(days=1))
    answer = wallet.ask("POST", CREDENTIALS, newer)
    assert (answer.status_code, answer.content) == (200, newer)
    assert wallet.get(CREDENTIALS).json()["credential"] == [c.loads(newer)]


def test_a_compact_jws(wallet: Wallet) -> None:
    token = c.sign_jwt({k: v for k, v in c.loads(signed()).items() if k != "proof"}, key=KEY, open_badges=True)
    answer = wallet.ask("POST", CREDENTIALS, token, "text/plain")
    assert (answer.status_code, answer.headers["Content-Type"], answer.content.decode()) == (201, "text/plain", token)
    assert wallet.get(CREDENTIALS).json() == {"credential": [], "compactJwsString": [token]}
    refused(wallet.ask("POST", CREDENTIALS, token, "application/json"), 400, "invalid_data")
    refused(wallet.ask("POST", CREDENTIALS, signed(), "text/plain"), 400, "invalid_data")


def test_what_she_earned_here_stands_there_already(cast: Cast, at: datetime, wallet: Wallet) -> None:
    (award,) = earn(cast, at, 1)
    answer = wallet.ask("POST", CREDENTIALS, award.document.body)
    assert (answer.status_code, answer.content.decode()) == (200, award.document.body)
    assert not Brought.objects.exists()


def test_attack_a_changed_credential(wallet: Wallet) -> None:
    sentence = refused(wallet.ask("POST", CREDENTIALS, unsigned_change(signed())), 400, "invalid_data")
    assert "signature" in sentence
    assert not Brought.objects.exists()


def test_what_cannot_be_checked_now_is_not_kept(wallet: Wallet) -> None:
    status = c.StatusEntry(list_url="https://elsewhere.example/status/1", index=3, purpose="revocation")
    sentence = refused(wallet.ask("POST", CREDENTIALS, signed(status=(status,))), 400, "invalid_data")
    assert "status" in sentence
    assert not Brought.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"7", b'"x"', b"{", b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 100_000, b'{"type":"OpenBadgeCredential"}',
     b'{"type":["OpenBadgeCredential"],"@context":7}', b'{"type":{"a":1}}', b'{"type":[[]]}', b'{"type":[{}]}', b"\x00", b"x" * 999_999],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_what_is_no_credential(wallet: Wallet, body: bytes, kind: str) -> None:
    refused(wallet.ask("POST", CREDENTIALS, body, kind), 400, "invalid_data")


def test_other_kinds_and_sizes(wallet: Wallet) -> None:
    refused(wallet.ask("POST", CREDENTIALS, signed(), "application/xml"), 415, "invalid_data")
    refused(wallet.ask("POST", CREDENTIALS, signed(), ""), 415, "invalid_data")
    refused(wallet.ask("POST", CREDENTIALS, b" " * 1_000_001), 413, "invalid_data")
    refused(wallet.ask("POST", CREDENTIALS, b" " * 2_600_000), 413, "invalid_data")
    refused(wallet.ask("PUT", PROFILE, "<x/>", "text/xml"), 415, "invalid_data")
    refused(wallet.ask("PUT", PROFILE, b" " * 2_600_000), 413, "invalid_data")


def test_adding_is_limited(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badges, "ADDED_PER_MINUTE", 1)
    assert wallet.ask("POST", CREDENTIALS, signed()).status_code == 201
    refused(wallet.ask("POST", CREDENTIALS, signed("Other")), 429, "server_busy")
    assert wallet.get(CREDENTIALS).status_code == 200


def test_a_full_page_is_told(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldstone.server.backpack.rules.MAX_NUMBER", 1)
    assert wallet.ask("POST", CREDENTIALS, signed()).status_code == 201
    refused(wallet.ask("POST", CREDENTIALS, signed("Other")), 400, "invalid_data")


# --- profile


def test_a_profile(cast: Cast, wallet: Wallet) -> None:
    answer = wallet.get(PROFILE)
    body = answer.json()
    official("profile", body)
    assert body == {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": f"urn:uuid:{cast.learner.pk}",
        "type": ["Profile"],
        "name": cast.learner.name,
        "email": cast.learner.email,
    }  # fmt: skip
    assert "no-store" in answer.headers["Cache-Control"]


def test_changing_name_and_phone(cast: Cast, wallet: Wallet) -> None:
    body = {**wallet.get(PROFILE).json(), "name": "Ana  Reyes", "phone": "931 555 0142", "type": "Profile"}
    answer = wallet.ask("PUT", PROFILE, c.dumps(body))
    official("profile", answer.json())
    assert answer.json() == wallet.get(PROFILE).json() == {**body, "name": "Ana Reyes", "type": ["Profile"]}
    user = User.objects.get(pk=cast.learner.pk)
    assert (user.name, user.phone, user.language) == ("Ana Reyes", "931 555 0142", cast.learner.language)


def test_somebody_without_an_address(cast: Cast, now: datetime) -> None:
    User.objects.filter(pk=cast.learner.pk).update(email=None)
    wallet = Wallet(cast.learner, now)
    body = wallet.get(PROFILE).json()
    assert "email" not in body
    assert wallet.ask("PUT", PROFILE, c.dumps(body)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [{"name": ""}, {"name": None}, {"name": 7}, {"name": "<b>"}, {"name": "x" * 121}, {"phone": "call me"}, {"phone": []},
     {"email": "new@example.org"}, {"email": ""}, {"id": "urn:uuid:x"}, {"id": None}, {"type": "Person"}, {"type": None}, {"type": []},
     {"url": "https://me.example"}, {"dateOfBirth": "2000-01-01"}],
)  # fmt: skip
def test_profiles_that_are_refused(cast: Cast, wallet: Wallet, changes: dict[str, Any]) -> None:
    refused(wallet.ask("PUT", PROFILE, c.dumps({**wallet.get(PROFILE).json(), **changes})), 400, "invalid_data")
    assert User.objects.get(pk=cast.learner.pk).name == cast.learner.name


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"\xff", b"{" * 5000, b" " * 20_001])
def test_bodies_that_are_no_profile(wallet: Wallet, body: bytes) -> None:
    refused(wallet.ask("PUT", PROFILE, body), 400, "invalid_data")
