"""The W3C RDF Dataset Canonicalization test suite (RDFC-1.0)."""

from __future__ import annotations

import json
import time
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.credential import rdfc
from fieldstone.credential.errors import TooComplex
from fieldstone.credential.rdfc import canonicalize, canonicalize_with_map
from tests.credential.shared import VECTORS, needs_data, parse_nquads

SUITE = VECTORS / "w3c" / "rdf-canon"
MANIFEST = SUITE / "manifest.jsonld"
ENTRIES: list[dict[str, Any]] = json.loads(MANIFEST.read_text())["entries"] if MANIFEST.is_file() else []


def _entries(kind: str) -> list[Any]:
    return [pytest.param(e, id=e["id"][1:]) for e in ENTRIES if e["type"] == f"rdfc:{kind}"]


def _hash(entry: dict[str, Any]) -> str:
    return str(entry.get("hashAlgorithm", "SHA256")).lower()


@needs_data
def test_the_suite_is_whole() -> None:
    assert len(ENTRIES) == 86


@needs_data
@pytest.mark.parametrize("entry", _entries("RDFC10EvalTest"))
def test_canonical_form(entry: dict[str, Any]) -> None:
    quads = parse_nquads((SUITE / entry["action"]).read_text())
    expected = (SUITE / entry["result"]).read_text()
    assert "".join(canonicalize(quads, hash_name=_hash(entry))) == expected


@needs_data
@pytest.mark.parametrize("entry", _entries("RDFC10MapTest"))
def test_issued_identifiers(entry: dict[str, Any]) -> None:
    quads = parse_nquads((SUITE / entry["action"]).read_text())
    expected = json.loads((SUITE / entry["result"]).read_text())
    _, issued = canonicalize_with_map(quads, hash_name=_hash(entry))
    assert {k.removeprefix("_:"): v.removeprefix("_:") for k, v in issued.items()} == expected


@needs_data
@pytest.mark.parametrize("entry", _entries("RDFC10NegativeEvalTest"))
def test_poison_is_refused_quickly(entry: dict[str, Any]) -> None:
    quads = parse_nquads((SUITE / entry["action"]).read_text())
    started = time.process_time()
    with pytest.raises(TooComplex):
        canonicalize(quads)
    assert time.process_time() - started < 0.1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["_:a", "_:b", "_:c", "_:d"]), min_size=1, max_size=6))
def test_each_order_that_reads_differently_is_tried_once(nodes: list[str]) -> None:
    tried = [tuple(order) for order in rdfc._orders(nodes)]
    assert len(tried) == len(set(tried))
    assert set(tried) == set(permutations(nodes))


def test_many_mentions_of_one_node_are_one_order() -> None:
    assert list(rdfc._orders(["_:g"] * 5000)) == [["_:g"] * 5000]
