"""The template way gives the general way's bytes, or its error, for every document; and it is taken where it can be."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone import credential as c
from fieldstone.credential import Contexts, proofs, templates
from fieldstone.credential.errors import CredentialError
from fieldstone.credential.jsonld import to_quads
from fieldstone.credential.rdfc import canonicalize
from fieldstone.credential.templates import canonical_nquads
from tests.credential.cases import ACHIEVEMENT, AT, CREDENTIAL, KEY, LEVELS
from tests.credential.shared import needs_data, read, read_json
from tests.credential.test_w3c_vectors import CONTEXTS, VECTORS

KNOWN = Contexts()


def general(document: Any, contexts: Contexts = KNOWN, hash_name: str = "sha256") -> bytes | str:
    """What the general way says: bytes, or the code of its error."""
    try:
        return "".join(canonicalize(to_quads(document, contexts), hash_name=hash_name)).encode()
    except CredentialError as error:
        return error.code
    except UnicodeEncodeError:
        return "not_utf8"


def ours(document: Any, contexts: Contexts = KNOWN, hash_name: str = "sha256") -> bytes | str:
    try:
        return canonical_nquads(document, contexts, hash_name)
    except CredentialError as error:
        return error.code
    except UnicodeEncodeError:
        return "not_utf8"


def agree(documents: Iterable[Any], contexts: Contexts = KNOWN, hash_name: str = "sha256") -> int:
    """Both ways agree on each document in turn, from an empty start; gives how many went by a template."""
    contexts.templates = None
    for document in documents:
        before = copy.deepcopy(document)
        assert ours(document, contexts, hash_name) == general(document, contexts, hash_name)
        assert document == before
    return contexts.templates.hits if contexts.templates is not None else 0


def award(number: int = 0, **changes: Any) -> dict[str, Any]:
    """One of many awards of the same micro-credential."""
    made = {
        "id": f"urn:uuid:{number}",
        "identities": (
            c.Identity.of_name(f"Ana {number}"),
            c.Identity.of_email(f"{number}@x.example", salt=f"{number}"),
        ),
        "evidence": (c.Evidence(id=f"https://college.example/evidence/{number}", name=f"Work {number}"),),
        "status": (c.StatusEntry(list_url="https://college.example/status/1", index=number),),
    }
    return c.build(replace(CREDENTIAL, **(made | changes)))


def test_awards_of_one_micro_credential_go_by_a_template() -> None:
    assert agree(award(n) for n in range(20)) == 18
    assert agree([award(n) for n in (1, 1, 1, 2, 3, 1)]) == 3  # the same one again is a shape too


def test_what_is_kept_of_awards_is_what_they_share() -> None:
    agree(award(n) for n in (41, 42, 43))
    (samples,) = KNOWN.templates.by_members.values()
    (sample,) = samples
    assert (
        sample.template is not None and "Ana" not in str(sample.document) and "urn:uuid:4" not in str(sample.document)
    )


def test_signatures_are_the_same_both_ways() -> None:
    contexts = Contexts()
    for number in range(4):
        by_template = c.sign(award(number), key=KEY, created=AT, contexts=contexts)
        assert by_template == c.sign(award(number), key=KEY, created=AT, contexts=Contexts())
        assert c.verify(c.dumps(by_template), resolver=c.Offline(), at=AT, contexts=contexts).check("signature") == (
            c.Check(
                "signature", c.Outcome.PASSED, "unchanged", "Not one character was changed since it was signed.", True
            )
        )
        changed = {**by_template, "name": "Changed"}
        report = c.verify(c.dumps(changed), resolver=c.Offline(), at=AT, contexts=contexts)
        found = report.check("signature")
        assert found is not None and found.outcome is c.Outcome.FAILED
    assert contexts.templates.hits > 4


WORDS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["", "same", "fence", "%s", "%", '"', "\\", "\n", "a\r\nb", "\x00", "\x7f", "\x85", "\u2028", "ñ", "🐄", "\ud800",
         "<b>", "_:c14n0", "_:a", "true", "1", "@id", "https://college.example/x", templates._MARK + "000001:"]
    ),
)  # fmt: skip
ADDRESSES = st.sampled_from(
    ["urn:uuid:1", "urn:uuid:2", "https://college.example/a", "https://college.example/%s", "http://x.example",
     "did:web:x.example", "_:b1", "_:b2", "relative", "", "cred:Proof", "@id", "@type", "xsd:string", "id", "Evidence", "tag:x",
     "https://a b", "urn:a\x7fb", "urn:x<y>", "HTTPS://X.example", KEY.controller, ACHIEVEMENT.id, LEVELS[1].id, "name",
     "https://w3id.org/security#proof", "\ud800", "mailto:a@x.example", templates._MARK + "000000:"]
)  # fmt: skip
VALUES = st.one_of(
    WORDS, ADDRESSES, st.none(), st.booleans(), st.integers(-3, 3), st.just(2**60), st.sampled_from([0.0, -0.0, 1.0, 1.5]),
    st.lists(WORDS, max_size=3), st.dictionaries(st.sampled_from(["@value", "@id", "@language", "@type", "id", "@list",
    "@set", "name", "type", "@direction"]), st.one_of(WORDS, st.sampled_from(["en", "EN-us", "ltr", "Image", "xsd:date"]))),
)  # fmt: skip
NAMES = st.sampled_from(
    ["@id", "@type", "@context", "@language", "@graph", "@included", "@reverse", "id", "type", "name", "description", "image",
     "tag", "nonsense", "url", "evidence", "narrative", "validUntil", "identifier", "achievementType", "proof"]
)  # fmt: skip


def varied(words: list[str], addresses: list[str]) -> dict[str, Any]:
    """An award by a stranger to our own builder's rules; with each word in one slot."""
    document = award(0)
    subject = document["credentialSubject"]
    document["id"], document["name"] = addresses[0], words[0]
    document["evidence"] = [
        {"id": addresses[n], "type": ["Evidence"], "name": words[n], "genre": f"{n}"} for n in (1, 2)
    ]
    subject["achievement"]["tag"] = words[3:5]
    subject["result"] = [{"type": ["Result"], "value": words[n], "resultDescription": addresses[3]} for n in (5, 6)]
    subject["identifier"][0]["identityHash"] = words[7]
    return document


FIRST = [varied([f"{side}{n}" for n in range(8)], [f"urn:{side}:{n}" for n in range(4)]) for side in "ab"]


@st.composite
def awards(draw: st.DrawFn) -> dict[str, Any]:
    words = st.one_of(WORDS, st.text(min_size=5), st.text(min_size=5))
    addresses = st.one_of(ADDRESSES, st.integers(0, 99).map(lambda n: f"urn:uuid:{n}"))
    return varied([draw(words) for _ in range(8)], [draw(addresses) for _ in range(4)])


def _places(value: Any) -> list[Any]:
    """Every object and array in a document."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*([value] if isinstance(value, dict | list) else []), *(place for item in inner for place in _places(item))]


@st.composite
def spoiled(draw: st.DrawFn, base: dict[str, Any]) -> dict[str, Any]:
    """A document that differs from `base` in one or two places, in any way JSON can."""
    document = copy.deepcopy(base)
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from([place for place in _places(document) if place]))
        key = draw(st.sampled_from(list(place) if isinstance(place, dict) else list(range(len(place)))))
        what = draw(st.sampled_from(["value", "value", "leave out", "add", "twice", "swap"]))
        if what == "value":
            place[key] = draw(VALUES)
        elif what == "leave out" and len(place) > 1:
            del place[key]
        elif what == "add" and isinstance(place, dict):
            place[draw(NAMES)] = draw(VALUES)
        elif what == "twice" and isinstance(place, list):
            place.append(copy.deepcopy(place[key]))
        elif what == "swap":
            place[key] = [copy.deepcopy(place[key])]
    return document


@settings(max_examples=60, deadline=None)
@given(st.lists(awards(), min_size=1, max_size=4))
def test_any_words_and_addresses(documents: list[dict[str, Any]]) -> None:
    """Equal values in several slots, escapes, lone surrogates, compact addresses, blank nodes with names."""
    agree([*FIRST, *documents, *documents, award(3)])


def test_those_awards_do_go_by_a_template() -> None:
    other = varied([f"c{n}" for n in range(8)], [f"urn:c:{n}" for n in range(4)])
    assert agree([*FIRST, other]) == 1
    for number, word in enumerate(
        ("", "%s", '"', "\\", "\n", "a\r\nb", "\x00", "\x7f", "\x85", "\u2028", "🐄", "_:c14n0")
    ):
        words = [f"c{n}" for n in range(8)]
        words[number % 8] = word
        assert agree([*FIRST, varied(words, [f"urn:c:{n}" for n in range(4)])]) == 1, word
    for address in ("https://a b", "urn:x<y>", "relative", "_:x", "urn:\ud800", 'urn:"', "urn:a\x7fb"):
        for place in range(4):
            addresses = [f"urn:c:{n}" for n in range(4)]
            addresses[place] = address
            agree([*FIRST, varied([f"c{n}" for n in range(8)], addresses)])


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_any_change_in_any_place(data: st.DataObject) -> None:
    """Missing and extra members, keywords slipped in, other types of value: before, between and after good awards."""
    base = data.draw(st.one_of(st.sampled_from(FIRST), awards()))
    bad = [data.draw(spoiled(base)) for _ in range(3)]
    agree([bad[0], *FIRST, bad[0], bad[1], FIRST[0], bad[2], bad[1], FIRST[1]])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS, ADDRESSES), min_size=2, max_size=5), st.sampled_from(["sha256", "sha384"]))
def test_lists_graphs_and_languages(rows: list[tuple[str, str, str]], hash_name: str) -> None:
    """What Open Badges do not use: lists, language maps, graphs, JSON, vocabulary values, scoped contexts."""
    contexts = Contexts({
        "https://x.example/c": {"@context": {
            "@vocab": "https://x.example/v#", "id": "@id", "type": "@type", "ex": "https://x.example/ex#",
            "list": {"@container": "@list"}, "said": {"@container": "@language"}, "graph": {"@container": "@graph"},
            "any": {"@type": "@json"}, "word": {"@type": "@vocab"}, "to": {"@type": "@id"}, "urn:known": "urn:known",
            "day": {"@type": "https://x.example/day"}, "in": {"@language": "en"}, "did": {"@id": "https://x.example/d#", "@prefix": True},
            "Scoped": {"@id": "ex:S", "@context": {"text": {"@id": "ex:t", "@type": "@id"}}},
        }},
    })  # fmt: skip
    documents: list[dict[str, Any]] = [
        {
            "@context": "https://x.example/c", "id": "urn:x:1", "list": [a, b, {"text": a}], "said": {"en": a, "es": [b, "z"]},
            "graph": [{"text": a, "to": to}, {"to": to}], "in": b, "day": a, "to": [to, {"id": to, "text": b}],
            "same": {"@value": a, "@type": "ex:type"}, "with": {"@value": b, "@language": "en", "@direction": "ltr"},
        }
        for a, b, to in rows
    ]  # fmt: skip
    agree(documents, contexts, hash_name)
    agree([{**document, "word": row[2]} for document, row in zip(documents, rows, strict=True)], contexts, hash_name)
    agree([{**document, "any": [row[0]]} for document, row in zip(documents, rows, strict=True)], contexts, hash_name)
    agree(
        [{**document, "type": "Scoped", "text": row[2]} for document, row in zip(documents, rows, strict=True)],
        contexts,
    )
    agree([{**document, "type": row[1]} for document, row in zip(documents, rows, strict=True)], contexts, hash_name)
    agree(
        [{**document, "x": {"@value": "x", "@type": row[2]}} for document, row in zip(documents, rows, strict=True)],
        contexts,
    )


def _taken(bad: Any, *, awards: int = 3) -> int:
    """How many templates were used for `bad` after some awards made one."""
    agree([award(n) for n in range(awards)])
    kept = KNOWN.templates
    before = kept.hits
    assert ours(bad) == general(bad)
    return int(kept.hits - before)


def test_the_template_is_refused_where_it_would_have_to_guess() -> None:
    assert _taken(award(9)) == 1
    one_subject = award(9, evidence=(c.Evidence(id=ACHIEVEMENT.id, name="Work"),))
    also_one = award(9, evidence=(c.Evidence(id="urn:uuid:9", name="Work"),))
    name_twice = award(9)
    name_twice["credentialSubject"]["identifier"][0] |= {"identityHash": "x"}
    compact = {**award(9), "id": "cred:x"}
    blank = {**award(9), "id": "_:x"}
    number = award(9)
    number["credentialSubject"]["identifier"][0]["hashed"] = 0  # equal to False, and other RDF
    for bad in (
        one_subject,
        also_one,
        compact,
        blank,
        number,
        {**award(9), "name": ["a", "b"]},
        {**award(9), "more": 1},
    ):
        assert _taken(bad) == 0, bad
    assert _taken(dict(reversed(award(9).items()))) == 0  # other order: a shape of its own
    assert _taken(name_twice) == 1


def test_two_quads_or_nodes_that_become_one_go_the_general_way() -> None:
    def tagged(*tags: str) -> dict[str, Any]:
        return award(1, achievement=replace(ACHIEVEMENT, tags=tags))

    assert agree([tagged("a", "b"), tagged("c", "d"), tagged("e", "f"), tagged("g", "g"), tagged("h", "a")]) == 2

    def results(*values: str) -> dict[str, Any]:
        return award(1, results=tuple(c.Result(result_description="urn:uuid:1", value=value) for value in values))

    assert agree([results("a", "b"), results("c", "d"), results("e", "f"), results("g", "g"), results("f", "e")]) == 2
    # Two parts that are alike in every award never go by a template, and are not tried for ever.
    assert agree(results("a", "a") for _ in range(8)) == 0
    assert agree(award(n, results=(c.Result(result_description="urn:uuid:1"),) * 2) for n in range(9)) == 0


def test_only_plain_json_goes_by_a_template() -> None:
    class Word(StrEnum):
        WORK = "Work"

    base = award(1)
    assert _taken({**base, "name": Word.WORK}) == 0
    assert _taken(base | {"validFrom": 1.0}) == 0
    inline = Contexts(inline=True)
    assert agree([award(n) for n in range(4)], inline) == 0
    assert inline.templates is None
    assert ours(["a"]) == general(["a"]) == "no_context"


def test_a_text_that_leaves_no_trace_cannot_be_a_slot() -> None:
    sample = {"@context": {"unused": "https://x.example/1", "used": "https://x.example/2"}, "used": "x"}
    with pytest.raises(templates._Unfit):
        templates.Template(sample, frozenset({("@context", "unused")}), Contexts(inline=True), "sha256")


def test_addresses_that_a_context_could_read_otherwise() -> None:
    contexts = Contexts({"https://x.example/c": {"@context": {
        "@vocab": "https://x.example/v#", "to": {"@type": "@id"}, "urn:known": "urn:known",
        "did": {"@id": "https://x.example/d#", "@prefix": True},
    }}})  # fmt: skip

    def document(to: str) -> dict[str, Any]:
        return {"@context": "https://x.example/c", "to": to, "text": "x"}

    plain = [document(f"urn:{n}") for n in range(4)]
    assert agree(plain, contexts) == 2
    assert agree([*plain, document("urn:known"), document("did:a"), document("https://a")], contexts) == 3
    assert (
        ours(document("did:a"), contexts)
        == b'_:c14n0 <https://x.example/v#text> "x" .\n_:c14n0 <https://x.example/v#to> <https://x.example/d#a> .\n'
    )


def test_poison_is_refused_as_often_as_it_comes() -> None:
    nodes = [f"_:n{n}" for n in range(10)]
    context = {"@context": {"to": {"@id": "https://x.example/to", "@type": "@id"}, "id": "@id"}}
    contexts = Contexts({"https://x.example/c": context})
    links = [{"id": node, "to": [other for other in nodes if other != node]} for node in nodes]
    poison = {"@context": "https://x.example/c", "id": "urn:x:1", "to": links}
    for _ in range(4):
        assert ours(poison, contexts) == "too_complex"


def test_what_is_kept_is_bounded() -> None:
    contexts = Contexts({"https://x.example/c": {"@context": {"@vocab": "https://x.example/v#"}}})
    base = {"@context": "https://x.example/c"}
    for number in range(3 * templates.MAX_KEPT):
        for text in "abc":
            ours(base | {f"m{number}": text, "n": "x", "o": "y"}, contexts)
    kept = contexts.templates.by_members.values()
    assert sum(map(len, kept)) <= templates.MAX_KEPT
    for number in range(100):
        ours(base | {"m": ["x"] * number}, contexts)
    assert max(map(len, kept)) <= templates.MAX_ALIKE
    contexts.templates = None
    huge = base | {"m": "x" * (templates.MAX_SIZE + 1)}
    long = base | {"m": [True] * (templates.MAX_SIZE + 1)}
    deep: Any = "x"
    for _ in range(templates.MAX_DEPTH + 1):
        deep = {"m": deep}
    many = base | {"m": [{"m": str(n)} for n in range(len(templates._LABELS) + 1)]}
    for document in (huge, long, base | {"m": deep}, base | {"m": 1.5}, base | {"m": templates._MARK}, many):
        assert agree([document] * 3, contexts) == 0


def test_a_stream_of_strangers_is_learned_from_seldom() -> None:
    contexts = Contexts({"https://x.example/c": {"@context": {"@vocab": "https://x.example/v#"}}})
    for number in range(300):
        ours({"@context": "https://x.example/c", "m": ["x"] * number}, contexts)
    assert contexts.templates.misses == 300
    # Then awards arrive, and are soon as fast as ever.
    for number in range(60):
        assert ours(award(number), contexts) == general(award(number), contexts)
    assert contexts.templates.hits > 30


@needs_data
@pytest.mark.parametrize(
    ("root", "name", "suffix", "suite_name", "key_file"), [v for v in VECTORS if "jcs" not in v[1]]
)
def test_the_published_vectors_by_template(root: str, name: str, suffix: str, suite_name: str, key_file: str) -> None:
    document = proofs.without_proof(read_json(root, name, f"signed{suffix}.json"))
    options = read_json(root, name, f"proofConfig{suffix}.json")
    hash_name = "sha384" if "P384" in suffix else "sha256"
    for part, file in ((document, "canonDoc"), (options, "proofCanon")):
        varied = [{**part, other: "2020-01-01T00:00:00Z"} for other in ("validFrom", "created") if other in part]
        CONTEXTS.templates = None
        for other in (*varied, part, part, part):
            ours(other, CONTEXTS, hash_name)
        before = CONTEXTS.templates.hits
        assert ours(part, CONTEXTS, hash_name) == read(root, name, f"{file}{suffix}.txt").encode()
        assert CONTEXTS.templates.hits == before + 1


@pytest.mark.parametrize(
    ("member", "values"),
    [
        ("word", ["red", "blue", "green", "gray"]),  # says which word of the vocabulary: read by the context
        ("any", [["a"], ["b"], ["c"], ["d"]]),  # JSON: its text stands inside another
        ("type", ["One", "Two", "Three", "Four"]),
        ("kind", [{"@value": "x", "@type": f"urn:t:{n}"} for n in range(4)]),
    ],
)
def test_texts_that_decide_how_others_are_read_have_no_slot(member: str, values: list[Any]) -> None:
    context = {
        "@vocab": "https://x.example/v#",
        "word": {"@type": "@vocab"},
        "any": {"@type": "@json"},
        "type": "@type",
    }
    contexts = Contexts({"https://x.example/c": {"@context": context}})
    documents = [{"@context": "https://x.example/c", "same": "x", "text": "y", member: value} for value in values]
    assert agree(documents, contexts) == 0


@pytest.mark.parametrize(
    "still", [{"flag": 1, "n": 1}, {"flag": True, "n": True}, {"flag": True, "n": [1]}, {"flag": True}]
)
def test_one_and_true_are_not_the_same_in_a_part_without_slots(still: dict[str, Any]) -> None:
    """To Python they are equal; as statements they differ, also deep in a part that awards have in common."""
    contexts = Contexts({"https://x.example/c": {"@context": {"@vocab": "https://x.example/v#"}}})
    common = {"@context": "https://x.example/c", "still": {"deep": [{"flag": True, "n": 1}]}}
    assert agree([{**common, "text": f"{n}"} for n in range(4)], contexts) == 2
    last = {**common, "text": "9", "still": {"deep": [still]}}
    assert agree([*({**common, "text": f"{n}"} for n in range(4)), last], contexts) == 2
