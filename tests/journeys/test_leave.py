"""A person takes everything along, and leaves; what others rely on stays true."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award, SignedDocument
from fieldstone.server.evidence import actions as evidence
from fieldstone.server.evidence.models import Artifact, Blob, Enrollment
from fieldstone.server.journeys.delete_account import LastAdministrator, delete_account
from fieldstone.server.journeys.export_person import held_on
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.management import worker
from fieldstone.server.people.models import User
from tests.awards.makers import make_review
from tests.cast import Cast
from tests.web.learner.helpers import photo


def _work(cast: Cast, at: datetime) -> Enrollment:
    work = evidence.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=at)
    draft = evidence.Draft(answers={"setting": evidence.Typed(text="I watched L. build a tower of blocks.", base=0)})
    evidence.save(enrollment=work, draft=draft, by=cast.learner, at=at)
    evidence.attach(enrollment=work, part="notes", file=photo(), name="notes.jpg", by=cast.learner, at=at, key="k")
    return work


def test_the_export_holds_every_word_and_file(cast: Cast, at: datetime, client: Client) -> None:
    _work(cast, at)
    client.force_login(cast.learner)
    assert b"All data" in client.get("/account/data/", headers={"accept-language": "en"}).content
    answer = client.get("/account/data/export/")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[arg-type]
    data = json.loads(archive.read("data.json"))
    assert data["answers"][0]["text"].startswith("I watched L.")
    assert len([n for n in archive.namelist() if n.startswith("files/")]) == 1
    assert data["person"]["email"] == cast.learner.email
    assert str(cast.other_learner.pk) not in archive.read("data.json").decode()


def test_leaving_needs_the_word(cast: Cast, client: Client) -> None:
    client.force_login(cast.learner)
    answer = client.post("/account/data/delete/", {"confirm": "yes"})
    assert answer.status_code == 422
    assert User.objects.get(pk=cast.learner.pk).is_active


def test_leaving_erases_the_person_and_her_files(cast: Cast, at: datetime, client: Client) -> None:
    _work(cast, at)
    blob = Blob.objects.get()
    before = Entry.objects.count()
    client.force_login(cast.learner)
    assert client.post("/account/data/delete/", {"confirm": "Borrar"}).status_code == 200
    user = User.objects.get(pk=cast.learner.pk)
    assert (user.name, user.email, user.is_active) == ("", None, False)
    assert not Enrollment.objects.filter(learner=user).exists()
    assert not Artifact.objects.exists()
    assert Entry.objects.count() > before
    assert default_storage.exists(blob.path)
    worker.drain(at=worker.clock())
    assert not default_storage.exists(blob.path)
    assert not Task.objects.filter(done_at=None).exists()
    assert held_on(user)["answers"] == []
    assert client.get("/account/data/").status_code == 302


def test_the_last_administrator_stays(cast: Cast, at: datetime) -> None:
    with pytest.raises(LastAdministrator):
        delete_account(user=cast.home.administrator, at=at)


def test_an_award_outlives_its_holder(cast: Cast, at: datetime) -> None:
    review = make_review(cast.learner, cast.home.version, at)
    award = awards.issue(review=review, by=cast.home.approver, at=at)
    digest = award.sha256
    delete_account(user=cast.learner, at=at)
    kept = Award.objects.get(pk=award.pk)
    assert (kept.learner, kept.sha256, kept.revoked_at) == (None, digest, None)
    assert not SignedDocument.objects.filter(award=award).exists()
