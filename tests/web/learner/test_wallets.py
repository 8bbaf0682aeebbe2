"""The pages about wallets: the offer with its code, the wallets that have a copy, a wallet's question."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.delivery import actions, rules
from fieldstone.server.delivery.models import WalletGrant, WalletOffer
from fieldstone.server.journeys import fill_wallet
from tests.awards.makers import make_enrollment, make_review
from tests.cast import Cast
from tests.delivery.kit import CHALLENGE, Wallet, earned

QUESTION = {
    "client_id": "their-wallet", "redirect_uri": "https://wallet.example/back", "response_type": "code",
    "code_challenge": CHALLENGE, "code_challenge_method": "S256", "scope": "m.observing.sd-jwt.key", "state": "st at",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    for module in ("api.openid4vci", "web.learner.wallets", "web.learner.moving"):
        monkeypatch.setattr(f"fieldstone.server.{module}.now", lambda: at)


@pytest.fixture
def award(cast: Cast, at: datetime) -> Award:
    return earned(cast, at)


@pytest.fixture
def client(cast: Cast) -> Client:
    made = Client(headers={"Accept-Language": "en"})
    made.force_login(cast.learner)
    return made


def post(client: Client, award: Award, **fields: str) -> Any:
    return client.post(f"/credentials/{award.pk}/wallet/", {"key": str(uuid4()), **fields})


def test_from_her_credential_to_the_code(client: Client, award: Award) -> None:
    assert f"/credentials/{award.pk}/wallet/".encode() in client.get(f"/credentials/{award.pk}/").content
    assert b"Wallets that have a copy" not in client.get(f"/credentials/{award.pk}/wallet/").content
    answer = post(client, award)
    offer = WalletOffer.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/wallet/{offer.pk}/")
    page = client.get(answer["Location"])
    digits = rules.tx_code(settings.SECRET_KEY, offer.pk)
    for words in (f"{digits[:3]} {digits[3:]}", "openid-credential-offer://?credential_offer_uri=", "data:image/svg"):
        assert words in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    wallet = Wallet()
    assert wallet.redeem(offer).status_code == 200
    assert "A wallet has used this code" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("fields", "form"),
    [({}, "ldp"), ({"bound": "1"}, "ldp.key"), ({"form": "sd-jwt", "bound": "1"}, "sd-jwt.key"), ({"form": "jwt"}, "jwt")],
)
def test_other_forms(client: Client, award: Award, fields: dict[str, str], form: str) -> None:
    post(client, award, **fields)
    assert WalletOffer.objects.get().configurations == [f"m.observing.{form}"]


def test_what_is_refused_is_said(client: Client, award: Award, at: datetime) -> None:
    assert post(client, award, form="mdoc").status_code == 422
    for key in ("", "x", "y" * 101, "a\x00bcdefgh"):
        assert post(client, award, key=key).status_code == 400
    awards.suspend(award=award, reason="A look.", by=None, at=at)
    assert "not valid now" in client.get(f"/credentials/{award.pk}/wallet/").content.decode()
    assert post(client, award).status_code == 409
    assert WalletOffer.objects.count() == 0


def test_the_wallets_of_a_credential(client: Client, award: Award, at: datetime) -> None:
    assert award.learner is not None
    said = {}
    for event in ("", *rules.EVENTS, "nothing", "waits"):
        offer = fill_wallet.offer(learner=award.learner, award=award, form="ldp", key=str(uuid4()), at=at)
        grant = actions.redeem_offer(
            offer=offer, digits=rules.tx_code(settings.SECRET_KEY, offer.pk), details=None, at=at
        ).grant
        if event == "waits":
            actions.defer(grant=grant, configuration="m.observing.ldp", holders=[], at=at)
        elif event != "nothing":
            _row, text = actions.deliver(grant=grant, configuration="m.observing.ldp", holders=[], at=at)
            if event:
                actions.note(grant=grant, notification=text, event=event, at=at)
        said[event] = grant
    url = f"/credentials/{award.pk}/wallet/"
    page = client.get(url).content.decode()
    for words in ("Has it since", "put it away again", "could not keep it", "has not fetched it", "Waits for the decision"):
        assert words in page
    assert page.count("Stop: it gets nothing more") == 6
    answer = client.post(f"/wallet/{said[''].pk}/stop/")
    assert answer["Location"] == url
    assert WalletGrant.objects.get(pk=said[""].pk).ended_at == at
    assert client.get(url).content.decode().count("Stop: it gets nothing more") == 5


def test_the_list_takes_no_more_questions_with_more_wallets(
    client: Client, award: Award, at: datetime, django_assert_max_num_queries: Any
) -> None:
    assert award.learner is not None
    for _n in range(5):
        offer = fill_wallet.offer(learner=award.learner, award=award, form="ldp", key=str(uuid4()), at=at)
        actions.redeem_offer(offer=offer, digits=rules.tx_code(settings.SECRET_KEY, offer.pk), details=None, at=at)
    with django_assert_max_num_queries(8):
        client.get(f"/credentials/{award.pk}/wallet/")


def test_work_in_review(client: Client, cast: Cast, at: datetime) -> None:
    work = make_review(cast.learner, cast.home.version, at, outcome="").submission.enrollment
    assert f"/path/{work.pk}/wallet/" in client.get(f"/path/{work.pk}/status/").content.decode()
    assert "still in review" in client.get(f"/path/{work.pk}/wallet/").content.decode()
    answer = client.post(f"/path/{work.pk}/wallet/", {"key": str(uuid4())})
    offer = WalletOffer.objects.get()
    assert f"/path/{work.pk}/wallet/" in client.get(answer["Location"]).content.decode()
    Wallet().redeem(offer)
    grant = WalletGrant.objects.get()
    assert client.post(f"/wallet/{grant.pk}/stop/")["Location"] == f"/path/{work.pk}/wallet/"


def test_nothing_to_wait_for(client: Client, cast: Cast, at: datetime) -> None:
    idle = make_enrollment(cast.learner, cast.home.version, at)
    assert "nothing to wait for" in client.get(f"/path/{idle.pk}/wallet/").content.decode()


def test_an_offer_that_ended(client: Client, award: Award, monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    url = post(client, award)["Location"]
    monkeypatch.setattr("fieldstone.server.web.learner.wallets.now", lambda: at + timedelta(hours=1))
    page = client.get(url).content.decode()
    assert "This code has ended" in page
    assert "openid-credential-offer" not in page


# --- a wallet asks --------------------------------------------------------------------------------------


def url_of(**changes: str) -> str:
    given = {name: value for name, value in {**QUESTION, **changes}.items() if value}
    return f"/o/home/wallet/?{urlencode(given)}"


def test_her_yes_leads_back_with_a_code(client: Client, award: Award) -> None:
    page = client.get(url_of())
    assert page.status_code == 200
    for words in ("wallet.example", "their-wallet", "Marisol Vega", "own key"):
        assert words in page.content.decode()
    answer = client.post(url_of(), {"answer": "yes", "key": str(uuid4())})
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert (query["state"], query["iss"]) == (["st at"], ["http://127.0.0.1:8000/o/home"])
    assert WalletGrant.objects.get().client_id == "their-wallet"
    assert "wallet.example" in client.get(f"/credentials/{award.pk}/wallet/").content.decode()


def test_her_no_leads_back_without(client: Client, award: Award) -> None:
    answer = client.post(url_of(redirect_uri="com.example.wallet:/back"), {"answer": "no"})
    assert answer["Location"].startswith("com.example.wallet:/back?error=access_denied&state=st+at")
    assert WalletGrant.objects.count() == 0


def test_who_has_nothing_can_only_go_back(cast: Cast) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(cast.stranger)
    assert "nothing to give" in client.get(url_of()).content.decode()
    assert client.post(url_of(), {"answer": "yes", "key": str(uuid4())}).status_code == 409


def test_what_is_in_review_may_be_asked_for(client: Client, cast: Cast, at: datetime) -> None:
    make_review(cast.learner, cast.home.version, at, outcome="")
    assert "still in review" in client.get(url_of()).content.decode()
    assert client.post(url_of(), {"answer": "yes", "key": str(uuid4())}).status_code == 303


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://evil.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"client_id": ""},
        {"state": "\x00"},
        {"state": "x" * 20_001},
        {"request_uri": "urn:ietf:params:oauth:request_uri:unknown"},
    ],
)
def test_attack_questions_that_lead_nowhere(client: Client, award: Award, changes: dict[str, str]) -> None:
    for answer in (client.get(url_of(**changes)), client.post(url_of(**changes), {"answer": "yes", "key": str(uuid4())})):
        assert answer.status_code == 400
        assert "Location" not in answer
        assert 'href="http://evil' not in answer.content.decode()
        assert 'href="javascript:' not in answer.content.decode()


def test_attack_an_error_does_not_redirect_by_itself(client: Client, award: Award) -> None:
    answer = client.get(url_of(scope="m.none.ldp"))
    assert answer.status_code == 400
    assert "https://wallet.example/back?error=invalid_scope" in answer.content.decode().replace("&amp;", "&")


def test_attack_a_parameter_twice(client: Client, award: Award) -> None:
    assert client.get(url_of() + "&client_id=another").status_code == 400


def test_attack_a_pushed_request_under_another_name(client: Client, award: Award) -> None:
    uri = Wallet().form("par", **QUESTION).json()["request_uri"]
    ours, theirs = ({"client_id": name, "request_uri": uri} for name in ("their-wallet", "another"))
    assert client.get(f"/o/home/wallet/?{urlencode(ours)}").status_code == 200
    assert client.get(f"/o/home/wallet/?{urlencode(theirs)}").status_code == 400
    assert client.get(f"/o/away/wallet/?{urlencode(ours)}").status_code == 400


def test_no_such_organization(client: Client) -> None:
    assert client.get(url_of().replace("/o/home/", "/o/none/")).status_code == 404


def test_the_policy_lets_the_form_lead_to_that_wallet_only(client: Client, award: Award) -> None:
    policy = client.get(url_of())["Content-Security-Policy"]
    assert "form-action 'self' https://wallet.example;" in policy + ";"
    assert "script-src 'self';" in policy + ";"
