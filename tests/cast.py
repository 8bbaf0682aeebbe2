"""The fixed cast of the tests: learner, author, assessors, approver, issuer, lead, coach, administrator,
recognizer, a stranger; a second institution with its own people; one published micro-credential."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fieldstone.server.catalog.models import MicroCredential, Program, Version
from fieldstone.server.people.models import Membership, Organization, User


def text(en: str, es: str = "") -> dict[str, str]:
    """A text in both languages."""
    return {"en": en, "es": es or f"{en} (es)"}


def definition(**changes: Any) -> dict[str, Any]:
    """A small definition that `catalog.rules.parse` accepts: one question, one artifact part, a reflection,
    two criteria."""
    body: dict[str, Any] = {
        "title": text("Observing and recording behavior", "Observar y registrar la conducta"),
        "summary": text("You watch a child at play and write down what happened."),
        "can_do": text("observe children and record what happened without judging"),
        "competency": text("The educator observes children and records objectively."),
        "key_method": text("Watch, write, wait, then plan."),
        "method_components": [text("keep a running record of ten minutes, twice")],
        "research": [],
        "resources": [],
        "languages": ["en", "es"],
        "level": 2,
        "notional_hours": 15,
        "clock_hours": {"cda_7": 15},
        "cost_cents": 0,
        "valid_months": 36,
        "glyph": "eye",
        "offline": True,
        "questions": [
            {"id": "setting", "prompt": text("Who did you watch?"), "hint": {}, "min_words": 5, "max_words": 200}
        ],
        "artifacts": [
            {
                "id": "notes",
                "title": text("Photos of your notes"),
                "instructions": text("No child's face."),
                "kinds": ["photo", "document", "link"],
                "min": 1,
                "max": 6,
            }
        ],
        "reflection": {"prompt": text("What did you see?"), "min_words": 5, "max_words": 250},
        "rubric": [
            {
                "id": "describes",
                "title": text("Describes, does not judge"),
                "levels": [
                    {
                        "id": "demonstrated",
                        "title": text("Demonstrated"),
                        "text": text("Every note says what was seen."),
                        "demonstrated": True,
                    },
                    {
                        "id": "not_yet",
                        "title": text("Not yet"),
                        "text": text("Some notes give opinions."),
                        "demonstrated": False,
                    },
                ],
                "parts": ["setting", "notes"],
                "phrases": [text("Say which note shows this.")],
            },
            {
                "id": "links",
                "title": text("Links notes to growth"),
                "levels": [
                    {
                        "id": "demonstrated",
                        "title": text("Demonstrated"),
                        "text": text("Names one thing the child can do and one that comes next."),
                        "demonstrated": True,
                    },
                    {
                        "id": "not_yet",
                        "title": text("Not yet"),
                        "text": text("The next step is general."),
                        "demonstrated": False,
                    },
                ],
                "parts": ["reflection"],
                "phrases": [],
            },
        ],
        "alignments": [],
        "children": "no_faces",
        "quality_assurance": text("Two assessors who are calibrated each year."),
    }
    return {**body, **changes}


@dataclass
class Institution:
    """One organization with one person per role and one published micro-credential."""

    organization: Organization
    program: Program
    author: User
    first: User
    second: User
    approver: User
    issuer: User
    lead: User
    coach: User
    administrator: User
    recognizer: User
    micro_credential: MicroCredential
    version: Version


@dataclass
class Cast:
    """Everybody. `home` and `away` are the two institutions; `stranger` has an account and no role."""

    home: Institution
    away: Institution
    learner: User
    other_learner: User
    stranger: User


ROLES = {
    "author": "author",
    "first": "assessor",
    "second": "assessor",
    "approver": "approver",
    "issuer": "issuer",
    "lead": "lead",
    "coach": "coach",
    "administrator": "administrator",
    "recognizer": "recognizer",
}


def make_person(name: str, at: datetime, **fields: Any) -> User:
    """A person with an invented address."""
    email = f"{name.lower().replace(' ', '.')}@example.org"
    return User.objects.create_user(email=email, name=name, joined_at=at, is_synthetic=True, **fields)


def make_version(
    program: Program, at: datetime, *, slug: str = "observing", published: bool = True, **changes: Any
) -> Version:
    """A micro-credential of `program` with one version."""
    body = definition(**changes)
    micro_credential = MicroCredential.objects.create(
        organization=program.organization, program=program, slug=slug, created_at=at
    )
    return Version.objects.create(
        micro_credential=micro_credential,
        number=1,
        definition=body,
        title_en=body["title"]["en"],
        title_es=body["title"]["es"],
        search=f"{body['title']['en']} {body['title']['es']}".lower(),
        level=body["level"],
        hours=body["notional_hours"],
        cost_cents=body["cost_cents"],
        in_spanish=True,
        offline=True,
        created_at=at,
        changed_at=at,
        published_at=at if published else None,
    )


def make_institution(slug: str, name: str, at: datetime, **fields: Any) -> Institution:
    """An organization, its people, a program and a micro-credential."""
    organization = Organization.objects.create(
        slug=slug, name=name, kind="college", place="Nashville, Tennessee", family="moss", created_at=at, **fields
    )
    people = {}
    for attribute, role in ROLES.items():
        user = make_person(f"{attribute.title()} {slug.title()}", at)
        Membership.objects.create(user=user, organization=organization, role=role, granted_at=at)
        people[attribute] = user
    program = Program.objects.create(
        organization=organization,
        slug="early-childhood",
        title=text("Early childhood"),
        summary=text("For those who care for children."),
        areas=[{"code": "cda_7", "name": text("Observing and recording behavior")}],
    )
    version = make_version(program, at)
    return Institution(
        organization=organization,
        program=program,
        micro_credential=version.micro_credential,
        version=version,
        **people,
    )


def make_cast(at: datetime) -> Cast:
    """Both institutions and the learners."""
    return Cast(
        home=make_institution("home", "Home College", at),
        away=make_institution("away", "Away College", at),
        learner=make_person("Marisol Vega", at, language="es"),
        other_learner=make_person("Other Learner", at),
        stranger=make_person("Stranger", at),
    )
