"""Every write of the catalog: once per request, nothing overwritten, nothing published with gaps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from fieldstone.server.catalog import actions, queries, rules
from fieldstone.server.catalog.models import MicroCredential, Program, Version
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Refused
from fieldstone.server.people.models import ConsortiumMember, Organization
from tests.cast import Cast, definition, make_version, text

pytestmark = pytest.mark.django_db


def verbs() -> list[str]:
    return list(Entry.objects.values_list("verb", flat=True))


def create(cast: Cast, at: datetime, **more: Any) -> Version:
    body = more.pop("body", None) or definition()
    return actions.create(program=cast.home.program, body=body, by=cast.home.author, at=at, **more)


# --- programs ----------------------------------------------------------------------------------------


def test_a_program_is_made_once_per_key_and_its_address_once(cast: Cast, at: datetime) -> None:
    def make(**more: Any) -> Program:
        given = {"slug": "Welding!", "title": text("Welding"), "summary": {}, "areas": None, **more}
        return actions.create_program(organization=cast.home.organization, by=cast.home.author, at=at, **given)

    program = make(key="k")
    assert program.slug == "welding" and make(key="k") == program and verbs() == ["catalog.program_created"]
    with pytest.raises(Conflict) as taken:
        make()
    assert taken.value.problems[0].field == "slug"
    assert make(slug="!!!").slug == "program"
    with pytest.raises(Refused) as refused:
        make(title={"en": " "}, summary={"en": "x" * 601}, areas=[{"code": "A B"}])
    assert [p.field for p in refused.value.problems] == ["title", "areas.0.code", "areas.0.name.en", "summary.en"]


def test_two_equal_requests_at_once_make_one(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    first = create(cast, at, key="k")
    program = actions.create_program(
        organization=cast.home.organization, slug="p", title=text("P"), summary={}, by=None, at=at, key="p"
    )
    real, asked = actions._made_before, []

    def late(key: str | None) -> Entry | None:
        asked.append(key)
        return None if len(asked) % 2 else real(key)

    monkeypatch.setattr(actions, "_made_before", late)
    assert create(cast, at, key="k") == first
    again = actions.create_program(
        organization=cast.home.organization, slug="other", title=text("P"), summary={}, by=None, at=at, key="p"
    )
    assert again == program and MicroCredential.objects.filter(organization=cast.home.organization).count() == 2


def test_a_program_changes_but_keeps_areas_in_which_hours_are_counted(cast: Cast, at: datetime) -> None:
    def change(areas: list[dict[str, Any]]) -> Program:
        return actions.change_program(
            program=cast.home.program, title=text("New"), summary=text("S"), areas=areas, by=cast.home.author, at=at
        )

    with pytest.raises(Refused) as refused:
        change([{"code": "other", "name": text("Other")}])
    assert refused.value.problems[0].field == "areas" and "cda_7" in str(refused.value)
    kept = {"code": "cda_7", "name": text("Watching")}
    assert change([kept, {"code": "other", "name": text("Other")}]).areas[0] == kept
    assert change([kept]).title == text("New") and verbs() == ["catalog.program_changed"] * 2


# --- drafts ------------------------------------------------------------------------------------------


def test_a_draft_is_made_once_per_key_with_an_address_of_its_own(cast: Cast, at: datetime) -> None:
    first, second = create(cast, at, key="k"), create(cast, at)
    assert create(cast, at, key="k") == first != second
    assert first.micro_credential.slug == "observing-and-recording-behavior"
    assert second.micro_credential.slug == "observing-and-recording-behavior-2"
    assert (first.level, first.hours, first.in_spanish, first.title_es) == (
        2,
        15,
        True,
        "Observar y registrar la conducta",
    )
    blank = actions.create(program=cast.home.program, body=rules.EMPTY, by=None, at=at)
    assert blank.micro_credential.slug == "micro-credential"
    with pytest.raises(Conflict):
        create(cast, at, slug="observing")


@pytest.mark.parametrize(
    "words", ["x" * 200_001, "a\x00b", "half \ud83e of a pair", "\\u0000 is fine when spelled out"]
)
def test_what_no_database_keeps_is_refused(cast: Cast, at: datetime, words: str) -> None:
    body = definition(summary={"en": words})
    if "fine" in words:
        assert create(cast, at, body=body).definition == body
        return
    with pytest.raises(Refused):
        create(cast, at, body=body)
    with pytest.raises(Refused):
        actions.save_draft(version=cast.home.version, body=body, revision=1, by=None, at=at)


def test_saving_needs_the_newest_revision(cast: Cast, at: datetime) -> None:
    version = create(cast, at)
    mine = Version.objects.get(pk=version.pk)
    saved = actions.save_draft(version=version, body=definition(level=3), revision=1, by=cast.home.author, at=at)
    assert (saved.revision, saved.level, saved.parsed.level) == (2, 3, 3)
    with pytest.raises(actions.Stale):
        actions.save_draft(version=mine, body=definition(level=1), revision=1, by=cast.home.author, at=at)
    assert mine.level == 3, "the caller holds what is kept"
    actions.publish(version=version, by=None, at=at)
    with pytest.raises(Conflict, match="published"):
        actions.save_draft(version=mine, body=definition(), revision=2, by=None, at=at)


# --- publishing --------------------------------------------------------------------------------------


def test_publishing_needs_everything_and_names_every_gap(cast: Cast, at: datetime) -> None:
    version = create(cast, at)
    other = str(cast.away.micro_credential.pk)
    for wanted, path in (
        ("no-id", "prerequisites.0"),
        ("0" * 36, "prerequisites.0"),
        (str(version.micro_credential_id), "prerequisites.1"),
    ):
        body = definition(title={}, prerequisites=[wanted] if path.endswith("0") else [other, wanted])
        version = actions.save_draft(version=version, body=body, revision=version.revision, by=None, at=at)
        with pytest.raises(Refused) as refused:
            actions.publish(version=version, by=None, at=at)
        assert {p.field for p in refused.value.problems} == {"title.en", path}
    assert "catalog.published" not in verbs()


def test_what_was_read_is_published_or_nothing(cast: Cast, at: datetime) -> None:
    version = create(cast, at)
    with pytest.raises(actions.Stale):
        actions.publish(version=version, by=None, at=at, revision=7)
    read_before = Version.objects.get(pk=version.pk)
    actions.save_draft(version=version, body=definition(title={}), revision=1, by=None, at=at)
    with pytest.raises(actions.Stale):
        actions.publish(version=read_before, by=None, at=at, revision=1)
    version = actions.save_draft(version=version, body=definition(), revision=2, by=None, at=at)
    actions.publish(version=version, by=cast.home.author, at=at, revision=3)
    with pytest.raises(Conflict, match="published already"):
        actions.publish(version=version, by=None, at=at)
    assert verbs().count("catalog.published") == 1


def test_a_new_version_supersedes_the_old_one_only_when_published(cast: Cast, at: datetime) -> None:
    micro = cast.home.micro_credential
    draft = actions.new_version(micro_credential=micro, by=cast.home.author, at=at)
    assert draft.number == 2 and draft.definition == cast.home.version.definition
    assert actions.new_version(micro_credential=micro, by=cast.home.author, at=at) == draft
    with pytest.raises(actions.Stale):
        actions.new_version(micro_credential=micro, by=cast.home.author, at=at, body=definition(), based_on=1)
    assert Version.objects.current().get(micro_credential=micro).number == 1
    actions.publish(version=draft, by=None, at=at + timedelta(days=1))
    assert Version.objects.current().get(micro_credential=micro).number == 2
    with pytest.raises(actions.Stale):
        actions.new_version(micro_credential=micro, by=cast.home.author, at=at, body=definition(), based_on=1)
    third = actions.new_version(
        micro_credential=micro, by=cast.home.author, at=at, body=definition(level=3), based_on=2
    )
    assert (third.number, third.level) == (3, 3)


def test_retiring_and_restoring_once(cast: Cast, at: datetime) -> None:
    micro = cast.home.micro_credential
    for _ in range(2):
        actions.retire(micro_credential=micro, by=cast.home.author, at=at)
    assert not Version.objects.current().filter(micro_credential=micro).exists()
    for _ in range(2):
        actions.restore(micro_credential=micro, by=cast.home.author, at=at)
    assert verbs() == ["catalog.retired", "catalog.restored"]


# --- copying -----------------------------------------------------------------------------------------


def test_copies_stay_within_a_consortium(cast: Cast, at: datetime) -> None:
    source = make_version(cast.home.program, at, slug="source", prerequisites=[str(cast.home.micro_credential.pk)])

    def copy(version: Version, program: Program, key: str | None = None) -> Version:
        return actions.copy(version=version, program=program, by=cast.away.author, at=at, key=key)

    with pytest.raises(NotAllowed):
        copy(source, cast.away.program)
    within = copy(source, cast.home.program)
    assert within.definition["prerequisites"] == [] and within.micro_credential.copied_from == source
    together = Organization.objects.create(slug="together", name="Together", kind="consortium", created_at=at)
    shelf = Program.objects.create(organization=together, slug="shelf", title=text("Shelf"))
    common = make_version(shelf, at, slug="common")
    for member in (cast.home.organization, cast.away.organization):
        ConsortiumMember.objects.create(organization=member, consortium=together, joined_at=at)
    made = copy(source, cast.away.program, "k")
    assert copy(source, cast.away.program, "k") == made and made.published_at is None
    assert copy(common, cast.away.program).micro_credential.organization == cast.away.organization
    assert queries.fellows(cast.home.organization.pk) == {together.pk, cast.away.organization.pk}
    assert queries.fellows(together.pk) == {cast.home.organization.pk, cast.away.organization.pk}
    assert set(queries.shared(cast.away.organization)) == {cast.home.version, source, common}
    with pytest.raises(Refused, match="published"):
        copy(made, cast.away.program)
