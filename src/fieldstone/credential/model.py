"""What goes into an Open Badges 3.0 credential, as plain frozen values.

Moments are `datetime` with a time zone. Addresses (`id`, `url`) are absolute: https, did or urn:uuid. Text
is plain or Markdown where Open Badges says so (narratives). `build` turns a `Credential` into the document
to sign.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

# Members that hold people's words; the rest are addresses, codes and moments.
RUBRIC: Final = "RubricCriterionLevel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """A link to an entry of a public framework; `target_type` is e.g. `ceasn:Competency` or `CFItem`."""

    target_name: str
    target_url: str
    target_code: str | None = None
    target_description: str | None = None
    target_framework: str | None = None
    target_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricLevel:
    """One level of one rubric criterion; `points` is text, as Open Badges has it."""

    id: str
    name: str
    level: str | None = None
    description: str | None = None
    points: str | None = None
    alignments: tuple[Alignment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultDescription:
    """A result that can be reached, such as a rubric criterion with its levels, lowest first."""

    id: str
    name: str
    result_type: str = RUBRIC
    levels: tuple[RubricLevel, ...] = ()
    required_level: str | None = None
    allowed_values: tuple[str, ...] = ()
    required_value: str | None = None
    value_min: str | None = None
    value_max: str | None = None
    alignments: tuple[Alignment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What this person reached for one `ResultDescription`."""

    result_description: str
    achieved_level: str | None = None
    value: str | None = None
    status: str | None = None
    alignments: tuple[Alignment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """How the achievement is earned: a narrative (Markdown), a page, or both."""

    narrative: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """An achievement that belongs with this one: a part of a stack, another language or version."""

    id: str
    in_language: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """An organization or person; as an issuer, `id` is the DID whose key signs."""

    id: str
    name: str
    url: str | None = None
    description: str | None = None
    email: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Achievement:
    """The micro-credential itself, the same for everyone who earns it."""

    id: str
    name: str
    description: str
    criteria: Criteria
    achievement_type: str = "MicroCredential"
    alignments: tuple[Alignment, ...] = ()
    result_descriptions: tuple[ResultDescription, ...] = ()
    related: tuple[Related, ...] = ()
    tags: tuple[str, ...] = ()
    creator: Profile | None = None
    image: str | None = None
    human_code: str | None = None
    field_of_study: str | None = None
    specialization: str | None = None
    in_language: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Work that supports the award; `id` is where it can be seen, or nothing where it stays private."""

    id: str | None = None
    name: str | None = None
    description: str | None = None
    narrative: str | None = None
    genre: str | None = None
    audience: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A file whose digest the credential carries: `digest_sri` as made by `digest_sri(data)`."""

    id: str
    digest_sri: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How the recipient is named: in clear, or hashed with a salt (Open Badges 3.0 section B.1.14)."""

    identity_type: str
    identity_hash: str
    hashed: bool = False
    salt: str | None = None

    @classmethod
    def of_name(cls, name: str) -> Identity:
        """The recipient's name in clear."""
        return cls(identity_type="name", identity_hash=name)

    @classmethod
    def of_email(cls, email: str, *, salt: str) -> Identity:
        """The recipient's e-mail address, hashed: `sha256$` and the hex digest of address and salt."""
        return cls(identity_type="emailAddress", identity_hash=hash_identity(email, salt), hashed=True, salt=salt)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEntry:
    """One entry of a published Bitstring Status List.

    `purpose` is `revocation`, `suspension`, `refresh` or `message`. An entry has `size` bits; one of several bits has
    a message for each of their values, in order. `references` are addresses where the messages are explained.
    """

    list_url: str
    index: int
    purpose: str = "revocation"
    size: int = 1
    messages: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One award to one person.

    `subject_id` is the holder's DID if there is one. `endorsements` are signed EndorsementCredentials as
    documents. `refresh_url` answers the newest form of it (1EdTechCredentialRefresh).
    """

    id: str
    issuer: Profile
    name: str
    achievement: Achievement
    valid_from: datetime
    valid_until: datetime | None = None
    awarded: datetime | None = None
    description: str | None = None
    subject_id: str | None = None
    identities: tuple[Identity, ...] = ()
    narrative: str | None = None
    results: tuple[Result, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    resources: tuple[Resource, ...] = ()
    status: tuple[StatusEntry, ...] = ()
    endorsements: tuple[Mapping[str, Any], ...] = ()
    image: str | None = None
    refresh_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A credential that counts toward a stack: its achievement, and the award if it may be shown."""

    achievement_id: str
    name: str
    version: str | None = None
    in_language: str | None = None
    credential_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """How two achievements of a record belong together: the source `isChildOf`, `precedes`, … the target."""

    source_id: str
    target_id: str
    association_type: str = "isChildOf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A Comprehensive Learner Record: signed `credentials` of one person, kept as they were signed.

    `is_partial` says that the issuer knows of more than the record holds.
    """

    id: str
    issuer: Profile
    name: str
    valid_from: datetime
    credentials: tuple[Mapping[str, Any], ...]
    achievements: tuple[Achievement, ...] = ()
    associations: tuple[Association, ...] = ()
    identities: tuple[Identity, ...] = ()
    subject_id: str | None = None
    valid_until: datetime | None = None
    description: str | None = None
    status: tuple[StatusEntry, ...] = ()
    is_partial: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsement:
    """One party's word for an achievement, an issuer or an award: `about` is its address."""

    id: str
    issuer: Profile
    name: str
    about: str
    comment: str
    valid_from: datetime
    valid_until: datetime | None = None
    status: tuple[StatusEntry, ...] = ()


def hash_identity(value: str, salt: str) -> str:
    """An identifier hashed as in Open Badges: `sha256$` and hex of the lower-cased value and salt."""
    return "sha256$" + hashlib.sha256((value.strip().lower() + salt).encode()).hexdigest()
