"""What a credential's page tells, gathered from the signed document and, for our own, from what stands behind it.

Texts in the other language come from the pinned version, which never changes after it was published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fieldstone import credential
from fieldstone.server.assessment import queries as assessment
from fieldstone.server.awards import queries as awards
from fieldstone.server.awards import rules
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.models import MicroCredential
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.pathways.rules import StackDefinition
from fieldstone.server.pathways.rules import parse as parse_stack
from fieldstone.server.web.shared import check_words
from fieldstone.server.web.shared.stones import family_of
from fieldstone.server.web.shared.templatetags.fieldstone import clock, day

Text = Mapping[str, str]
FEW = 20
"""Fewer pairs of scores than this say nothing about agreement."""


@dataclass(frozen=True)
class Look:
    """The stone: id, level, glyph, family."""

    id: UUID
    level: int
    glyph: str
    family: str


@dataclass(frozen=True)
class Part:
    """One credential that a stack's credential is built on. `url` is empty when its holder keeps it private."""

    title: Text
    url: str
    state: str


@dataclass
class Story:
    """A page about one credential. Blank texts are simply not shown."""

    report: credential.Report
    verdict: check_words.Verdict
    rows: list[check_words.Row]
    counts: str
    trusted: bool
    award: Award | None = None
    title: Text = field(default_factory=dict)
    person: str = ""
    can_do: Text = field(default_factory=dict)
    described: Text = field(default_factory=dict)
    look: Look | None = None
    judged: str = ""
    agreement: str = ""
    rubric_url: str = ""
    known: bool = False
    issuer: str = ""
    issuer_id: str = ""
    issuer_url: str = ""
    issuer_email: str = ""
    issued: str = ""
    until: str = ""
    ended: str = ""
    parts: list[Part] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)


def tell(report: credential.Report, *, award: Award | None, size: int, at: datetime) -> Story:
    """The page's content for a report on a file of `size` bytes; `award` when the document is one of ours.

    Only what a valid signature covers is told as a fact: of anything else nothing is repeated.
    """
    if award is not None and (award.revoked_at or award.suspended_at):
        report = _known(report, "revoked" if award.revoked_at else "suspended")
    rows = [check_words.row(check) for check in report.checks]
    signature = report.check("signature")
    trusted = signature is not None and signature.outcome == credential.Outcome.PASSED
    story = Story(
        report=report,
        verdict=check_words.verdict(report),
        rows=rows,
        counts=check_words.counts(rows),
        trusted=trusted,
    )
    if not trusted:
        return story
    story.title = {"": report.title}
    story.person = report.recipient_name
    story.described = {"": report.description}
    story.known = report.issuer_known
    story.issuer, story.issuer_id = report.issuer_name, report.issuer_id
    story.issued, story.until = report.valid_from, report.valid_until
    story.shown = _shown(report.document or {})
    if award is not None:
        _ours(story, award, at)
    story.rows = [_with_facts(row, check, story, size, at) for row, check in zip(rows, report.checks, strict=True)]
    return story


def _known(report: credential.Report, code: str) -> credential.Report:
    """Of ours we know what its list may not say: withdrawn or paused, which is one bit there (ADR 33), and both also
    where the list cannot be asked, as after the site moved to another address."""
    failed, unsure = credential.Outcome.FAILED, credential.Outcome.COULD_NOT_TELL
    checks = tuple(
        replace(c, outcome=failed, code=code)
        if c.name == "status" and (c.code == "revoked" or (c.outcome == unsure and c.code != "not_reached"))
        else c
        for c in report.checks
    )
    return replace(report, checks=checks)


def _with_facts(
    row: check_words.Row, check: credential.Check, story: Story, size: int, at: datetime
) -> check_words.Row:
    """A check of a genuine document says what it found, not only that it passed."""
    found, document = "", story.report.document or {}
    title = row.title
    if check.name == "recipient" and story.person:
        title = _("The person in front of you is %(name)s.") % {"name": story.person}
    elif check.outcome == credential.Outcome.PASSED:
        if check.name == "parse":
            kind = "Open Badges 3.0" if "OpenBadgeCredential" in _listed(document.get("type")) else "W3C"
            kind = "Open Badges 2.0" if story.report.view is not None else kind
            found = f"{kind}, {number_format(max(size, 100) / 1000, 1)} KB"
        elif check.name == "proof" and check.code == "known_suite":
            suites = [str(p.get("cryptosuite") or p.get("type")) for p in _listed(document.get("proof"))]
            found = _("Data Integrity signature, %(suite)s") % {"suite": ", ".join(suites)}
        elif check.name in ("key", "controller"):
            found = _shortened(story.report.issuer_id) if check.name == "controller" else _key_name(document)
        elif check.name == "dates":
            found = _("Issued %(day)s.") % {"day": day(story.issued)}
            found += " " + (_("Ends %(day)s.") % {"day": day(story.until)} if story.until else _("It has no last day."))
        elif check.name == "status" and check.code == "not_withdrawn":
            found = _("Asked today at %(time)s") % {"time": clock(at)}
    elif check.name == "status" and story.ended and story.award is not None:
        when = story.award.revoked_at or story.award.suspended_at
        words = _("By the issuer on %(day)s. Reason: %(reason)s")
        found = words % {"day": day(when), "reason": story.ended}
    return check_words.Row(title=title, how=found or row.how, state=row.state)


def _key_name(document: Mapping[str, Any]) -> str:
    """The verification method that the first proof names."""
    for proof in _listed(document.get("proof")):
        if isinstance(proof, Mapping) and isinstance(proof.get("verificationMethod"), str):
            return _shortened(str(proof["verificationMethod"]).partition("#")[2] or str(proof["verificationMethod"]))
    return ""


def _shortened(identifier: str) -> str:
    """A long key or DID with its middle left out."""
    return identifier if len(identifier) <= 48 else f"{identifier[:28]}…{identifier[-8:]}"


def definition_of(award: Award) -> StackDefinition | None:
    """The pinned definition of a stack's award."""
    version = StackVersion.objects.filter(pk=award.stack_version_id or rules.NOBODY).first()
    return parse_stack(version.definition)[0] if version else None


def look_of(award: Award) -> Look:
    """The stone of an award."""
    organization = award.organization
    if award.version is not None:
        micro, parsed = award.version.micro_credential, award.version.parsed
        family = organization.family or family_of(str(micro.program_id))
        return Look(micro.pk, parsed.level, parsed.glyph, family)
    stack = definition_of(award)
    level, glyph = (stack.level, stack.glyph) if stack else (1, "stairs")
    return Look(award.stack_id or rules.NOBODY, level, glyph, organization.family or family_of(str(organization.pk)))


def _ours(story: Story, award: Award, at: datetime) -> None:
    language = get_language() or "en"
    organization = award.organization
    story.award = award
    story.look = look_of(award)
    story.issuer_url, story.issuer_email = organization.url, organization.email
    if organization.place:
        story.issuer = f"{story.issuer}, {organization.place}"
    if award.version is not None:
        owner = award.version.micro_credential
        story.title, story.can_do = award.version.parsed.title, award.version.parsed.can_do
        story.described = award.version.parsed.summary
        page = reverse("public:version", args=[organization.slug, owner.slug, award.version.number])
        story.rubric_url = f"{page}#rubric"
        if award.review is not None:
            story.agreement = agreement_words(owner)
            story.judged = rules.judged_words(awards.judged(award.review, page=""), language)
        else:
            story.judged = _narrative(story.report.document or {})
    else:
        stack = definition_of(award)
        if stack is not None:
            story.title, story.can_do, story.described = stack.title, stack.can_do, stack.summary
        story.parts = _parts(award, at)
    story.ended = ended_words(award)


def _narrative(document: Mapping[str, Any]) -> str:
    for piece in _listed(document.get("evidence")):
        if isinstance(piece, Mapping) and "id" not in piece and isinstance(piece.get("narrative"), str):
            return str(piece["narrative"])
    return ""


def _shown(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Evidence with a web address: its name and the address."""
    found = []
    for piece in _listed(document.get("evidence")):
        if isinstance(piece, Mapping):
            url, name = piece.get("id"), piece.get("name")
            if isinstance(url, str) and url.startswith(("https://", "http://")) and piece.get("genre") != "Credential":
                found.append((name if isinstance(name, str) else url, url))
    return found[:20]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _parts(award: Award, at: datetime) -> list[Part]:
    """The parts in the order of the credential, with how each stands now. Two queries."""
    rows = {str(part.pk): part for part in awards.parts_of(award).select_related("version", "document")}
    stacks = StackVersion.objects.in_bulk([p.stack_version_id for p in rows.values() if p.stack_version_id])
    found = []
    for row in award.components:
        part = rows.get(row["award"])
        if part is None:
            continue
        stack = stacks.get(part.stack_version_id) if part.stack_version_id else None
        title: Text = {"": row["name"]}
        if part.version is not None:
            title = part.version.parsed.title
        elif stack is not None:
            title = stack.definition["title"]
        url = "" if part.audience == "private" else reverse("public:credential", args=[part.code])
        found.append(Part(title, url, awards.state_of(part, at)))
    return found


def ended_words(award: Award) -> str:
    """Why it does not hold now, in the issuer's words."""
    reason = award.revoked_reason or award.suspended_reason
    if not reason:
        return ""
    message, params = rules.automatic(reason)
    return _(message) % params if message in rules.AUTOMATIC else reason


def agreement_words(micro_credential: MicroCredential) -> str:
    """How well assessors agree on this micro-credential; kept for ten minutes."""
    key = f"agreement:{micro_credential.pk}"
    found = cache.get(key)
    if found is None:
        found = assessment.agreement(micro_credential)
        cache.set(key, found, 600)
    if found.n < FEW or found.kappa is None:
        return ""
    if found.kappa >= 0.8:
        words = _("Assessors using this rubric agree with each other very well")
    elif found.kappa >= 0.6:
        words = _("Assessors using this rubric agree with each other well")
    elif found.kappa >= 0.4:
        words = _("Assessors using this rubric agree with each other moderately")
    else:
        words = _("Assessors using this rubric do not agree well yet")
    values = {"words": words, "kappa": f"{found.kappa:.2f}", "n": found.n}
    if found.low is None or found.high is None:
        return _("%(words)s: kappa %(kappa)s over %(n)s pairs of scores.") % values
    return _("%(words)s: kappa %(kappa)s, range %(low)s to %(high)s, over %(n)s pairs of scores.") % {
        **values,
        "low": f"{found.low:.2f}",
        "high": f"{found.high:.2f}",
    }
