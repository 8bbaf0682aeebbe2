"""Another program's wallet (npm @openid4vc/openid4vci 0.4) fetches credentials from the server, in every form."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from fieldstone import credential as c
from fieldstone.cli import main
from fieldstone.credential import jwt, methods
from fieldstone.server.assessment.models import Review
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.delivery import rules
from fieldstone.server.delivery.models import WalletDelivery, WalletOffer, WalletToken
from fieldstone.server.journeys import confirm_decision, fill_wallet
from tests.awards.makers import make_review
from tests.cast import Cast, make_cast
from tests.delivery.kit import Local
from tests.peers import packages
from tests.peers.test_peers import peer  # noqa: F401 - a fixture

BACK = "https://wallet.example/back"
BOTH = [{"name": "a", "curve": "Ed25519"}, {"name": "b", "curve": "P-256", "by": "jwk"}]

pytestmark = [
    pytest.mark.peer,
    pytest.mark.once("other people's software reads what is the same bytes from every database; the flows run on both"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.folder("wallet_node", tmp_path_factory)


class Wallet:
    """The other program, told what to do line by line."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            ["node", "peer.mjs"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, verb: str, **given: Any) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"verb": verb, **given}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def does(self, verb: str, **given: Any) -> dict[str, Any]:
        """What must succeed."""
        answer = self.ask(verb, **given)
        assert answer["ok"], answer
        return answer

    def refused(self, verb: str, error: str, status: int = 400, **given: Any) -> None:
        """What the server must refuse, with this word."""
        answer = self.ask(verb, **given)
        assert not answer["ok"], answer
        assert (answer["last"]["status"], json.loads(answer["last"]["body"])["error"]) == (status, error), answer


@pytest.fixture
def wallet(folder: Path) -> Iterator[Wallet]:
    made = Wallet(folder)
    yield made
    assert made.process.stdin is not None and made.process.stdout is not None
    made.process.stdin.close()
    made.process.wait(10)
    made.process.stdout.close()


@pytest.fixture
def cast(live_server: LiveServer, settings: Any) -> Cast:
    settings.BASE_URL = live_server.url.replace("localhost", "127.0.0.1")
    return make_cast(timezone.now() - timedelta(minutes=1))


@pytest.fixture
def award(cast: Cast) -> Award:
    at = timezone.now() - timedelta(seconds=30)
    return confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)


def make_offer(form: str, **of: Any) -> WalletOffer:
    (thing,) = of.values()
    return fill_wallet.offer(learner=thing.learner, form=form, key=str(uuid4()), at=timezone.now(), **of)


def link_of(offer: WalletOffer, settings: Any) -> str:
    reference = rules.derive(settings.SECRET_KEY, "reference", offer.pk)
    issuer = rules.issuer_id(settings.BASE_URL, offer.organization.slug)
    return rules.offer_link(rules.endpoint(issuer, f"offer/{reference}"))


def digits_of(offer: WalletOffer, settings: Any) -> str:
    return rules.tx_code(settings.SECRET_KEY, offer.pk)


def check(copy: Any) -> c.Report:
    data = copy.encode() if isinstance(copy, str) else c.dumps(copy)
    return c.verify(data, resolver=Local(), at=timezone.now())


def key_of(copy: Any) -> Any:
    """The key that a copy is tied to."""
    claims = copy if isinstance(copy, dict) else dict(jwt.read(copy.partition("~")[0]).claims)
    if "cnf" in claims:
        return claims["cnf"]["jwk"]
    return methods.find(claims["credentialSubject"]["id"], c.Offline()).key.jwk()


def test_metadata_and_offer_are_understood(wallet: Wallet, award: Award, settings: Any) -> None:
    offer = make_offer("ldp", award=award)
    seen = wallet.does("offer", link=link_of(offer, settings))
    assert seen["version"] == "V1"
    assert seen["offer"]["credential_issuer"] == f"{settings.BASE_URL}/o/home"
    assert seen["offer"]["credential_configuration_ids"] == ["m.observing.ldp"]
    assert {f"m.observing.{form}" for form in rules.FORMS} == set(seen["known"])
    assert [line["locale"] for line in seen["display"]] == ["en", "es"]


@pytest.mark.parametrize("form", list(rules.FORMS))
def test_every_form_is_fetched_and_verifies(
    wallet: Wallet, award: Award, settings: Any, form: str, tmp_path: Path
) -> None:
    offer = make_offer(form, award=award)
    wallet.does("offer", link=link_of(offer, settings))
    wallet.does("redeem", txCode=digits_of(offer, settings))
    holders = BOTH if rules.FORMS[form].bound else []
    got = wallet.does("credential", configuration=f"m.observing.{form}", holders=holders)
    copies = [entry["credential"] for entry in got["credentials"]]
    assert len(copies) == max(1, len(holders))
    assert [key_of(copy) for copy in copies if holders] == got["keys"]
    for copy in copies:
        assert check(copy).verdict == c.Verdict.VERIFIED
    file = tmp_path / "copy"
    file.write_text(copies[0] if isinstance(copies[0], str) else json.dumps(copies[0]))
    assert main(["verify", str(file)]) == 0
    for _twice in range(2):
        wallet.does("notify", notification=got["notification_id"], event="credential_accepted")
    assert WalletDelivery.objects.get().event == "credential_accepted"
    awards.withdraw(award=award, reason="A test.", by=None, at=timezone.now())
    assert {check(copy).verdict for copy in copies} == {c.Verdict.NOT_VERIFIED}


def test_verifier_core_accepts_a_bound_copy(
    wallet: Wallet, award: Award, settings: Any, peer: Path  # noqa: F811 - the fixture
) -> None:
    offer = make_offer("ldp.key", award=award)
    wallet.does("offer", link=link_of(offer, settings))
    wallet.does("redeem", txCode=digits_of(offer, settings))
    got = wallet.does("credential", configuration="m.observing.ldp.key", holders=BOTH[:1])
    text = json.dumps(got["credentials"][0]["credential"])
    lines = "\n".join([text, text.replace("Marisol", "Marisal", 1)])
    done = subprocess.run(
        ["node", "verify.mjs"], cwd=peer, input=lines, capture_output=True, text=True, check=True, timeout=120
    )
    said = []
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        steps = {k: v for k, v in answer["steps"].items() if k != "registered_issuer"}
        said.append(not answer["errors"] and bool(steps) and all(v is True for v in steps.values()))
    assert said == [True, False]


def test_the_digits_are_needed_and_tries_are_counted(wallet: Wallet, award: Award, settings: Any) -> None:
    offer = make_offer("ldp", award=award)
    wallet.does("offer", link=link_of(offer, settings))
    right = digits_of(offer, settings)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _try in range(rules.TRIES):
        wallet.refused("redeem", "invalid_grant", txCode=wrong)
    wallet.refused("redeem", "invalid_grant", txCode=right)


def test_a_code_works_once_and_not_after_its_time(wallet: Wallet, award: Award, settings: Any) -> None:
    offer = make_offer("ldp", award=award)
    wallet.does("offer", link=link_of(offer, settings))
    wallet.does("redeem", txCode=digits_of(offer, settings))
    wallet.refused("redeem", "invalid_grant", txCode=digits_of(offer, settings))
    late = make_offer("ldp", award=award)
    wallet.does("offer", link=link_of(late, settings))
    WalletOffer.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    wallet.refused("redeem", "invalid_grant", txCode=digits_of(late, settings))
    assert not wallet.ask("offer", link=link_of(late, settings))["ok"]


def test_proofs_that_prove_nothing(wallet: Wallet, award: Award, settings: Any) -> None:
    offer = make_offer("ldp.key", award=award)
    wallet.does("offer", link=link_of(offer, settings))
    wallet.does("redeem", txCode=digits_of(offer, settings))
    wanted = {"configuration": "m.observing.ldp.key", "holders": BOTH[:1]}
    old = int(timezone.now().timestamp()) - 3600
    for change in (
        {"payload": {"aud": "https://another.example"}},
        {"header": {"alg": "none"}},
        {"header": {"alg": "HS256"}},
        {"header": {"typ": "JWT"}},
        {"drop": ["typ"]},
        {"payload": {"iat": old}},
        {"payload": {"exp": old}},
        {"payload": {"nonce": None}},
        {"drop": ["kid"]},
        {"header": {"kid": "did:web:wallet.example#1"}},
        {"header": {"x5c": ["MIIB"]}},
    ):
        wallet.refused("credential", "invalid_proof", change=change, **wanted)
    wallet.refused("credential", "invalid_nonce", nonce="not-ours", **wanted)
    wallet.refused("credential", "invalid_proof", configuration="m.observing.ldp.key")
    wallet.refused("credential", "invalid_proof", holders=BOTH[:1] * 2, configuration="m.observing.ldp.key")
    wallet.refused("credential", "unknown_credential_configuration", configuration="m.observing.ldp")
    good = wallet.does("credential", **wanted)
    wallet.refused("credential", "invalid_nonce", nonce=good["nonce"], **wanted)
    WalletToken.objects.update(expires_at=timezone.now())
    wallet.refused("credential", "invalid_token", 401, **wanted)


def test_the_learner_says_yes_on_our_page(wallet: Wallet, award: Award, settings: Any) -> None:
    offer = make_offer("sd-jwt.key", award=award)
    wallet.does("offer", link=link_of(offer, settings))
    begun = wallet.does("start", clientId="their-wallet", redirectUri=BACK, scope="m.observing.sd-jwt.key")
    assert "request_uri=urn" in begun["url"], "the request was pushed"
    page = begun["url"].removeprefix(settings.BASE_URL)
    client = Client()
    assert client.get(page).status_code == 302, "first she signs in"
    client.force_login(award.learner)
    asked = client.get(page)
    assert asked.status_code == 200 and b"wallet.example" in asked.content
    assert "form-action 'self' https://wallet.example" in asked["Content-Security-Policy"]
    answer = client.post(page, {"answer": "yes", "key": str(uuid4())})
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (303, BACK)
    assert client.post(page, {"answer": "yes", "key": str(uuid4())}).status_code in (400, 409), "a question is answered once"
    wallet.does("code", url=answer["Location"])
    copy = wallet.does("credential", configuration="m.observing.sd-jwt.key", holders=BOTH)
    assert {check(entry["credential"]).verdict for entry in copy["credentials"]} == {c.Verdict.VERIFIED}
    wallet.refused("code", "invalid_grant", url=answer["Location"])
    wallet.refused("credential", "invalid_token", 401, configuration="m.observing.sd-jwt.key", holders=BOTH[:1])


def test_a_code_needs_its_verifier(wallet: Wallet, award: Award, settings: Any) -> None:
    offer = make_offer("ldp", award=award)
    wallet.does("offer", link=link_of(offer, settings))
    begun = wallet.does("start", clientId="their-wallet", redirectUri=BACK, scope="m.observing.ldp")
    client = Client()
    client.force_login(award.learner)
    answer = client.post(begun["url"].removeprefix(settings.BASE_URL), {"answer": "yes", "key": str(uuid4())})
    wallet.refused("code", "invalid_grant", url=answer["Location"], verifier="x" * 43)


def test_what_is_in_review_comes_later(wallet: Wallet, cast: Cast, settings: Any) -> None:
    at = timezone.now() - timedelta(seconds=30)
    review = make_review(cast.learner, cast.home.version, at, outcome="")
    offer = make_offer("jwt.key", enrollment=review.submission.enrollment)
    wallet.does("offer", link=link_of(offer, settings))
    tokens = wallet.does("redeem", txCode=digits_of(offer, settings))
    got = wallet.does("credential", configuration="m.observing.jwt.key", holders=BOTH)
    assert got["last"]["status"] == 202
    assert got["interval"] == 3600
    transaction = got["transaction_id"]
    assert wallet.does("deferred", transaction=transaction)["transaction_id"] == transaction
    decided(review, at)
    WalletToken.objects.filter(use="access").update(expires_at=timezone.now())
    wallet.refused("deferred", "invalid_token", 401, transaction=transaction)
    wallet.does("refresh", token=tokens["refresh_token"])
    late = wallet.does("deferred", transaction=transaction)
    copies = [entry["credential"] for entry in late["credentials"]]
    assert [key_of(copy) for copy in copies] == got["keys"]
    assert {check(copy).verdict for copy in copies} == {c.Verdict.VERIFIED}
    wallet.refused("deferred", "invalid_transaction_id", transaction=transaction)
    wallet.refused("refresh", "invalid_grant", token=tokens["refresh_token"])


def decided(review: Review, at: datetime) -> None:
    """The decision is made, and the credential issued."""
    levels = dict.fromkeys(review.submission.criteria, "demonstrated")
    review.state, review.outcome, review.decided_at = "decided", "demonstrated", at
    review.decided_by, review.result = review.submission.enrollment.learner_id, {"levels": levels, "assessors": 2}
    review.save()
    confirm_decision.award(review=review, by=None, at=at)
