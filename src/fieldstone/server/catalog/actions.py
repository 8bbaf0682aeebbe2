"""Every write about programs, micro-credentials and their versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from fieldstone.server.catalog import queries, rules
from fieldstone.server.catalog.models import MicroCredential, Program, Version
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Problem, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User

MAX_DEFINITION_BYTES = 200_000
READ_AGAIN = _("Somebody changed this draft after you read it. Read it again, then publish.")


class Stale(Conflict):
    """The draft was changed elsewhere since this screen was opened; nothing was overwritten."""


def _search_columns(body: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that are copies of a definition, for finding it."""
    definition, _problems = rules.parse(body)
    title = definition.title
    words: list[str] = []
    for text in (
        title, definition.summary, definition.can_do, definition.competency,
        *(c.title for c in definition.criteria),
    ):  # fmt: skip
        words += text.values()
    words += [f"{a.code} {a.name}" for a in definition.alignments]
    return {
        "title_en": title.get("en", "")[:120],
        "title_es": title.get("es", "")[:120],
        "search": rules.fold(" ".join(words)),
        "level": definition.level,
        "hours": definition.notional_hours,
        "cost_cents": definition.cost_cents,
        "in_spanish": "es" in definition.languages,
        "offline": definition.offline,
    }


def _checked_size(body: Mapping[str, Any]) -> None:
    problem = rules.unkeepable(body, MAX_DEFINITION_BYTES)
    if problem is not None:
        raise Refused(problem)


def _made_before(key: str | None) -> Entry | None:
    """The line that an earlier request with this key wrote."""
    return Entry.objects.filter(key=key).first() if key else None


def _free_slug(organization: Organization, title: str) -> str:
    base = slugify(title)[:70] or "micro-credential"
    taken = set(
        MicroCredential.objects.filter(organization=organization, slug__startswith=base).values_list("slug", flat=True)
    )
    return next(s for s in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if s not in taken)


def _checked_program(title: rules.Text, summary: rules.Text, areas: Any) -> dict[str, Any]:
    read, problems = rules.read_areas(areas)
    if not any(text.strip() for text in title.values()):
        problems.insert(0, Problem("title", _("Write a title.")))
    problems += [
        Problem(f"{name}.{language}", _("Shorten this to %(limit)s signs."), {"limit": limit})
        for name, texts, limit in (("title", title, 120), ("summary", summary, 600))
        for language, text in texts.items()
        if len(text) > limit
    ]
    if problems:
        raise Refused(problems)
    fields = {"title": dict(title), "summary": dict(summary), "areas": read}
    _checked_size(fields)
    return fields


@transaction.atomic
def create_program(
    *, organization: Organization, slug: str, title: rules.Text, summary: rules.Text, by: User | None, at: datetime,
    areas: list[dict[str, Any]] | None = None, key: str | None = None,
) -> Program:  # fmt: skip
    """A new shelf of micro-credentials and stacks; the one that the same `key` made before, if there is one.

    Raises Refused with every problem, Conflict when the address name is taken.
    """
    fields = _checked_program(title, summary, areas or [])
    if made := _made_before(key):
        return Program.objects.get(pk=made.subject_id)
    try:
        with transaction.atomic():
            program = Program.objects.create(
                organization=organization, slug=slugify(slug)[:60] or "program", **fields
            )  # fmt: skip
            ledger.record(
                verb="catalog.program_created", subject=program, by=by.pk if by else None, at=at,
                organization=organization.pk, key=key,
            )  # fmt: skip
    except IntegrityError:
        if made := _made_before(key):
            return Program.objects.get(pk=made.subject_id)
        raise Conflict(_("This address name is taken."), "slug") from None
    return program


@transaction.atomic
def change_program(
    *, program: Program, title: rules.Text, summary: rules.Text, areas: list[dict[str, Any]], by: User, at: datetime
) -> Program:
    """Other words or subject areas. Raises Refused, also where an area goes in which hours are counted."""
    fields = _checked_program(title, summary, areas)
    kept = {area["code"] for area in fields["areas"]}
    used: set[str] = set()
    for body in Version.objects.filter(micro_credential__program=program, superseded_at=None).values_list(
        "definition", flat=True
    ):
        used |= set(rules.parse(body)[0].clock_hours)
    before = {area["code"] for area in program.areas}
    missing = sorted((used & before) - kept)
    if missing:
        raise Refused(
            _("Micro-credentials count hours in “%(codes)s”. Keep this subject area."), "areas",
            codes=", ".join(missing),
        )  # fmt: skip
    Program.objects.filter(pk=program.pk).update(**fields)
    program.refresh_from_db()
    ledger.record(
        verb="catalog.program_changed", subject=program, by=by.pk, at=at, organization=program.organization_id
    )
    return program


@transaction.atomic
def set_nudges(*, program: Program, on: bool, by: User, at: datetime) -> None:
    """Say whether learners are told when one step is left to a stack of this program."""
    if Program.objects.filter(pk=program.pk).exclude(nudges=on).update(nudges=on):
        ledger.record(
            verb="catalog.nudges_set", subject=program, by=by.pk, at=at, organization=program.organization_id,
            data={"on": on},
        )  # fmt: skip


@transaction.atomic
def allow_lists(*, program: Program, policy: str, by: User, at: datetime) -> None:
    """Say whether the program's micro-credentials may be recorded from a list: "no", by "one" issuer, by "two"."""
    if policy not in rules.LIST_POLICIES:
        raise Refused(_("Choose one of the three."), f"lists-{program.slug}")
    if Program.objects.filter(pk=program.pk).exclude(lists=policy).update(lists=policy):
        ledger.record(
            verb="catalog.lists_allowed", subject=program, by=by.pk, at=at, organization=program.organization_id,
            data={"policy": policy},
        )  # fmt: skip


@transaction.atomic
def create(
    *, program: Program, body: Mapping[str, Any], by: User | None, at: datetime, slug: str = "",
    copied_from: Version | None = None, key: str | None = None,
) -> Version:  # fmt: skip
    """A new micro-credential with its first draft; the one that the same `key` made before, if there is one.

    `body` may still have gaps. Raises Conflict when the slug is taken.
    """
    _checked_size(body)
    if made := _made_before(key):
        return Version.objects.get(micro_credential=made.subject_id, number=1)
    columns = _search_columns(body)
    try:
        with transaction.atomic():
            micro_credential = MicroCredential.objects.create(
                organization=program.organization, program=program, created_at=at, copied_from=copied_from,
                slug=slug or _free_slug(program.organization, columns["title_en"] or columns["title_es"]),
            )  # fmt: skip
            version = Version.objects.create(
                micro_credential=micro_credential, number=1, definition=dict(body), created_at=at, changed_at=at,
                changed_by=by, **columns,
            )  # fmt: skip
            ledger.record(
                verb="catalog.created", subject=micro_credential, by=by.pk if by else None, at=at,
                organization=program.organization.pk, key=key,
            )  # fmt: skip
    except IntegrityError:
        if made := _made_before(key):
            return Version.objects.get(micro_credential=made.subject_id, number=1)
        raise Conflict(_("This address name is taken."), "slug") from None
    return version


@transaction.atomic
def save_draft(*, version: Version, body: Mapping[str, Any], revision: int, by: User | None, at: datetime) -> Version:
    """Keep a draft's new words, complete or not.

    Raises Stale when `revision` is not the newest (somebody else saved meanwhile), Conflict when published.
    """
    _checked_size(body)
    saved = Version.objects.filter(pk=version.pk, published_at=None, revision=revision).update(
        definition=dict(body), revision=revision + 1, changed_at=at, changed_by=by, **_search_columns(body)
    )
    version.refresh_from_db()
    version.__dict__.pop("parsed", None)
    if not saved:
        if version.published_at:
            raise Conflict(_("This version is published. Begin a new version to change it."))
        raise Stale(_("Somebody changed this draft while you wrote. Both texts are on this page; choose what to keep."))
    return version


@transaction.atomic
def publish(*, version: Version, by: User | None, at: datetime, revision: int | None = None) -> Version:
    """Make a draft the current version. Those who started under an older one keep it.

    Raises Refused with every gap when the definition is not complete, Stale when the draft is not (or no longer)
    the `revision` that was read.
    """
    if revision is not None and revision != version.revision:
        raise Stale(READ_AGAIN)
    definition, problems = rules.parse(version.definition)
    first = MicroCredential.objects.filter(pk__in=uuids(definition.prerequisites)).values_list("pk", flat=True)
    known = {str(pk) for pk in first}
    for i, wanted in enumerate(definition.prerequisites):
        if wanted not in known:
            problems.append(Problem(f"prerequisites.{i}", _("This micro-credential does not exist.")))
        elif wanted == str(version.micro_credential_id):
            problems.append(Problem(f"prerequisites.{i}", _("A micro-credential cannot come before itself.")))
    if problems:
        raise Refused(problems)
    siblings = Version.objects.filter(micro_credential=version.micro_credential)
    siblings.filter(published_at__isnull=False, superseded_at=None).update(superseded_at=at)
    unchanged = siblings.filter(pk=version.pk, published_at=None, revision=version.revision)
    if not unchanged.update(published_at=at, published_by=by):
        if siblings.filter(pk=version.pk, published_at=None).exists():
            raise Stale(READ_AGAIN)
        raise Conflict(_("This version is published already."))
    version.refresh_from_db()
    ledger.record(
        verb="catalog.published", subject=version, by=by.pk if by else None, at=at,
        organization=version.micro_credential.organization_id, data={"number": version.number},
    )  # fmt: skip
    return version


def uuids(values: Iterable[str]) -> list[UUID]:
    """Those of the values that are ids of ours."""
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


@transaction.atomic
def new_version(
    *, micro_credential: MicroCredential, by: User, at: datetime, body: Mapping[str, Any] | None = None,
    based_on: int | None = None,
) -> Version:  # fmt: skip
    """A draft that begins as a copy of the newest version; the one that is open already, if there is one.

    With `body` the draft begins with these words instead, written by somebody who read version `based_on`; raises
    Stale when that is not the newest any more.
    """
    newest = micro_credential.versions.select_for_update().order_by("-number")[0]
    if body is not None:
        _checked_size(body)
        if newest.number != based_on or newest.published_at is None:
            raise Stale(
                _("Somebody changed this draft while you wrote. Both texts are on this page; choose what to keep.")
            )
    if newest.published_at is None:
        return newest
    words = newest.definition if body is None else dict(body)
    version = Version.objects.create(
        micro_credential=micro_credential, number=newest.number + 1, definition=words, created_at=at,
        changed_at=at, changed_by=by, **_search_columns(words),
    )  # fmt: skip
    ledger.record(
        verb="catalog.version_begun", subject=version, by=by.pk, at=at, organization=micro_credential.organization_id
    )
    return version


@transaction.atomic
def retire(*, micro_credential: MicroCredential, by: User, at: datetime) -> None:
    """Take it out of the catalog. Awards stay as they are; who has started may finish."""
    if MicroCredential.objects.filter(pk=micro_credential.pk, retired_at=None).update(retired_at=at):
        ledger.record(
            verb="catalog.retired", subject=micro_credential, by=by.pk, at=at,
            organization=micro_credential.organization_id,
        )  # fmt: skip


@transaction.atomic
def restore(*, micro_credential: MicroCredential, by: User, at: datetime) -> None:
    """Put a retired one back."""
    if MicroCredential.objects.filter(pk=micro_credential.pk, retired_at__isnull=False).update(retired_at=None):
        ledger.record(
            verb="catalog.restored", subject=micro_credential, by=by.pk, at=at,
            organization=micro_credential.organization_id,
        )  # fmt: skip


@transaction.atomic
def copy(*, version: Version, program: Program, by: User, at: datetime, key: str | None = None) -> Version:
    """Copy a published definition into another organization's program, as a draft there.

    Allowed within an organization, between members of one consortium, and from a consortium's own catalog.
    Prerequisites are left behind, since they name the other house's micro-credentials. Raises NotAllowed.
    """
    source, target = version.micro_credential.organization_id, program.organization_id
    if version.published_at is None:
        raise Refused(_("Only a published version can be copied."))
    if source != target and target not in queries.fellows(source):
        raise NotAllowed(_("These two organizations share no consortium."))
    body = {**version.definition, "prerequisites": []}
    return create(program=program, body=body, by=by, at=at, copied_from=version, key=key)
