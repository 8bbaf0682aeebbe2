"""Our JSON-LD and RDFC-1.0 against PyLD's, on every document that both read."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone import credential as c
from fieldstone.credential import KNOWN, multibase, proofs
from fieldstone.credential.errors import CredentialError
from fieldstone.credential.jsonld import to_quads
from fieldstone.credential.rdfc import canonicalize
from tests.credential.cases import ACHIEVEMENT, AT, CREDENTIAL, KEY, signed
from tests.credential.shared import VECTORS, needs_data

pyld = pytest.importorskip("pyld")
FOLDER = VECTORS / "1edtech"
FILES = sorted(
    path for folder in ("ob30", "clr20") for path in (FOLDER / folder).rglob("*")
    if path.suffix in {".json", ".1ob"} or path.name == "testlist"
)  # fmt: skip
# Every document here is refused by us and read by PyLD, which drops what no context defines.
REFUSED = {
    "complete_v1.json", "simple-err-type.json", "simple-err-issuer-type.json", "simple-err-evidence-type.json",
    "simple-err-issuer-otheridentifier-type.json", "simple-err-issuer-parentorg-type.json",
    "simple-err-credential-subject-type.json", "simple-err-credential-subject-profile-type.json",
    "simple-err-credential-subject-identifier-type.json", "simple-err-credential-subject-result-type.json",
    "simple-err-credential-subject-achievement-result-description-type.json",
    "simple-err-context.json", "complex.json", "simple_v1.json/clr20", "simple-noproof.json/clr20",
    "simple_old_safesigned.json",
}  # fmt: skip


def _load(url: str, _: dict[str, Any]) -> dict[str, Any]:
    return {
        "contentType": "application/ld+json", "contextUrl": None, "documentUrl": url,
        "document": KNOWN.document(url),
    }  # fmt: skip


def _theirs(document: dict[str, Any]) -> str:
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _load}
    return str(pyld.jsonld.normalize(copy.deepcopy(document), options))


def _ours(document: dict[str, Any]) -> str:
    return "".join(canonicalize(to_quads(document, KNOWN)))


@needs_data
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_fixtures(path: Any) -> None:
    document = proofs.without_proof(c.loads(path.read_bytes()))
    if path.name in REFUSED or f"{path.name}/{path.parent.name}" in REFUSED:
        with pytest.raises(CredentialError):
            _ours(document)
    else:
        assert _ours(document) == _theirs(document)


@needs_data
def test_the_fixture_whose_signature_we_refuse_is_refused_by_pyld_too() -> None:
    import hashlib

    document = c.loads((FOLDER / "ob30" / "endorsement-err-schema-status-refresh.json").read_bytes())
    proof = document["proof"][0]
    options = {"@context": document["@context"]} | {k: v for k, v in proof.items() if k != "proofValue"}
    parts = (options, proofs.without_proof(document))
    message = b"".join(hashlib.sha256(_theirs(part).encode()).digest() for part in parts)
    key = c.PublicKey.from_multikey(proof["verificationMethod"].rpartition("#")[2])
    assert not key.verify(multibase.decode(proof["proofValue"]), message)


def test_our_own_documents() -> None:
    document = proofs.without_proof(signed())
    assert _ours(document) == _theirs(document)
    listing = c.build_list(
        url="https://a.example/1", issuer=KEY.controller, purpose="revocation", positions=[7], valid_from=AT
    )
    assert _ours(listing) == _theirs(listing)


# Line separators and the like are left out: PyLD does not escape them as the standard wants.
words = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20)


@settings(max_examples=25, deadline=None)
@given(words, words, st.integers(0, 4), st.randoms(use_true_random=False))
def test_made_up_credentials(name: str, text: str, alike: int, order: random.Random) -> None:
    """Any text; several unnamed parts that are all alike; members and sets in any order."""
    alignment = c.Alignment(target_name=text, target_url="https://example.org/skill")
    achievement = replace(ACHIEVEMENT, description=text, alignments=(alignment,) * alike, tags=(name, text))
    document = c.build(replace(CREDENTIAL, name=name, achievement=achievement))
    ours = _ours(document)
    assert ours == _theirs(document)
    assert _ours(_shuffled(document, order)) == ours


def _shuffled(value: Any, order: random.Random, name: str = "") -> Any:
    if isinstance(value, dict):
        members = list(value.items())
        order.shuffle(members)
        return {key: _shuffled(item, order, key) for key, item in members}
    if isinstance(value, list) and name != "@context":
        items = [_shuffled(item, order) for item in value]
        order.shuffle(items)
        return items
    return value


def test_a_context_document_written_into_a_document() -> None:
    """Published proof chains have one; PyLD and jsonld.js read what is inside it."""
    own = {"@context": {"tool": "https://x.example/#tool"}}
    document = {"@context": [c.contexts.CREDENTIALS_V2, own], "id": "urn:x", "tool": "pliers"}
    ours = "".join(canonicalize(to_quads(document, c.Contexts(inline=True))))
    assert ours == _theirs(document) == '<urn:x> <https://x.example/#tool> "pliers" .\n'
    for wrong in ({**own, "tool": "urn:a"}, {"@context": 5}, {"@context": {"id": "urn:a"}}):
        with pytest.raises(CredentialError):
            to_quads({**document, "@context": [c.contexts.CREDENTIALS_V2, wrong]}, c.Contexts(inline=True))


def test_a_presentation_of_near_equal_credentials() -> None:
    shown = c.build_presentation([signed(id=f"urn:uuid:00000000-0000-4000-8000-{n:012}") for n in range(3)])
    assert _ours(shown) == _theirs(shown)
