"""What other software asks this installation."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client

from fieldstone import credential
from fieldstone.server.awards import actions
from fieldstone.server.awards.models import Award, SigningKey
from tests.awards.makers import ensure_key, make_review
from tests.cast import Cast, make_version
from tests.pathways.makers import hold, make_stack


@pytest.fixture
def award(cast: Cast, at: datetime) -> Award:
    return actions.issue(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)


def test_health(award: Award) -> None:
    response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_health_names_what_does_not_work(award: Award, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.KEY_ENCRYPTION_SECRET = "lost"  # type: ignore[attr-defined]
    response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (503, {"status": "failing", "failing": ["keys"]})

    monkeypatch.setattr("fieldstone.server.api.views.default_storage", None)
    monkeypatch.setattr("fieldstone.server.api.views.connection", None)
    assert Client().get("/healthz").json()["failing"] == ["database", "storage", "keys"]


def test_health_leaves_no_probe_behind(db: None, tmp_path: object) -> None:
    from django.core.files.storage import default_storage

    Client().get("/healthz")
    assert default_storage.listdir("probes") == ([], [])


def test_a_status_list_is_served_as_signed(award: Award) -> None:
    slot = award.slots.get()
    response = Client().get(f"/status/{slot.list_id}")
    assert response.content.decode() == slot.list.body
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    report = credential.verify(response.content, resolver=credential.Offline(), at=award.issued_at)
    assert str(report.verdict) == "verified"
    assert Client().get(f"/status/{uuid4()}").status_code == 404


def test_a_status_list_may_be_kept_and_asked_about(award: Award, cast: Cast, at: datetime) -> None:
    address = f"/status/{award.slots.get().list_id}"
    first = Client().get(address)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert first.json()["credentialSubject"]["ttl"] == 300_000
    again = Client().get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    actions.withdraw(award=award, reason="It was issued by mistake.", by=cast.home.issuer, at=at)
    later = Client().get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200 and later.headers["ETag"] != first.headers["ETag"]


def test_did_documents(cast: Cast, at: datetime, settings: object) -> None:
    assert Client().get("/o/home/did.json").status_code == 404
    settings.PUBLIC_HTTPS, settings.BASE_URL = True, "https://credentials.example.edu"  # type: ignore[attr-defined]
    key = ensure_key(organization=cast.home.organization, at=at)
    document = Client().get("/o/home/did.json").json()
    assert document["id"] == "did:web:credentials.example.edu:o:home"
    assert document["verificationMethod"][0]["publicKeyMultibase"] == key.public_multibase
    assert credential.did_web_url(document["id"]) == "https://credentials.example.edu/o/home/did.json"
    assert Client().get("/o/away/did.json").status_code == 404


def test_an_achievement_for_software_and_for_people(award: Award, cast: Cast, at: datetime) -> None:
    path = f"/achievements/{cast.home.version.pk}"
    document = Client().get(path).json()
    inside = credential.loads(award.document.body.encode())["credentialSubject"]["achievement"]
    assert {k: v for k, v in document.items() if k != "@context"} == inside
    response = Client().get(path, headers={"accept": "text/html,*/*"})
    assert response.headers["Location"] == "/m/home/observing/v/1/"
    SigningKey.objects.update(retired_at=at)
    assert "creator" not in Client().get(path).json()


def test_an_achievement_of_a_stack(cast: Cast, at: datetime) -> None:
    stack = make_stack(cast.home.program, hold(cast.home.version), at)
    document = Client().get(f"/achievements/{stack.pk}").json()
    assert (document["name"], document["achievementType"]) == ("Child Development Associate", "Certificate")
    response = Client().get(f"/achievements/{stack.pk}", headers={"accept": "text/html"})
    assert response.headers["Location"] == "/s/home/child-development-associate/"


def test_drafts_are_nobodys_business(cast: Cast, at: datetime) -> None:
    draft = make_version(cast.home.program, at, slug="draft", published=False)
    assert Client().get(f"/achievements/{draft.pk}").status_code == 404
    assert Client().get(f"/achievements/{uuid4()}").status_code == 404


# --- what signed credentials point to: read from anywhere, kept for a moment, never sent twice


def public_addresses(award: Award, cast: Cast) -> list[str]:
    fixed = ["/openapi.json", "/ims/ob/v3p0/discovery", "/.well-known/oauth-authorization-server"]
    return [
        f"/status/{award.slots.get().list_id}", f"/achievements/{cast.home.version.pk}", f"/issuers/{cast.home.organization.pk}", *fixed,
    ]  # fmt: skip


def test_public_documents_are_for_every_page_and_sent_once(award: Award, cast: Cast) -> None:
    for path in public_addresses(award, cast):
        first = Client().get(path, headers={"Origin": "https://elsewhere.example"})
        assert first.headers["Access-Control-Allow-Origin"] == "*", path
        assert "Access-Control-Allow-Credentials" not in first.headers
        assert first.headers["Cache-Control"].startswith("public, max-age="), path
        again = Client().get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["ETag"] == first.headers["ETag"] and again.headers["Access-Control-Allow-Origin"] == "*"
        other = Client().get(path, headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.content) == (200, first.content)
        head = Client().head(path)
        assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", first.headers["ETag"])


def test_private_answers_are_for_no_other_page(cast: Cast) -> None:
    for path in (
        "/ims/ob/v3p0/credentials",
        "/ims/ob/v3p0/profile",
        "/oauth/token",
        "/oauth/register",
        "/account/apps/",
    ):
        answer = Client().get(path, headers={"Origin": "https://elsewhere.example"})
        assert "Access-Control-Allow-Origin" not in answer.headers, path
        assert "public" not in answer.headers.get("Cache-Control", ""), path


def test_the_kind_that_is_asked_for(award: Award, cast: Cast) -> None:
    for path in (f"/achievements/{cast.home.version.pk}", f"/issuers/{cast.home.organization.pk}"):
        for accept, kind in (("*/*", "application/json"), ("application/ld+json", "application/ld+json")):
            response = Client().get(path, headers={"Accept": accept})
            assert response.headers["Content-Type"] == kind
            assert "Accept" in response.headers["Vary"]
    away = Client().get(f"/achievements/{cast.home.version.pk}", headers={"Accept": "text/html"})
    assert away.status_code == 302 and "Accept" in away.headers["Vary"]


def test_an_organization_as_a_profile(award: Award, cast: Cast) -> None:
    from tests.api.kit import official

    path = f"/issuers/{cast.home.organization.pk}"
    body = Client().get(path).json()
    official("profile", body)
    inside = credential.loads(award.document.body.encode())["issuer"]
    assert (body["id"], body["name"]) == (inside["id"], inside["name"])
    assert body["otherIdentifier"][0]["identifier"].endswith(path)
    unsigned = Client().get(f"/issuers/{cast.away.organization.pk}").json()
    official("profile", unsigned)
    assert unsigned["id"].endswith(f"/issuers/{cast.away.organization.pk}") and "otherIdentifier" not in unsigned
    assert Client().get(f"/issuers/{uuid4()}").status_code == 404
