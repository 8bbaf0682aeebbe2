"""A list becomes credentials: only where it is allowed, only whole, each row once, and honestly said."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from fieldstone import credential as c
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import checking
from fieldstone.server.awards.actions import signing
from fieldstone.server.awards.keys import CannotOpen, Keepers
from fieldstone.server.awards.models import Award
from fieldstone.server.backpack import actions, queries
from fieldstone.server.backpack.models import Batch, BatchRow, Pickup
from fieldstone.server.catalog import actions as catalog
from fieldstone.server.catalog.models import Version
from fieldstone.server.journeys import award_list, withdraw_award
from fieldstone.server.journeys.delete_account import delete_account
from fieldstone.server.journeys.mail_again import mail_again
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.management.worker import drain
from fieldstone.server.people.models import Membership, User
from tests.cast import Cast, make_person, make_version

HEAD = "name,email,narrative,date,valid until,language\n"


def sheet(*names: str) -> bytes:
    rows = (f"{name} Example,{name.lower()}@example.org,Led group {name}.,2026-05-31,,es" for name in names)
    return (HEAD + "\n".join(rows)).encode()


@pytest.fixture
def home(cast: Cast, at: datetime) -> Version:
    catalog.allow_lists(program=cast.home.program, policy="one", by=cast.home.administrator, at=at)
    return Version.objects.select_related("micro_credential__program", "micro_credential__organization").get(
        pk=cast.home.version.pk
    )


def bring(cast: Cast, home: Version, at: datetime, data: bytes, by: User | None = None) -> Batch:
    return actions.bring_list(version=home, file_name="list.csv", data=data, by=by or cast.home.issuer, at=at)


def states(batch: Batch) -> list[str]:
    return list(batch.rows.values_list("state", flat=True))


def test_the_program_says_whether(cast: Cast, at: datetime) -> None:
    with pytest.raises(actions.ListsNotAllowed):
        bring(cast, cast.home.version, at, sheet("Ana"))
    with pytest.raises(Refused, match="one of the three"):
        catalog.allow_lists(program=cast.home.program, policy="three", by=cast.home.administrator, at=at)
    for _twice in range(2):
        catalog.allow_lists(program=cast.home.program, policy="two", by=cast.home.administrator, at=at)
    assert Entry.objects.filter(verb="catalog.lists_allowed").count() == 1


def test_a_list_is_looked_at_first_and_the_same_file_is_one_batch(cast: Cast, home: Version, at: datetime) -> None:
    batch = bring(cast, home, at, sheet("Ana"))
    assert bring(cast, home, at, sheet("Ana")).pk == batch.pk and batch.state == "read"
    assert not Award.objects.exists() and not BatchRow.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.create(
            organization=batch.organization, version=home, file_name="x", file_sha256=batch.file_sha256, uploaded_at=at
        )
    draft = make_version(cast.home.program, at, slug="draft", published=False)
    draft.micro_credential.program.lists = "one"
    with pytest.raises(Refused, match="published"):
        bring(cast, draft, at, sheet("Ana"))
    with pytest.raises(Refused, match="8 MB"):
        bring(cast, home, at, b"x" * 8_000_001)


def test_faults_stop_the_whole_list(cast: Cast, home: Version, at: datetime) -> None:
    batch = bring(cast, home, at, sheet("Ana", "Bo") + b"\nCy,,x")
    with pytest.raises(actions.Faulty):
        actions.start_list(batch=batch, by=cast.home.issuer, at=at)
    assert drain(at=at) == 0 and not Award.objects.exists()


def test_every_row_once_and_said_honestly(
    cast: Cast, home: Version, at: datetime, django_capture_on_commit_callbacks: object
) -> None:
    learner = make_person("Known Person", at, last_login=at)
    data = sheet("Ana", "Bo") + f"\nK. Person,{learner.email},Did it.,,2027-01-31,".encode()
    batch = actions.start_list(batch=bring(cast, home, at, data), by=cast.home.issuer, at=at)
    assert actions.start_list(batch=batch, by=cast.home.issuer, at=at).state == "running"
    drain(at=at)
    batch.refresh_from_db()
    assert (batch.state, batch.total, batch.file, states(batch)) == ("done", 3, None, ["issued"] * 3)
    assert Award.objects.count() == 3 and Pickup.objects.count() == 2
    ana = Award.objects.get(pickups__email="ana@example.org")
    document = c.loads(ana.document.body.encode())
    evidence = (
        document["credentialSubject"]["evidence"]
        if "evidence" in document["credentialSubject"]
        else document["evidence"]
    )
    assert [piece["narrative"] for piece in evidence] == [
        "Recorded from a list by Home College. No evidence was assessed on this site. The list says: Led group Ana."
    ]
    assert "result" not in document["credentialSubject"] and document["awardedDate"] == "2026-05-31T12:00:00Z"
    report = checking.check(ana.document.body.encode(), at=at)
    assert report.verdict == "verified" and report.recipient_name == "Ana Example"
    assert ana.learner is None and ana.audience == "link" and ana.valid_until is not None
    known = Award.objects.get(learner=learner)
    assert known.valid_until == datetime.fromisoformat("2027-01-31T23:59:59Z")
    to = sorted((m.to[0], m.subject) for m in mail.outbox)
    assert [address for address, _subject in to] == ["ana@example.org", "bo@example.org", "known.person@example.org"]
    assert "/pickup/" in mail.outbox[0].body + mail.outbox[1].body
    links = {queries.pickup(m.body.split("/pickup/")[1].split("/")[0]) for m in mail.outbox if "/pickup/" in m.body}
    assert {p.email for p in links if p} == {"ana@example.org", "bo@example.org"}


def test_who_has_it_already_gets_no_second_one(cast: Cast, home: Version, at: datetime) -> None:
    first = actions.start_list(batch=bring(cast, home, at, sheet("Ana", "Bo")), by=cast.home.issuer, at=at)
    drain(at=at)
    second = actions.start_list(batch=bring(cast, home, at, sheet("Bo", "Cy")), by=cast.home.issuer, at=at)
    drain(at=at)
    assert states(first) == ["issued", "issued"] and states(second) == ["held", "issued"]
    assert Award.objects.count() == 3
    bo = Award.objects.get(pickups__email="bo@example.org")
    withdraw_award.withdraw(award=bo, reason="By mistake", by=cast.home.issuer, at=at)
    third = actions.start_list(batch=bring(cast, home, at, sheet("Bo", "Di")), by=cast.home.issuer, at=at)
    drain(at=at)
    assert states(third) == ["issued", "issued"]
    later = at + timedelta(days=365 * 4)  # valid for three years
    fourth = actions.start_list(batch=bring(cast, home, later, sheet("Di")), by=cast.home.issuer, at=later)
    drain(at=later)
    assert states(fourth) == ["issued"]


def test_an_ended_one_on_her_page_is_replaced(cast: Cast, home: Version, at: datetime) -> None:
    learner = make_person("Ana Example", at, last_login=at)
    User.objects.filter(pk=learner.pk).update(email="ana@example.org")
    for moment in (at, at + timedelta(days=1), at + timedelta(days=365 * 4)):
        data = sheet("Ana") + b"\n" * moment.day
        actions.start_list(batch=bring(cast, home, moment, data), by=cast.home.issuer, at=moment)
        drain(at=moment)
    assert list(BatchRow.objects.order_by("done_at").values_list("state", flat=True)) == ["issued", "held", "issued"]
    assert Award.objects.live().filter(learner=learner).count() == 1


def test_two_people_are_two(cast: Cast, home: Version, at: datetime) -> None:
    catalog.allow_lists(program=home.micro_credential.program, policy="two", by=cast.home.administrator, at=at)
    home.micro_credential.program.refresh_from_db()
    batch = bring(cast, home, at, sheet("Ana"))
    for _twice in range(2):
        assert actions.start_list(batch=batch, by=cast.home.issuer, at=at).state == "handed"
    assert drain(at=at) == 0
    started = actions.start_list(batch=batch, by=cast.home.administrator, at=at)
    assert (started.state, started.people) == ("running", 2)
    drain(at=at)
    assert "A second person confirmed the list." in Award.objects.get().document.body
    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(started_by=cast.home.issuer)


def test_pause_go_on_and_end(cast: Cast, home: Version, at: datetime) -> None:
    batch = bring(cast, home, at, sheet("Ana", "Bo", "Cy"))
    who = {"by": cast.home.issuer, "at": at}
    for early in (actions.pause_list, actions.continue_list):
        with pytest.raises(actions.WrongMoment):
            early(batch=batch, **who)
    actions.start_list(batch=batch, **who)
    actions.continue_list(batch=batch, **who)
    award_list.award_list(batch=batch, at=at, rows=1)
    assert states(batch) == ["issued", "waiting", "waiting"]
    for _twice in range(2):
        actions.pause_list(batch=batch, **who)
    drain(at=at)
    assert states(batch) == ["issued", "waiting", "waiting"]
    actions.continue_list(batch=batch, **who)
    award_list.award_list(batch=batch, at=at, rows=1)
    actions.stop_list(batch=batch, **who)
    drain(at=at)
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == ("stopped", ["issued", "issued", "stopped"])
    actions.stop_list(batch=batch, **who)
    with pytest.raises(actions.WrongMoment):
        actions.start_list(batch=batch, **who)
    done = actions.start_list(batch=bring(cast, home, at, sheet("Di")), **who)
    drain(at=at)
    with pytest.raises(actions.WrongMoment):
        actions.stop_list(batch=done, **who)
    assert actions.start_list(batch=done, **who).state == "done"


def test_a_list_that_nobody_confirms_is_thrown_away(cast: Cast, home: Version, at: datetime) -> None:
    batch = bring(cast, home, at, sheet("Ana"))
    kept = actions.start_list(batch=bring(cast, home, at, sheet("Bo")), by=cast.home.issuer, at=at)
    drain(at=at + timedelta(days=31))
    batch.refresh_from_db(), kept.refresh_from_db()
    assert (batch.state, batch.file, kept.state) == ("dropped", None, "done")
    again = bring(cast, home, at, sheet("Ana"))
    assert again.pk != batch.pk and again.state == "read"
    with pytest.raises(actions.WrongMoment):
        actions.start_list(batch=batch, by=cast.home.issuer, at=at)


def test_a_row_that_cannot_be_signed_says_so_and_the_rest_goes_on(
    cast: Cast, home: Version, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = awards.issue_listed

    def issue(**facts: object) -> object:
        if facts["name"] == "Bo Example":
            raise c.CredentialError("odd", "It cannot be signed.")
        return real(**facts)  # type: ignore[arg-type]

    monkeypatch.setattr(awards, "issue_listed", issue)
    batch = actions.start_list(batch=bring(cast, home, at, sheet("Ana", "Bo", "Cy")), by=cast.home.issuer, at=at)
    drain(at=at)
    assert states(batch) == ["issued", "refused", "issued"]
    assert batch.rows.get(number=3).reason == "odd: It cannot be signed."


def test_a_worker_that_dies_in_a_row_leaves_whole_rows(
    cast: Cast, home: Version, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = actions.start_list(batch=bring(cast, home, at, sheet("Ana", "Bo", "Cy")), by=cast.home.issuer, at=at)

    class Killed(BaseException):
        pass

    def dies(**_facts: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        award_list.award_list(batch=batch, at=at, rows=1)
        patch.setattr(actions, "row_done", dies)
        award_list.award_list(batch=batch, at=at)
    assert Award.objects.count() == 1 and states(batch) == ["issued", "waiting", "waiting"]
    award_list.award_list(batch=batch, at=at, rows=1)
    award_list.award_list(batch=batch, at=at, rows=0)  # settled twice, the next while is ordered once
    assert Entry.objects.filter(verb="backpack.list_went_on").count() == 2
    drain(at=at)
    assert Award.objects.count() == 3 and states(batch) == ["issued"] * 3
    award_list.award_list(batch=batch, at=at)
    assert Award.objects.count() == 3


def test_other_people_find_nothing_and_counts_count(cast: Cast, home: Version, at: datetime) -> None:
    batch = actions.start_list(batch=bring(cast, home, at, sheet("Ana", "Bo")), by=cast.home.issuer, at=at)
    award_list.award_list(batch=batch, at=at, rows=1)
    assert queries.counts(batch) == {"issued": 1, "waiting": 1}
    assert list(queries.batches(cast.home.organization)) == [batch]
    assert not queries.batches(cast.away.organization)
    assert Membership.objects.filter(user=cast.home.issuer, role="issuer").exists()
    row = batch.rows.get(number=2)
    assert (row.awarded, row.until, row.language) == (date(2026, 5, 31), None, "es")


def test_who_never_had_it_is_not_left_out_for_a_link_that_went_astray(cast: Cast, home: Version, at: datetime) -> None:
    actions.start_list(batch=bring(cast, home, at, sheet("Ana")), by=cast.home.issuer, at=at)
    drain(at=at)
    award, later = Award.objects.get(), at + timedelta(minutes=5)
    last = award.pickups.get()
    by = cast.home.issuer
    mail_again(award=award, name="Ana Example", email="ana.right@example.org", last=last, by=by, at=later)
    other = HEAD.encode() + b"Anabel Other,ana@example.org,Led another group.,,,en"
    second = actions.start_list(batch=bring(cast, home, later, other), by=cast.home.issuer, at=later)
    drain(at=later)
    assert states(second) == ["issued"] and second.rows.get().award != award
    third = bring(cast, home, later, HEAD.encode() + b"Ana Example,ana.right@example.org,Led a group.,,,en")
    actions.start_list(batch=third, by=cast.home.issuer, at=later)
    drain(at=later)
    assert states(third) == ["held"]


def test_a_list_for_one_that_was_retired_meanwhile_is_not_awarded(cast: Cast, home: Version, at: datetime) -> None:
    batch = bring(cast, home, at, sheet("Ana"))
    catalog.retire(micro_credential=home.micro_credential, by=cast.home.author, at=at)
    with pytest.raises(Refused, match="published"):
        actions.start_list(batch=batch, by=cast.home.issuer, at=at)
    drain(at=at)
    assert not Award.objects.exists()


@pytest.mark.parametrize("fault", ["away", "wrong"])
def test_while_keys_are_away_the_rows_wait(
    fault: str, cast: Cast, home: Version, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = c.generate_key()
    asked = {"well": False}

    def ask(data: bytes) -> bytes:
        if not asked["well"] and fault == "away":
            raise CannotOpen("nobody answers")
        return secret.sign(data if asked["well"] else b"something else")

    class Far:
        def make(self, kind: str, label: str) -> tuple[c.PublicKey, str]:
            return secret.public, "far"

        def signer(self, name: str, public: c.PublicKey, did: str) -> c.Signer:
            return c.RemoteKey.of(public, ask, did=did)

    monkeypatch.setattr(signing, "_keepers", lambda: Keepers("x", {"far": Far()}, "far"))
    batch = actions.start_list(batch=bring(cast, home, at, sheet("Ana")), by=cast.home.issuer, at=at)
    drain(at=at)
    assert states(batch) == ["waiting"] and not Award.objects.exists()
    asked["well"] = True
    drain(at=at + timedelta(hours=2))
    assert states(batch) == ["issued"]
    batch.refresh_from_db()
    assert batch.state == "done"


def test_attack_who_leaves_is_not_kept_on_lists_under_her_address(
    cast: Cast, home: Version, at: datetime
) -> None:
    learner = User.objects.create_user(email="Ana@example.org", name="Ana Example", joined_at=at)
    batch = actions.start_list(batch=bring(cast, home, at, sheet("Ana", "Bo")), by=cast.home.issuer, at=at)
    waits = actions.start_list(batch=bring(cast, home, at, sheet("Ana", "Cy")), by=cast.home.issuer, at=at)
    actions.pause_list(batch=waits, by=cast.home.issuer, at=at)
    drain(at=at)
    link = Pickup.objects.get(email="ana@example.org")
    delete_account(user=learner, at=at)
    drain(at=at)
    actions.continue_list(batch=waits, by=cast.home.issuer, at=at)
    drain(at=at)
    assert states(batch) == ["issued", "issued"] and states(waits) == ["stopped", "issued"]
    assert not BatchRow.objects.filter(email="ana@example.org").exists()
    assert list(BatchRow.objects.filter(number=2).values_list("name", "email", "narrative")) == [("", "", "")] * 2
    link.refresh_from_db()
    assert (link.name, link.email, link.ended_at) == ("", "", at)
    assert Pickup.objects.filter(email="bo@example.org", ended_at=None).exists()
    paper = User.objects.create_user(name="Paper", joined_at=at)
    actions.forget(learner=paper, at=at)
    assert Pickup.objects.filter(email="bo@example.org", ended_at=None).exists()
