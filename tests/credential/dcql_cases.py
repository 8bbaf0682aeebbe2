"""A table of DCQL queries over one wallet, with what each must answer. The peer test puts the same table to npm dcql."""

from __future__ import annotations

from typing import Any, NamedTuple

from fieldstone.credential.dcql import Held

VC = "https://www.w3.org/2018/credentials#VerifiableCredential"
BADGE = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
ADDRESS = {"street_address": "42 Market Street", "locality": "Milliways", "postal_code": "12345"}
PERSON: dict[str, Any] = {
    "name": "Arthur Dent",
    "age": 42,
    "member": True,
    "address": ADDRESS,
    "degrees": [
        {"type": "Bachelor of Science", "university": "University of Betelgeuse"},
        {"type": "Master of Science", "university": "University of Betelgeuse", "level": 7},
    ],
    "nationalities": ["British", "Betelgeusian"],
}
BADGED: dict[str, Any] = {
    "name": "Observing",
    "credentialSubject": {"id": "did:key:z6Mk", "achievement": {"id": "https://farm.example/a/1", "name": "Observing"}},
}
WALLET = (
    Held("person", "dc+sd-jwt", PERSON, vct="https://example.org/person", bound=True),
    Held("badge", "ldp_vc", BADGED, types=frozenset({VC, BADGE}), bound=True),
    Held("unbound", "ldp_vc", BADGED, types=frozenset({VC, BADGE})),
    Held("token", "jwt_vc_json", BADGED, types=frozenset({VC}), bound=True),
)


class Case(NamedTuple):
    """A query, and the answer: None where the query is no query; else which credentials answer which part."""

    query: dict[str, Any]
    matches: dict[str, list[str]] | None
    satisfied: bool = True


def person(*claims: dict[str, Any], **more: Any) -> dict[str, Any]:
    part = {"id": "p", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://example.org/person"]}}
    return {**part, **({"claims": list(claims)} if claims else {}), **more}


def badge(id: str = "b", **more: Any) -> dict[str, Any]:
    return {"id": id, "format": "ldp_vc", "meta": {"type_values": [[BADGE]]}, **more}


def one(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"credentials": list(parts), **more}


def path(*steps: str | int | None, **more: Any) -> dict[str, Any]:
    return {"path": list(steps), **more}


P = {"p": ["person"]}
B = {"b": ["badge"]}
CASES: dict[str, Case] = {
    "the whole credential": Case(one(person()), P),
    "a claim": Case(one(person(path("name"))), P),
    "a claim inside": Case(one(person(path("address", "locality"))), P),
    "a claim that is not there": Case(one(person(path("phone"))), {}, False),
    "a claim inside text": Case(one(person(path("name", "first"))), {}, False),
    "every element": Case(one(person(path("degrees", None, "type"))), P),
    "every element, where one has it": Case(one(person(path("degrees", None, "level"))), P),
    "every element of an object": Case(one(person(path("address", None))), {}, False),
    "an element": Case(one(person(path("nationalities", 1))), P),
    "an element that is not there": Case(one(person(path("nationalities", 2))), {}, False),
    "an element of an object": Case(one(person(path("address", 0))), {}, False),
    "a value": Case(one(person(path("name", values=["Ford", "Arthur Dent"]))), P),
    "another value": Case(one(person(path("name", values=["Ford"]))), {}, False),
    "a number": Case(one(person(path("age", values=[42]))), P),
    "a number as text": Case(one(person(path("age", values=["42"]))), {}, False),
    "a truth": Case(one(person(path("member", values=[True]))), P),
    "a truth as a number": Case(one(person(path("member", values=[1]))), {}, False),
    "a value among elements": Case(one(person(path("nationalities", None, values=["Betelgeusian"]))), P),
    "no value among elements": Case(one(person(path("nationalities", None, values=["French"]))), {}, False),
    "two claims": Case(one(person(path("name"), path("age"))), P),
    "two claims, one missing": Case(one(person(path("name"), path("phone"))), {}, False),
    "another type": Case(one({**person(), "meta": {"vct_values": ["https://example.org/car"]}}), {}, False),
    "one of two types": Case(one({**person(), "meta": {"vct_values": ["x", "https://example.org/person"]}}), P),
    "claim sets, the first": Case(
        one(person(path("name", id="n"), path("phone", id="t"), claim_sets=[["n"], ["t"]])), P
    ),
    "claim sets, the second": Case(
        one(person(path("name", id="n"), path("phone", id="t"), claim_sets=[["n", "t"], ["n"]])), P
    ),
    "claim sets, none": Case(
        one(person(path("name", id="n"), path("phone", id="t"), claim_sets=[["n", "t"], ["t"]])), {}, False
    ),
    "a badge": Case(one(badge()), B),
    "a badge of two types": Case(one(badge(meta={"type_values": [["x"], [VC, BADGE]]})), B),
    "a badge of another type": Case(one(badge(meta={"type_values": [[BADGE, "x"]]})), {}, False),
    "a badge for an achievement": Case(
        one(badge(claims=[path("credentialSubject", "achievement", "id", values=["https://farm.example/a/1"])])), B
    ),
    "a badge for another achievement": Case(
        one(badge(claims=[path("credentialSubject", "achievement", "id", values=["https://farm.example/a/2"])])),
        {}, False,
    ),
    "a badge with or without a key": Case(
        one(badge(require_cryptographic_holder_binding=False)), {"b": ["badge", "unbound"]}
    ),
    "another format": Case(
        one({"id": "t", "format": "jwt_vc_json", "meta": {"type_values": [[VC]]}}), {"t": ["token"]}
    ),
    "an authority": Case(
        one(badge(trusted_authorities=[{"type": "openid_federation", "values": ["https://trust.example"]}])), {}, False
    ),
    "several": Case(one(badge(multiple=True)), B),
    "two parts": Case(one(person(), badge()), {**P, **B}),
    "two parts, one missing": Case(one(person(path("phone")), badge()), B, False),
    "one of two": Case(
        one(person(path("phone")), badge(), credential_sets=[{"options": [["p"], ["b"]]}]), B
    ),
    "both or one": Case(
        one(person(path("phone")), badge(), credential_sets=[{"options": [["p", "b"], ["b"]]}]), B
    ),
    "neither": Case(
        one(person(path("phone")), badge(meta={"type_values": [["x"]]}),
            credential_sets=[{"options": [["p"], ["b"]]}]), {}, False,
    ),
    "not needed": Case(
        one(person(path("phone")), badge(), credential_sets=[{"options": [["p"]], "required": False}]), B
    ),
    "one needed, one not": Case(
        one(person(), badge(), credential_sets=[{"options": [["p"]]}, {"options": [["b"]], "required": False}]),
        {**P, **B},
    ),
    # --- no queries
    "nothing": Case({}, None),
    "no parts": Case({"credentials": []}, None),
    "parts that are no list": Case({"credentials": {}}, None),
    "an empty id": Case(one(badge("")), None),
    "an id with a space": Case(one(badge("a b")), None),
    "the same id twice": Case(one(badge(), badge()), None),
    "no format": Case(one({"id": "b", "meta": {"type_values": [["x"]]}}), None),
    "no meta": Case(one({"id": "b", "format": "ldp_vc"}), None),
    "types that are no lists": Case(one(badge(meta={"type_values": ["x"]})), None),
    "no types": Case(one(badge(meta={"type_values": []})), None),
    "no claims": Case(one(person(claims=[])), None),
    "no path": Case(one(person({"id": "n"})), None),
    "an empty path": Case(one(person(path())), None),
    "a path that goes back": Case(one(person(path("degrees", -1))), None),
    "a path with a fraction": Case(one(person({"path": ["degrees", 1.5]})), None),
    "a path with true": Case(one(person({"path": ["degrees", True]})), None),
    "a value that is an object": Case(one(person(path("name", values=[{}]))), None),
    "a claim set that names nothing": Case(one(person(path("name", id="n"), claim_sets=[["x"]])), None),
    "no claim sets": Case(one(person(path("name", id="n"), claim_sets=[])), None),
    "an empty claim set": Case(one(person(path("name", id="n"), claim_sets=[[]])), None),
    "no options": Case(one(badge(), credential_sets=[{"options": []}]), None),
    "an option that names nothing": Case(one(badge(), credential_sets=[{"options": [["x"]]}]), None),
    "several as text": Case(one(badge(multiple="yes")), None),
    "binding as text": Case(one(badge(require_cryptographic_holder_binding="yes")), None),
    "no authority": Case(one(badge(trusted_authorities=[])), None),
    "an authority without values": Case(one(badge(trusted_authorities=[{"type": "aki", "values": []}])), None),
}  # fmt: skip

# Where the standard is stricter, or says more, than npm dcql 3.0.0; each with the section.
OURS_ALONE: dict[str, Case] = {
    # 6.1: "If empty, no specific constraints are placed"; the peer wants type_values.
    "any type": Case(one(badge(meta={})), B),
    # 6.1: unknown formats are only not matched.
    "a format that we do not know": Case(one({"id": "m", "format": "mso_mdoc", "meta": {"doctype_value": "x"}}), {}, False),
    # 6.3: ids of claims are unique, values are not empty.
    "the same claim id twice": Case(one(person(path("name", id="n"), path("age", id="n"))), None),
    "no values": Case(one(person(path("name", values=[]))), None),
    "claim sets without ids": Case(one(person(path("name", id="n"), path("age"), claim_sets=[["n"]])), None),
    "claim sets without claims": Case(one(person(claim_sets=[["n"]])), None),
    "a type that is a number": Case(one({**person(), "meta": {"vct_values": [5]}}), None),
    "an empty option": Case(one(badge(), credential_sets=[{"options": [[]]}]), None),
    "no credential sets": Case(one(badge(), credential_sets=[]), None),
    "no vct values": Case(one({**person(), "meta": {"vct_values": []}}), None),
    "an authority without a type": Case(one(badge(trusted_authorities=[{"values": ["x"]}])), None),
    "a claim that is no object": Case(one(person(claims=["name"])), None),
    "an option that is a number": Case(one(badge(), credential_sets=[{"options": [[1]]}]), None),
    "parts by the thousand": Case({"credentials": [badge(f"b{n}") for n in range(1000)]}, None),
}  # fmt: skip
