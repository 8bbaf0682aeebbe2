"""The whole way on screens: a recognizer asks, a learner answers from her page, the recognizer reads, she takes it back."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DataError
from django.test import Client
from django.utils import timezone

from fieldstone import credential
from fieldstone.credential import openid4vp, sd_jwt
from fieldstone.credential.dcql import Claim, Part, Query
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import keys
from fieldstone.server.backpack.models import Brought
from fieldstone.server.journeys import show_credentials as journey
from fieldstone.server.journeys.bring_credential import bring
from fieldstone.server.journeys.delete_account import delete_account
from fieldstone.server.journeys.export_person import held_on
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.management import worker
from fieldstone.server.net.door import Door, FetchError, Response
from fieldstone.server.wallets.models import Exchange, Reply, Request, Shown
from tests.cast import Cast
from tests.recognition.makers import make_award
from tests.wallets.makers import make_request, post_answer, read_request

ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def award(cast: Cast, now: datetime) -> Any:
    return make_award(cast.learner, cast.home.version, now - timedelta(days=1))


@pytest.fixture
def recognizer(cast: Cast) -> Client:
    client = Client(**ENGLISH)
    client.force_login(cast.away.recognizer)
    return client


@pytest.fixture
def learner(cast: Cast) -> Client:
    client = Client(**ENGLISH)
    client.force_login(cast.learner)
    return client


def base(cast: Cast) -> str:
    return f"/o/{cast.away.organization.slug}/promises/asks/"


def words(answer: Any) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())


def answer_part(answer: Any) -> str:
    main: str = answer.content.decode().split("<main")[1].split("</main")[0]
    return main


def test_ask_answer_read_and_take_back(recognizer: Client, learner: Client, cast: Cast, award: Any) -> None:
    asks = base(cast)
    assert "Nothing asked yet" in words(recognizer.get(asks))
    found = recognizer.get(f"{asks}new/", {"q": "observing"})
    want = f"m:{cast.home.micro_credential.pk}"
    assert f"want={want.replace(':', '%3A')}" in found.content.decode()
    assert "Leave it out" in words(recognizer.get(f"{asks}new/", {"want": want}))
    form = recognizer.get(f"{asks}new/why/", {"want": want, "purpose": "A job."})
    assert "A job." in words(form)
    typed = {"want": want, "purpose": "", "keep_days": "30", "open_days": "7", "needs": "all", "key": "k"}
    refused = recognizer.post(f"{asks}new/why/", typed)
    assert refused.status_code == 422
    assert "Say why you ask" in words(refused)
    made = recognizer.post(f"{asks}new/why/", {**typed, "purpose": "You applied for a job."})
    assert made.status_code == 302
    row = Request.objects.get()
    assert "Give this to one person" in words(recognizer.get(made["Location"]))

    page = words(Client(**ENGLISH).get(f"/show/{row.token}/"))
    assert "You applied for a job." in page
    assert cast.away.organization.full_name in page
    assert "Sign in, see which of yours answer" in page
    assert "Sign in, see" not in words(learner.get(f"/show/{row.token}/", headers={"Accept-Language": "en"}))
    mine = learner.get(f"/show/{row.token}/answer/")
    assert "Yes, show it" in words(mine)
    nothing = learner.post(f"/show/{row.token}/answer/", {"part-c0-least": ""})
    assert nothing.status_code == 422
    assert "Choose yes or no for each, then send your answer." in words(nothing)
    no = learner.post(f"/show/{row.token}/answer/", {"part-c0-least": "no"})
    assert (no.status_code, "Nothing was shown" in words(no), "missing or unclear" in words(no)) == (200, True, False)
    assert cast.away.organization.full_name in words(no) and "is not told" in words(no)
    assert not Reply.objects.exists()
    done = learner.post(f"/show/{row.token}/answer/", {"part-c0-least": f"a-{award.pk}"})
    assert (done.status_code, done["Location"]) == (302, "/credentials/shown/")
    assert learner.get(f"/show/{row.token}/answer/").status_code == 302
    answered = learner.get(f"/show/{row.token}/", headers={"Accept-Language": "en"})
    assert "You answered it." in words(answered) and "/credentials/shown/" in answer_part(answered)
    assert "Nothing of yours was shown" not in words(answered)
    assert "no longer open" in words(Client(**ENGLISH).get(f"/show/{row.token}/"))

    reply = Reply.objects.get()
    shown = sd_jwt.read(reply.items[0]["body"])
    assert reply.items[0]["bound"]
    assert shown.claims["credentialSubject"]["identifier"]
    assert shown.claims["credentialSubject"]["result"] == []
    assert not shown.complete
    worker.drain(at=worker.clock())
    assert [m.to for m in mail.outbox if "showed" in m.subject] == [[cast.away.recognizer.email]]

    read = words(recognizer.get(made["Location"]))
    assert "This credential is genuine and valid" in read
    assert cast.learner.name in read
    assert "proved to hold the key" in read
    assert "Answered" in words(recognizer.get(asks))

    listed = words(learner.get("/credentials/shown/"))
    assert cast.away.organization.full_name in listed
    assert "You applied for a job." in listed
    row_of_hers = Shown.objects.get()
    for _twice in range(2):
        assert learner.post(f"/credentials/shown/{row_of_hers.pk}/take-back/").status_code == 302
    reply.refresh_from_db()
    assert (reply.items, reply.erased_why) == ([], "consent")
    gone = words(recognizer.get(made["Location"]))
    assert "took the consent back" in gone
    assert cast.learner.name not in gone
    assert "Taken back" in words(learner.get("/credentials/shown/"))


def test_what_is_withdrawn_later_is_seen_as_withdrawn(
    recognizer: Client, cast: Cast, award: Any, now: datetime
) -> None:
    row = make_request(cast, now)
    journey.show(learner=cast.learner, request=row, picks={"c0-least": f"a-{award.pk}"}, at=now)
    awards.withdraw(award=award, reason="By mistake.", by=cast.home.issuer, at=now)
    assert "it was withdrawn" in words(recognizer.get(f"{base(cast)}{row.pk}/"))


def test_it_is_erased_on_the_day_that_was_promised(cast: Cast, award: Any, recognizer: Client, now: datetime) -> None:
    row = make_request(cast, now, keep_days=1)
    journey.show(learner=cast.learner, request=row, picks={"c0-least": f"a-{award.pk}"}, at=now)
    worker.drain(at=now + timedelta(hours=23))
    assert Reply.objects.get().items
    worker.drain(at=now + timedelta(days=1, minutes=1))
    assert (Reply.objects.get().items, Reply.objects.get().erased_why) == ([], "date")
    assert "The day that you promised came" in words(recognizer.get(f"{base(cast)}{row.pk}/"))


def test_closing_erases_and_ends_the_link(cast: Cast, award: Any, recognizer: Client, now: datetime) -> None:
    row = make_request(cast, now)
    journey.show(learner=cast.learner, request=row, picks={"c0-least": f"a-{award.pk}"}, at=now)
    assert "Erase what was shown?" in words(recognizer.get(f"{base(cast)}{row.pk}/close/"))
    for _twice in range(2):
        assert recognizer.post(f"{base(cast)}{row.pk}/close/").status_code == 302
    assert Reply.objects.get().erased_why == "closed"
    assert "You closed the request" in words(recognizer.get(f"{base(cast)}{row.pk}/"))
    other = make_request(cast, now, key="k2")
    recognizer.post(f"{base(cast)}{other.pk}/close/")
    assert "Closed" in words(recognizer.get(f"{base(cast)}{other.pk}/"))
    assert post_answer(other, {"c0-unbound": [json.loads(award.document.body)]}).status_code == 410


def test_she_who_holds_nothing_of_it_cannot_answer(cast: Cast, award: Any, now: datetime) -> None:
    row = make_request(cast, now)
    client = Client(**ENGLISH)
    client.force_login(cast.other_learner)
    assert "You do not hold everything" in words(client.get(f"/show/{row.token}/answer/"))
    stolen = client.post(f"/show/{row.token}/answer/", {"part-c0-least": f"a-{award.pk}"})
    assert stolen.status_code == 422
    any_of = make_request(cast, now, key="k2", needs_all=False)
    assert "none of what they ask for" in words(client.get(f"/show/{any_of.token}/answer/"))
    assert client.get("/show/nothing/answer/").status_code == 404
    assert not Reply.objects.exists()


def test_leaving_erases_what_was_shown(cast: Cast, award: Any, now: datetime) -> None:
    row = make_request(cast, now)
    journey.show(learner=cast.learner, request=row, picks={"c0-least": f"a-{award.pk}"}, at=now)
    assert [line["who"] for line in held_on(cast.learner)["shown"]] == [cast.away.organization.full_name]
    delete_account(user=cast.learner, at=now)
    assert (Reply.objects.get().items, Reply.objects.get().erased_why) == ([], "account")
    assert not Shown.objects.exists()


def test_the_receipt_of_a_wallet(cast: Cast, award: Any, now: datetime) -> None:
    row = make_request(cast, now)
    address = post_answer(row, {"c0-unbound": [json.loads(award.document.body)]}).json()["redirect_uri"]
    path = "/" + address.split("/", 3)[3]
    client = Client(**ENGLISH)
    assert "You showed this to" in words(client.get(path))
    client.post(path)
    assert Reply.objects.get().items
    client.post(path, {"back": "yes"})
    assert Reply.objects.get().erased_why == "consent"
    assert "Nothing is kept any more" in words(client.get(path))
    assert client.get("/shown/nothing/").status_code == 404
    assert client.get("/show/nothing/").status_code == 404


def test_a_link_into_the_wallet_app(cast: Cast, award: Any, learner: Client) -> None:
    made = learner.post(f"/credentials/{award.pk}/app/")
    page = learner.get(made["Location"]).content.decode()
    assert "dccrequest://request?issuer=" in page
    row = Exchange.objects.get()
    Exchange.objects.update(ends_at=row.made_at)
    assert "This link has ended" in words(learner.get(made["Location"]))
    Exchange.objects.update(used_at=row.made_at)
    assert "It is in the wallet app" in words(learner.get(made["Location"]))
    other = Client()
    other.force_login(cast.other_learner)
    assert other.get(made["Location"]).status_code == 404
    assert other.post(f"/credentials/{award.pk}/app/").status_code == 404


# --- recognizers elsewhere ----------------------------------------------------------------------------


class Elsewhere:
    """A verifier on another machine, as our door sees it."""

    def __init__(self, row: Any) -> None:
        self.row, self.posted, self.answer = row, "", b'{"redirect_uri": "https://verifier.example/done"}'
        self.trouble, self.times = "http_status", 0

    def fetch(self, url: str, **_more: Any) -> Response:
        if url != "https://verifier.example/request":
            raise FetchError("unknown_host", "nobody")
        return Response(url, "application/oauth-authz-req+jwt", self.row.body.encode())

    def post(self, url: str, body: bytes, **_more: Any) -> Response:
        if not self.answer:
            raise FetchError(self.trouble, "no")
        self.posted, self.times = body.decode(), self.times + 1
        return Response(url, "application/json", self.answer)


@pytest.fixture
def elsewhere(cast: Cast, award: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    there = Elsewhere(make_request(cast, now))
    monkeypatch.setattr(journey, "DOOR", there)
    return there


def link(there: Elsewhere, where: str = "https://verifier.example/request") -> str:
    return f"openid4vp://?client_id={there.row.client_id}&request_uri={where}"


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_she_answers_a_verifier_elsewhere(learner: Client, elsewhere: Elsewhere, award: Any) -> None:
    first = learner.post("/credentials/answer/", {"link": link(elsewhere)})
    assert "we checked the signature" in words(first)
    assert not elsewhere.posted
    form = {**hidden(first.content.decode()), "part-c0-least": f"a-{award.pk}"}
    done = learner.post("/credentials/answer/", form)
    assert "https://verifier.example/done" in done.content.decode()
    assert f"state={elsewhere.row.state}" in elsewhere.posted
    kept = Shown.objects.get()
    assert (kept.request_id, kept.client_id) == (None, elsewhere.row.client_id)
    assert "We cannot erase it there" in words(learner.post(f"/credentials/shown/{kept.pk}/take-back/", follow=True))


def test_a_verifier_elsewhere_that_does_not_take_it(learner: Client, elsewhere: Elsewhere, award: Any) -> None:
    form = hidden(learner.post("/credentials/answer/", {"link": link(elsewhere)}).content.decode())
    assert learner.post("/credentials/answer/", form).status_code == 422
    elsewhere.answer, elsewhere.trouble = b"", "unknown_host"
    assert learner.post("/credentials/answer/", {**form, "part-c0-least": f"a-{award.pk}"}).status_code == 422
    assert not Shown.objects.exists()
    elsewhere.answer = b"[]"
    assert learner.post("/credentials/answer/", {**form, "part-c0-least": f"a-{award.pk}"}).status_code == 302


def test_attack_a_verifier_that_gets_an_answer_and_says_no(
    learner: Client, elsewhere: Elsewhere, award: Any
) -> None:
    """What left stands in her own record, whatever was answered."""
    form = hidden(learner.post("/credentials/answer/", {"link": link(elsewhere)}).content.decode())
    elsewhere.answer = b""
    assert learner.post("/credentials/answer/", {**form, "part-c0-least": f"a-{award.pk}"}).status_code == 422
    assert Shown.objects.get().client_id == elsewhere.row.client_id


def test_the_same_answer_sent_twice_leaves_once(learner: Client, elsewhere: Elsewhere, award: Any) -> None:
    form = hidden(learner.post("/credentials/answer/", {"link": link(elsewhere)}).content.decode())
    form["part-c0-least"] = f"a-{award.pk}"
    assert learner.post("/credentials/answer/", form).status_code == 200
    again = learner.post("/credentials/answer/", form)
    assert (again.status_code, "was used already" in words(again)) == (410, True)
    assert (elsewhere.times, Shown.objects.count()) == (1, 1)


@pytest.fixture
def keys_away(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing answers where the signing keys are, until this is undone."""

    def away(_self: keys.Keepers, _kept: keys.Kept) -> credential.Signer:
        raise keys.CannotOpen

    monkeypatch.setattr(keys.Keepers, "signer", away)
    return monkeypatch


def test_asking_waits_while_the_keys_are_away(
    recognizer: Client, cast: Cast, award: Any, keys_away: pytest.MonkeyPatch
) -> None:
    typed = {
        "want": f"m:{cast.home.micro_credential.pk}", "purpose": "You applied for a job.", "keep_days": "30",
        "open_days": "7", "needs": "all", "key": "k",
    }  # fmt: skip
    answer = recognizer.post(f"{base(cast)}new/why/", typed)
    assert (answer.status_code, "Try again in a few minutes" in words(answer)) == (503, True)
    assert "You applied for a job." in words(answer)
    assert not Request.objects.exists()
    keys_away.undo()
    assert recognizer.post(f"{base(cast)}new/why/", typed).status_code == 302


def test_showing_waits_while_the_keys_are_away(
    learner: Client, cast: Cast, award: Any, now: datetime, monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    row = make_request(cast, now)
    there = Elsewhere(make_request(cast, now, key="k2"))
    monkeypatch.setattr(journey, "DOOR", there)
    form = hidden(learner.post("/credentials/answer/", {"link": link(there)}).content.decode())
    request.getfixturevalue("keys_away")
    for path, more in ((f"/show/{row.token}/answer/", {}), ("/credentials/answer/", form)):
        answer = learner.post(path, {**more, "part-c0-least": f"a-{award.pk}"})
        assert (answer.status_code, "Try again in a few minutes" in words(answer)) == (503, True)
    assert (there.times, Reply.objects.count(), Shown.objects.count()) == (0, 0, 0)


class Asks:
    """A request of a verifier elsewhere, with any query and name."""

    def __init__(self, query: Query, at: datetime, **changes: Any) -> None:
        key = credential.generate_key()
        claims = openid4vp.build_request(
            **{
                "did": key.controller, "response_uri": "https://verifier.example/answer", "query": query,
                "nonce": "n" * 22, "state": "s" * 22, "at": at, "ends": at + timedelta(hours=1), **changes,
            }
        )  # fmt: skip
        self.body = openid4vp.sign_request(claims, key=key)
        self.client_id, self.state = openid4vp.PREFIX + key.controller, "s" * 22


def test_attack_a_name_that_no_database_keeps(
    learner: Client, award: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Elsewhere(Asks(Query((Part("doc", "ldp_vc", bound=False),)), now, name="Farm\x00\nCorp"))
    monkeypatch.setattr(journey, "DOOR", there)
    form = hidden(learner.post("/credentials/answer/", {"link": link(there)}).content.decode())
    assert learner.post("/credentials/answer/", {**form, "part-doc": f"a-{award.pk}"}).status_code == 200
    assert Shown.objects.get().purpose == "Farm Corp"


def test_attack_nothing_leaves_that_cannot_be_written_down(
    cast: Cast, elsewhere: Elsewhere, award: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_given: Any) -> Shown:
        raise DataError

    monkeypatch.setattr(journey.actions, "remember", broken)
    with pytest.raises(DataError):
        journey.show_elsewhere(
            learner=cast.learner, request=read_request(elsewhere.row, now),
            picks={"c0-least": f"a-{award.pk}"}, at=now,
        )  # fmt: skip
    assert not elsewhere.times


def test_a_recognizer_gets_nothing_that_her_own_record_does_not_hold(
    cast: Cast, award: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_given: Any) -> Shown:
        raise DataError

    monkeypatch.setattr(journey.actions, "remember", broken)
    with pytest.raises(DataError):
        journey.show(
            learner=cast.learner, request=make_request(cast, now), picks={"c0-least": f"a-{award.pk}"}, at=now
        )
    assert not Reply.objects.exists()


def test_attack_a_query_for_a_key_in_what_is_bound_to_none(
    learner: Client, award: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = (Claim(("credentialSubject", "id")),)
    there = Elsewhere(Asks(Query((Part("doc", "ldp_vc", bound=False, claims=about),)), now))
    monkeypatch.setattr(journey, "DOOR", there)
    page = learner.post("/credentials/answer/", {"link": link(there)})
    assert (page.status_code, "You do not hold everything" in words(page)) == (200, True)


@pytest.mark.parametrize("bad", ["https://[x", "openid4vp://?client_id=a&request_uri=https://[x"])
def test_attack_links_that_are_no_addresses(learner: Client, award: Any, bad: str) -> None:
    assert learner.post("/credentials/answer/", {"link": bad}).status_code == 422


def test_attack_an_answer_to_no_address(
    learner: Client, award: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = Query((Part("doc", "ldp_vc", bound=False),))
    there = Elsewhere(Asks(query, now, response_uri="https://[x"))
    monkeypatch.setattr(journey, "DOOR", there)
    form = hidden(learner.post("/credentials/answer/", {"link": link(there)}).content.decode())
    monkeypatch.setattr(journey, "DOOR", Door())
    assert learner.post("/credentials/answer/", {**form, "part-doc": f"a-{award.pk}"}).status_code == 422
    assert not Shown.objects.exists()


@pytest.mark.parametrize("bad", ["", "https://", "openid4vp://?client_id=x", "x" * 9000])
def test_links_that_ask_for_nothing(learner: Client, elsewhere: Elsewhere, bad: str) -> None:
    assert learner.post("/credentials/answer/", {"link": bad}).status_code == 422


def test_nobody_answers_or_somebody_else_signed(learner: Client, elsewhere: Elsewhere) -> None:
    assert learner.post("/credentials/answer/", {"link": link(elsewhere, "https://down.example/")}).status_code == 422
    other = link(elsewhere).replace(elsewhere.row.client_id, "decentralized_identifier:did:web:evil.example")
    assert learner.post("/credentials/answer/", {"link": other}).status_code == 422
    body = {"link": link(elsewhere), "client": elsewhere.row.client_id, "body": elsewhere.row.body[:-4] + "AAAA"}
    assert learner.post("/credentials/answer/", body).status_code == 422


def test_our_own_link_is_answered_here(learner: Client, elsewhere: Elsewhere, settings: Any) -> None:
    token = elsewhere.row.token
    for own in (link(elsewhere, f"{settings.BASE_URL}/wallets/requests/{token}"), f"{settings.BASE_URL}/show/{token}/"):
        assert learner.post("/credentials/answer/", {"link": own})["Location"] == f"/show/{token}/answer/"


def test_what_came_from_elsewhere_is_shown_as_it_is(cast: Cast, award: Any, now: datetime) -> None:
    """Another learner brought the same kind of credential as a file; it has no key of hers."""
    Brought.objects.all().delete()
    bring(learner=cast.other_learner, data=award.document.body.encode(), source="file", at=now)
    row = make_request(cast, now)
    found = journey.offer(cast.other_learner, read_request(row, now).query, at=now)
    assert [(line.part, [h.id[:2] for h in line.able]) for line in found.lines] == [("c0-unbound", ["b-"])]


def test_only_she_herself_signs(cast: Cast, award: Any, now: datetime) -> None:
    asked = openid4vp.read_request(
        (row := make_request(cast, now)).body, client_id=row.client_id, resolver=credential.Offline(), at=now
    )
    with pytest.raises(Refused):
        awards.present(
            learner=cast.learner, document={}, places=(), request=asked, by=cast.other_learner, at=now
        )
