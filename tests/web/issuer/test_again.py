"""Issuing again on the screen, from the withdrawal to what everybody reads. Without script."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from fieldstone.server.awards import actions
from fieldstone.server.awards.models import Award
from fieldstone.server.journeys import confirm_decision
from tests.awards.makers import make_review
from tests.cast import Cast

EN = {"accept-language": "en"}


@pytest.fixture
def award(cast: Cast, at: datetime) -> Award:
    return confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)


def client(person: object) -> Client:
    made = Client(headers=EN)
    made.force_login(person)  # type: ignore[arg-type]  # a User
    return made


def test_from_the_misspelled_one_to_the_right_one(award: Award, cast: Cast) -> None:
    issuer = client(cast.home.issuer)
    here = f"/o/home/issue/{award.pk}/"
    assert "again/" not in issuer.get(here).content.decode()
    early = issuer.post(f"{here}again/", {"sure": "on"})
    assert early.status_code == 422 and "Withdraw it first" in early.content.decode()
    issuer.post(f"{here}withdraw/", {"reason": "The name is misspelled", "sure": "on"})
    assert "There is a newer credential" not in Client(headers=EN).get(f"/c/{award.code}/").content.decode()
    cast.learner.name = "Marisol Vega Díaz"
    cast.learner.save()
    assert f"{here}again/" in issuer.get(here).content.decode()
    page = issuer.get(f"{here}again/").content.decode()
    assert "Marisol Vega Díaz" in page and "The name on the old one" in page
    unsure = issuer.post(f"{here}again/", {})
    assert unsure.status_code == 422 and 'href="#sure"' in unsure.content.decode()
    assert Award.objects.count() == 1
    answers = [issuer.post(f"{here}again/", {"sure": "on"}) for _twice in range(2)]
    new = Award.objects.exclude(pk=award.pk).get()
    assert {a.headers["Location"] for a in answers} == {f"/o/home/issue/{new.pk}/"}
    page = issuer.get(here).content.decode()
    assert new.code in page and "again/" not in page
    assert award.code in issuer.get(f"/o/home/issue/{new.pk}/").content.decode()
    seen = Client(headers=EN).get(f"/c/{award.code}/").content.decode()
    assert "There is a newer credential" in seen and f"/c/{new.code}/" in seen
    fresh = Client(headers=EN).get(f"/c/{new.code}/").content.decode()
    assert "Marisol Vega Díaz" in fresh and "There is a newer credential" not in fresh
    spanish = Client(headers={"accept-language": "es"}).get(f"/c/{award.code}/").content.decode()
    assert "Hay una credencial más nueva" in spanish
    assert Client().get(f"/refresh/{award.code}").content.decode() == new.document.body


def test_a_newer_one_that_is_private_is_named_to_its_holder_only(award: Award, cast: Cast, at: datetime) -> None:
    issuer = client(cast.home.issuer)
    issuer.post(f"/o/home/issue/{award.pk}/withdraw/", {"reason": "Misspelled", "sure": "on"})
    issuer.post(f"/o/home/issue/{award.pk}/again/", {"sure": "on"})
    new = Award.objects.exclude(pk=award.pk).get()
    actions.share(award=new, audience="private", by=cast.learner, at=at)
    seen = Client(headers=EN).get(f"/c/{award.code}/").content.decode()
    assert "Its holder keeps it private" in seen and new.code not in seen
    assert new.code in client(cast.learner).get(f"/c/{award.code}/").content.decode()
    issuer.post(f"/o/home/issue/{new.pk}/withdraw/", {"reason": "Misspelled", "sure": "on"})
    assert "There is a newer" not in Client(headers=EN).get(f"/c/{award.code}/").content.decode()


def test_attack_who_does_not_issue_here(award: Award, cast: Cast) -> None:
    issuer = client(cast.home.issuer)
    issuer.post(f"/o/home/issue/{award.pk}/withdraw/", {"reason": "Misspelled", "sure": "on"})
    for person, org, status in (
        (cast.stranger, "home", 404), (cast.learner, "home", 404), (cast.away.issuer, "home", 404),
        (cast.away.issuer, "away", 404), (cast.home.author, "home", 403), (cast.home.coach, "home", 403),
    ):  # fmt: skip
        for answer in (
            client(person).get(f"/o/{org}/issue/{award.pk}/again/"),
            client(person).post(f"/o/{org}/issue/{award.pk}/again/", {"sure": "on"}),
        ):
            assert answer.status_code == status, (person, org)
    assert Client().post(f"/o/home/issue/{award.pk}/again/", {"sure": "on"}).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.home.issuer)
    assert strict.post(f"/o/home/issue/{award.pk}/again/", {"sure": "on"}).status_code == 403
    assert Award.objects.count() == 1
