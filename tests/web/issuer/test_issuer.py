"""An issuer's screens, for the issuer and for nobody else."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fieldstone.server.awards import actions
from fieldstone.server.awards.models import Award, SigningKey
from fieldstone.server.journeys import confirm_decision
from tests.awards.makers import make_review
from tests.cast import Cast, make_person, make_version
from tests.pathways.makers import hold, make_stack


@pytest.fixture
def award(cast: Cast, at: datetime) -> Award:
    make_stack(cast.home.program, hold(cast.home.version), at)
    return confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)


@pytest.fixture
def issuer(cast: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.home.issuer)
    return client


def paths(award: Award) -> list[str]:
    base = "/o/home/issue/"
    return [
        base,
        f"{base}credentials.csv",
        f"{base}keys/",
        f"{base}keys/new/",
        *(f"{base}{award.pk}/{x}" for x in ("", "withdraw/", "pause/", "reinstate/")),
    ]


def test_every_page_is_only_for_issuers_of_the_organization(award: Award, cast: Cast) -> None:
    for path in paths(award):
        assert Client().get(path).status_code == 302
        for person, status in (
            (cast.stranger, 404),
            (cast.away.issuer, 404),
            (cast.home.author, 403),
            (cast.home.issuer, 200),
            (cast.home.administrator, 200),
        ):
            client = Client()
            client.force_login(person)
            assert client.get(path).status_code == status, (path, person)
            if status != 200:
                assert client.post(path).status_code in (status, 405)
    assert not Award.objects.filter(revoked_at__isnull=False).exists()


def test_another_organizations_award_does_not_exist_here(award: Award, cast: Cast) -> None:
    client = Client()
    client.force_login(cast.away.issuer)
    for end in ("", "withdraw/", "pause/", "reinstate/"):
        assert client.get(f"/o/away/issue/{award.pk}/{end}").status_code == 404
        assert client.post(f"/o/away/issue/{award.pk}/{end}", {"reason": "x", "sure": "on"}).status_code in (404, 405)
        assert client.get(f"/o/away/issue/{uuid4()}/{end}").status_code == 404


def test_the_list_finds_by_words_and_state(award: Award, issuer: Client) -> None:
    page = issuer.get("/o/home/issue/").content.decode()
    assert "2 credentials found." in page
    assert award.code in page
    assert "Child Development Associate" in page
    for query, count in (
        ("q=marisol", 2),
        ("q=observing", 1),
        (f"q={award.code}", 1),
        ("q=nobody", 0),
        ("state=withdrawn", 0),
        ("state=x", 2),
        ("page=99", 2),
        ("q=%00", 2),
    ):
        text = issuer.get(f"/o/home/issue/?{query}").content.decode()
        assert f"{count} credential" in text, query
    spanish = issuer.get("/o/home/issue/", headers={"accept-language": "es"}).content.decode()
    assert "Credenciales emitidas" in spanish
    assert "Observar y registrar la conducta" in spanish


def test_the_list_takes_as_many_queries_for_many_as_for_few(
    award: Award, issuer: Client, cast: Cast, at: datetime
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as made:
            issuer.get("/o/home/issue/")
        return len(made)

    few = count()
    for n in range(8):
        learner = make_person(f"Learner {n}", at)
        confirm_decision.award(review=make_review(learner, cast.home.version, at), by=None, at=at)
    assert count() == few <= 12


def test_export_is_csv_without_formulas(award: Award, issuer: Client, cast: Cast) -> None:
    cast.learner.name = "=HYPERLINK(1)"
    cast.learner.save()
    response = issuer.get("/o/home/issue/credentials.csv?q=observing")
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))  # type: ignore[attr-defined]
    assert [(r["code"], r["holder"], r["state"], r["kind"]) for r in rows] == [
        (award.code, "'=HYPERLINK(1)", "valid", "micro-credential")
    ]
    assert rows[0]["sha256"] == award.sha256


def test_withdrawing_needs_a_reason_and_a_yes(award: Award, issuer: Client) -> None:
    path = f"/o/home/issue/{award.pk}/withdraw/"
    assert "Child Development Associate" in issuer.get(path).content.decode()
    for given, field in (
        ({"reason": "Error"}, "sure"),
        ({"reason": " ", "sure": "on"}, "reason"),
        ({"reason": "x" * 301, "sure": "on"}, "reason"),
    ):
        response = issuer.post(path, given)
        assert response.status_code == 422
        page = response.content.decode()
        assert f'href="#{field}"' in page
        assert given["reason"].strip() in page
    for _twice in range(2):
        response = issuer.post(path, {"reason": "Issued in error", "sure": "on"})
        assert (response.status_code, response.headers["Location"]) == (302, f"/o/home/issue/{award.pk}/")
    assert Award.objects.filter(revoked_at__isnull=False).count() == 2
    page = issuer.get(f"/o/home/issue/{award.pk}/").content.decode()
    assert "Issued in error" in page
    assert "It is withdrawn for good." in page
    again = issuer.post(path, {"reason": "Another", "sure": "on"})
    assert again.status_code == 409
    stack = Award.objects.get(stack_id__isnull=False)
    seen = issuer.get(f"/o/home/issue/{stack.pk}/", headers={"accept-language": "es"}).content.decode()
    assert f"Se basaba en la credencial {award.code}, que fue retirada." in seen


def test_pausing_and_ending_the_pause(award: Award, issuer: Client) -> None:
    assert issuer.post(f"/o/home/issue/{award.pk}/pause/", {"reason": ""}).status_code == 422
    assert issuer.post(f"/o/home/issue/{award.pk}/pause/", {"reason": "Looked into"}).status_code == 302
    assert "Make it valid again" in issuer.get(f"/o/home/issue/{award.pk}/").content.decode()
    assert issuer.post(f"/o/home/issue/{award.pk}/reinstate/").status_code == 302
    award.refresh_from_db()
    assert award.suspended_at is None


def test_the_page_of_an_award_after_the_account_is_gone(award: Award, issuer: Client, cast: Cast, at: datetime) -> None:
    actions.forget(learner=cast.learner, at=at)
    for found in Award.objects.all():
        page = issuer.get(f"/o/home/issue/{found.pk}/").content.decode()
        assert "Account erased" in page
        assert found.sha256 in page
    assert "Account erased" in issuer.get("/o/home/issue/").content.decode()
    assert "Marisol" not in issuer.get("/o/home/issue/credentials.csv").getvalue().decode()  # type: ignore[attr-defined]


def test_keys_are_shown_and_rotated_once(award: Award, issuer: Client) -> None:
    key = SigningKey.objects.get()
    page = issuer.get("/o/home/issue/keys/").content.decode()
    assert key.did in page
    assert issuer.post("/o/home/issue/keys/new/", {"current": str(key.pk)}).status_code == 422
    for _twice in range(2):
        response = issuer.post("/o/home/issue/keys/new/", {"current": str(key.pk), "sure": "on"})
        assert response.headers["Location"] == "/o/home/issue/keys/"
    assert SigningKey.objects.count() == 2
    assert issuer.post("/o/home/issue/keys/new/", {"current": "rubbish", "sure": "on"}).status_code == 302
    assert SigningKey.objects.count() == 2
    page = issuer.get("/o/home/issue/keys/", headers={"accept-language": "es"}).content.decode()
    assert "Llave anterior" in page


def test_the_first_key_may_be_made_before_the_first_credential(cast: Cast, at: datetime) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.away.issuer)
    assert "Make the first key" in client.get("/o/away/issue/keys/").content.decode()
    assert client.post("/o/away/issue/keys/new/", {"current": "", "sure": "on"}).status_code == 302
    assert SigningKey.objects.get().organization == cast.away.organization
    make_version(cast.home.program, at, slug="unused")
