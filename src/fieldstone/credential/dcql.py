"""The Digital Credentials Query Language: what a verifier asks for, and which credentials answer it.

OpenID for Verifiable Presentations 1.0 sections 6 (the query), 7 (claims path pointers) and 8.1 (the answer's form).
Nothing here looks at signatures: `read_answer` and `faults` say whether what came is what was asked for, `openid4vp`
whether it is genuine.

A holder::

    query = parse(loads(text))
    found = answer(query, [Held(…), …])  # which of hers answer which part, and what to disclose of each
    found.satisfied, found.chosen

A verifier::

    presentations = read_answer(query, vp_token)  # what came, for each part of the query
    faults(query, {"part": [Held(…)]})  # nothing, where each is what was asked for and nothing is missing
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fieldstone.credential.contexts import KNOWN, Contexts
from fieldstone.credential.errors import CredentialError, ParseError
from fieldstone.credential.jsonld_context import Context, compile_context, expand

LDP_VC: Final = "ldp_vc"
JWT_VC: Final = "jwt_vc_json"
SD_JWT: Final = "dc+sd-jwt"
W3C_FORMATS: Final = frozenset({LDP_VC, JWT_VC})
MAX_PARTS: Final = 50
MAX_CLAIMS: Final = 100
MAX_PATH: Final = 20
MAX_VALUES: Final = 1000
MAX_PRESENTATIONS: Final = 50
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")

Path = tuple[str | int | None, ...]
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim that is asked for; `values` empty means whatever it says (section 6.3)."""

    path: Path
    id: str = ""
    values: tuple[str | int | float | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One credential that is asked for (section 6.1).

    `types` are alternatives of expanded type IRIs (W3C formats), `vcts` of SD-JWT VC types; empty means any.
    `authorities` are (kind, value) pairs of section 6.1.1, of which a credential needs one; empty means any.
    """

    id: str
    format: str
    types: tuple[frozenset[str], ...] = ()
    vcts: frozenset[str] = frozenset()
    multiple: bool = False
    bound: bool = True
    authorities: frozenset[tuple[str, str]] = frozenset()
    claims: tuple[Claim, ...] = ()
    claim_sets: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these sets of parts is wanted, or needed where `required` (section 6.2)."""

    options: tuple[tuple[str, ...], ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query: its parts, and which combinations of them will do (all of them where nothing is said)."""

    parts: tuple[Part, ...]
    choices: tuple[Choice, ...] = ()

    def part(self, id: str) -> Part | None:
        """The part of this id."""
        return next((part for part in self.parts if part.id == id), None)

    def to_json(self) -> dict[str, Any]:
        """The query as `dcql_query` carries it."""
        return {
            "credentials": [_part_json(part) for part in self.parts],
            **(
                {"credential_sets": [
                    {"options": [list(option) for option in choice.options], "required": choice.required}
                    for choice in self.choices
                ]}
                if self.choices
                else {}
            ),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A credential as a query sees it.

    `id` is whatever its owner calls it; `bound` says that a presentation can prove (or has proved) its holder's key.
    `claims` is the credential itself, for SD-JWT with every disclosure in its place.
    """

    id: str
    format: str
    claims: Mapping[str, Any]
    types: frozenset[str] = frozenset()
    vct: str = ""
    bound: bool = False
    authorities: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """A credential that answers a part. `places` are the claims to disclose, where the format can hide claims."""

    held: Held
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a holder can say to a query.

    `matches` has an entry for each part that something answers; `chosen` are the parts to answer (the first option
    of each choice that can be met), empty where the query cannot be satisfied.
    """

    satisfied: bool
    matches: Mapping[str, tuple[Match, ...]]
    chosen: tuple[str, ...]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an answer is not what was asked for; `part` is empty for the whole answer."""

    part: str
    code: str
    detail: str


# --- reading a query ----------------------------------------------------------------------------------


def parse(data: Any) -> Query:
    """A query from parsed JSON; members that the standard does not name are ignored, as it asks.

    Raises ParseError with code `bad_query`.
    """
    top = _object(data, "The query")
    parts = tuple(_part(item) for item in _items(top, "credentials", MAX_PARTS))
    if len({part.id for part in parts}) != len(parts):
        raise _bad("Two parts of the query have the same id.")
    known = {part.id for part in parts}
    choices = tuple(_choice(item, known) for item in _items(top, "credential_sets", MAX_PARTS, needed=False))
    return Query(parts, choices)


def _part(data: Any) -> Part:
    item = _object(data, "Each of credentials")
    id, form = _id(item.get("id")), item.get("format")
    if not isinstance(form, str) or not form:
        raise _bad("format must be text.")
    meta = _object(item.get("meta"), "meta")
    claims = tuple(_claim(each) for each in _items(item, "claims", MAX_CLAIMS, needed=False))
    names = [claim.id for claim in claims if claim.id]
    if len(set(names)) != len(names):
        raise _bad("Two claims have the same id.")
    sets = tuple(
        tuple(_known(name, set(names)) for name in _list(each, "Each of claim_sets", MAX_CLAIMS))
        for each in _items(item, "claim_sets", MAX_CLAIMS, needed=False)
    )
    if sets and len(names) != len(claims):
        raise _bad("Where there are claim_sets, each claim needs an id.")
    return Part(
        id=id,
        format=form,
        types=tuple(
            frozenset(_texts(each, "Each of type_values"))
            for each in (_items(meta, "type_values", MAX_VALUES, needed=False) if form in W3C_FORMATS else ())
        ),
        vcts=frozenset(
            _texts(meta["vct_values"], "vct_values") if form == SD_JWT and "vct_values" in meta else ()
        ),
        multiple=_flag(item, "multiple", False),
        bound=_flag(item, "require_cryptographic_holder_binding", True),
        authorities=frozenset(
            pair for each in _items(item, "trusted_authorities", MAX_PARTS, needed=False) for pair in _authority(each)
        ),
        claims=claims,
        claim_sets=sets,
    )  # fmt: skip


def _claim(data: Any) -> Claim:
    item = _object(data, "Each of claims")
    path = _items(item, "path", MAX_PATH)
    for step in path:
        if not (step is None or isinstance(step, str) or (_is_whole(step) and step >= 0)):
            raise _bad("A claim's path holds text, whole numbers from 0, and null.")
    values = _items(item, "values", MAX_VALUES, needed=False)
    for value in values:
        if not isinstance(value, str | bool) and not _is_whole(value):
            raise _bad("values holds text, whole numbers, true and false.")
    return Claim(tuple(path), _id(item["id"]) if "id" in item else "", tuple(values))


def _choice(data: Any, known: set[str]) -> Choice:
    item = _object(data, "Each of credential_sets")
    options = tuple(
        tuple(_known(name, known) for name in _list(each, "Each of options", MAX_PARTS))
        for each in _items(item, "options", MAX_PARTS)
    )
    return Choice(options, _flag(item, "required", True))


def _authority(data: Any) -> list[tuple[str, str]]:
    item = _object(data, "Each of trusted_authorities")
    kind = item.get("type")
    if not isinstance(kind, str) or not kind:
        raise _bad("A trusted authority needs a type.")
    return [(kind, value) for value in _texts(item.get("values"), "The values of a trusted authority")]


def _bad(detail: str) -> ParseError:
    return ParseError("bad_query", detail)


def _object(data: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise _bad(f"{what} must be an object.")
    return data


def _list(data: Any, what: str, limit: int) -> list[Any]:
    if not isinstance(data, list) or not 0 < len(data) <= limit:
        raise _bad(f"{what} must be a list of 1 to {limit}.")
    return data


def _items(item: Mapping[str, Any], name: str, limit: int, *, needed: bool = True) -> list[Any]:
    return _list(item.get(name), name, limit) if needed or name in item else []


def _texts(data: Any, what: str) -> list[str]:
    found = _list(data, what, MAX_VALUES)
    if not all(isinstance(each, str) and each for each in found):
        raise _bad(f"{what} must hold text.")
    return found


def _id(value: Any) -> str:
    if not isinstance(value, str) or _ID.fullmatch(value) is None:
        raise _bad("An id is letters, digits, _ and -.")
    return value


def _known(value: Any, known: set[str]) -> str:
    if value not in known if isinstance(value, str) else True:
        raise _bad(f"{value!r} is named and not there.")
    return str(value)


def _flag(item: Mapping[str, Any], name: str, default: bool) -> bool:
    value = item.get(name, default)
    if not isinstance(value, bool):
        raise _bad(f"{name} must be true or false.")
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _part_json(part: Part) -> dict[str, Any]:
    meta: dict[str, Any] = {}
    if part.types:
        meta["type_values"] = [sorted(each) for each in part.types]
    if part.vcts:
        meta["vct_values"] = sorted(part.vcts)
    found: dict[str, Any] = {"id": part.id, "format": part.format, "meta": meta}
    if part.multiple:
        found["multiple"] = True
    if not part.bound:
        found["require_cryptographic_holder_binding"] = False
    if part.authorities:
        found["trusted_authorities"] = [{"type": kind, "values": [value]} for kind, value in sorted(part.authorities)]
    if part.claims:
        found["claims"] = [
            {
                **({"id": claim.id} if claim.id else {}),
                "path": list(claim.path),
                **({"values": list(claim.values)} if claim.values else {}),
            }
            for claim in part.claims
        ]
    if part.claim_sets:
        found["claim_sets"] = [list(each) for each in part.claim_sets]
    return found


# --- credentials --------------------------------------------------------------------------------------


def expanded_types(document: Mapping[str, Any], contexts: Contexts = KNOWN) -> frozenset[str]:
    """A credential's types as IRIs under its contexts; one that no context defines stays as it is (appendix B.1.1)."""
    types = document.get("type")
    names = [name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str)]
    try:
        active = compile_context(Context(), document.get("@context", []), contexts)
    except CredentialError:
        return frozenset(names)
    return frozenset(expand(active, name, vocab=True) or name for name in names)


def select(claims: Any, path: Path, *, shown: bool = False) -> list[tuple[Place, Any]]:
    """The claims that a path points to, each with its own place (section 7.1.1); empty where it points to none.

    In what was `shown`, list elements may have been left out, so that an index there stands for any element.
    """
    found: list[tuple[Place, Any]] = [((), claims)]
    for step in path:
        following: list[tuple[Place, Any]] = []
        for place, value in found:
            if isinstance(step, str):
                if not isinstance(value, Mapping):
                    return []
                following += [((*place, step), value[step])] if step in value else []
                continue
            if not isinstance(value, list):
                return []
            wanted = range(len(value)) if step is None or shown else range(len(value))[step : step + 1]
            following += [((*place, n), value[n]) for n in wanted]
        found = following
    return found


def match(part: Part, held: Held, *, shown: bool = False) -> Match | None:
    """Whether a credential answers a part of a query, and which of its claims are then to be disclosed.

    `values` compare by type and value; where a path points to several claims, those that fit are disclosed.
    """
    if held.format != part.format or (part.bound and not held.bound):
        return None
    if part.types and not any(each <= held.types for each in part.types):
        return None
    if (part.vcts and held.vct not in part.vcts) or (part.authorities and not part.authorities & held.authorities):
        return None
    fits = {n: _fitting(claim, held.claims, shown=shown) for n, claim in enumerate(part.claims)}
    named = {claim.id: n for n, claim in enumerate(part.claims)}
    options = [[named[name] for name in each] for each in part.claim_sets] or [list(fits)]
    for option in options:
        if all(fits[n] for n in option):
            return Match(held, tuple(dict.fromkeys(place for n in option for place in fits[n])))
    return None


def _fitting(claim: Claim, claims: Mapping[str, Any], *, shown: bool) -> list[Place]:
    found = select(claims, claim.path, shown=shown)
    return [place for place, value in found if not claim.values or any(_same(value, each) for each in claim.values)]


def _same(value: Any, wanted: str | int | float | bool) -> bool:
    return isinstance(value, bool) is isinstance(wanted, bool) and bool(value == wanted)


# --- the holder's answer ------------------------------------------------------------------------------


def answer(query: Query, held: Iterable[Held], *, as_bound: bool = False) -> Answer:
    """Which of these credentials answer which parts, and which parts to answer (section 6.4.2).

    `as_bound` leaves out what is bound where a part does without: such a credential is not shown without its proof.
    """
    mine = list(held)
    matches: dict[str, tuple[Match, ...]] = {}
    for part in query.parts:
        fit = [item for item in mine if not as_bound or item.bound is part.bound]
        found = tuple(each for each in (match(part, item) for item in fit) if each is not None)
        if found:
            matches[part.id] = found
    needed = [choice for choice in _choices(query) if choice.required]
    firsts = [_first(choice, matches) for choice in needed]
    if any(option is None for option in firsts):
        return Answer(False, matches, ())
    chosen = tuple(dict.fromkeys(name for option in firsts for name in option or ()))
    spare = [_first(choice, matches) for choice in query.choices if not choice.required]
    optional = tuple(dict.fromkeys(name for option in spare for name in option or () if name not in chosen))
    return Answer(True, matches, chosen, optional)


def _choices(query: Query) -> tuple[Choice, ...]:
    return query.choices or (Choice((tuple(part.id for part in query.parts),)),)


def _first(choice: Choice, there: Mapping[str, Any]) -> tuple[str, ...] | None:
    return next((option for option in choice.options if all(name in there for name in option)), None)


# --- the verifier's check -----------------------------------------------------------------------------


def read_answer(query: Query, token: Any) -> dict[str, tuple[str | dict[str, Any], ...]]:
    """A `vp_token` from parsed JSON: for each part that was answered its presentations (section 8.1).

    Raises ParseError with code `bad_answer`.
    """
    if not isinstance(token, dict) or not token:
        raise ParseError("bad_answer", "vp_token must be an object that answers at least one part of the query.")
    found: dict[str, tuple[str | dict[str, Any], ...]] = {}
    for name, items in token.items():
        part = query.part(name)
        if part is None:
            raise ParseError("bad_answer", f"{name[:80]!r} was not asked for.")
        if not isinstance(items, list) or not 0 < len(items) <= (MAX_PRESENTATIONS if part.multiple else 1):
            raise ParseError("bad_answer", f"{name!r} must be answered with a list of as many as were asked for.")
        if not all(isinstance(item, str | dict) and item for item in items):
            raise ParseError("bad_answer", "A presentation is text or an object.")
        found[name] = tuple(items)
    return found


def faults(query: Query, shown: Mapping[str, Sequence[Held]]) -> list[Fault]:
    """What keeps the credentials that were shown from being what was asked for; empty where they are.

    A credential that does not answer its part, a needed part that is missing, and one that no choice asks for.
    """
    found = [
        Fault(name, "not_asked", "This is not the credential that was asked for.")
        for name, items in shown.items()
        if not _all_fit(query.part(name), items)
    ]
    there = [name for name, items in shown.items() if items]
    picked = [(choice.required, _longest(choice, there)) for choice in _choices(query)]
    if any(required and not option for required, option in picked):
        found.append(Fault("", "missing", "Not everything that was asked for was shown."))
    wanted = {name for _required, option in picked for name in option}
    found += [Fault(name, "too_much", "More was shown than was asked for.") for name in there if name not in wanted]
    return found


def _all_fit(part: Part | None, items: Sequence[Held]) -> bool:
    return part is not None and all(match(part, item, shown=True) is not None for item in items)


def _longest(choice: Choice, there: Sequence[str]) -> tuple[str, ...]:
    """The option that accounts for most of what is there; empty where none is met."""
    met = [option for option in choice.options if all(name in there for name in option)]
    return max(met, key=len, default=())
