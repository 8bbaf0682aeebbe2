"""A stack in CTDL: complete, and its requirement comes back from the pathway as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone import stacking
from fieldstone.server.catalog import ctdl as catalog
from fieldstone.server.catalog.published import Owner
from fieldstone.server.pathways import ctdl
from fieldstone.server.pathways.rules import StackDefinition
from tests.cast import text
from tests.catalog.test_exports import complete

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
BASE = "https://b.example"
OWNER = Owner(UUID(int=3 << 100), "home", "Home College")
MICRO, STACK, ELSEWHERE = str(UUID(int=1 << 90)), str(UUID(int=2 << 90)), "https://other.example/a b"
WORK = f"review:{UUID(int=5 << 90)}"
NAMES = st.sampled_from([MICRO, STACK, ELSEWHERE, WORK, str(UUID(int=7 << 90))])
LABEL = st.none() | st.just({"en": "Electives", "es": "Optativas"})
SOME = st.lists(NAMES, max_size=3, unique=True).map(tuple)
AMOUNT = st.integers(1, 500) | st.decimals("0.5", "99.5", places=1).map(Decimal)
HOLD = st.builds(lambda c, e, le, v, la: stacking.Hold(credential=c, equivalents=tuple(x for x in e if x != c), level=le, valid=v, label=la),
                 NAMES, SOME, st.integers(0, 3), st.booleans(), LABEL)  # fmt: skip
HOURS = st.builds(stacking.Hours, total=AMOUNT, minimum_per_area=st.dictionaries(st.sampled_from(["cda_1", "cda_2"]), AMOUNT),
                  among=SOME, maximum_each=st.none() | AMOUNT, valid=st.booleans(), label=LABEL)  # fmt: skip
LEVEL = st.builds(stacking.Level, at_least=st.integers(1, 3), count=st.integers(1, 4), among=SOME, valid=st.booleans(), label=LABEL)


@st.composite
def counts(draw: st.DrawFn, children: st.SearchStrategy[stacking.Requirement]) -> stacking.Count:
    """So many of these."""
    of = tuple(draw(st.lists(children, min_size=1, max_size=4)))
    return stacking.Count(at_least=draw(st.integers(1, len(of))), of=of, label=draw(LABEL))


TREES: st.SearchStrategy[Any] = st.recursive(HOLD | HOURS | LEVEL, counts, max_leaves=8)


def ladder(tree: stacking.Requirement | None, **changes: Any) -> ctdl.Ladder:
    """A stack with this requirement."""
    told: dict[str, Any] = {"valid_months": 24, "hours": 120, "occupations": ("39-9011.00",), **changes}
    definition = StackDefinition(text("A ladder"), text("It leads up."), text("care for children"), "stairs", 2, tree=tree, **told)
    titles = {MICRO: text("Observing"), STACK: text("Another stack"), WORK: text("Review at work")}
    return ctdl.Ladder(UUID(int=9 << 90), "up", 3, AT, definition, OWNER, titles, frozenset({STACK}))


def ordered(node: stacking.Requirement) -> stacking.Requirement:
    """The same requirement with single credentials first in each group, as CTDL has them."""
    if not isinstance(node, stacking.Count):
        return node
    of = [ordered(child) for child in node.of]
    plain = [c for c in of if isinstance(c, stacking.Hold) and c == stacking.Hold(credential=c.credential)]
    return stacking.Count(at_least=node.at_least, of=(*plain, *(c for c in of if c not in plain)), label=node.label)


@settings(max_examples=80, deadline=None)
@given(tree=TREES)
def test_a_requirement_comes_back_from_its_pathway(tree: stacking.Requirement) -> None:
    nodes = json.loads(json.dumps(ctdl.nodes(ladder(tree), BASE)))
    found = {node["@id"]: node for node in nodes}
    assert len(found) == len(nodes)
    assert ctdl.tree(found, nodes[1]["@id"]) == ordered(tree)


def test_a_stack_meets_the_minimum_data_policy() -> None:
    tree = stacking.Count(at_least=2, of=tuple(stacking.Hold(credential=c) for c in (MICRO, STACK, ELSEWHERE, WORK)))
    nodes = ctdl.nodes(ladder(tree), BASE)
    complete(catalog.graph("https://b.example/x", nodes))
    credential, way, goal, micro, stack, elsewhere, work = nodes
    assert credential["ceterms:hasPart"] == [f"{BASE}/ctdl/micro-credentials/{MICRO}", f"{BASE}/ctdl/stacks/{STACK}"]
    assert (credential["ceterms:renewalFrequency"], way["ceterms:hasDestinationComponent"]) == ("P24M", [goal["@id"]])
    assert micro["ceterms:proxyFor"] == f"{BASE}/ctdl/micro-credentials/{MICRO}"
    assert [n["@type"].removeprefix("ceterms:") for n in (stack, work)] == ["CredentialComponent", "WorkExperienceComponent"]
    assert stack["ceterms:credentialType"] == "ceterms:Certificate"
    assert "ceterms:proxyFor" not in elsewhere and " " not in elsewhere["@id"]
    assert goal["ceterms:hasCondition"][0]["ceterms:name"]["en"] == "At least 2 of these"
    assert way["ceterms:occupationType"][0]["ceterms:codedNotation"] == "39-9011.00"


def test_what_a_stack_does_not_say_is_left_out() -> None:
    credential, way, goal = ctdl.nodes(ladder(None, valid_months=None, hours=0, occupations=()), BASE)
    left = {"ceterms:hasPart", "ceterms:estimatedDuration", "ceterms:renewalFrequency", "ceterms:occupationType"}
    assert left.isdisjoint(credential)
    assert "ceterms:occupationType" not in way
    assert {"ceasn:hasChild", "ceterms:hasCondition"}.isdisjoint(goal)
