"""From plain values to the document that is signed: Open Badges 3.0 on W3C Verifiable Credentials 2.0.

The documents hold only what every verifier we tested reads alike: no control characters, no text direction,
no image captions, no numbers, no inline contexts, and none of the terms that were added to the Open Badges
context later under the same address.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from fieldstone.credential import status
from fieldstone.credential.contexts import CLR, CREDENTIALS_V2, OPEN_BADGES, OPEN_BADGES_EXTENSIONS
from fieldstone.credential.errors import CredentialError, StatusError
from fieldstone.credential.model import (
    Achievement,
    Alignment,
    Component,
    Credential,
    Endorsement,
    Evidence,
    Identity,
    Profile,
    Record,
    Related,
    Resource,
    Result,
    ResultDescription,
    RubricLevel,
    StatusEntry,
)
from fieldstone.credential.proofs import timestamp

# Line ends other than \n become \n; C0 (but tab and \n), DEL and C1 go.
_LINE_ENDS: Final = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
ASSOCIATIONS: Final = frozenset(
    ["exactMatchOf", "isChildOf", "isParentOf", "isPartOf", "isPeerOf", "isRelatedTo", "precedes", "replacedBy"]
)
_ADDRESS: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`]+')


def build(credential: Credential) -> dict[str, Any]:
    """The unsigned OpenBadgeCredential; raises CredentialError for an address that is not absolute."""
    subject = _members(
        id=_address(credential.subject_id),
        type=["AchievementSubject"],
        identifier=[_identity(identity) for identity in credential.identities],
        narrative=_text(credential.narrative),
        result=[_result(result) for result in credential.results],
        achievement=_achievement(credential.achievement),
    )
    extensions = [OPEN_BADGES_EXTENSIONS] if credential.refresh_url else []
    return _members(
        **{"@context": [CREDENTIALS_V2, OPEN_BADGES, *extensions]},
        id=_address(credential.id),
        type=["VerifiableCredential", "OpenBadgeCredential"],
        name=_text(credential.name),
        description=_text(credential.description),
        image=_image(credential.image),
        issuer=_profile(credential.issuer),
        validFrom=timestamp(credential.valid_from),
        validUntil=None if credential.valid_until is None else timestamp(credential.valid_until),
        awardedDate=None if credential.awarded is None else timestamp(credential.awarded),
        credentialSubject=subject,
        evidence=[_evidence(evidence) for evidence in credential.evidence],
        relatedResource=[_resource(resource) for resource in credential.resources],
        endorsement=[dict(endorsement) for endorsement in credential.endorsements],
        credentialStatus=_status(credential.status),
        refreshService=_members(id=_address(credential.refresh_url), type="1EdTechCredentialRefresh")
        if credential.refresh_url
        else None,
    )


def build_stack(credential: Credential, components: tuple[Component, ...]) -> dict[str, Any]:
    """The unsigned credential of a stack.

    Its achievement names each component through `related` and an alignment of type `ceterms:Credential`;
    components whose award may be shown are also evidence. Raises CredentialError.
    """
    achievement = replace(
        credential.achievement,
        related=(
            *credential.achievement.related,
            *(Related(id=c.achievement_id, version=c.version, in_language=c.in_language) for c in components),
        ),
        alignments=(
            *credential.achievement.alignments,
            *(
                Alignment(target_name=c.name, target_url=c.achievement_id, target_type="ceterms:Credential")
                for c in components
            ),
        ),
    )
    evidence = tuple(
        Evidence(id=c.credential_id, name=c.name, genre="Credential") for c in components if c.credential_id
    )
    return build(replace(credential, achievement=achievement, evidence=(*credential.evidence, *evidence)))


def build_record(record: Record) -> dict[str, Any]:
    """The unsigned ClrCredential (CLR 2.0 appendix B) around credentials that are signed already.

    Raises CredentialError where it holds none, one that is not signed, the same one twice, or an association of a
    kind or with an achievement that the record does not know.
    """
    names = [credential.get("id") for credential in record.credentials]
    if not names or not all("proof" in credential for credential in record.credentials):
        raise CredentialError("not_signed", "A record encloses credentials, each with its own signature.")
    if len({str(name) for name in names}) != len(names):
        raise CredentialError("enclosed_twice", "A record encloses each credential once.")
    known = {item.id for item in record.achievements} | {_achieved(item) for item in record.credentials}
    for item in record.associations:
        if item.association_type not in ASSOCIATIONS or not {item.source_id, item.target_id} <= known:
            raise CredentialError("bad_association", "An association links two achievements of the record.")
    return _members(
        **{"@context": [CREDENTIALS_V2, CLR, OPEN_BADGES]},
        id=_address(record.id),
        type=["VerifiableCredential", "ClrCredential"],
        name=_text(record.name),
        description=_text(record.description),
        partial=record.is_partial,
        issuer=_profile(record.issuer),
        validFrom=timestamp(record.valid_from),
        validUntil=None if record.valid_until is None else timestamp(record.valid_until),
        credentialSubject=_members(
            id=_address(record.subject_id),
            type=["ClrSubject"],
            identifier=[_identity(identity) for identity in record.identities],
            achievement=[_achievement(achievement) for achievement in record.achievements],
            verifiableCredential=[dict(credential) for credential in record.credentials],
            association=[
                {
                    "type": "Association",
                    "associationType": item.association_type,
                    "sourceId": item.source_id,
                    "targetId": item.target_id,
                }
                for item in record.associations
            ],
        ),
        credentialStatus=_status(record.status),
    )


def _achieved(credential: Mapping[str, Any]) -> Any:
    """The address of the achievement that an enclosed credential is for."""
    subject = credential.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, Mapping) else None
    name = achievement.get("id") if isinstance(achievement, Mapping) else None
    return name if isinstance(name, str) else None


def build_endorsement(endorsement: Endorsement) -> dict[str, Any]:
    """The unsigned EndorsementCredential; raises CredentialError."""
    return _members(
        **{"@context": [CREDENTIALS_V2, OPEN_BADGES]},
        id=_address(endorsement.id),
        type=["VerifiableCredential", "EndorsementCredential"],
        name=_text(endorsement.name),
        issuer=_profile(endorsement.issuer),
        validFrom=timestamp(endorsement.valid_from),
        validUntil=None if endorsement.valid_until is None else timestamp(endorsement.valid_until),
        credentialSubject={
            "id": _address(endorsement.about),
            "type": ["EndorsementSubject"],
            "endorsementComment": _text(endorsement.comment),
        },
        credentialStatus=_status(endorsement.status),
    )


def digest_sri(data: bytes) -> str:
    """A file's digest as `sha384-…` (W3C Subresource Integrity), for a `Resource`."""
    return "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode()


def _members(**members: Any) -> dict[str, Any]:
    """An object without its empty members: RDF has no word for 'nothing'."""
    return {name: value for name, value in members.items() if value not in (None, [], ())}


def _text(text: str | None) -> str | None:
    if text is None:
        return None
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def _address(text: str | None) -> str | None:
    if text is not None and not _ADDRESS.fullmatch(text):
        raise CredentialError("bad_address", f"{text!r} is not an absolute address.")
    return text


def _image(url: str | None) -> dict[str, Any] | None:
    return None if url is None else {"id": _address(url), "type": "Image"}


def _profile(profile: Profile) -> dict[str, Any]:
    return _members(
        id=_address(profile.id),
        type=["Profile"],
        name=_text(profile.name),
        url=_address(profile.url),
        description=_text(profile.description),
        email=_text(profile.email),
        image=_image(profile.image),
    )


def _achievement(achievement: Achievement) -> dict[str, Any]:
    criteria = _members(id=_address(achievement.criteria.id), narrative=_text(achievement.criteria.narrative))
    if not criteria:
        raise CredentialError("no_criteria", "An achievement needs a criteria narrative or page.")
    return _members(
        id=_address(achievement.id),
        type=["Achievement"],
        achievementType=achievement.achievement_type,
        name=_text(achievement.name),
        description=_text(achievement.description),
        criteria=criteria,
        image=_image(achievement.image),
        creator=None if achievement.creator is None else _profile(achievement.creator),
        humanCode=_text(achievement.human_code),
        fieldOfStudy=_text(achievement.field_of_study),
        specialization=_text(achievement.specialization),
        inLanguage=achievement.in_language,
        version=_text(achievement.version),
        tag=[_text(tag) for tag in achievement.tags],
        alignment=[_alignment(alignment) for alignment in achievement.alignments],
        related=[_related(related) for related in achievement.related],
        resultDescription=[_result_description(result) for result in achievement.result_descriptions],
    )


def _alignment(alignment: Alignment) -> dict[str, Any]:
    return _members(
        type=["Alignment"],
        targetName=_text(alignment.target_name),
        targetUrl=_address(alignment.target_url),
        targetCode=_text(alignment.target_code),
        targetDescription=_text(alignment.target_description),
        targetFramework=_text(alignment.target_framework),
        targetType=alignment.target_type,
    )


def _related(related: Related) -> dict[str, Any]:
    return _members(
        id=_address(related.id),
        type=["Related"],
        inLanguage=related.in_language,
        version=_text(related.version),
    )


def _result_description(result: ResultDescription) -> dict[str, Any]:
    return _members(
        id=_address(result.id),
        type=["ResultDescription"],
        name=_text(result.name),
        resultType=result.result_type,
        allowedValue=[_text(value) for value in result.allowed_values],
        requiredValue=_text(result.required_value),
        valueMin=_text(result.value_min),
        valueMax=_text(result.value_max),
        requiredLevel=_address(result.required_level),
        rubricCriterionLevel=[_level(level) for level in result.levels],
        alignment=[_alignment(alignment) for alignment in result.alignments],
    )


def _level(level: RubricLevel) -> dict[str, Any]:
    return _members(
        id=_address(level.id),
        type=["RubricCriterionLevel"],
        name=_text(level.name),
        level=_text(level.level),
        description=_text(level.description),
        points=_text(level.points),
        alignment=[_alignment(alignment) for alignment in level.alignments],
    )


def _result(result: Result) -> dict[str, Any]:
    return _members(
        type=["Result"],
        resultDescription=_address(result.result_description),
        achievedLevel=_address(result.achieved_level),
        value=_text(result.value),
        status=result.status,
        alignment=[_alignment(alignment) for alignment in result.alignments],
    )


def _identity(identity: Identity) -> dict[str, Any]:
    return _members(
        type="IdentityObject",
        identityHash=_text(identity.identity_hash),
        identityType=identity.identity_type,
        hashed=identity.hashed,
        salt=identity.salt,
    )


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return _members(
        id=_address(evidence.id),
        type=["Evidence"],
        name=_text(evidence.name),
        description=_text(evidence.description),
        narrative=_text(evidence.narrative),
        genre=_text(evidence.genre),
        audience=_text(evidence.audience),
    )


def _resource(resource: Resource) -> dict[str, Any]:
    return _members(id=_address(resource.id), digestSRI=resource.digest_sri, mediaType=resource.media_type)


def _status(entries: tuple[StatusEntry, ...]) -> Mapping[str, Any] | list[dict[str, Any]] | None:
    """One entry as an object, several as an array: the forms that every verifier reads."""
    built = [_status_entry(entry) for entry in entries]
    return built[0] if len(built) == 1 else built


def _status_entry(entry: StatusEntry) -> dict[str, Any]:
    """Raises StatusError where the messages are not one for each value."""
    status.check_size(entry.size)
    if len(entry.messages) != 2**entry.size and (entry.messages or entry.size > 1):
        raise StatusError("bad_entry", f"An entry of {entry.size} bits needs {2**entry.size} messages.")
    return _members(
        id=f"{_address(entry.list_url)}#{entry.index}",
        type="BitstringStatusListEntry",
        statusPurpose=entry.purpose,
        statusListIndex=str(entry.index),
        statusListCredential=entry.list_url,
        statusSize=None if entry.size == 1 else entry.size,
        statusMessage=[{"status": hex(n), "message": _text(text)} for n, text in enumerate(entry.messages)],
        statusReference=[_address(url) for url in entry.references],
    )
