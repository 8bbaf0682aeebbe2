"""A confirmed decision becomes one signed credential, once; nothing in it can be changed unseen."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from fieldstone import credential
from fieldstone.server.awards import actions, queries, rules
from fieldstone.server.awards.checking import check
from fieldstone.server.awards.models import Award, SignedDocument, SigningKey, StatusList, StatusSlot
from fieldstone.server.evidence.models import Artifact
from fieldstone.server.ledger.models import Entry, Task
from tests.awards.makers import ensure_key, make_enrollment, make_review
from tests.cast import Cast, make_version


@pytest.fixture
def award(cast: Cast, at: datetime) -> Award:
    return actions.issue(review=make_review(cast.learner, cast.home.version, at), by=cast.home.approver, at=at)


def outcomes(body: str | bytes, at: datetime) -> dict[str, str]:
    report = check(body if isinstance(body, bytes) else body.encode(), at=at)
    return {c.name: str(c.outcome) for c in report.checks}


def test_the_document_says_what_was_judged_and_verifies(award: Award, cast: Cast, at: datetime) -> None:
    body = credential.loads(award.document.body.encode())
    here = f"http://127.0.0.1:8000/achievements/{cast.home.version.pk}"
    assert body["id"] == f"http://127.0.0.1:8000/c/{award.code}/credential.json"
    subject = body["credentialSubject"]
    assert subject["identifier"][0]["identityHash"] == "Marisol Vega"
    assert [r["achievedLevel"] for r in subject["result"]] == [
        f"{here}#describes-demonstrated",
        f"{here}#links-demonstrated",
    ]
    described = subject["achievement"]["resultDescription"][0]
    assert described["requiredLevel"] == f"{here}#describes-demonstrated"
    assert [level["name"] for level in described["rubricCriterionLevel"]] == ["Not yet", "Demonstrated"]
    assert "Every note says what was seen." in subject["achievement"]["criteria"]["narrative"]
    judged, link = body["evidence"]
    assert judged["narrative"] == (
        "Sent: 1 written answer, 1 link and 1 reflection. Two trained assessors judged it by the public rubric, "
        "without a name and without each other's answer. All 2 criteria were demonstrated."
    )
    assert link["id"] == "https://notes.example.org/1"
    assert body["validUntil"] == "2029-11-23T15:00:00Z"
    assert body["credentialStatus"]["statusPurpose"] == "revocation"
    assert award.sha256 == hashlib.sha256(award.document.body.encode()).hexdigest()
    seen = outcomes(award.document.body, at)
    assert seen.pop("recipient") == "could_not_tell"
    assert set(seen.values()) == {"passed"}


def test_issuing_writes_the_record_the_mail_and_the_last_day(award: Award, at: datetime) -> None:
    entry = Entry.objects.get(verb="awards.issued")
    assert entry.data["sha256"] == award.sha256
    tasks = dict(Task.objects.filter(entry=entry).values_list("handler", "run_after"))
    assert tasks == {"mail_award": at, "award_ended": award.valid_until}


def test_the_same_decision_twice_is_one_credential(award: Award, cast: Cast, at: datetime) -> None:
    assert award.review is not None
    assert actions.issue(review=award.review, by=None, at=at + timedelta(hours=1)) == award
    another = make_review(cast.learner, cast.home.version, at, enrollment=award.review.submission.enrollment, number=2)
    assert actions.issue(review=another, by=None, at=at) == award
    assert (Award.objects.count(), StatusSlot.objects.count()) == (1, 1)


def test_an_ended_credential_is_renewed_by_a_new_decision(award: Award, cast: Cast, at: datetime) -> None:
    later = at + timedelta(days=4 * 365)
    assert award.review is not None
    award.review.submission.enrollment.left_at = at
    award.review.submission.enrollment.save()
    new = actions.issue(review=make_review(cast.learner, cast.home.version, later), by=None, at=later)
    award.refresh_from_db()
    assert new != award
    assert award.revoked_reason == f"It had ended. Credential {new.code} takes its place."
    assert award.revoked_by == rules.NOBODY


@pytest.mark.parametrize("outcome", ["", "not_yet"])
def test_without_a_confirmed_decision_there_is_no_credential(cast: Cast, at: datetime, outcome: str) -> None:
    review = make_review(cast.learner, cast.home.version, at, outcome=outcome)
    with pytest.raises(actions.NotDecided):
        actions.issue(review=review, by=None, at=at)
    assert not Award.objects.exists()


def test_a_credential_needs_a_name(cast: Cast, at: datetime) -> None:
    cast.learner.name = " "
    cast.learner.save()
    with pytest.raises(actions.NoName):
        actions.issue(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    assert not StatusSlot.objects.exists()


def test_one_changed_character_is_seen(award: Award, at: datetime) -> None:
    body = award.document.body
    for before, after in (("Marisol Vega", "Marisol Vego"), ("2029-11-23", "2039-11-23"), ("#links-dem", "#links-den")):
        assert before in body
        assert outcomes(body.replace(before, after, 1), at)["signature"] == "failed"
    value = credential.loads(body.encode())["proof"]["proofValue"]
    other = value[:-1] + ("2" if value[-1] != "2" else "3")
    assert outcomes(body.replace(value, other), at)["signature"] == "failed"


def test_a_signed_document_is_never_rewritten(award: Award) -> None:
    with pytest.raises(DatabaseError, match="never rewritten"), transaction.atomic():
        SignedDocument.objects.filter(pk=award.pk).update(body="{}")


def test_a_review_and_a_slot_are_used_once(award: Award) -> None:
    slot = award.slots.first()
    assert slot is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        StatusSlot.objects.create(list=slot.list, index=slot.index, award=award)


def test_a_taken_slot_is_passed_over(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter([7, 7, 7, 8])
    monkeypatch.setattr("fieldstone.server.awards.actions.status.secrets.randbelow", lambda _n: next(numbers))
    other = make_version(cast.home.program, at, slug="other")
    actions.issue(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    actions.issue(review=make_review(cast.learner, other, at), by=None, at=at)
    revocation = StatusList.objects.get()
    assert sorted(revocation.slots.values_list("index", flat=True)) == [7, 8]
    assert revocation.used == 2


def test_a_nearly_full_list_is_followed_by_a_new_one(award: Award, cast: Cast, at: datetime) -> None:
    StatusList.objects.update(used=98_304)
    other = make_version(cast.home.program, at, slug="other")
    second = actions.issue(review=make_review(cast.learner, other, at), by=None, at=at)
    assert {s.list_id for s in award.slots.all()}.isdisjoint(s.list_id for s in second.slots.all())


def test_public_files_are_linked_and_what_was_taken_back_is_not(cast: Cast, at: datetime) -> None:
    from fieldstone.server.evidence.models import Blob

    review = make_review(cast.learner, cast.home.version, at)
    Artifact.objects.update(is_public=False)
    blob = Blob.objects.create(sha256="a" * 64, size=1, media_type="image/jpeg", stored_at=at)
    enrollment = review.submission.enrollment
    photo = Artifact.objects.create(
        enrollment=enrollment, part="notes", kind="photo", title="Notes", blob=blob, is_public=True, added_at=at
    )
    make_review(cast.learner, cast.home.version, at, enrollment=enrollment, number=2, outcome="not_yet")
    submission = review.submission
    submission.pk, submission.number, submission.code = None, 3, "XXXX-XXXX"
    submission.id = photo.pk
    submission.content = {"answers": {"setting": ""}, "artifacts": {"notes": [str(photo.pk)]}}
    submission.save(force_insert=True)
    Artifact.objects.filter(kind="link").update(removed_at=at)
    made = actions.issue(review=type(review).objects.get(pk=review.pk), by=None, at=at)
    evidence = credential.loads(made.document.body.encode())["evidence"]
    assert evidence[1:] == [
        {
            "id": f"http://127.0.0.1:8000/c/{made.code}/evidence/{photo.pk}",
            "type": ["Evidence"],
            "name": "Notes",
            "genre": "photo",
        }
    ]
    assert evidence[0]["narrative"].startswith("Sent: 1 written answer, 1 photo, 2 links and 1 reflection.")


def test_without_an_end_there_is_no_last_day(cast: Cast, at: datetime) -> None:
    version = make_version(cast.home.program, at, slug="forever", valid_months=None)
    made = actions.issue(review=make_review(cast.learner, version, at), by=None, at=at)
    assert made.valid_until is None
    assert not Task.objects.filter(handler="award_ended").exists()


# --- withdrawing --------------------------------------------------------------------------------------


def test_withdrawing_sets_the_bit_and_keeps_the_reason(award: Award, cast: Cast, at: datetime) -> None:
    body = award.document.body
    for _twice in range(2):
        award = actions.withdraw(award=award, reason="  Issued in  error ", by=cast.home.issuer, at=at)
    assert (award.revoked_reason, award.revoked_by) == ("Issued in error", cast.home.issuer.pk)
    assert outcomes(body, at)["status"] == "failed"
    assert Entry.objects.filter(verb="awards.withdrawn").count() == 1
    for act in (actions.suspend, actions.withdraw):
        with pytest.raises(actions.AlreadyWithdrawn):
            act(award=award, reason="Other", by=cast.home.issuer, at=at)
    with pytest.raises(actions.AlreadyWithdrawn):
        actions.reinstate(award=award, by=cast.home.issuer, at=at)


def test_a_pause_can_end(award: Award, cast: Cast, at: datetime) -> None:
    body = award.document.body
    for _twice in range(2):
        award = actions.suspend(award=award, reason="Looked into", by=cast.home.issuer, at=at)
    assert queries.state_of(award, at) == "paused"
    assert outcomes(body, at)["status"] == "failed"
    for _twice in range(2):
        award = actions.reinstate(award=award, by=cast.home.issuer, at=at)
    assert (queries.state_of(award, at), award.suspended_reason) == ("valid", "")
    assert outcomes(body, at)["status"] == "passed"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_a_withdrawal_needs_a_reason(award: Award, cast: Cast, at: datetime, reason: str) -> None:
    for act in (actions.withdraw, actions.suspend):
        with pytest.raises(actions.NeedsReason):
            act(award=award, reason=reason, by=cast.home.issuer, at=at)


def test_the_bit_is_where_the_standard_has_it(award: Award, cast: Cast, at: datetime) -> None:
    """Bit 0 is the most significant bit of the first byte (Bitstring Status List 1.0 section 4); read here with
    gzip and base64 alone, not with the library that wrote it."""
    import base64
    import gzip

    slot = award.slots.get()
    StatusSlot.objects.filter(pk=slot.pk).update(index=10)
    actions.withdraw(award=award, reason="Error", by=cast.home.issuer, at=at)
    body = credential.loads((queries.status_list(slot.list_id) or "").encode())
    encoded = body["credentialSubject"]["encodedList"]
    assert encoded[0] == "u"
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
    assert len(bits) == 131_072 // 8
    assert bits[:3] == bytes([0b00000000, 0b00100000, 0])
    assert not any(bits[3:])


# --- the holder ---------------------------------------------------------------------------------------


def test_the_holder_chooses_who_sees_it(award: Award, cast: Cast, at: datetime) -> None:
    for _twice in range(2):
        assert actions.share(award=award, audience="public", by=cast.learner, at=at).audience == "public"
    assert Entry.objects.filter(verb="awards.shared").count() == 1
    from fieldstone.server.ledger.problems import Refused

    with pytest.raises(Refused):
        actions.share(award=award, audience="friends", by=cast.learner, at=at)


def test_a_leaving_person_takes_the_document_not_the_truth(award: Award, cast: Cast, at: datetime) -> None:
    body = award.document.body
    assert actions.forget(learner=cast.learner, at=at) == 1
    award = Award.objects.get(pk=award.pk)
    assert (award.learner, queries.document(award)) == (None, None)
    assert award.sha256 == hashlib.sha256(body.encode()).hexdigest()
    assert set(outcomes(body, at).values()) == {"passed", "could_not_tell"}
    actions.withdraw(award=award, reason="Error", by=cast.home.issuer, at=at)
    assert outcomes(body, at)["status"] == "failed"


# --- keys ---------------------------------------------------------------------------------------------


def test_a_private_key_is_sealed_at_rest(award: Award, settings: object) -> None:
    from fieldstone.server.awards import keys

    row = SigningKey.objects.get()
    secret: str = settings.KEY_ENCRYPTION_SECRET  # type: ignore[attr-defined]
    opened = keys.unseal(
        bytes(row.sealed_private),
        organization=row.organization_id,
        public=row.public_multibase,
        did=row.did,
        secret=secret,
    )
    assert opened.seed() not in bytes(row.sealed_private)
    assert credential.did_key(opened.public) == row.did
    for change in (
        {"secret": secret + "x"},
        {"organization": rules.NOBODY},
        {"public": row.public_multibase[:-1] + ("2" if row.public_multibase.endswith("1") else "1")},
    ):
        given = {
            "organization": row.organization_id, "public": row.public_multibase, "did": row.did, "secret": secret, **change
        }  # fmt: skip
        with pytest.raises(keys.CannotOpen):
            keys.unseal(bytes(row.sealed_private), **given)  # type: ignore[arg-type]
    for broken in (b"", b"\x02" + bytes(row.sealed_private)[1:], bytes(row.sealed_private)[:5]):
        with pytest.raises(keys.CannotOpen):
            keys.unseal(
                broken, organization=row.organization_id, public=row.public_multibase, did=row.did, secret=secret
            )


def test_keys_work_and_say_so(award: Award, settings: object) -> None:
    assert actions.keys_work()
    settings.KEY_ENCRYPTION_SECRET = "another"  # type: ignore[attr-defined]
    assert not actions.keys_work()
    SigningKey.objects.update(sealed_private=b"")
    assert not actions.keys_work()


def test_keys_work_before_the_first_key(db: None) -> None:
    assert actions.keys_work()


def test_rotation_keeps_what_was_signed_under_did_key(award: Award, cast: Cast, at: datetime) -> None:
    old = SigningKey.objects.get()
    new = actions.rotate_key(organization=cast.home.organization, current=old, by=cast.home.issuer, at=at)
    assert actions.rotate_key(organization=cast.home.organization, current=old, by=cast.home.issuer, at=at) == new
    assert actions.rotate_key(organization=cast.home.organization, current=None, by=cast.home.issuer, at=at) == new
    old.refresh_from_db()
    assert old.retired_at == at
    assert new.did != old.did
    assert set(outcomes(award.document.body, at).values()) == {"passed", "could_not_tell"}
    other = make_version(cast.home.program, at, slug="other")
    second = actions.issue(review=make_review(cast.learner, other, at), by=None, at=at)
    assert credential.loads(second.document.body.encode())["issuer"]["id"] == new.did
    assert set(outcomes(second.document.body, at).values()) == {"passed", "could_not_tell"}
    actions.withdraw(award=award, reason="Error", by=cast.home.issuer, at=at)
    assert outcomes(award.document.body, at)["status"] == "failed"
    assert outcomes(second.document.body, at)["status"] == "passed"


def test_rotation_keeps_what_was_signed_under_did_web(cast: Cast, at: datetime, settings: object) -> None:
    settings.PUBLIC_HTTPS = True  # type: ignore[attr-defined]
    settings.BASE_URL = "https://credentials.example.edu:8443"  # type: ignore[attr-defined]
    award = actions.issue(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    did = "did:web:credentials.example.edu%3A8443:o:home"
    old = ensure_key(organization=cast.home.organization, at=at)
    assert old.did == did
    new = actions.rotate_key(organization=cast.home.organization, current=old, by=cast.home.issuer, at=at)
    document = queries.did_document(did)
    assert document is not None
    listed = [m["publicKeyMultibase"] for m in document["verificationMethod"]]
    assert listed == [new.public_multibase, old.public_multibase]
    assert document["authentication"] == [f"{did}#{new.public_multibase}"]
    assert set(outcomes(award.document.body, at).values()) == {"passed", "could_not_tell"}
    actions.withdraw(award=award, reason="Error", by=cast.home.issuer, at=at)
    assert outcomes(award.document.body, at)["status"] == "failed"


# --- words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-11-23", 36, "2029-11-23"),
        ("2026-12-05", 1, "2027-01-05"),
    ],
)
def test_months_are_added_by_the_calendar(start: str, months: int, end: str) -> None:
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert rules.add_months(moment, months).date().isoformat() == end


def test_how_it_was_judged_in_both_languages() -> None:
    judged = rules.Judged("approver", {"photo": 4, "reflection": 1}, {"a": "x"}, prior_learning=True)
    assert rules.judged_words(judged, "en") == (
        "Sent: 4 photos and 1 reflection. A trained assessor judged it by the public rubric, without a name, and a "
        "second person confirmed it. The one criterion was demonstrated. Prior learning was recognized."
    )
    assert rules.judged_words(judged, "es") == (
        "Se envió: 4 fotos y 1 reflexión. Una persona formada para evaluar la juzgó con la rúbrica pública, sin ver "
        "el nombre, y una segunda persona lo confirmó. Se demostró el único criterio. Se reconoció un aprendizaje previo."
    )
    two = rules.Judged("double_blind", {}, {"a": "x", "b": "y"})
    assert "Se demostraron los 2 criterios." in rules.judged_words(two, "es")
    assert rules.sent_words({"video": 1}, "en") == "1 video"


def test_automatic_reasons_are_known_and_a_persons_words_are_not() -> None:
    reason = rules.COMPONENT_ENDED % {"code": "7K3M-Q9TD-2XWP"}
    assert rules.automatic(reason) == (rules.COMPONENT_ENDED, {"code": "7K3M-Q9TD-2XWP"})
    assert rules.automatic("Wrong person.") == ("%(reason)s", {"reason": "Wrong person."})
    assert rules.is_automatic(reason)
    assert not rules.is_automatic("Wrong person.")


def test_a_text_in_one_language_is_better_than_none() -> None:
    assert rules.pick({"es": "Hola"}, "en") == "Hola"
    assert rules.pick({}, "en") == ""


def test_states(at: datetime) -> None:
    def state(**given: datetime) -> str:
        blank: dict[str, datetime | None] = {"revoked_at": None, "suspended_at": None, "valid_until": None}
        return rules.state(**{**blank, **given}, at=at)

    assert state() == "valid"
    assert state(valid_until=at) == "ended"
    assert state(valid_until=at + timedelta(seconds=1)) == "valid"
    assert state(suspended_at=at, valid_until=at) == "paused"
    assert state(revoked_at=at, suspended_at=at) == "withdrawn"


def test_a_spanish_definition_is_signed_in_spanish(cast: Cast, at: datetime) -> None:
    version = make_version(cast.home.program, at, slug="es", languages=["es", "en"], clock_hours={})
    made = actions.issue(review=make_review(cast.learner, version, at), by=None, at=at)
    body = credential.loads(made.document.body.encode())
    assert body["name"] == "Observar y registrar la conducta"
    assert body["credentialSubject"]["achievement"]["inLanguage"] == "es"
    assert body["evidence"][0]["name"] == "Cómo se evaluó"
    assert body["credentialSubject"]["achievement"]["tag"] == ["level 2"]


def test_queries(award: Award, cast: Cast, at: datetime) -> None:
    assert queries.by_code(award.code.lower().replace("-", " ")) == award
    assert list(queries.of_learner(cast.learner)) == [award]
    home = cast.home.organization
    for words, state, count in (
        ("marisol", "valid", 1),
        ("observar vega", "", 1),
        (award.code, "", 1),
        ("uu", "", 0),  # no code has a U
        ("", "ended", 0),
        ("", "paused", 0),
        ("", "withdrawn", 0),
    ):
        assert queries.of_organization(home, words=words, state=state, at=at).count() == count
    assert not queries.of_organization(cast.away.organization, at=at).exists()
    assert queries.did_document("did:web:elsewhere.example") is None
    assert queries.issuer(cast.away.organization) is None
    assert queries.title(award)["es"] == "Observar y registrar la conducta"
    make_enrollment(cast.other_learner, cast.home.version, at)
