"""What a program publishes in CASE and CTDL: complete, valid, and back again without loss."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldstone.server.catalog import case, ctdl
from fieldstone.server.catalog.published import Entry, Owner, Shelf
from fieldstone.server.catalog.rules import parse
from fieldstone.server.reference import frameworks
from fieldstone.server.reference.actions import load
from fieldstone.server.reference.models import FrameworkItem, Release
from tests.cast import definition, text

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
FIRST, SECOND = UUID(int=1 << 100), UUID(int=2 << 100)
OWNER = Owner(UUID(int=3 << 100), "home", "Home College", "Savannah, Georgia", "https://home.example", "a@home.example", "public")
TIES = [
    {"framework": "O*NET", "code": "2.A.1.a", "name": "Reading Comprehension", "url": "https://www.onetonline.org/x", "level": 3.5},
    {"framework": "O*NET", "code": "39-9011.00", "name": "Childcare Workers", "url": "https://www.onetonline.org/link/summary/39-9011.00"},
]  # fmt: skip

REQUIRED = {
    "ceterms:MicroCredential": {
        "ceterms:ctid", "ceterms:name", "ceterms:description", "ceterms:subjectWebpage", "ceterms:credentialStatusType",
        "ceterms:inLanguage", "ceterms:ownedBy", "ceterms:offeredBy", "ceterms:estimatedDuration",
        "ceterms:estimatedCost", "ceterms:requires",
    },
    "ceterms:Certificate": {
        "ceterms:ctid", "ceterms:name", "ceterms:description", "ceterms:subjectWebpage", "ceterms:credentialStatusType",
        "ceterms:inLanguage", "ceterms:ownedBy", "ceterms:offeredBy",
    },
    "ceterms:CredentialOrganization": {
        "ceterms:ctid", "ceterms:name", "ceterms:description", "ceterms:subjectWebpage", "ceterms:agentType",
    },
    "ceterms:Pathway": {
        "ceterms:ctid", "ceterms:name", "ceterms:description", "ceterms:subjectWebpage", "ceterms:ownedBy",
        "ceterms:lifeCycleStatusType", "ceterms:hasDestinationComponent", "ceterms:hasPart",
    },
    "ceterms:CredentialComponent": {"ceterms:ctid", "ceterms:name", "ceterms:isPartOf", "ceterms:credentialType"},
    "ceterms:WorkExperienceComponent": {"ceterms:ctid", "ceterms:name", "ceterms:isPartOf"},
    "ceasn:CompetencyFramework": {
        "ceterms:ctid", "ceasn:name", "ceasn:description", "ceasn:inLanguage", "ceasn:publisher", "ceasn:hasTopChild",
    },
    "ceasn:Competency": {"ceterms:ctid", "ceasn:competencyText", "ceasn:inLanguage", "ceasn:isPartOf"},
    "ceasn:Rubric": {"ceterms:ctid", "ceasn:name", "ceasn:description", "ceasn:inLanguage", "ceasn:hasRubricCriterion"},
    "ceasn:RubricCriterion": {"ceterms:ctid", "ceasn:name", "ceasn:hasCriterionLevel"},
    "ceasn:CriterionLevel": {"ceasn:benchmarkLabel", "ceasn:benchmarkText"},
}  # fmt: skip
"""What each class carries of ours at least; what the Credential Registry needs is `ctdl.NEEDED`."""


def shelf(*bodies: dict[str, Any]) -> Shelf:
    """A program with a micro-credential for each of these definitions."""
    made = []
    for number, body in enumerate(bodies or (definition(alignments=TIES),)):
        parsed, problems = parse(body)
        assert problems == []
        made.append(Entry((FIRST, SECOND)[number], f"one-{number}", 2, AT, parsed))
    areas = ({"code": "cda_7", "name": text("Observing")}, {"code": "cda_8", "name": {"es": "Crecer"}})
    return Shelf(UUID(int=4 << 100), "ece", text("Early childhood"), {}, areas, OWNER, tuple(made), "https://b.example")


def nested(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document that has a class, wherever it stands."""
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nested(one)
    if isinstance(value, dict) and "@type" in value:
        yield value


def needed(graph: dict[str, Any]) -> list[tuple[str, str]]:
    """What the registry needs and the graph has not: (class, members), and descriptions that are too short."""
    found = []
    for node in nested(graph["@graph"]):
        kind = node["@type"].replace("Certificate", "MicroCredential")
        lacking = [m for m in ctdl.NEEDED.get(kind, ()) if not any(node.get(one) for one in m.split("|"))]
        told = {m: node.get(m, {}) for m in ("ceterms:description", "ceasn:description")}
        short = [m for m, text in told.items() if any(len(words) < ctdl.SHORTEST for words in text.values())]
        found += [(node["@type"], m) for m in (*lacking, *short)]
    return found


def complete(graph: dict[str, Any]) -> None:
    """Whether each resource has what `REQUIRED` asks of its class, and every address in the graph leads somewhere."""
    known = {node["@id"] for node in graph["@graph"]}
    for node in graph["@graph"]:
        wanted = REQUIRED[node["@type"]]
        assert {key for key in wanted if not node.get(key)} == set(), node["@id"]
        if "ceterms:ctid" in node:
            assert str(UUID(node["ceterms:ctid"].removeprefix("ce-"))) == node["ceterms:ctid"][3:]
        for key in ("ceterms:hasPart", "ceasn:hasTopChild", "ceasn:hasChild", "ceterms:hasRubric", "ceasn:hasCriterionLevel",
                    "ceasn:hasRubricCriterion", "ceterms:hasDestinationComponent"):  # fmt: skip
            if node["@type"] != "ceterms:Certificate":
                assert set(node.get(key, [])) <= known
    assert len({n["ceterms:ctid"] for n in graph["@graph"] if "ceterms:ctid" in n}) == sum("ceterms:ctid" in n for n in graph["@graph"])


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=40)
TEXT = st.fixed_dictionaries({"en": WORDS}, optional={"es": WORDS})


@st.composite
def rubrics(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rubrics that a definition may have."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        count = draw(st.integers(2, 6))
        counting = draw(st.integers(1, count - 1))
        marks = draw(st.permutations([True] * counting + [False] * (count - counting)))
        levels = [
            {"id": f"l{place}", "title": draw(TEXT), "text": draw(TEXT), "demonstrated": mark}
            for place, mark in enumerate(marks)
        ]
        parts = draw(st.sampled_from([[], ["notes"], ["notes", "setting"]]))
        phrases = draw(st.lists(TEXT, max_size=2))
        found.append({"id": f"c{number}", "title": draw(TEXT), "parts": parts, "phrases": phrases, "levels": levels})
    return found


# --- CASE ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def schema() -> jsonschema_rs.Validator:
    """The schema that 1EdTech publishes for a CFPackage of CASE 1.1; a skip where it is not at hand."""
    from tests.conftest import shared_data

    path = shared_data() / "schemas/case/v1_1/case_v1p1_cfpackage-jsonschema1.json"
    return jsonschema_rs.validator_for(json.loads(path.read_text()))


def test_a_program_is_a_valid_package(schema: jsonschema_rs.Validator) -> None:
    second = definition(prerequisites=[str(FIRST), str(SECOND), "elsewhere"], clock_hours={"cda_7": 2, "cda_8": 9, "x": 3})
    package = case.package(shelf(definition(alignments=TIES, clock_hours={}), second))
    assert [error.message for error in schema.iter_errors(package)] == []
    assert [(i["humanCodingScheme"], i["CFItemType"]) for i in package["CFItems"]] == [
        ("cda_7", "Area"), ("cda_8", "Area"), ("one-0", "Competency"), ("one-1", "Competency"),
    ]  # fmt: skip
    links = [(a["associationType"], a["originNodeURI"]["title"], a["destinationNodeURI"]["title"]) for a in package["CFAssociations"]]
    title = "Observing and recording behavior"
    assert links == [
        ("isChildOf", "Observing", "Early childhood"), ("isChildOf", "Crecer", "Early childhood"),
        ("isChildOf", title, "Early childhood"), ("isChildOf", title, "Crecer"), ("isChildOf", title, "Observing"),
        ("precedes", title, title), ("isRelatedTo", title, "Reading Comprehension"), ("isRelatedTo", title, "Childcare Workers"),
    ]  # fmt: skip
    tie = package["CFAssociations"][-2]
    assert tie["destinationNodeURI"]["targetType"] == "ext:O-NET"
    assert tie["extensions"]["fieldstone"]["framework"] == "O*NET"
    assert len({row["identifier"] for part in ("CFItems", "CFAssociations") for row in package[part]}) == 12


def test_a_program_with_nothing_published_is_still_a_valid_package(schema: jsonschema_rs.Validator) -> None:
    empty = Shelf(UUID(int=9), "x", {"es": "Nada"}, text("For later"), (), OWNER, (), "https://b.example")
    package = case.package(empty)
    assert [error.message for error in schema.iter_errors(package)] == []
    assert (package["CFDocument"]["title"], package["CFDocument"]["language"]) == ("Nada", "es")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(rows=rubrics())
def test_a_rubric_comes_back_from_case_as_it_was(rows: list[dict[str, Any]], schema: jsonschema_rs.Validator) -> None:
    package = case.package(shelf(definition(rubric=rows)))
    assert [error.message for error in schema.iter_errors(package)] == []
    again = case.rubric_rows(json.loads(json.dumps(package["CFRubrics"][0])))
    assert again == rows
    assert parse(definition(rubric=again))[0].criteria == parse(definition(rubric=rows))[0].criteria


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(rows=rubrics(), name=TEXT)
def test_a_package_goes_through_the_tables_unchanged(rows: list[dict[str, Any]], name: dict[str, str], tmp_path: Path) -> None:
    package = case.package(shelf(definition(rubric=rows, competency=name, alignments=TIES)))
    path = tmp_path / "package.json"
    path.write_text(json.dumps(package))
    Release.objects.all().delete()
    release = load(kind="case", path=path, by=None, at=AT).release
    assert release.report["dropped"] == []
    assert frameworks.document(release.pk) == json.loads(json.dumps(package))


def test_a_rubric_of_others_becomes_rows_that_an_author_can_use() -> None:
    rubric = {
        "CFRubricCriteria": [
            {"category": "Late", "position": 2, "CFRubricCriterionLevels": [
                {"quality": "No", "position": 1}, {"description": "Yes, always", "quality": "Yes", "position": 2}]},
            {"description": "Looks  often", "position": 1, "extensions": {"x": 1}, "CFRubricCriterionLevels": [
                {"quality": "Good", "score": 4}, {"quality": "Fair", "score": 2.5}, {"quality": "Poor", "score": True}]},
            {"description": "One level", "CFRubricCriterionLevels": [{"quality": "Only"}]},
            {"CFRubricCriterionLevels": [{}, {}]},
            7,
        ]
    }  # fmt: skip
    rows = case.rubric_rows(rubric)
    assert [row["title"] for row in rows] == [{"en": "Looks often"}, {"en": "Late"}, {"en": "Criterion 4"}]
    assert [level["demonstrated"] for level in rows[0]["levels"]] == [True, False, False]
    assert [level["demonstrated"] for level in rows[1]["levels"]] == [False, True]
    assert [level["text"] for level in rows[1]["levels"]] == [{"en": "No"}, {"en": "Yes, always"}]
    definition_, problems = parse(definition(rubric=rows))
    assert (len(definition_.criteria), [p for p in problems if "title" in p.field or "levels" in p.field]) == (3, [])
    assert case.rubric_rows({"CFRubricCriteria": None}) == []


def test_names_that_come_twice_are_told_apart() -> None:
    row = {"extensions": {"fieldstone": {"id": "same", "title": text("T")}}, "CFRubricCriterionLevels": [{}, {}]}
    rows = case.rubric_rows({"CFRubricCriteria": [row] * 23})
    assert len(rows) == len({row["id"] for row in rows}) == 20


# --- CTDL ---------------------------------------------------------------------------------------------------


def test_a_micro_credential_meets_the_minimum_data_policy() -> None:
    one = shelf(definition(alignments=TIES, valid_months=36, participation="blended", prerequisites=[str(SECOND), "elsewhere"]))
    graph = ctdl.document(one.entries[0], one, "college")
    complete(graph)
    assert needed(graph) == []
    node = graph["@graph"][0]
    assert node["@id"] == f"https://b.example/ctdl/micro-credentials/{FIRST}"
    assert (node["ceterms:ctid"], node["ceterms:renewalFrequency"]) == (f"ce-{FIRST}", "P36M")
    assert node["ceterms:estimatedDuration"][0]["ceterms:exactDuration"] == "PT15H"
    assert node["ceterms:occupationType"][0]["ceterms:codedNotation"] == "39-9011.00"
    showed, before = node["ceterms:requires"]
    assert [c["ceterms:codedNotation"] for c in showed["ceterms:targetCompetency"]] == ["one-0", "2.A.1.a"]
    assert before["ceterms:targetCredential"] == [f"https://b.example/ctdl/micro-credentials/{SECOND}"]
    assert node["ceterms:learningDeliveryType"][0]["ceterms:targetNode"] == "deliveryType:BlendedDelivery"


def test_what_is_not_there_is_not_said() -> None:
    bare = definition(valid_months=None, participation="work")
    nowhere = Owner(OWNER.id, "home", "Home College")
    one = shelf(bare)
    node = ctdl.micro_credential(one.entries[0], one)
    assert node.keys().isdisjoint({"ceterms:renewalFrequency", "ceterms:occupationType", "ceterms:learningDeliveryType"})
    organization = ctdl.organization(nowhere, "https://b.example")
    assert organization.keys().isdisjoint({"ceterms:agentSectorType", "ceterms:address"})
    assert needed(ctdl.graph("x", [organization])) == [
        ("ceterms:CredentialOrganization", members) for members in ctdl.NEEDED["ceterms:CredentialOrganization"]
        if members in ("ceterms:agentSectorType", "ceterms:email|ceterms:address")
    ]  # fmt: skip
    assert (organization["ceterms:subjectWebpage"], "ceterms:email" in organization) == ("https://b.example", False)
    blank = Entry(FIRST, "blank", 1, AT, parse({})[0])
    assert ctdl.rubric(blank, one) == []
    assert "ceterms:hasRubric" not in ctdl.micro_credential(blank, one)
    assert ctdl.occupation("39-9011").keys().isdisjoint({"ceterms:targetNode"})


def test_a_framework_holds_areas_and_competencies_both_ways() -> None:
    one = shelf(definition(clock_hours={"cda_7": 1, "cda_8": 2}), definition(clock_hours={}))
    nodes = {node["@id"]: node for node in ctdl.framework(one)}
    whole = ctdl.graph("https://b.example/x", [*nodes.values(), ctdl.organization(OWNER, one.base_url)])
    complete(whole)
    assert needed(whole) == []
    here = ctdl.framework_address(one.base_url, one.id)
    assert nodes[here]["ceasn:hasTopChild"] == [f"{here}#area-cda_7", f"{here}#area-cda_8", f"{here}#one-1"]
    assert nodes[f"{here}#one-0"]["ceasn:isChildOf"] == [f"{here}#area-cda_8", f"{here}#area-cda_7"]
    assert nodes[f"{here}#area-cda_7"]["ceasn:hasChild"] == [f"{here}#one-0"]
    assert nodes[f"{here}#area-cda_8"]["ceasn:competencyText"] == {"es": "Crecer"}
    empty = Shelf(UUID(int=9), "x", {"es": "Nada"}, {}, (), OWNER, (), "https://b.example")
    [whole] = ctdl.framework(empty)
    assert whole.keys().isdisjoint({"ceasn:hasTopChild", "ceasn:dateModified"})


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(rows=rubrics(), name=TEXT, competency=TEXT)
def test_a_graph_goes_through_the_tables_unchanged(
    rows: list[dict[str, Any]], name: dict[str, str], competency: dict[str, str], tmp_path: Path
) -> None:
    one = shelf(definition(rubric=rows, title=name, competency=competency, alignments=TIES))
    graph = ctdl.document(one.entries[0], one)
    path = tmp_path / "graph.jsonld"
    path.write_text(json.dumps(graph))
    Release.objects.all().delete()
    release = load(kind="ctdl", path=path, by=None, at=AT).release
    assert release.report["dropped"] == []
    assert frameworks.document(release.pk) == json.loads(json.dumps(graph))
    items = {item.identifier: item for item in FrameworkItem.objects.filter(release=release)}
    shown = items[ctdl.competency_address(one.entries[0], one)]
    assert (shown.text_en, shown.text_es, shown.code) == (competency["en"], competency.get("es", ""), "one-0")
    here = ctdl.credential_address(one.base_url, FIRST)
    told = [
        {
            "id": c.code, "title": c.extra["ceasn:name"],
            "levels": [
                {"id": level.code, "title": level.extra["ceasn:benchmarkLabel"], "text": level.extra["ceasn:benchmarkText"],
                 "demonstrated": level.extra["schema:value"] == 1}
                for level in (items[address] for address in c.extra["ceasn:hasCriterionLevel"])
            ],
        }
        for c in (items[address] for address in items[f"{here}#rubric"].extra["ceasn:hasRubricCriterion"])
    ]  # fmt: skip
    assert told == [{key: row[key] for key in ("id", "title", "levels")} for row in rows]


def test_an_organization_says_whose_it_is_and_where() -> None:
    node = ctdl.organization(OWNER, "https://b.example", "college")
    assert node["ceterms:agentSectorType"][0]["ceterms:targetNode"] == "agentSector:Public"
    assert node["ceterms:address"] == [
        {"@type": "ceterms:Place", "ceterms:addressLocality": {"en": "Savannah"}, "ceterms:addressRegion": {"en": "Georgia"}}
    ]
    wide = Owner(OWNER.id, "home", "Home College", "Tennessee")
    assert ctdl.organization(wide, "x")["ceterms:address"] == [{"@type": "ceterms:Place", "ceterms:addressLocality": {"en": "Tennessee"}}]


def test_what_it_costs_is_said_in_words() -> None:
    one = shelf(definition(cost_cents=125_050), definition(cost_cents=0))
    told = [ctdl.micro_credential(e, one)["ceterms:estimatedCost"][0]["ceterms:description"]["en"] for e in one.entries]
    assert told == ["A learner pays $1,250.50 in all.", "It is free for the learner."]


def test_levels_of_ties_go_out_in_words() -> None:
    ties = [*TIES, {"framework": "State standards", "code": "A.1", "name": "Sleep", "url": "https://x.example/1", "level_name": "Grade 6",
                    "item": "i-1", "version": "2"}]  # fmt: skip
    one = shelf(definition(alignments=ties))
    shown = ctdl.micro_credential(one.entries[0], one)["ceterms:requires"][0]["ceterms:targetCompetency"]
    assert [c["ceterms:targetNodeDescription"]["en"] for c in shown[1:]] == ["Level: 3.5 (0-7)", "Level: Grade 6"]
    out = case.package(one)["CFAssociations"][-1]
    assert out["destinationNodeURI"]["identifier"] == "i-1"
    assert out["extensions"]["fieldstone"] == {"framework": "State standards", "level_name": "Grade 6", "version": "2", "code": "A.1"}


def test_parts_and_names_that_a_draft_has_not_stay_behind() -> None:
    own = {"id": "c1", "title": {"en": "T", "fr": "T", "es": 5}, "parts": ["notes", "gone", 7], "phrases": [{"en": "Yes"}, 3]}
    rubric = {"CFRubricCriteria": [{"extensions": {"fieldstone": own}, "CFRubricCriterionLevels": [{}, {}]}]}
    [row] = case.rubric_rows(rubric, used=["c1"], parts={"notes"})
    assert (row["id"], row["title"], row["parts"], row["phrases"]) == ("c1_2", {"en": "T"}, ["notes"], [{"en": "Yes"}])
    [bare] = case.rubric_rows({"CFRubricCriteria": [{**rubric["CFRubricCriteria"][0], "extensions": {"fieldstone": {"title": 5}}}]})
    assert bare["title"] == {"en": "Criterion 1"}
    assert case.criteria_of({"CFRubricCriteria": [{"description": "A"}, {}]}) == [("A", 0), ("2", 0)]
