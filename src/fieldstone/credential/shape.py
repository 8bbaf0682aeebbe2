"""The shape an Open Badge, an endorsement, a learner record or a status list must have.

A compact statement of the class tables in Open Badges 3.0 appendix B, CLR 2.0 and VC Data Model 2.0 section 4, enough
to refuse what other verifiers refuse. `problems` gives one sentence for each fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from fieldstone.credential.contexts import CREDENTIALS_V1, CREDENTIALS_V2, Contexts
from fieldstone.credential.errors import ProofError
from fieldstone.credential.jsontext import repeatable
from fieldstone.credential.proofs import parse_timestamp

_OPEN_BADGES: Final = re.compile(r"https://purl\.imsglobal\.org/spec/ob/v3p0/context(-3\.\d\.\d)?\.json")
_CLR: Final = re.compile(r"https://purl\.imsglobal\.org/spec/clr/v2p0/context(-2\.\d\.\d)?\.json")
_ADDRESS: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`]+')
_LANGUAGE: Final = re.compile(r"[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_JWT: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_STATUSES: Final = frozenset(["Completed", "Enrolled", "Failed", "InProgress", "OnHold", "Provisional", "Withdrew"])
MAX_PROBLEMS: Final = 20

Test = Callable[[Any], bool]
Path = tuple[Any, ...] | None
"""Where an object stands: the path of what it is in, its name there and, in a list, its number; None at the top."""


@dataclass(frozen=True)
class Shape:
    """A class of objects: its type name, required members, and what each known member must hold."""

    type: str | None
    required: frozenset[str]
    simple: Mapping[str, tuple[Test, str]] = field(default_factory=dict)
    objects: Mapping[str, Callable[[], Shape]] = field(default_factory=dict)
    many: frozenset[str] = frozenset()
    by_address: frozenset[str] = frozenset()
    repeated: bool = False
    texts: frozenset[str] = frozenset()


def kind_of(document: Mapping[str, Any]) -> str | None:
    """Which kind of credential a document says it is, or None for one we do not know."""
    types = _listed(document.get("type"))
    for name, kind in (
        ("OpenBadgeCredential", "achievement"),
        ("AchievementCredential", "achievement"),
        ("EndorsementCredential", "endorsement"),
        ("ClrCredential", "record"),
        ("BitstringStatusListCredential", "status_list"),
    ):
        if name in types:
            return kind
    return None


def problems(document: Mapping[str, Any], contexts: Contexts) -> list[str]:
    """Every fault in the shape of a document of strict JSON, as sentences; at most MAX_PROBLEMS."""
    return list(_credential(document, contexts))[:MAX_PROBLEMS]


def _credential(document: Mapping[str, Any], contexts: Contexts) -> Iterator[str]:
    kind = kind_of(document)
    yield from _contexts(document, kind, contexts)
    if "VerifiableCredential" not in _listed(document.get("type")):
        yield "The document does not say that it is a VerifiableCredential."
    if kind is None:
        yield "The document is not a kind of credential we know, such as an Open Badge."
        return
    old = _listed(document.get("@context"))[:1] == [CREDENTIALS_V1]
    start = "issuanceDate" if old else "validFrom"
    if start not in document and not (old and "validFrom" in document) and kind != "status_list":
        yield f"{start} is missing."
    found: list[str] = []
    _check(document, KINDS[kind], None, found)
    yield from found


def _contexts(document: Mapping[str, Any], kind: str | None, contexts: Contexts) -> Iterator[str]:
    listed = _listed(document.get("@context"))
    if not listed or listed[0] not in (CREDENTIALS_V2, CREDENTIALS_V1):
        yield "@context does not begin with the W3C credentials context."
    for item in listed:
        if isinstance(item, str):
            if item not in contexts:
                yield f"The context {item} is not one we know."
        elif not (contexts.inline and isinstance(item, dict)):
            yield "The document carries a context of its own."
    urls = [item for item in listed if isinstance(item, str)]
    if kind in {"achievement", "endorsement"} and not any(_OPEN_BADGES.fullmatch(url) for url in urls[1:]):
        yield "@context lacks the Open Badges 3.0 context."
    if kind == "record" and not any(_CLR.fullmatch(url) for url in urls[1:]):
        yield "@context lacks the Comprehensive Learner Record context."


class Faultless:
    """The bytes of objects that were met last and had no fault: one micro-credential is in each of its awards.

    Only the very same object is passed over, so that nothing is believed of one that was not looked at.
    """

    def __init__(self, most: int = 256, longest: int = 16_384) -> None:
        self.most = most
        self.longest = longest
        self._known: set[bytes] = set()

    def __contains__(self, data: object) -> bool:
        return data in self._known

    def add(self, data: bytes) -> None:
        """Remember one that had no fault; those before it are forgotten when there are too many."""
        if len(data) <= self.longest:
            if len(self._known) >= self.most:
                self._known.clear()
            self._known.add(data)


FAULTLESS: Final = Faultless()


def _check(value: Any, shape: Shape, path: Path, found: list[str]) -> None:
    """Add the faults of one object, and of those inside it, until there are MAX_PROBLEMS."""
    if not isinstance(value, dict):
        found.append(f"{_words(path) if path else 'The document'} must be an object.")
        return
    if shape.type is not None and shape.type not in _listed(value.get("type")):
        found.append(f"{_words((path, 'type'))} must include {shape.type}.")
    if not shape.required <= value.keys():
        found += [f"{_words((path, name))} is missing." for name in sorted(shape.required - value.keys())]
    texts, simple, objects = shape.texts, shape.simple, shape.objects
    for name, item in value.items():
        if name in texts and type(item) is str:
            continue
        if name in simple:
            if not simple[name][0](item):
                found.append(f"{_words((path, name))} must be {simple[name][1]}.")
        elif name in objects:
            inner = objects[name]()
            if name in shape.by_address and isinstance(item, str):
                if not _is_address(item):
                    found.append(f"{_words((path, name))} must be an absolute address or an object.")
            elif isinstance(item, list):
                if name not in shape.many:
                    found.append(f"{_words((path, name))} must be one object.")
                for number, part in enumerate(item):
                    _check(part, inner, (path, name, number), found)
            elif inner.repeated:
                _check_once(item, inner, (path, name), found)
            else:
                _check(item, inner, (path, name), found)
        if found and len(found) >= MAX_PROBLEMS:
            return


def _check_once(value: Any, shape: Shape, path: Path, found: list[str]) -> None:
    """As `_check`, which one without faults need not pass again."""
    data = repeatable(value)
    if data is None or data not in FAULTLESS:
        before = len(found)
        _check(value, shape, path, found)
        if data is not None and len(found) == before < MAX_PROBLEMS:
            FAULTLESS.add(data)


def _words(path: tuple[Any, ...]) -> str:
    """A place in the document, as people read it: `credentialSubject.result[1].value`."""
    before, name, *number = path
    return (f"{_words(before)}." if before else "") + f"{name}" + "".join(f"[{item}]" for item in number)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _is_text(value: Any) -> bool:
    """Text, or text with its language (VC Data Model section 11.1), or several of these."""
    if isinstance(value, str):
        return True
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) and _is_text(item) for item in value)
    return isinstance(value, dict) and bool(value) and all(isinstance(item, str | None) for item in value.values())


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and _ADDRESS.fullmatch(value) is not None


def _is_date(value: Any) -> bool:
    try:
        parse_timestamp(value)
    except ProofError:
        return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _typed(value: Any) -> bool:
    """Objects with a type and, where there is one, an absolute id: status, schema, terms, refresh."""
    return bool(_listed(value)) and all(
        isinstance(item, dict) and _is_text(item.get("type")) and _is_address(item.get("id", "x:x"))
        for item in _listed(value)
    )


TEXT = (_is_text, "text")
ADDRESS = (_is_address, "an absolute address")
DATE = (_is_date, "a date and time with its offset")
NUMBER = (_is_number, "a number")
BOOLEAN = (lambda value: isinstance(value, bool), "true or false")
LANGUAGE = (lambda value: isinstance(value, str) and bool(_LANGUAGE.fullmatch(value)), "a language code")
TEXTS = (lambda value: all(isinstance(item, str) for item in _listed(value)), "text or a list of texts")
STATUS = (lambda value: isinstance(value, str) and value in _STATUSES, "one of the result states")
JWTS = (
    lambda value: all(isinstance(item, str) and _JWT.fullmatch(item) for item in _listed(value)),
    "compact JWTs",
)
TYPED = (_typed, "an object with a type")


def _shape(type_name: str | None, required: str, many: str = "", **members: Any) -> Shape:
    simple = {name: test for name, test in members.items() if isinstance(test, tuple)}
    objects = {name: shape for name, shape in members.items() if not isinstance(shape, tuple)}
    texts = frozenset(name for name, test in simple.items() if test is TEXT)
    return Shape(type_name, frozenset(required.split()), simple, objects, frozenset(many.split()), texts=texts)


IMAGE = _shape("Image", "id type", id=ADDRESS, caption=TEXT)
ALIGNMENT = _shape(
    "Alignment", "type targetName targetUrl", targetName=TEXT, targetUrl=ADDRESS, targetCode=TEXT,
    targetDescription=TEXT, targetFramework=TEXT, targetType=TEXT,
)  # fmt: skip
IDENTIFIER_ENTRY = _shape("IdentifierEntry", "type identifier identifierType", identifier=TEXT, identifierType=TEXT)
IDENTITY = _shape(
    "IdentityObject", "type hashed identityHash identityType", hashed=BOOLEAN, identityHash=TEXT,
    identityType=TEXT, salt=TEXT,
)  # fmt: skip
GEO = _shape("GeoCoordinates", "type latitude longitude", latitude=NUMBER, longitude=NUMBER)
PLACE = _shape(
    "Address", "type", addressCountry=TEXT, addressCountryCode=TEXT, addressRegion=TEXT, addressLocality=TEXT,
    streetAddress=TEXT, postOfficeBoxNumber=TEXT, postalCode=TEXT, geo=lambda: GEO,
)  # fmt: skip
LEVEL = _shape(
    "RubricCriterionLevel", "id type name", "alignment", id=ADDRESS, name=TEXT, level=TEXT, description=TEXT,
    points=TEXT, alignment=lambda: ALIGNMENT,
)  # fmt: skip
RESULT_DESCRIPTION = _shape(
    "ResultDescription", "id type name resultType", "alignment rubricCriterionLevel", id=ADDRESS, name=TEXT,
    resultType=TEXT, allowedValue=TEXTS, requiredLevel=ADDRESS, requiredValue=TEXT, valueMax=TEXT,
    valueMin=TEXT, alignment=lambda: ALIGNMENT, rubricCriterionLevel=lambda: LEVEL,
)  # fmt: skip
RESULT = _shape(
    "Result", "type", "alignment", achievedLevel=ADDRESS, resultDescription=ADDRESS, status=STATUS, value=TEXT,
    alignment=lambda: ALIGNMENT,
)  # fmt: skip
RELATED = _shape("Related", "id type", id=ADDRESS, inLanguage=LANGUAGE, version=TEXT)
CRITERIA = _shape(None, "", id=ADDRESS, narrative=TEXT)
EVIDENCE = _shape(
    "Evidence", "type", id=ADDRESS, narrative=TEXT, name=TEXT, description=TEXT, genre=TEXT, audience=TEXT
)
PROFILE: Shape = _shape(
    "Profile", "id type", "endorsement otherIdentifier", id=ADDRESS, name=TEXT, url=ADDRESS, phone=TEXT,
    description=TEXT, image=lambda: IMAGE, email=TEXT, official=TEXT, familyName=TEXT, givenName=TEXT,
    endorsementJwt=JWTS, endorsement=lambda: ENDORSEMENT, address=lambda: PLACE,
    otherIdentifier=lambda: IDENTIFIER_ENTRY, parentOrg=lambda: PROFILE,
)  # fmt: skip
ACHIEVEMENT = _shape(
    "Achievement", "id type criteria description name",
    "alignment endorsement otherIdentifier related resultDescription", id=ADDRESS, name=TEXT, description=TEXT,
    achievementType=TEXT, creditsAvailable=NUMBER, fieldOfStudy=TEXT, humanCode=TEXT, image=lambda: IMAGE,
    inLanguage=LANGUAGE, specialization=TEXT, tag=TEXTS, version=TEXT, endorsementJwt=JWTS,
    alignment=lambda: ALIGNMENT, creator=lambda: PROFILE, criteria=lambda: CRITERIA,
    endorsement=lambda: ENDORSEMENT, otherIdentifier=lambda: IDENTIFIER_ENTRY, related=lambda: RELATED,
    resultDescription=lambda: RESULT_DESCRIPTION,
)  # fmt: skip
ACHIEVEMENT = replace(ACHIEVEMENT, repeated=True)
ACHIEVEMENT_SUBJECT = _shape(
    "AchievementSubject", "type achievement", "identifier result", id=ADDRESS, activityEndDate=DATE,
    activityStartDate=DATE, creditsEarned=NUMBER, image=lambda: IMAGE, licenseNumber=TEXT, narrative=TEXT, role=TEXT,
    term=TEXT, achievement=lambda: ACHIEVEMENT, identifier=lambda: IDENTITY, result=lambda: RESULT,
    source=lambda: PROFILE,
)  # fmt: skip
ENDORSEMENT_SUBJECT = _shape("EndorsementSubject", "id type", id=ADDRESS, endorsementComment=TEXT)
RECORD_SUBJECT = _shape(
    "ClrSubject", "type verifiableCredential", "achievement identifier", id=ADDRESS,
    verifiableCredential=(
        lambda value: bool(_listed(value)) and all(isinstance(item, dict) for item in _listed(value)),
        "a list of credentials",
    ), achievement=lambda: ACHIEVEMENT, identifier=lambda: IDENTITY,
)  # fmt: skip
STATUS_SUBJECT = _shape("BitstringStatusList", "type statusPurpose encodedList", statusPurpose=TEXTS, encodedList=TEXT)


def _secured(subject: Shape, required: str, issuer: Shape) -> Shape:
    shape = _shape(
        None, f"@context type issuer credentialSubject {required}", "evidence endorsement", id=ADDRESS, name=TEXT,
        description=TEXT, image=lambda: IMAGE, awardedDate=DATE, validFrom=DATE, validUntil=DATE, issuanceDate=DATE,
        expirationDate=DATE, credentialSchema=TYPED, credentialStatus=TYPED, refreshService=TYPED, termsOfUse=TYPED,
        endorsementJwt=JWTS, issuer=lambda: issuer, credentialSubject=lambda: subject, evidence=lambda: EVIDENCE,
        endorsement=lambda: ENDORSEMENT,
    )  # fmt: skip
    return replace(shape, by_address=frozenset({"issuer"}))


ENDORSEMENT: Shape = _secured(ENDORSEMENT_SUBJECT, "id name", PROFILE)
KINDS: Final = {
    "achievement": _secured(ACHIEVEMENT_SUBJECT, "id", PROFILE),
    "endorsement": ENDORSEMENT,
    "record": _secured(RECORD_SUBJECT, "id name", PROFILE),
    "status_list": _secured(STATUS_SUBJECT, "", _shape(None, "id", id=ADDRESS)),
}
