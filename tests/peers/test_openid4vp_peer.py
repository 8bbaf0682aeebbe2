"""OpenID4VP with npm @openid4vc/openid4vp, DCQL with npm dcql, and the signing of the Learner Credential Wallet.

Their wallet answers a live server of ours; our learner answers their verifier; one table of queries for both.
"""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from fieldstone import credential as c
from fieldstone.credential import openid4vp
from fieldstone.credential.dcql import Held
from fieldstone.credential.multibase import base64url_encode
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.rules import Holder
from fieldstone.server.journeys import show_credentials as journey
from fieldstone.server.net.door import Response
from fieldstone.server.wallets import actions, rules
from fieldstone.server.wallets.models import Exchange, Reply, Request
from tests.cast import Cast, make_cast
from tests.conftest import NOW
from tests.credential.dcql_cases import CASES, WALLET
from tests.peers import packages
from tests.recognition.makers import make_award
from tests.wallets.makers import make_request

pytestmark = [
    pytest.mark.peer,
    pytest.mark.once("other people's software reads what is the same bytes from every database; the flows run on both"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.folder("openid4vp_node", tmp_path_factory)


def ask(folder: Path, *questions: dict[str, Any]) -> list[dict[str, Any]]:
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run(
        ["node", "peer.mjs"], cwd=folder, input=lines, capture_output=True, text=True, check=True, timeout=120
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def secret(key: c.SigningKey) -> dict[str, str]:
    return {**key.public.jwk(), "d": base64url_encode(key.seed())}


# --- DCQL ---------------------------------------------------------------------------------------------


def theirs(held: Held) -> dict[str, Any]:
    """A credential as npm dcql sees it."""
    more: dict[str, Any] = {"vct": held.vct} if held.vct else {"type": sorted(held.types)}
    return {
        "credential_format": held.format, "claims": held.claims, "cryptographic_holder_binding": held.bound, **more
    }  # fmt: skip


def test_one_table_of_queries(folder: Path) -> None:
    wallet = [theirs(held) for held in WALLET]
    names = [held.id for held in WALLET]
    told = ask(folder, *({"do": "dcql", "query": case.query, "credentials": wallet} for case in CASES.values()))
    for (name, case), answer in zip(CASES.items(), told, strict=True):
        if case.matches is None:
            assert "error" in answer, name
            continue
        matches = {part: [names[n] for n in found] for part, found in answer["ok"]["matches"].items()}
        assert (matches, answer["ok"]["satisfied"]) == (case.matches, case.satisfied), name


# --- their wallet, our verifier -----------------------------------------------------------------------


@pytest.fixture
def now(live_server: LiveServer, settings: Any) -> datetime:
    settings.BASE_URL = live_server.url.replace("localhost", "127.0.0.1")
    return timezone.now()


@pytest.fixture
def cast(now: datetime) -> Cast:
    return make_cast(NOW)


@pytest.fixture
def award(cast: Cast, now: datetime) -> Any:
    return make_award(cast.learner, cast.home.version, now - timedelta(days=1))


def opened(folder: Path, row: Request, settings: Any) -> dict[str, Any]:
    """The request as their wallet reads it from our link."""
    link = rules.wallet_link(settings.BASE_URL, row.token, row.client_id)
    key = c.PublicKey.from_multikey(row.client_id.rpartition(":")[2])
    (answer,) = ask(folder, {"do": "open", "link": link, "jwk": key.jwk()})
    assert "ok" in answer, answer
    found: dict[str, Any] = answer["ok"]
    assert (found["client"]["prefix"], found["client"]["effective"]) == ("decentralized_identifier", row.client_id)
    assert found["dcql"] == row.query
    return found["payload"]  # type: ignore[no-any-return]  # JSON


@pytest.mark.django_db(transaction=True)
def test_their_wallet_shows_an_sd_jwt(folder: Path, cast: Cast, award: Any, now: datetime, settings: Any) -> None:
    key = c.generate_key()
    text = awards.copy(
        award=award, form="dc+sd-jwt", holder=Holder(key.controller, key.public.jwk()), by=cast.learner, at=now
    )
    row = make_request(cast, now)
    payload = opened(folder, row, settings)
    show = {"do": "present", "text": text, "frame": {"credentialSubject": {"identifier": True}}, "key": secret(key)}
    (shown,) = ask(folder, {**show, "nonce": payload["nonce"], "audience": payload["client_id"]})
    other = ask(folder, {**show, "nonce": "another", "audience": payload["client_id"]})[0]["ok"]
    refused, taken, again = ask(
        folder,
        {"do": "answer", "payload": payload, "vp_token": {"c0-least": [other]}},
        {"do": "answer", "payload": payload, "vp_token": {"c0-least": [shown["ok"]]}},
        {"do": "answer", "payload": payload, "vp_token": {"c0-least": [shown["ok"]]}},
    )
    assert (refused["ok"]["status"], refused["ok"]["body"]["reason"]) == (400, "not_asked")
    assert (taken["ok"]["status"], again["ok"]["status"]) == (200, 410)
    reply = Reply.objects.get()
    assert taken["ok"]["body"] == {"redirect_uri": f"{settings.BASE_URL}/shown/{reply.receipt}/"}
    assert reply.items[0]["bound"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("part", "form"), [("c0", "ldp_vc"), ("c0-jwt", "jwt_vc_json")])
def test_their_wallet_shows_a_presentation(
    folder: Path, cast: Cast, award: Any, now: datetime, settings: Any, part: str, form: str
) -> None:
    key = c.generate_key()
    text = awards.copy(award=award, form=form, holder=Holder(key.controller, key.public.jwk()), by=None, at=now)
    row = make_request(cast, now)
    payload = opened(folder, row, settings)
    asked = openid4vp.read_request(row.body, client_id=row.client_id, resolver=c.Offline(), at=now)
    shown = openid4vp.present(c.loads(text) if form == "ldp_vc" else text, request=asked, key=key, at=timezone.now())
    (taken,) = ask(folder, {"do": "answer", "payload": payload, "vp_token": {part: [shown]}})
    assert taken["ok"]["status"] == 200, taken


# --- our learner, their verifier ----------------------------------------------------------------------


class Verifier:
    """Their verifier, where our door finds it."""

    def __init__(self, token: str) -> None:
        self.token, self.posted = token, ""

    def fetch(self, url: str, **_more: Any) -> Response:
        return Response(url, "application/oauth-authz-req+jwt", self.token.encode())

    def post(self, url: str, body: bytes, **_more: Any) -> Response:
        self.posted = body.decode()
        return Response(url, "application/json", b"{}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["dc+sd-jwt", "ldp_vc", "jwt_vc_json"])
def test_our_learner_answers_their_verifier(
    folder: Path, cast: Cast, award: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    key = c.generate_key()
    badge = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
    meta = {"vct_values": [badge]} if form == "dc+sd-jwt" else {"type_values": [[badge]]}
    claims = [{"path": ["credentialSubject", "achievement", "name"]}]
    (made,) = ask(
        folder,
        {
            "do": "ask", "did": key.controller, "kid": key.id, "jwk": key.public.jwk(), "secret": secret(key),
            "query": {"credentials": [{"id": "skill", "format": form, "meta": meta, "claims": claims}]},
            "response_uri": "https://verifier.example/answer", "nonce": "n-0S6_WzA2Mj", "state": "eyJhb",
        },
    )  # fmt: skip
    assert "ok" in made, made
    there = Verifier(made["ok"]["token"])
    monkeypatch.setattr(journey, "DOOR", there)
    given = parse_qs(urlsplit(made["ok"]["link"]).query)
    assert given["request_uri"] == ["https://verifier.example/request"]
    _text, asked = journey.open_link(made["ok"]["link"], at=now)
    assert (asked.name, journey.who(asked)) == ("Node Verifier", key.controller)
    journey.show_elsewhere(learner=cast.learner, request=asked, picks={"skill": f"a-{award.pk}"}, at=timezone.now())
    (read,) = ask(folder, {"do": "read", "payload": made["ok"]["payload"], "posted": there.posted})
    assert "ok" in read, read
    assert read["ok"]["state"] == "eyJhb"
    ours = openid4vp.verify_answer(
        read["ok"]["presentations"], query=asked.query, nonce=asked.nonce, client_id=asked.client_id,
        resolver=journey.checking.WORLD, at=timezone.now(),
    )  # fmt: skip
    assert (ours.faults, [each.bound for each in ours.presented]) == ((), [True])


# --- the Learner Credential Wallet --------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wrapped", [True, False])
def test_the_learner_credential_wallet_fetches_its_copy(
    folder: Path, cast: Cast, award: Any, now: datetime, settings: Any, wrapped: bool
) -> None:
    """Signed as the app signs: Ed25519Signature2020 by @digitalcredentials, without a domain where it got none."""
    row: Exchange = actions.offer_exchange(award=award, by=cast.learner, at=now)
    question = {
        "do": "wallet", "url": rules.exchange_url(settings.BASE_URL, row.token), "challenge": row.challenge,
        "wrapped": wrapped, **({"domain": rules.domain(settings.BASE_URL)} if wrapped else {}),
    }  # fmt: skip
    wrong, got, again = ask(folder, {**question, "challenge": "another"}, question, question)
    assert (wrong["ok"]["status"], wrong["ok"]["body"]["reason"]) == (400, "not_asked"), wrong
    assert got["ok"]["status"] == 200, got
    body = got["ok"]["body"]
    document = body["verifiablePresentation"]["verifiableCredential"][0] if wrapped else body
    assert document["credentialSubject"]["id"] == got["ok"]["holder"]
    report = journey.checking.check(json.dumps(document).encode(), at=timezone.now())
    assert report.verdict == c.Verdict.VERIFIED
    assert again["ok"]["status"] == 410
