"""A recognizer asks, a wallet answers: what is taken, and every attack that is not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fieldstone import credential
from fieldstone.credential import openid4vp
from fieldstone.server.awards import actions as awards
from fieldstone.server.journeys import show_credentials as journey
from fieldstone.server.journeys.bring_credential import bring
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.wallets.models import Reply, Request
from tests.cast import Cast
from tests.recognition.makers import make_award
from tests.wallets.makers import FORM, bound_to, issuer_key, make_request, post_answer, read_request


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def award(cast: Cast, now: datetime) -> Any:
    return make_award(cast.learner, cast.home.version, now - timedelta(days=1))


@pytest.fixture
def row(cast: Cast, award: Any, now: datetime) -> Request:
    return make_request(cast, now)


def test_a_wallet_reads_the_signed_request(row: Request, cast: Cast, client: Client, now: datetime) -> None:
    answer = client.get(f"/wallets/requests/{row.token}")
    assert answer["Content-Type"] == "application/oauth-authz-req+jwt"
    assert answer["Cache-Control"] == "no-store"
    read = openid4vp.read_request(
        answer.content.decode(), client_id=row.client_id, resolver=credential.Offline(), at=now
    )
    assert read.response_uri.endswith(f"/wallets/answers/{row.token}")
    assert read.name == cast.away.organization.full_name
    assert (read.nonce, read.state) == (row.nonce, row.state)


def test_a_bound_credential_is_taken(row: Request, award: Any, settings: Any, now: datetime) -> None:
    key = credential.generate_key()
    document = bound_to(award, key.controller, issuer_key(award, settings), now)
    vp = openid4vp.present(document, request=read_request(row, now), key=key, at=now)
    answer = post_answer(row, {"c0": [vp]})
    assert answer.status_code == 200, answer.content
    reply = Reply.objects.get()
    assert answer.json() == {"redirect_uri": f"{settings.BASE_URL}/shown/{reply.receipt}/"}
    assert [item["bound"] for item in reply.items] == [True]
    assert json.loads(reply.items[0]["body"]) == document
    assert reply.erase_at == reply.came_at + timedelta(days=30)
    assert Task.objects.get(handler="erase_shown").run_after == reply.erase_at


def test_a_credential_without_a_key_is_taken_as_it_was_issued(row: Request, award: Any) -> None:
    answer = post_answer(row, {"c0-unbound": [json.loads(award.document.body)]})
    assert answer.status_code == 200, answer.content
    assert [item["bound"] for item in Reply.objects.get().items] == [False]


def test_asked_twice_with_one_form_is_one_request(row: Request, cast: Cast, now: datetime) -> None:
    assert make_request(cast, now).pk == row.pk
    assert make_request(cast, now, key="k2").pk != row.pk


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"asked": []}, "want"),
        ({"purpose": " \x00 "}, "purpose"),
        ({"purpose": "x" * 501}, "purpose"),
        ({"keep_days": 0}, "keep_days"),
        ({"keep_days": 366}, "keep_days"),
        ({"open_days": 2}, "open_days"),
    ],
)
def test_a_request_says_what_why_and_how_long(cast: Cast, now: datetime, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        make_request(cast, now, **changes)
    assert [p.field for p in refused.value.problems] == [field]
    assert not Request.objects.exists()


def refused_json(answer: Any, status: int = 400, reason: str | None = None) -> None:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert body["error"]
    if reason:
        assert body["reason"] == reason, body


def test_attack_the_same_answer_again(row: Request, award: Any) -> None:
    token = {"c0-unbound": [json.loads(award.document.body)]}
    assert post_answer(row, token).status_code == 200
    refused_json(post_answer(row, token), 410)
    assert Reply.objects.count() == 1


def test_attack_a_presentation_made_for_another_nonce(
    row: Request, award: Any, cast: Cast, settings: Any, now: datetime
) -> None:
    key = credential.generate_key()
    document = bound_to(award, key.controller, issuer_key(award, settings), now)
    other = make_request(cast, now, key="k2")
    vp = openid4vp.present(document, request=read_request(other, now), key=key, at=now)
    refused_json(post_answer(row, {"c0": [vp]}), reason="not_asked")


def test_attack_a_presentation_made_for_another_audience(
    row: Request, award: Any, settings: Any, now: datetime
) -> None:
    key = credential.generate_key()
    document = bound_to(award, key.controller, issuer_key(award, settings), now)
    whole = credential.build_presentation([document], holder=key.controller)
    vp = credential.sign_presentation(
        whole, key=key, created=now, challenge=row.nonce, domain="decentralized_identifier:did:web:evil.example"
    )
    refused_json(post_answer(row, {"c0": [vp]}), reason="not_asked")


def test_attack_a_credential_of_somebody_else(row: Request, award: Any, settings: Any, now: datetime) -> None:
    hers, mine = credential.generate_key(), credential.generate_key()
    document = bound_to(award, hers.controller, issuer_key(award, settings), now)
    vp = openid4vp.present(document, request=read_request(row, now), key=mine, at=now)
    refused_json(post_answer(row, {"c0": [vp]}), reason="of_another")


def test_attack_a_bound_credential_shown_without_its_holder(
    row: Request, award: Any, settings: Any, now: datetime
) -> None:
    hers = credential.generate_key()
    document = bound_to(award, hers.controller, issuer_key(award, settings), now)
    refused_json(post_answer(row, {"c0-unbound": [document]}), reason="needs_holder")


def test_attack_an_unbound_credential_in_a_strangers_presentation(row: Request, award: Any, now: datetime) -> None:
    document = json.loads(award.document.body)
    vp = openid4vp.present(document, request=read_request(row, now), key=credential.generate_key(), at=now)
    refused_json(post_answer(row, {"c0": [vp]}), reason="of_another")


def test_attack_the_state_of_another_request(row: Request, award: Any, cast: Cast, now: datetime) -> None:
    other = make_request(cast, now, key="k2")
    token = {"c0-unbound": [json.loads(award.document.body)]}
    refused_json(post_answer(row, token, state=other.state))
    refused_json(post_answer(row, token, state=""))


def test_attack_an_oversized_answer(row: Request) -> None:
    refused_json(post_answer(row, {"c0": ["x" * 1_100_000]}), 413)
    refused_json(post_answer(row, {"c0": ["x" * 2_100_000]}))


def test_attack_an_answer_after_the_end(row: Request, award: Any, now: datetime) -> None:
    Request.objects.update(ends_at=now - timedelta(seconds=1))
    refused_json(post_answer(row, {"c0-unbound": [json.loads(award.document.body)]}), 410)
    assert Client().get(f"/wallets/requests/{row.token}").status_code == 410


def test_attack_a_presentation_with_extra_credentials(row: Request, award: Any, settings: Any, now: datetime) -> None:
    key = credential.generate_key()
    document = bound_to(award, key.controller, issuer_key(award, settings), now)
    whole = credential.build_presentation([document, json.loads(award.document.body)], holder=key.controller)
    vp = credential.sign_presentation(whole, key=key, created=now, challenge=row.nonce, domain=row.client_id)
    refused_json(post_answer(row, {"c0": [vp]}), reason="not_one")
    good = openid4vp.present(document, request=read_request(row, now), key=key, at=now)
    plain = json.loads(award.document.body)
    refused_json(post_answer(row, {"c0": [good], "c0-unbound": [plain]}), reason="too_much")
    refused_json(post_answer(row, {"c0": [good, good]}), reason="bad_answer")
    refused_json(post_answer(row, {"c0": [good], "other": [plain]}), reason="bad_answer")


def test_attack_an_issuer_who_borrows_the_achievement(row: Request, award: Any, now: datetime) -> None:
    fake = credential.generate_key()
    document = json.loads(award.document.body)
    document.pop("proof")
    document.pop("credentialStatus")
    document["issuer"]["id"] = fake.controller
    forged = credential.sign(document, key=fake, created=now)
    refused_json(post_answer(row, {"c0-unbound": [forged]}), reason="other_issuer")


def test_attack_another_credential_of_the_same_issuer(row: Request, award: Any, settings: Any, now: datetime) -> None:
    key = issuer_key(award, settings)
    document = json.loads(award.document.body)
    document.pop("proof")
    document["credentialSubject"]["achievement"]["id"] = "https://example.org/achievements/1"
    other = credential.sign(document, key=key, created=now)
    refused_json(post_answer(row, {"c0-unbound": [other]}), reason="not_asked")


def forged(award: Any, **proof: str) -> dict[str, Any]:
    """Another organization's credential with words and a name of one's own, under a proof that nobody here can check."""
    document = json.loads(award.document.body)
    document.pop("credentialStatus")
    document["name"] = "Forged"
    return {**document, "proof": {**document["proof"], **(proof or {"cryptosuite": "bbs-2023"})}}


@pytest.mark.parametrize("proof", [{"cryptosuite": "mldsa44-rdfc-2024"}, {"type": "SomeSignature2099"}])
def test_attack_a_forged_credential_whose_signature_nobody_can_check(
    row: Request, award: Any, proof: dict[str, str]
) -> None:
    refused_json(post_answer(row, {"c0-unbound": [forged(award, **proof)]}), reason="unknown_suite")
    assert not Reply.objects.exists()


def test_attack_a_forged_credential_bound_to_a_key_of_ones_own(row: Request, award: Any, now: datetime) -> None:
    mine = credential.generate_key()
    document = forged(award)
    document["credentialSubject"]["id"] = mine.controller
    vp = openid4vp.present(document, request=read_request(row, now), key=mine, at=now)
    refused_json(post_answer(row, {"c0": [vp]}), reason="unknown_suite")
    assert not Reply.objects.exists()


def test_attack_a_forged_credential_brought_as_a_file_and_shown(
    row: Request, award: Any, cast: Cast, now: datetime
) -> None:
    brought, _new = bring(
        learner=cast.other_learner, data=json.dumps(forged(award)).encode(), source="file", at=now
    )
    assert brought.verdict == "could_not_tell"
    with pytest.raises(journey.NotTaken):
        journey.show(learner=cast.other_learner, request=row, picks={"c0-unbound": f"b-{brought.pk}"}, at=now)
    assert not Reply.objects.exists()


def test_attack_who_signed_is_asked_again_of_what_the_library_lets_in(
    row: Request, award: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openid4vp, "_problems", lambda _one: [])
    refused_json(post_answer(row, {"c0-unbound": [forged(award)]}), reason="other_issuer")


def test_a_withdrawn_credential_is_not_taken(row: Request, award: Any, cast: Cast, now: datetime) -> None:
    awards.withdraw(award=award, reason="Issued by mistake.", by=cast.home.issuer, at=now)
    refused_json(post_answer(row, {"c0-unbound": [json.loads(award.document.body)]}), reason="revoked")


def test_a_wallet_that_says_no_changes_nothing(row: Request) -> None:
    answer = Client().post(f"/wallets/answers/{row.token}", f"error=access_denied&state={row.state}", content_type=FORM)
    assert (answer.status_code, answer.json()) == (200, {})
    assert not Reply.objects.exists()
    assert Client().get(f"/wallets/requests/{row.token}").status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "kind", "status"),
    [
        ("answers/{t}", b"\xff\xfe=%%%&state={s}", FORM, 400),
        ("answers/{t}", b"{}", "application/json", 400),
        ("answers/{t}", b"state={s}", FORM, 400),
        ("answers/{t}", b"state={s}&vp_token=[", FORM, 400),
        ("answers/{t}", b"state={s}&vp_token=[]", FORM, 400),
        ("answers/{t}", b'state={s}&vp_token={"c0":["a.b.c"]}', FORM, 400),
        ("answers/{t}", b'state={s}&vp_token={"c0":[{}]}', FORM, 400),
        ("answers/{t}", b'state={s}&vp_token={"c0":[{"proof":1}]}', FORM, 400),
        ("answers/{t}", b'state={s}&vp_token={"c0-unbound":["a.b.c"]}', FORM, 400),
        ("answers/nothing", b"", FORM, 404),
    ],
)
def test_rubbish_is_refused_in_json(row: Request, path: str, body: bytes, kind: str, status: int) -> None:
    where = "/wallets/" + path.replace("{t}", row.token)
    answer = Client(raise_request_exception=True).post(
        where, body.replace(b"{s}", row.state.encode()), content_type=kind
    )
    refused_json(answer, status)


def test_other_methods_and_unknown_links(row: Request, client: Client) -> None:
    refused_json(client.get(f"/wallets/answers/{row.token}"), 405)
    refused_json(client.get("/wallets/requests/nothing"), 404)
    assert client.options(f"/wallets/answers/{row.token}")["Access-Control-Allow-Origin"] == "*"


def test_the_record_holds_no_words(row: Request, award: Any, cast: Cast) -> None:
    post_answer(row, {"c0-unbound": [json.loads(award.document.body)]})
    said = " ".join(str(e.data) for e in Entry.objects.filter(verb__startswith="wallets."))
    assert cast.learner.name not in said
    assert "applied" not in said
