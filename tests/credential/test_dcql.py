"""DCQL (OpenID4VP 1.0 sections 6 and 7): reading queries, matching credentials, checking answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldstone.credential import dcql, loads
from fieldstone.credential.dcql import Held, Part, Query
from fieldstone.credential.errors import ParseError
from tests.credential.dcql_cases import BADGE, CASES, OURS_ALONE, PERSON, VC, WALLET, Case, badge, one, path, person


@pytest.mark.parametrize("case", [*CASES.values(), *OURS_ALONE.values()], ids=[*CASES, *OURS_ALONE])
def test_the_table(case: Case) -> None:
    if case.matches is None:
        with pytest.raises(ParseError) as refused:
            dcql.parse(case.query)
        assert refused.value.code == "bad_query"
        return
    query = dcql.parse(case.query)
    found = dcql.answer(query, WALLET)
    assert {name: [match.held.id for match in each] for name, each in found.matches.items()} == case.matches
    assert found.satisfied is case.satisfied
    assert bool(found.chosen) is (case.satisfied and any(choice.required for choice in query.choices or [dcql.Choice(())]))
    assert dcql.parse(query.to_json()) == query


@pytest.mark.parametrize("steps, places", [
    (("name",), [("name",)]),
    (("address",), [("address",)]),
    (("address", "street_address"), [("address", "street_address")]),
    (("degrees", None, "type"), [("degrees", 0, "type"), ("degrees", 1, "type")]),
    (("degrees", None, "level"), [("degrees", 1, "level")]),
    (("nationalities", 1), [("nationalities", 1)]),
    (("nationalities", 9), []),
    (("name", 0), []),
])  # fmt: skip
def test_the_standards_examples_of_paths(steps: Any, places: Any) -> None:
    """Section 7.3, and what leads nowhere."""
    assert [place for place, _value in dcql.select(PERSON, steps)] == places


def test_only_what_is_asked_for_is_disclosed() -> None:
    """Section 6.4.1: the first claim set that can be met, and of several elements those with the value."""
    query = dcql.parse(one(person(
        path("phone", id="t"), path("name", id="n"), path("degrees", None, "type", values=["Master of Science"], id="d"),
        claim_sets=[["t", "n"], ["n", "d"]],
    )))  # fmt: skip
    (match,) = dcql.answer(query, WALLET).matches["p"]
    assert match.places == (("name",), ("degrees", 1, "type"))
    (whole,) = dcql.answer(dcql.parse(one(person())), WALLET).matches["p"]
    assert whole.places == ()


def test_chosen_and_optional_parts() -> None:
    sets = [{"options": [["x", "b"], ["b"]]}, {"options": [["p"]], "required": False}, {"options": [["b"]], "required": False}]
    query = dcql.parse(one(person(), badge(), badge("x", meta={"type_values": [["x"]]}), credential_sets=sets))
    found = dcql.answer(query, WALLET)
    assert (found.chosen, found.optional) == (("b",), ("p",))


def test_an_authority_that_is_known() -> None:
    part = dcql.parse(one(badge(trusted_authorities=[{"type": "aki", "values": ["a", "b"]}]))).parts[0]
    assert part.authorities == {("aki", "a"), ("aki", "b")}
    known = Held("h", "ldp_vc", {}, types=frozenset({BADGE}), bound=True, authorities=frozenset({("aki", "b")}))
    assert dcql.match(part, known)


def test_types_are_those_of_the_contexts() -> None:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "type": ["VerifiableCredential", "OpenBadgeCredential", "Unheard", 5],
    }
    assert {VC, BADGE} < dcql.expanded_types(document)
    assert dcql.expanded_types({"@context": ["https://evil.example/"], "type": "Unheard"}) == {"Unheard"}
    assert dcql.expanded_types({}) == frozenset()


# --- the verifier's side ------------------------------------------------------------------------------

QUERY = dcql.parse(one(
    person(), badge("b", multiple=True), badge("c"), credential_sets=[{"options": [["p"], ["p", "b"], ["c"]]}],
))  # fmt: skip


@pytest.mark.parametrize("token", [
    None, [], {}, "p", {"x": ["a"]}, {"p": "a"}, {"p": []}, {"p": ["a", "b"]}, {"p": [5]}, {"p": [""]}, {"p": [{}]},
    {"b": ["a"] * 51},
])  # fmt: skip
def test_answers_that_are_none(token: Any) -> None:
    with pytest.raises(ParseError) as refused:
        dcql.read_answer(QUERY, token)
    assert refused.value.code == "bad_answer"


def test_an_answer_is_read() -> None:
    assert dcql.read_answer(QUERY, {"p": ["a~"], "b": [{"a": 1}, "x"]}) == {"p": ("a~",), "b": ({"a": 1}, "x")}


PERSONAL, BADGED = WALLET[0], WALLET[1]


@pytest.mark.parametrize("shown, codes", [
    ({"p": [PERSONAL]}, []),
    ({"c": [BADGED]}, []),
    ({"p": [PERSONAL], "b": [BADGED, BADGED]}, []),
    ({"b": [BADGED]}, ["missing", "too_much"]),
    ({"p": [BADGED]}, ["not_asked"]),
    ({"p": [PERSONAL], "c": [BADGED]}, ["too_much"]),
    ({"x": [PERSONAL]}, ["not_asked", "missing", "too_much"]),
    ({"p": []}, ["missing"]),
    ({}, ["missing"]),
])  # fmt: skip
def test_what_was_shown_is_what_was_asked_for(shown: Any, codes: list[str]) -> None:
    assert [fault.code for fault in dcql.faults(QUERY, shown)] == codes


def test_attack_more_than_was_asked_for() -> None:
    """Both of two alternatives are more than the verifier may have."""
    query = dcql.parse(one(badge("b"), badge("c"), credential_sets=[{"options": [["b"], ["c"]]}]))
    assert [f.code for f in dcql.faults(query, {"b": [BADGED], "c": [BADGED]})] == ["too_much"]


def test_an_index_in_what_was_shown_stands_for_any_element() -> None:
    """Undisclosed elements are not there, so that the others move up."""
    part = Part("p", "dc+sd-jwt", claims=(dcql.Claim(("nationalities", 1), values=("Betelgeusian",)),))
    shown = Held("", "dc+sd-jwt", {"nationalities": ["Betelgeusian"]}, bound=True)
    assert dcql.match(part, shown) is None
    assert dcql.match(part, shown, shown=True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "ldp_vc", "dc+sd-jwt", "meta", "p"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["id", "format", "meta", "credentials", "claims", "path", "options", "values"]), inner),
    max_leaves=20,
)


@given(JSON)
def test_rubbish_is_a_query_or_refused(data: Any) -> None:
    try:
        query = dcql.parse(data)
    except ParseError:
        return
    assert isinstance(query, Query)
    dcql.answer(query, WALLET)


@given(JSON)
def test_rubbish_is_an_answer_or_refused(data: Any) -> None:
    try:
        found = dcql.read_answer(QUERY, data)
    except ParseError:
        return
    assert found


def test_attack_deep_and_wide_queries() -> None:
    deep: Any = "x"
    for _ in range(60):
        deep = [deep]
    for query in (one(person(path(*(["a"] * 21)))), one(person({"path": deep})), one(person(*[path("a")] * 101))):
        with pytest.raises(ParseError):
            dcql.parse(query)
    with pytest.raises(ParseError):
        dcql.parse(loads('{"credentials": [{"id": "a", "format": "ldp_vc", "meta": {}, "claims": [{"path": [""], "id": ""}]}]}'))


def test_what_is_bound_is_left_out_where_a_part_does_without() -> None:
    query = dcql.Query((dcql.Part("bare", dcql.LDP_VC, bound=False),))
    mine = [dcql.Held("x", dcql.LDP_VC, {}, bound=True)]
    assert dcql.answer(query, mine).satisfied
    assert not dcql.answer(query, mine, as_bound=True).satisfied
    assert dcql.answer(query, [dcql.Held("y", dcql.LDP_VC, {})], as_bound=True).chosen == ("bare",)
