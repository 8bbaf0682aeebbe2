"""The other forms of an award: a stack as a signed learner record, and Open Badges 2.0 at stable addresses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from fieldstone import credential
from fieldstone.credential import openbadges2
from fieldstone.credential.baked import unbake
from fieldstone.server.awards import actions, queries
from fieldstone.server.awards.checking import WORLD, check
from fieldstone.server.awards.models import Award, HostedAssertion, SignedRecord, StatusSlot
from fieldstone.server.catalog.models import Version
from fieldstone.server.journeys import confirm_decision
from fieldstone.server.ledger.models import Entry
from fieldstone.server.people.models import User
from tests.awards.makers import make_review
from tests.cast import Cast, make_version
from tests.pathways.makers import all_of, hold, make_stack


def earn(cast: Cast, version: Version, at: datetime) -> Award:
    made = confirm_decision.award(review=make_review(cast.learner, version, at), by=cast.home.approver, at=at)
    assert made is not None
    return made


@pytest.fixture
def parts(cast: Cast, at: datetime) -> list[Award]:
    """Two awards and, last, the stack that they complete."""
    versions = [cast.home.version, make_version(cast.home.program, at, slug="second", valid_months=None)]
    make_stack(cast.home.program, all_of(*map(hold, versions)), at)
    found = [earn(cast, version, at) for version in versions]
    return [*found, Award.objects.get(stack_id__isnull=False)]


def read(body: str) -> dict[str, Any]:
    document: dict[str, Any] = credential.loads(body.encode())
    return document


# --- the learner record --------------------------------------------------------------------------------


def test_a_stack_is_signed_with_its_parts_once(cast: Cast, parts: list[Award], at: datetime) -> None:
    *pieces, stack = parts
    made = actions.sign_record(award=stack, by=cast.learner, at=at)
    again = actions.sign_record(award=stack, by=cast.learner, at=at + timedelta(days=1))
    assert again.body == made.body
    document = read(made.body)
    subject = document["credentialSubject"]
    assert subject["verifiableCredential"] == [read(a.document.body) for a in (stack, *pieces)]
    whole = subject["verifiableCredential"][0]["credentialSubject"]["achievement"]
    assert {(a["sourceId"], a["targetId"], a["associationType"]) for a in subject["association"]} == {
        (item["id"], whole["id"], "isChildOf") for item in whole["related"]
    }
    assert document["partial"] is False
    assert document["id"] == f"http://127.0.0.1:8000/c/{stack.code}/record.json"
    assert str(check(made.body.encode(), at=at).verdict) == "verified"
    assert Entry.objects.filter(verb="awards.record_signed").count() == 1


def test_what_she_keeps_to_herself_is_left_out(cast: Cast, parts: list[Award], at: datetime) -> None:
    first, second, stack = parts
    actions.share(award=first, audience="private", by=cast.learner, at=at)
    document = read(actions.sign_record(award=stack, by=cast.learner, at=at).body)
    enclosed = document["credentialSubject"]["verifiableCredential"]
    assert [item["id"] for item in enclosed[1:]] == [read(second.document.body)["id"]]
    assert document["partial"] is True


def test_withdrawing_the_stack_withdraws_its_record(cast: Cast, parts: list[Award], at: datetime) -> None:
    stack = parts[-1]
    made = actions.sign_record(award=stack, by=cast.learner, at=at)
    assert StatusSlot.objects.filter(award=stack).count() == 1
    actions.withdraw(award=stack, reason="A mix-up.", by=cast.home.issuer, at=at)
    report = check(made.body.encode(), at=at)
    assert (str(report.verdict), next(c.code for c in report.checks if c.outcome == "failed")) == (
        "not_verified", "revoked",
    )  # fmt: skip


def test_after_a_new_key_the_record_is_the_new_keys(cast: Cast, parts: list[Award], at: datetime) -> None:
    stack = parts[-1]
    actions.rotate_key(organization=cast.home.organization, current=stack.signing_key, by=cast.home.issuer, at=at)
    made = actions.sign_record(award=stack, by=cast.learner, at=at)
    assert str(check(made.body.encode(), at=at).verdict) == "verified"
    assert StatusSlot.objects.filter(award=stack).count() == 2
    actions.withdraw(award=stack, reason="A mix-up.", by=cast.home.issuer, at=at)
    assert str(check(made.body.encode(), at=at).verdict) == "not_verified"


def test_a_signed_record_and_a_hosted_form_are_never_rewritten(cast: Cast, parts: list[Award], at: datetime) -> None:
    actions.sign_record(award=parts[-1], by=cast.learner, at=at)
    actions.host(award=parts[0], by=cast.learner, at=at)
    for rows in (SignedRecord.objects, HostedAssertion.objects):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(body="{}")


@pytest.mark.parametrize("form", [actions.sign_record, actions.host])
def test_only_the_holder_and_only_while_it_holds(cast: Cast, parts: list[Award], at: datetime, form: Any) -> None:
    stack = parts[-1]
    with pytest.raises(actions.NotHolder):
        form(award=stack, by=cast.other_learner, at=at)
    actions.suspend(award=stack, reason="We look into it.", by=cast.home.issuer, at=at)
    with pytest.raises(actions.NotStanding):
        form(award=stack, by=cast.learner, at=at)


def test_only_a_stack_has_a_record(cast: Cast, parts: list[Award], at: datetime) -> None:
    with pytest.raises(actions.NotStack):
        actions.sign_record(award=parts[0], by=cast.learner, at=at)


def test_others_get_the_record_while_nothing_in_it_is_private(cast: Cast, parts: list[Award], at: datetime) -> None:
    first, _second, stack = parts
    url = f"/c/{stack.code}/record.json"
    learner, anybody = Client(), Client()
    learner.force_login(cast.learner)
    assert anybody.get(url).status_code == learner.get(url).status_code == 404
    assert "record.json" not in anybody.get(f"/c/{stack.code}/").content.decode()
    assert learner.post(f"/credentials/{stack.pk}/record/").status_code == 302
    body = anybody.get(url).content
    assert body == SignedRecord.objects.get().body.encode()
    assert "record.json" in anybody.get(f"/c/{stack.code}/").content.decode()
    assert "record.json" in learner.get(f"/credentials/{stack.pk}/").content.decode()
    assert WORLD.fetch(f"http://127.0.0.1:8000{url}") == body
    for award in (first, stack):
        actions.share(award=award, audience="private", by=cast.learner, at=at)
        assert anybody.get(url).status_code == 404
        assert learner.get(url).content == body
        actions.share(award=award, audience="link", by=cast.learner, at=at)
    with pytest.raises(credential.Missing):
        WORLD.local.fetch("http://127.0.0.1:8000/c/0000-0000/record.json")  # type: ignore[union-attr]  # always given


# --- Open Badges 2.0 -----------------------------------------------------------------------------------


def test_a_hosted_form_is_made_once_and_answers_at_its_address(cast: Cast, parts: list[Award], at: datetime) -> None:
    award = parts[0]
    url = f"/ob2/assertions/{award.code}"
    client = Client()
    assert client.get(url).status_code == 404
    made = actions.host(award=award, by=cast.learner, at=at)
    assert actions.host(award=award, by=cast.learner, at=at).body == made.body
    answer = client.get(url)
    assert (answer.status_code, answer.content.decode()) == (200, made.body)
    assert answer["Content-Type"] == "application/json"
    document = read(made.body)
    assert openbadges2.recipient_matches(document, str(cast.learner.email)) is True
    assert str(cast.learner.email) not in made.body and cast.learner.name not in made.body
    for address in (document["badge"], client.get(document["badge"]).json()["issuer"]):
        assert address.startswith("http://127.0.0.1:8000/ob2/")
        assert client.get(address.removeprefix("http://127.0.0.1:8000")).json()["id"] == address
    assert list(openbadges2.problems(client.get(document["badge"]).json(), "BadgeClass")) == []
    report = check(made.body.encode(), at=at)
    assert str(report.verdict) == "verified", [item.to_json() for item in report.checks]
    assert report.check("issuer").outcome == "passed"  # type: ignore[union-attr]  # there is always such a check


def test_the_picture_for_an_older_backpack(cast: Cast, parts: list[Award], at: datetime) -> None:
    award = parts[0]
    client = Client()
    client.force_login(cast.learner)
    page = client.get(f"/credentials/{award.pk}/").content.decode()
    assert f"/credentials/{award.pk}/older/" in page and "badge-2" not in page
    assert client.get(f"/c/{award.code}/badge-2.png").status_code == 404
    assert client.post(f"/credentials/{award.pk}/older/").status_code == 302
    page = client.get(f"/credentials/{award.pk}/").content.decode()
    assert f"/credentials/{award.pk}/older/" not in page
    for ending in ("png", "svg"):
        assert f"/c/{award.code}/badge-2.{ending}" in page
        picture = Client().get(f"/c/{award.code}/badge-2.{ending}").content
        assert unbake(picture).decode() == HostedAssertion.objects.get().body
        assert str(check(picture, at=at).verdict) == "verified"
    assert Client().get(f"/c/{award.code}/badge-2.gif").status_code == 404
    shown = Client().post("/check/", {"text": HostedAssertion.objects.get().body}).content.decode()
    assert "Open Badges 2.0" in shown


def test_withdrawn_is_gone_and_private_is_nothing(cast: Cast, parts: list[Award], at: datetime) -> None:
    award = parts[0]
    made = actions.host(award=award, by=cast.learner, at=at)
    url = f"/ob2/assertions/{award.code}"
    client = Client()
    actions.share(award=award, audience="private", by=cast.learner, at=at)
    assert client.get(url).status_code == 404
    assert str(check(made.body.encode(), at=at).verdict) == "not_verified"
    actions.share(award=award, audience="public", by=cast.learner, at=at)
    actions.suspend(award=award, reason="We look into it.", by=cast.home.issuer, at=at)
    assert (client.get(url).status_code, client.get(url).json()["revoked"]) == (410, True)
    actions.reinstate(award=award, by=cast.home.issuer, at=at)
    assert client.get(url).status_code == 200
    actions.withdraw(award=award, reason="A mix-up.", by=cast.home.issuer, at=at)
    gone = client.get(url)
    assert (gone.status_code, gone.json()["revocationReason"]) == (410, "A mix-up.")
    assert client.get(f"/c/{award.code}/badge-2.png").status_code == 404
    report = check(made.body.encode(), at=at)
    assert [c.code for c in report.checks if c.outcome == "failed"] == ["revoked"]


def test_the_form_needs_an_address_and_an_audience(cast: Cast, parts: list[Award], at: datetime) -> None:
    award = parts[0]
    actions.share(award=award, audience="private", by=cast.learner, at=at)
    with pytest.raises(actions.NotShared):
        actions.host(award=award, by=cast.learner, at=at)
    actions.share(award=award, audience="link", by=cast.learner, at=at)
    User.objects.filter(pk=cast.learner.pk).update(email=None)
    cast.learner.refresh_from_db()
    with pytest.raises(actions.NoEmail):
        actions.host(award=award, by=cast.learner, at=at)


def test_a_stack_in_the_older_form(cast: Cast, parts: list[Award], at: datetime) -> None:
    stack = parts[-1]
    made = actions.host(award=stack, by=cast.learner, at=at)
    answer = Client().get(read(made.body)["badge"].removeprefix("http://127.0.0.1:8000"))
    assert list(openbadges2.problems(answer.json(), "BadgeClass")) == []
    assert str(check(made.body.encode(), at=at).verdict) == "could_not_tell"  # its badge is asked over the network


def test_addresses_that_answer_nothing(cast: Cast, parts: list[Award], at: datetime) -> None:
    client = Client()
    nobody = "00000000-0000-4000-8000-000000000000"
    for url in (f"/ob2/badges/{nobody}", "/ob2/issuers/nobody", f"/ob2/issuers/{cast.away.organization.slug}"):
        assert client.get(url).status_code == 404
    for path in ("ob2/issuers/nobody", "ob2/badges/x", "ob2/others/x", "ob2/assertions/x"):
        with pytest.raises(credential.Missing):
            WORLD.local.fetch(f"http://127.0.0.1:8000/{path}")  # type: ignore[union-attr]  # always given


def test_leaving_takes_the_other_forms_too(cast: Cast, parts: list[Award], at: datetime) -> None:
    actions.sign_record(award=parts[-1], by=cast.learner, at=at)
    actions.host(award=parts[0], by=cast.learner, at=at)
    actions.forget(learner=cast.learner, at=at)
    assert not SignedRecord.objects.exists() and not HostedAssertion.objects.exists()
    assert queries.public_record(parts[-1]) is None
    parts[0].refresh_from_db()
    assert queries.hosted(parts[0].code) is None
