"""What a credential says, decided from plain facts: the document, its dates, its addresses, its words."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fieldstone import credential
from fieldstone.credential import openbadges2
from fieldstone.server.catalog.rules import Definition, Text
from fieldstone.server.ledger.problems import mark as _

PURPOSE = "revocation"
"""The one status entry of a credential: Open Badges 3.0 allows one. A pause sets its bit, its end clears it."""
LIST_TTL = timedelta(minutes=5)
"""For how long others may keep a status list: so long can a withdrawal stay unseen elsewhere."""
FULL = 0.75
"""A status list takes no more awards beyond this share, so that a random slot is found within a few tries."""
AUDIENCES = ("private", "link", "public")
NOBODY = UUID(int=0)
"""Stands for the installation itself where a person must be named: an automatic withdrawal."""

COMPONENT_WITHDRAWN = _("It was built on credential %(code)s, which was withdrawn.")
COMPONENT_ENDED = _("It was built on credential %(code)s, which has ended.")
RECOUNTED = _("It was built on credential %(code)s. A new one, built on others, takes its place.")
RENEWED = _("It had ended. Credential %(code)s takes its place.")
WORK_SET_ASIDE = _("It was built on work at a workplace that no longer counts.")
AUTOMATIC = (COMPONENT_WITHDRAWN, COMPONENT_ENDED, RECOUNTED, RENEWED, WORK_SET_ASIDE)


def automatic(reason: str) -> tuple[str, dict[str, str]]:
    """The msgid and parameters of a reason that the software gave; a person's own words come back as they are."""
    for message in AUTOMATIC:
        pattern = re.escape(message).replace(re.escape("%(code)s"), "([0-9A-Z-]+)")
        found = re.fullmatch(pattern, reason)
        if found:
            return message, {"code": found[1]} if found.groups() else {}
    return "%(reason)s", {"reason": reason}


def is_automatic(reason: str) -> bool:
    """Whether the software gave this reason, not a person."""
    return automatic(reason)[0] in AUTOMATIC


def pick(text: Text, language: str) -> str:
    """A text in one language, else in any that it has."""
    return text.get(language) or next(iter(text.values()), "")


def add_months(moment: datetime, months: int) -> datetime:
    """The same day and time `months` later, or the last day of that month."""
    count = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(count, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))


def did_web(base_url: str, slug: str) -> str:
    """`did:web:<host>:o:<slug>` (W3C-CCG did:web section 3.1: a port's colon is percent-encoded)."""
    return f"did:web:{urlsplit(base_url).netloc.replace(':', '%3A')}:o:{slug}"


def page_url(base_url: str, code: str) -> str:
    """The page that anybody with the code may open."""
    return f"{base_url}/c/{code}/"


def document_url(base_url: str, code: str) -> str:
    """The signed file's address, which is also the credential's id."""
    return f"{base_url}/c/{code}/credential.json"


def refresh_url(base_url: str, code: str) -> str:
    """Where the newest form of the credential is had: its own file, or that of the one which took its place."""
    return f"{base_url}/refresh/{code}"


def record_url(base_url: str, code: str) -> str:
    """The address and id of a stack's learner record."""
    return f"{base_url}/c/{code}/record.json"


def older_url(base_url: str, kind: str, name: object) -> str:
    """The address of an `assertion`, `badge` or `issuer` in the form of Open Badges 2.0; it never changes."""
    return f"{base_url}/ob2/{kind}s/{name}"


def achievement_url(base_url: str, version: UUID) -> str:
    """The public description of one version of a micro-credential or stack."""
    return f"{base_url}/achievements/{version}"


def issuer_url(base_url: str, organization: UUID) -> str:
    """Where an organization's Profile is read, whatever it is called."""
    return f"{base_url}/issuers/{organization}"


def status_url(base_url: str, list_id: UUID) -> str:
    """Where a status list is published."""
    return f"{base_url}/status/{list_id}"


def certificates_of(sha256: str) -> str:
    """The folder of the storage that keeps the certificates made from one signed document."""
    return f"certificates/{sha256}"


@dataclass(frozen=True)
class Issuer:
    """Who signs: the DID and how people know the organization."""

    did: str
    name: str
    url: str = ""
    email: str = ""


@dataclass(frozen=True)
class Holder:
    """The key that a copy is tied to: its DID, and the key as a JSON Web Key."""

    did: str
    jwk: Mapping[str, str]


def for_holder(document: Mapping[str, Any], holder: Holder | None) -> dict[str, Any]:
    """A signed document without its proof, its subject named by the holder's DID where there is one."""
    bare = {name: value for name, value in document.items() if name != "proof"}
    if holder is not None:
        bare.pop("refreshService", None)  # which answers the form that is tied to no key
        bare["credentialSubject"] = {"id": holder.did, **bare["credentialSubject"]}
    return bare


@dataclass(frozen=True)
class Slot:
    """One bit of one status list."""

    list_url: str
    index: int


@dataclass(frozen=True)
class Shown:
    """A piece of evidence that the learner made public, and where it can be seen."""

    name: str
    kind: str
    url: str


@dataclass(frozen=True)
class Common:
    """What every credential carries, whatever it is for. Moments are aware.

    `awarded` is the day of the first one, where this one takes the place of another.
    """

    base_url: str
    code: str
    issuer: Issuer
    recipient: str
    issued_at: datetime
    valid_until: datetime | None
    slot: Slot
    awarded: datetime | None = None


@dataclass(frozen=True)
class Judged:
    """How the work was judged: the rule of two persons, what was sent (kind to number), the level reached for
    each criterion, and the evidence that may be seen."""

    two_person: str
    sent: Mapping[str, int]
    levels: Mapping[str, str]
    shown: Sequence[Shown] = ()
    prior_learning: bool = False


@dataclass(frozen=True)
class StackFacts:
    """A stack's version, in the words of its definition. `narrative` says in words what was met."""

    stack_id: UUID
    version_id: UUID
    number: int
    title: Text
    summary: Text
    can_do: Text
    level: int
    valid_months: int | None
    hours: int
    narrative: Text


@dataclass(frozen=True)
class Part:
    """One credential that a stack's credential is built on. `shown` False keeps its address out."""

    award_id: UUID
    code: str
    sha256: str
    name: str
    achievement_id: UUID
    shown: bool = True

    def row(self) -> dict[str, str]:
        """What `Award.components` keeps of it."""
        return {"award": str(self.award_id), "code": self.code, "sha256": self.sha256, "name": self.name}


_KINDS = {
    "en": {
        "answer": ("written answer", "written answers"),
        "photo": ("photo", "photos"),
        "document": ("document", "documents"),
        "audio": ("recording", "recordings"),
        "video": ("video", "videos"),
        "link": ("link", "links"),
        "reflection": ("reflection", "reflections"),
    },
    "es": {
        "answer": ("respuesta escrita", "respuestas escritas"),
        "photo": ("foto", "fotos"),
        "document": ("documento", "documentos"),
        "audio": ("grabación", "grabaciones"),
        "video": ("video", "videos"),
        "link": ("enlace", "enlaces"),
        "reflection": ("reflexión", "reflexiones"),
    },
}
_BY = {
    "double_blind": {
        "en": "Two trained assessors judged it by the public rubric, without a name and without each other's answer.",
        "es": "Dos personas formadas para evaluar la juzgaron con la rúbrica pública, sin ver el nombre "
        "ni la respuesta de la otra.",
    },
    "approver": {
        "en": "A trained assessor judged it by the public rubric, without a name, and a second person confirmed it.",
        "es": "Una persona formada para evaluar la juzgó con la rúbrica pública, sin ver el nombre, "
        "y una segunda persona lo confirmó.",
    },
}


def sent_words(sent: Mapping[str, int], language: str) -> str:
    """What was sent, such as "4 photos, 2 written answers and 1 reflection"."""
    kinds = _KINDS["es" if language == "es" else "en"]
    items = [f"{sent[kind]} {forms[sent[kind] != 1]}" for kind, forms in kinds.items() if sent.get(kind)]
    if len(items) < 2:
        return "".join(items)
    last = items[-1]
    return f"{', '.join(items[:-1])} {'y' if language == 'es' else 'and'} {last}"


def judged_words(judged: Judged, language: str) -> str:
    """How the work was judged, as one paragraph."""
    said = sent_words(judged.sent, language)
    n = len(judged.levels)
    if language == "es":
        parts = [f"Se envió: {said}."] if said else []
        shown = f"Se demostraron los {n} criterios." if n != 1 else "Se demostró el único criterio."
        prior = "Se reconoció un aprendizaje previo."
    else:
        parts = [f"Sent: {said}."] if said else []
        shown = f"All {n} criteria were demonstrated." if n != 1 else "The one criterion was demonstrated."
        prior = "Prior learning was recognized."
    parts += [_BY[judged.two_person]["es" if language == "es" else "en"], shown]
    if judged.prior_learning:
        parts.append(prior)
    return " ".join(parts)


def criteria_words(definition: Definition, language: str) -> str:
    """The criteria narrative (Markdown): the competency, the method, the rubric with what counts."""
    lines = [pick(definition.competency, language), "", pick(definition.key_method, language)]
    lines += [f"- {pick(component, language)}" for component in definition.method_components]
    for criterion in definition.criteria:
        lines += ["", f"**{pick(criterion.title, language)}**"]
        lines += [f"- {pick(level.title, language)}: {pick(level.text, language)}" for level in criterion.levels]
    return "\n".join(lines).strip()


def _profile(issuer: Issuer) -> credential.Profile:
    return credential.Profile(id=issuer.did, name=issuer.name, url=issuer.url or None, email=issuer.email or None)


def able(can_do: Text, language: str) -> str:
    """What the person can do as a sentence of its own: "Able to …"."""
    words = pick(can_do, language)
    return f"Capaz de {words}." if language == "es" and "es" in can_do else f"Able to {words}." if words else ""


def _whole(common: Common, *, name: str, achievement: credential.Achievement, **more: Any) -> credential.Credential:
    more.setdefault("awarded", common.awarded)
    return credential.Credential(
        id=document_url(common.base_url, common.code),
        issuer=_profile(common.issuer),
        name=name,
        achievement=achievement,
        valid_from=common.issued_at,
        valid_until=common.valid_until,
        identities=(credential.Identity(identity_type="name", identity_hash=common.recipient),),
        status=(credential.StatusEntry(list_url=common.slot.list_url, index=common.slot.index, purpose=PURPOSE),),
        refresh_url=refresh_url(common.base_url, common.code),
        **more,
    )


def first_awarded(document: Mapping[str, Any]) -> datetime:
    """The day from which a signed document counts, which one that takes its place repeats."""
    return credential.parse_timestamp(str(document.get("awardedDate") or document["validFrom"]))


def again(document: Mapping[str, Any], common: Common) -> dict[str, Any]:
    """A signed document once more, unsigned: its own words, with the name, dates, address and bit of `common`."""
    words = str(document["name"])
    thing = credential.Achievement(id=document_url(common.base_url, common.code), name=words, description=words,
                                   criteria=credential.Criteria(narrative=words))  # fmt: skip
    frame = credential.build(_whole(common, name=words, achievement=thing))
    kept = {name: value for name, value in document.items() if name not in ("proof", "validUntil")}
    subject = {**document["credentialSubject"], "identifier": frame["credentialSubject"]["identifier"]}
    return {**kept, **frame, "credentialSubject": subject}


def level_words(level: Decimal | None, language: str, named: str = "") -> str | None:
    """The level that a tie shows, in words: O*NET's number, or as another framework names it; None where none."""
    if level is None:
        return (f"Nivel: {named}" if language == "es" else f"Level: {named}") if named else None
    return f"Nivel {level} de 7 en la escala de O*NET" if language == "es" else f"Level {level} of 7 on O*NET's scale"


def achievement(
    definition: Definition, *, base_url: str, version: UUID, number: int, slug: str, issuer: Issuer | None
) -> credential.Achievement:
    """One version of a micro-credential as an Open Badges Achievement, with the rubric as result descriptions."""
    language = definition.languages[0]
    here = achievement_url(base_url, version)
    hours = sum(definition.clock_hours.values())
    return credential.Achievement(
        id=here,
        name=pick(definition.title, language),
        description=pick(definition.summary, language),
        criteria=credential.Criteria(narrative=criteria_words(definition, language), id=here),
        achievement_type="MicroCredential",
        image=f"{here}/stone.svg",
        human_code=slug,
        in_language=language,
        version=str(number),
        tags=(f"level {definition.level}", *((f"{hours} clock hours",) if hours else ())),
        creator=_profile(issuer) if issuer else None,
        alignments=tuple(
            credential.Alignment(
                target_name=a.name, target_url=a.url, target_code=a.code, target_framework=a.framework,
                target_description=level_words(a.level, language, a.level_name),
            )
            for a in definition.alignments
        ),
        result_descriptions=tuple(
            credential.ResultDescription(
                id=f"{here}#{criterion.id}",
                name=pick(criterion.title, language),
                required_level=_level_url(here, criterion.id, required),
                levels=tuple(
                    credential.RubricLevel(
                        id=_level_url(here, criterion.id, level.id),
                        name=pick(level.title, language),
                        level=str(rank),
                        description=pick(level.text, language),
                    )
                    for rank, level in enumerate(reversed(criterion.levels), start=1)
                ),
            )
            for criterion in definition.criteria
            for required in [[level.id for level in criterion.levels if level.demonstrated][-1]]
        ),
    )


def achievement_json(described: credential.Achievement) -> dict[str, Any]:
    """The achievement alone, as it stands inside every credential for it, with its contexts."""
    nobody = credential.Profile(id=described.id, name=described.name)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    whole = credential.build(
        credential.Credential(
            id=described.id, issuer=nobody, name=described.name, achievement=described, valid_from=moment
        )
    )
    return {"@context": whole["@context"], **whole["credentialSubject"]["achievement"]}


def profile_json(issuer: Issuer, *, here: str) -> dict[str, Any]:
    """An organization as a Profile alone, with the contexts of its words. `here` is its address."""
    about = {"name": issuer.name, "url": issuer.url, "email": issuer.email}
    entry = {"type": "IdentifierEntry", "identifier": here, "identifierType": "identifier"}
    return {
        "@context": [credential.contexts.CREDENTIALS_V2, credential.contexts.OPEN_BADGES],
        "id": issuer.did,
        "type": ["Profile"],
        **{name: value for name, value in about.items() if value},
        **({"otherIdentifier": [entry]} if issuer.did != here else {}),
    }


def _level_url(here: str, criterion: str, level: str) -> str:
    return f"{here}#{criterion}-{level}"


def micro_credential(
    definition: Definition, common: Common, judged: Judged, *, version: UUID, number: int, slug: str
) -> dict[str, Any]:
    """The unsigned credential of one learner for one micro-credential."""
    language = definition.languages[0]
    here = achievement_url(common.base_url, version)
    described = achievement(
        definition, base_url=common.base_url, version=version, number=number, slug=slug, issuer=common.issuer
    )
    evidence = [credential.Evidence(name=_judging(language), narrative=judged_words(judged, language))]
    evidence += [credential.Evidence(id=piece.url, name=piece.name, genre=piece.kind) for piece in judged.shown]
    return credential.build(
        _whole(
            common,
            name=described.name,
            achievement=described,
            description=able(definition.can_do, language),
            evidence=tuple(evidence),
            results=tuple(
                credential.Result(
                    result_description=f"{here}#{criterion.id}",
                    achieved_level=_level_url(here, criterion.id, judged.levels[criterion.id]),
                )
                for criterion in definition.criteria
            ),
        )
    )


@dataclass(frozen=True)
class Listed:
    """What a list says of one award, in the list's words. `people` are the issuer's persons who answered for it."""

    narrative: str
    awarded: datetime | None
    people: int


def listed_words(said: Listed, issuer: str, language: str) -> str:
    """How it came about, honestly: nobody judged evidence here."""
    if language == "es":
        words = f"Registrada a partir de una lista de {issuer}. En este sitio no se evaluó ninguna evidencia."
        words += " Una segunda persona confirmó la lista." if said.people > 1 else ""
        return f"{words} La lista dice: {said.narrative}"
    words = f"Recorded from a list by {issuer}. No evidence was assessed on this site."
    words += " A second person confirmed the list." if said.people > 1 else ""
    return f"{words} The list says: {said.narrative}"


def listed(
    definition: Definition, common: Common, said: Listed, *, version: UUID, number: int, slug: str
) -> dict[str, Any]:
    """The unsigned credential of one line of a list: without results, because no criterion was judged."""
    language = definition.languages[0]
    described = achievement(
        definition, base_url=common.base_url, version=version, number=number, slug=slug, issuer=common.issuer
    )
    name = "Cómo se registró" if language == "es" else "How it was recorded"
    narrative = listed_words(said, common.issuer.name, language)
    return credential.build(
        _whole(
            common,
            name=described.name,
            achievement=described,
            description=able(definition.can_do, language),
            awarded=said.awarded,
            evidence=(credential.Evidence(name=name, narrative=narrative),),
        )
    )


def _judging(language: str) -> str:
    return "Cómo se evaluó" if language == "es" else "How it was judged"


def stack_achievement(facts: StackFacts, *, base_url: str, issuer: Issuer | None) -> credential.Achievement:
    """One version of a stack as an Open Badges Achievement."""
    language = next(iter(facts.title))
    here = achievement_url(base_url, facts.version_id)
    return credential.Achievement(
        id=here,
        name=pick(facts.title, language),
        description=pick(facts.summary, language),
        criteria=credential.Criteria(narrative=pick(facts.narrative, language) or None, id=here),
        achievement_type="Certificate",
        image=f"{here}/stone.svg",
        in_language=language,
        version=str(facts.number),
        tags=(f"level {facts.level}", *((f"{facts.hours} hours",) if facts.hours else ())),
        creator=_profile(issuer) if issuer else None,
    )


def stack(facts: StackFacts, common: Common, parts: Sequence[Part]) -> dict[str, Any]:
    """The unsigned credential of a completed stack, naming every credential it is built on."""
    described = stack_achievement(facts, base_url=common.base_url, issuer=common.issuer)
    whole = _whole(
        common,
        name=described.name,
        achievement=described,
        description=able(facts.can_do, next(iter(facts.title))),
    )
    return credential.build_stack(
        whole,
        tuple(
            credential.Component(
                achievement_id=achievement_url(common.base_url, part.achievement_id),
                name=part.name,
                credential_id=document_url(common.base_url, part.code) if part.shown else None,
            )
            for part in parts
        ),
    )


def learner_record(
    issuer: Issuer,
    *,
    base_url: str,
    code: str,
    documents: Sequence[Mapping[str, Any]],
    slot: Slot,
    at: datetime,
    valid_until: datetime | None,
) -> dict[str, Any]:
    """The unsigned learner record of a stack: its own signed document first, then those it is built on."""
    whole, *parts = documents
    subject = whole["credentialSubject"]
    target = str(subject["achievement"]["id"])
    wanted = {str(item["id"]) for item in subject["achievement"].get("related", [])}
    sources = [str(part["credentialSubject"]["achievement"]["id"]) for part in parts]
    return credential.build_record(
        credential.Record(
            id=record_url(base_url, code),
            issuer=_profile(issuer),
            name=str(whole["name"]),
            valid_from=at,
            valid_until=valid_until,
            credentials=tuple(documents),
            associations=tuple(
                credential.Association(source_id=source, target_id=target) for source in dict.fromkeys(sources)
            ),
            identities=(credential.Identity.of_name(str(subject["identifier"][0]["identityHash"])),),
            status=(credential.StatusEntry(list_url=slot.list_url, index=slot.index, purpose=PURPOSE),),
            is_partial=not wanted <= set(sources),
        )
    )


def assertion(
    *, base_url: str, code: str, badge: UUID, email: str, salt: str, issued_at: datetime, valid_until: datetime | None
) -> dict[str, Any]:
    """An award as an Assertion of Open Badges 2.0."""
    return openbadges2.build_assertion(
        openbadges2.HostedAssertion(
            id=older_url(base_url, "assertion", code),
            badge_id=older_url(base_url, "badge", badge),
            email=email,
            salt=salt,
            issued_on=issued_at,
            expires=valid_until,
            credential_url=page_url(base_url, code),
        )
    )


def withdrawn_assertion(base_url: str, code: str, reason: str) -> dict[str, Any]:
    """What stays at the address of an Assertion that does not hold any more."""
    return openbadges2.build_revoked(older_url(base_url, "assertion", code), reason)


def badge_class(described: credential.Achievement, *, base_url: str, version: UUID, slug: str) -> dict[str, Any]:
    """A version of a micro-credential or stack as a BadgeClass of Open Badges 2.0."""
    return openbadges2.build_badge_class(
        described,
        identifier=older_url(base_url, "badge", version),
        issuer_id=older_url(base_url, "issuer", slug),
        image=str(described.image),
    )


def older_issuer(*, base_url: str, slug: str, name: str, url: str, email: str) -> dict[str, Any]:
    """An organization as an Issuer of Open Badges 2.0, whose assertions lie with us."""
    here = older_url(base_url, "issuer", slug)
    profile = credential.Profile(id=here, name=name)
    scope = f"{base_url}/ob2/assertions/"
    return openbadges2.build_issuer(profile, identifier=here, url=url or base_url, email=email, scope=scope)


def state(
    *, revoked_at: datetime | None, suspended_at: datetime | None, valid_until: datetime | None, at: datetime
) -> str:
    """How an award stands: valid, withdrawn, paused or ended."""
    if revoked_at is not None:
        return "withdrawn"
    if suspended_at is not None:
        return "paused"
    if valid_until is not None and valid_until <= at:
        return "ended"
    return "valid"
