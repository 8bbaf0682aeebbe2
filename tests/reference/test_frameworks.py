"""Frameworks of others: CASE packages, CTDL documents, ESCO, in and out again, whole or not at all."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from fieldstone.server.reference import frameworks
from fieldstone.server.reference.actions import load
from fieldstone.server.reference.case_package import conform
from fieldstone.server.reference.importers import BadFile
from fieldstone.server.reference.models import Framework, FrameworkItem, FrameworkLink, Release

pytestmark = pytest.mark.django_db

ITEM = "11111111-1111-4111-8111-111111111111"
BELOW = "22222222-2222-4222-8222-222222222222"
PACKAGE: dict[str, Any] = {
    "CFDocument": {
        "identifier": "d1111111-1111-4111-8111-111111111111", "uri": "https://example.org/doc", "creator": "A college",
        "title": "Caring for children", "lastChangeDateTime": "2026-01-02T03:04:05Z", "language": "es-MX",
        "version": "2",
    },
    "CFItems": [
        {"identifier": ITEM, "uri": "https://example.org/1", "fullStatement": "Cuida a la niñez", "humanCodingScheme": "A",
         "CFItemType": "Area", "lastChangeDateTime": "2026-01-02T03:04:05Z", "educationLevel": ["PS"]},
        {"identifier": BELOW, "uri": "https://example.org/2", "fullStatement": "Watches over sleep", "language": "en",
         "humanCodingScheme": "A.1", "lastChangeDateTime": "2026-01-02T03:04:05Z", "extensions": {"x": [1, None]}},
    ],
    "CFAssociations": [
        {"identifier": "a1111111-1111-4111-8111-111111111111", "uri": "https://example.org/a", "associationType": "isChildOf",
         "sequenceNumber": 3, "lastChangeDateTime": "2026-01-02T03:04:05Z",
         "originNodeURI": {"title": "A.1", "identifier": BELOW, "uri": "https://example.org/2"},
         "destinationNodeURI": {"title": "A", "identifier": ITEM, "uri": "https://example.org/1"}},
    ],
    "CFRubrics": [
        {"identifier": "c1111111-1111-4111-8111-111111111111", "uri": "https://example.org/r", "title": "Sleep",
         "lastChangeDateTime": "2026-01-02T03:04:05Z", "CFRubricCriteria": [
             {"identifier": "c2222222-2222-4222-8222-222222222222", "uri": "https://example.org/c", "description": "Looks often",
              "category": "Care", "weight": 0.5, "position": 1, "lastChangeDateTime": "2026-01-02T03:04:05Z",
              "CFRubricCriterionLevels": [
                  {"identifier": f"c333333{n}-3333-4333-8333-333333333333", "uri": f"https://example.org/l{n}", "score": n,
                   "description": f"Level {n}", "quality": "Yes", "position": n,
                   "lastChangeDateTime": "2026-01-02T03:04:05Z"} for n in (0, 1)]}]},
    ],
}  # fmt: skip
CTDL: dict[str, Any] = {
    "@context": "https://credreg.net/ctdlasn/schema/context/json",
    "@id": "https://example.org/graph/1",
    "@graph": [
        {"@id": "https://example.org/f", "@type": "ceasn:CompetencyFramework", "ceasn:name": {"en-US": "Care", "es": "Cuidado"},
         "ceasn:hasTopChild": ["https://example.org/c1"], "ceasn:dateModified": "2026-05-04T00:00:00"},
        {"@id": "https://example.org/c1", "@type": "ceasn:Competency", "ceasn:codedNotation": "C.1",
         "ceasn:competencyText": {"en-us": "Keeps watch", "es-MX": "Vigila"}, "ceasn:isPartOf": "https://example.org/f",
         "ceasn:hasChild": ["https://example.org/c2"], "ceasn:exactAlignment": ["https://example.net/other"]},
        {"@id": "https://example.org/c2", "@type": "ceasn:Competency", "ceasn:competencyText": {"en-US": "Counts heads"},
         "ceasn:isPartOf": ["https://example.org/f"]},
    ],
}  # fmt: skip
SKILLS = (
    "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,"
    "definition,inScheme,description\n"
)
GROUPS = "conceptType,conceptUri,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,inScheme,description,code\n"
SKILL = "http://data.europa.eu/esco/skill/"


def put(path: Path, what: Any) -> Path:
    """A file with this document, or with these bytes."""
    path.write_bytes(what if isinstance(what, bytes) else json.dumps(what).encode())
    return path


def esco(folder: Path, **files: str) -> Path:
    """A small ESCO download: one group, two skills, one occupation and what joins them."""
    folder.mkdir(exist_ok=True)
    every = {
        "skillGroups_en": GROUPS + f"SkillGroup,{SKILL}S1,communication,,,released,2024-01-02,,,talking,S1\n",
        "skills_en": SKILLS
        + f'KnowledgeSkillCompetence,{SKILL}1,skill/competence,cross-sector,"tell stories","narrate\ntell tales",,released,2024-05-06T00:00:00Z,,,,"Tells, well."\n'
        + f"KnowledgeSkillCompetence,{SKILL}2,knowledge,cross-sector,pedagogy,,,released,2024-05-07,,,,\n"
        + f"KnowledgeSkillCompetence,{SKILL}3,knowledge,cross-sector,old things,,,obsolete,2024-05-07,,,,\n",
        "skills_es": SKILLS
        + f'KnowledgeSkillCompetence,{SKILL}1,skill/competence,cross-sector,"contar cuentos a la niñez",,,released,2024-05-06,,,,\n',
        "occupations_en": "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,status,modifiedDate,description,code\n"
        "Occupation,http://data.europa.eu/esco/occupation/1,5311,child care worker,nanny,released,2024-01-01,,5311.1\n",
        "broaderRelationsSkillPillar_en": "conceptType,conceptUri,broaderType,broaderUri\n"
        f"KnowledgeSkillCompetence,{SKILL}1,SkillGroup,{SKILL}S1\nKnowledgeSkillCompetence,{SKILL}2,SkillGroup,{SKILL}gone\n",
        "occupationSkillRelations_en": "occupationUri,relationType,skillType,skillUri\n"
        f"http://data.europa.eu/esco/occupation/1,essential,skill/competence,{SKILL}1\n"
        f"http://data.europa.eu/esco/occupation/1,optional,knowledge,{SKILL}3\n",
    }
    for name, text in {**every, **files}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


# --- CASE ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def schema() -> jsonschema_rs.Validator:
    """The schema that 1EdTech publishes for a CFPackage of CASE 1.1; a skip where it is not at hand."""
    from tests.conftest import shared_data

    path = shared_data() / "schemas/case/v1_1/case_v1p1_cfpackage-jsonschema1.json"
    return jsonschema_rs.validator_for(json.loads(path.read_text()))


def test_a_package_becomes_a_framework_and_the_same_package_again(tmp_path: Path, at: datetime) -> None:
    loaded = load(kind="case", path=put(tmp_path / "p.json", PACKAGE), by=None, at=at).release
    assert (loaded.version, loaded.series) == ("2 of 2026-01-02", PACKAGE["CFDocument"]["identifier"])
    first, second = FrameworkItem.objects.filter(identifier__in=(ITEM, BELOW)).order_by("pk")
    assert (first.code, first.kind, first.text_en, first.text_es) == ("A", "Area", "", "Cuida a la niñez")
    assert (second.parent, second.text_en, second.extra["extensions"]) == (ITEM, "Watches over sleep", {"x": [1, None]})
    kinds = list(FrameworkItem.objects.filter(kind__startswith="CFRubric").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["CFRubric", "CFRubricCriterion", "CFRubricCriterionLevel", "CFRubricCriterionLevel"]
    assert frameworks.document(loaded.pk) == PACKAGE


@pytest.mark.parametrize("name", ["opensalt_sample_framework", "smart_level_framework"])
def test_published_packages_come_out_as_they_went_in(name: str, shared: Path, at: datetime, schema: Any) -> None:
    path = shared / "case" / f"{name}.json"
    told = json.loads(path.read_text())
    release = load(kind="case", path=path, by=None, at=at).release
    assert release.report["dropped"] == []
    again = frameworks.document(release.pk)
    assert again == told
    assert isinstance(again, dict)
    formed = conform(again)
    assert [error.message for error in schema.iter_errors(formed)] == []
    for part in ("CFItems", "CFAssociations"):
        assert [row["identifier"] for row in formed[part]] == [row["identifier"] for row in told[part]]
    assert [i["fullStatement"] for i in formed["CFItems"]] == [i["fullStatement"] for i in told["CFItems"]]
    assert conform(formed) == formed


def test_what_version_1_1_has_no_member_for_goes_into_extensions(schema: Any) -> None:
    odd = json.loads(json.dumps(PACKAGE))
    odd["CFItems"][0] |= {"mood": "calm", "notes": None, "educationLevel": "PS", "statusStartDate": "2026-01-02T00:00:00"}
    odd["CFAssociations"][0] |= {"associationType": "is a cousin of", "sequenceNumber": "third"}
    odd["CFRubrics"][0]["CFRubricCriteria"][0]["CFRubricCriterionLevels"][0] |= {"mood": "calm", "extensions": {"y": 1}}
    odd["CFDefinitions"] = {"CFItemTypes": [{"identifier": ITEM, "uri": "u", "title": "T", "description": None}], "CFMoods": [1]}
    odd["more"] = True
    formed = conform(odd)
    assert [error.message for error in schema.iter_errors(formed)] == []
    item = formed["CFItems"][0]
    assert (item["extensions"], item["educationLevel"], item["statusStartDate"]) == ({"mood": "calm"}, ["PS"], "2026-01-02")
    assert formed["CFAssociations"][0]["associationType"] == "ext:is-a-cousin-of"
    assert formed["CFAssociations"][0]["extensions"] == {"sequenceNumber": "third"}
    level = formed["CFRubrics"][0]["CFRubricCriteria"][0]["CFRubricCriterionLevels"][0]
    assert level["extensions"] == [{"y": 1}, {"mood": "calm"}]
    assert (formed["extensions"], formed["CFDefinitions"]["extensions"]) == ({"more": True}, {"CFMoods": [1]})


def test_what_cannot_be_kept_is_told(tmp_path: Path, at: datetime) -> None:
    odd = json.loads(json.dumps(PACKAGE))
    odd["CFItems"] += [{"identifier": ITEM, "fullStatement": "Twice"}, {"fullStatement": "Nameless"}, 7,
                       {"identifier": "9", "fullStatement": " "}]  # fmt: skip
    odd["CFAssociations"] += [{"identifier": "b"}, odd["CFAssociations"][0], {**odd["CFAssociations"][0], "identifier": "c", "associationType": ""}]
    report = load(kind="case", path=put(tmp_path / "p.json", odd), by=None, at=at).release.report
    assert {row["why"]: row["rows"] for row in report["dropped"]} == {
        "A CFItem stands there twice": 1,
        "A CFItem has no identifier that can be used": 1,
        "An entry of CFItems is no object": 1,
        "A CFItem has no fullStatement": 1,
        "A CFAssociation lacks one of its ends": 1,
        "A CFAssociation stands there twice": 1,
        "A CFAssociation does not say of which type it is": 1,
    }


def test_versions_stand_side_by_side_for_each_framework(tmp_path: Path, at: datetime) -> None:
    newer = json.loads(json.dumps(PACKAGE))
    newer["CFDocument"]["version"] = "3"
    other = json.loads(json.dumps(PACKAGE))
    other["CFDocument"]["identifier"] = "d2"
    for number, package in enumerate((PACKAGE, newer, other, PACKAGE)):
        load(kind="case", path=put(tmp_path / f"{number}.json", package), by=None, at=at)
    assert Release.objects.count() == 3
    assert sorted(Release.objects.filter(is_current=True).values_list("series", "version")) == [
        (PACKAGE["CFDocument"]["identifier"], "2 of 2026-01-02"), ("d2", "2 of 2026-01-02"),
    ]  # fmt: skip
    shelf = next(s for s in frameworks.shelves() if s.framework.identifier != "d2")
    assert ([other.release.version for other in shelf.others], shelf.items) == (["3 of 2026-01-02"], 6)


# --- CTDL ---------------------------------------------------------------------------------------------------


def test_a_graph_becomes_a_framework_and_the_same_graph_again(tmp_path: Path, at: datetime) -> None:
    release = load(kind="ctdl", path=put(tmp_path / "g.jsonld", CTDL), by=None, at=at).release
    assert (release.version, release.series) == ("2026-05-04", "https://example.org/f")
    rows = list(FrameworkItem.objects.order_by("pk").values_list("code", "kind", "text_en", "text_es", "parent"))
    assert rows == [
        ("", "CompetencyFramework", "Care", "Cuidado", ""),
        ("C.1", "Competency", "Keeps watch", "Vigila", ""),
        ("", "Competency", "Counts heads", "", "https://example.org/c1"),
    ]
    assert ("exactAlignment", "https://example.net/other") in FrameworkLink.objects.values_list("kind", "destination")
    assert frameworks.document(release.pk) == CTDL


@pytest.mark.parametrize(
    ("document", "count"),
    [
        ({**CTDL["@graph"][1], "@context": CTDL["@context"]}, 1),
        (CTDL["@graph"], 3),
        ({"envelope_id": "x", "envelope_community": "credentialengineregistry", "decoded_resource": CTDL}, 3),
        ({"@context": "http://credreg.net/ctdl/schema/context/json",
          "@graph": [{"id": "http://example.edu/p", "type": "Pathway", "name": {"@en-US": "A way"}}]}, 1),
    ],
)  # fmt: skip
def test_other_forms_of_a_document(document: Any, count: int, tmp_path: Path, at: datetime) -> None:
    release = load(kind="ctdl", path=put(tmp_path / "d.json", document), by=None, at=at).release
    assert FrameworkItem.objects.exclude(text_en="").count() == count
    plain = document.get("decoded_resource", document) if isinstance(document, dict) else document
    assert frameworks.document(release.pk) == plain


def test_resources_without_an_address_or_twice_are_told(tmp_path: Path, at: datetime) -> None:
    odd = {**CTDL, "@graph": [*CTDL["@graph"], CTDL["@graph"][0], {"@type": "ceasn:Competency"}, 5]}
    report = load(kind="ctdl", path=put(tmp_path / "d.json", odd), by=None, at=at).release.report
    assert {row["why"]: row["rows"] for row in report["dropped"]} == {
        "A resource stands there twice": 1, "A resource has no address that can be used": 2,
    }  # fmt: skip


# --- ESCO ---------------------------------------------------------------------------------------------------


def test_a_folder_or_a_zip_of_esco(tmp_path: Path, at: datetime) -> None:
    folder = esco(tmp_path / "ESCO dataset - v1.2.0 - csv")
    release = load(kind="esco", path=folder, by=None, at=at).release
    assert release.version == "1.2.0"
    told = {i.identifier.rpartition("/")[2]: i for i in FrameworkItem.objects.filter(framework__endswith="skills")}
    assert (told["1"].text_en, told["1"].text_es, told["1"].parent) == (
        "tell stories", "contar cuentos a la niñez", f"{SKILL}S1",
    )  # fmt: skip
    assert (told["1"].kind, told["1"].extra["labels_en"]) == ("skill/competence", ["narrate", "tell tales"])
    assert (told["2"].parent, told["2"].text_es, told["S1"].code) == ("", "", "S1")
    assert list(FrameworkLink.objects.values_list("kind", "destination")) == [("essential", f"{SKILL}1")]
    why = {row["why"] for row in release.report["dropped"]}
    assert why == {"The concept is not released", "A relation names a concept that is not in this download"}
    assert any("ISCOGroups" in remark for remark in release.report["remarks"])
    packed = tmp_path / "esco.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"csv/{file.name}")
    assert load(kind="esco", path=packed, by=None, at=at).release.version == "2024-05-07"
    skills = Framework.objects.get(release__is_current=True, identifier__endswith="skills")
    found = [i.text_en for i in frameworks.search(skills, "Ninez CUENTOS")]
    assert found == ["tell stories"]


def test_esco_needs_english_and_says_when_spanish_is_missing(tmp_path: Path, at: datetime) -> None:
    folder = esco(tmp_path / "esco")
    (folder / "skills_es.csv").unlink()
    remarks = load(kind="esco", path=folder, by=None, at=at).release.report["remarks"]
    assert "There are no Spanish files; titles are shown in English." in remarks
    for name in ("skills_en", "occupations_en"):
        (folder / f"{name}.csv").unlink()
    (folder / "skills_fr.csv").write_text(SKILLS)
    with pytest.raises(BadFile, match=r"neither skills_en\.csv nor occupations_en\.csv \(languages: en, fr\)"):
        load(kind="esco", path=folder, by=None, at=at)


# --- what changes nothing -----------------------------------------------------------------------------------

WHOLE = json.dumps(PACKAGE, ensure_ascii=False, indent=1)


@pytest.mark.parametrize(
    ("kind", "content", "told"),
    [
        ("case", WHOLE[:-40].encode(), r"line \d+, column \d+ is not JSON: it ends too early and was cut off"),
        ("case", WHOLE.encode("latin-1"), r"line \d+, column \d+: this letter is not UTF-8"),
        ("case", WHOLE.encode("utf-16"), "does not look like a CASE package|UTF-16"),
        ("case", WHOLE.encode().decode("latin-1").encode(), "stored in the wrong encoding once before"),
        ("case", json.dumps(CTDL).encode(), "looks like a CTDL document; use `fieldstone import ctdl`"),
        ("case", b'{"CFDocuments": [], "CFItems": []}', "list of frameworks, not a package"),
        ("case", b'{"CFPackage": {"CFDocument": {}}}', "inside “CFPackage”"),
        ("case", b'{"CFItems": []}', "has no CFDocument"),
        ("case", b'{"CFDocument": {"identifier": "x"}}', "has no title"),
        ("case", b'{"CFDocument": {"identifier": "x", "title": "t"}, "CFItems": {}}', "CFItems of .* is no list"),
        ("case", b'{"CFDocument": {"identifier": "x\\u0000", "title": "t"}}', "zero character"),
        ("case", b'{"CFDocument": {"identifier": "x\\ud800", "title": "t"}}', "half a letter"),
        ("case", b'{"CFDocument": {"identifier": "x", "title": NaN}}', "NaN is no number"),
        ("case", b'{"CFDocument": ' + b"[" * 5000 + b"]" * 5000 + b"}", "levels deep|recursion"),
        ("case", b'{"CFDocument": ' + b"[" * 300 + b"]" * 300 + b"}", "nested more than 200 levels"),
        ("ctdl", json.dumps(CTDL, indent=1)[:-30].encode(), "cut off"),
        ("ctdl", json.dumps(PACKAGE).encode(), "looks like a CASE package"),
        ("ctdl", json.dumps({**CTDL, "x": "ñ"}, ensure_ascii=False).encode("latin-1"), "not UTF-8"),
        ("ctdl", b'{"@context": "https://credreg.net/ctdl/x", "@graph": {}}', "@graph of .* is no list"),
        ("ctdl", b'{"@context": "https://credreg.net/ctdl/x", "@graph": []}', "holds no resource of CTDL"),
        ("ctdl", b'{"@id": "https://credentialengineregistry.org/1", "@type": "Thing"}', "nothing in it is of CTDL"),
        ("esco", b"FIPS,State,County_Name,Population_2020,RUCC_2023,Description\n", "looks like the USDA"),
    ],
)
def test_damaged_and_foreign_files_change_nothing(
    kind: str, content: bytes, told: str, tmp_path: Path, at: datetime
) -> None:
    path = put(tmp_path / "file.json", content)
    with pytest.raises(BadFile, match=told):
        load(kind=kind, path=path, by=None, at=at)
    assert not Release.objects.exists()
    assert not Framework.objects.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SKILLS + f"KnowledgeSkillCompetence,{SKILL}1,skill/compe", "columns and the head has 13: the file is damaged"),
        (SKILLS + f'KnowledgeSkillCompetence,{SKILL}1,"skill/compe', "columns and the head has 13"),
        (SKILLS.replace("preferredLabel", "label"), "no column preferredLabel"),
        ("", "is empty"),
    ],
)
def test_a_damaged_file_of_esco_changes_nothing(text: str, told: str, tmp_path: Path, at: datetime) -> None:
    with pytest.raises(BadFile, match=told):
        load(kind="esco", path=esco(tmp_path / "esco", skills_en=text), by=None, at=at)
    assert not Release.objects.exists()


def test_a_mis_encoded_file_of_esco_changes_nothing(tmp_path: Path, at: datetime) -> None:
    folder = esco(tmp_path / "esco")
    whole = (folder / "skills_es.csv").read_text()
    (folder / "skills_es.csv").write_bytes(whole.encode("latin-1"))
    with pytest.raises(BadFile, match=r"skills_es\.csv, line 2, column \d+: this letter is not UTF-8"):
        load(kind="esco", path=folder, by=None, at=at)
    assert not Release.objects.exists()


def test_a_document_larger_than_we_read_is_refused(tmp_path: Path, at: datetime, monkeypatch: Any) -> None:
    from fieldstone.server.reference.importers import documents

    monkeypatch.setattr(documents, "LARGEST_JSON", 1 << 10)
    with pytest.raises(BadFile, match="larger than 0 MB, which is more than we read at once"):
        load(kind="case", path=put(tmp_path / "p.json", PACKAGE), by=None, at=at)
    assert not Release.objects.exists()


# --- reading ------------------------------------------------------------------------------------------------


def test_the_tree_one_level_at_a_time(tmp_path: Path, at: datetime) -> None:
    load(kind="case", path=put(tmp_path / "p.json", PACKAGE), by=None, at=at)
    one = frameworks.framework(Framework.objects.get().pk)
    assert one is not None
    top = list(frameworks.below(one))
    assert [item.identifier for item in top] == [ITEM, PACKAGE["CFRubrics"][0]["identifier"]]
    assert frameworks.counts_below(one, top) == {ITEM: 1, PACKAGE["CFRubrics"][0]["identifier"]: 1}
    [child] = frameworks.below(one, ITEM)
    assert [item.identifier for item in frameworks.way_to(one, child)] == [ITEM]
    assert [link.kind for link in frameworks.links_of(one, child)] == ["isChildOf"]
    assert frameworks.tie(one, child) == {
        "framework": "Caring for children", "code": "A.1", "name": "Watches over sleep", "url": "https://example.org/2",
        "item": BELOW, "version": "2 of 2026-01-02",
    }  # fmt: skip
    assert frameworks.tie(one, top[0], "es")["name"] == "Cuida a la niñez"
    assert [i.identifier for i in frameworks.search(one, "ninez")] == [ITEM]
    assert not frameworks.search(one, "  ").exists()


def test_a_ring_in_a_file_ends(tmp_path: Path, at: datetime) -> None:
    odd = json.loads(json.dumps(PACKAGE))
    back = json.loads(json.dumps(odd["CFAssociations"][0]))
    back |= {"identifier": "z", "originNodeURI": back["destinationNodeURI"], "destinationNodeURI": back["originNodeURI"]}
    odd["CFAssociations"].append(back)
    load(kind="case", path=put(tmp_path / "p.json", odd), by=None, at=at)
    one = Framework.objects.get()
    item = FrameworkItem.objects.get(identifier=BELOW)
    assert [i.identifier for i in frameworks.way_to(one, item)] == [ITEM]


# --- levels, rubrics, versions ------------------------------------------------------------------------------


def one_of(kind: str, path: Path, document: Any, at: datetime) -> Framework:
    """The framework of a document that is imported now."""
    release = load(kind=kind, path=put(path, document), by=None, at=at).release
    return Framework.objects.select_related("release").get(release=release)


def test_levels_are_those_that_the_framework_gives(tmp_path: Path, at: datetime) -> None:
    package = json.loads(json.dumps(PACKAGE))
    level = {"identifier": "5", "uri": "https://example.org/5", "fullStatement": "Proficient", "humanCodingScheme": "P"}
    package["CFItems"].append(level)
    package["CFItems"].append({"identifier": "6", "fullStatement": "Bare", "educationLevel": ["", 7, {"@id": "x"}]})
    near, far = {"identifier": "5", "uri": "u"}, {"identifier": "https://elsewhere.example/levels/HighMastery", "uri": "u"}
    package["CFAssociations"] += [
        {"identifier": f"s{n}", "associationType": "hasSkillLevel", "originNodeURI": {"identifier": BELOW, "uri": "u"},
         "destinationNodeURI": end} for n, end in enumerate((near, far, near))
    ]  # fmt: skip
    one = one_of("case", tmp_path / "p.json", package, at)
    found = frameworks.levels(one, frameworks.items(one).exclude(kind__startswith="CFRubric"))
    assert found == {ITEM: ("PS",), BELOW: ("Proficient", "High Mastery"), "5": (), "6": ("7", "x")}


def test_levels_of_ctdl_are_concepts(tmp_path: Path, at: datetime) -> None:
    graph = json.loads(json.dumps(CTDL))
    graph["@graph"][1] |= {
        "ceasn:educationLevelType": ["audLevel:BeginnerLevel"], "ceasn:hasProgressionLevel": ["https://example.org/l1"],
    }  # fmt: skip
    graph["@graph"].append({"@id": "https://example.org/l1", "@type": "asn:ProgressionLevel", "skos:prefLabel": {"en": "Novice"}})
    one = one_of("ctdl", tmp_path / "g.jsonld", graph, at)
    [item] = frameworks.items(one).filter(identifier="https://example.org/c1")
    assert frameworks.levels(one, [item]) == {item.identifier: ("Beginner Level", "Novice")}


def test_a_rubric_comes_out_of_the_tables_alone(tmp_path: Path, at: datetime) -> None:
    one = one_of("case", tmp_path / "p.json", PACKAGE, at)
    [whole] = frameworks.rubrics(one)
    assert frameworks.rubric(one, whole) == PACKAGE["CFRubrics"][0]
    assert frameworks.rubric(one, frameworks.items(one)[0]) is None
    assert frameworks.has_rubrics()
    assert [i.kind for i in frameworks.search(one, "sleep")] == ["", "CFRubric"]
    Release.objects.update(is_current=False)
    assert not frameworks.has_rubrics()
    assert frameworks.rubrics(one_of("ctdl", tmp_path / "g.jsonld", CTDL, at)) == []


def newer(**changes: str) -> dict[str, Any]:
    """The next version of the package: its first item has other words, the second is replaced by a new one."""
    found: dict[str, Any] = json.loads(json.dumps(PACKAGE))
    found["CFDocument"] |= {"version": "3", **changes}
    found["CFItems"][0]["fullStatement"] = "Cuida a cada niño"
    found["CFItems"][1] |= {"identifier": "9", "uri": "https://example.org/9", "fullStatement": "Watches over rest"}
    found["CFAssociations"] = [
        {"identifier": "r", "associationType": "replacedBy", "originNodeURI": {"identifier": BELOW, "uri": "u"},
         "destinationNodeURI": {"identifier": "9", "uri": "u"}}
    ]  # fmt: skip
    return found


def test_two_versions_beside_each_other(tmp_path: Path, at: datetime) -> None:
    old = one_of("case", tmp_path / "1.json", PACKAGE, at)
    new = one_of("case", tmp_path / "2.json", newer(), at)
    assert {one.release.version for one in frameworks.versions(old)} == {"2 of 2026-01-02", "3 of 2026-01-02"}
    compared = frameworks.compare(old, new)
    assert compared == frameworks.Comparison(gone=(BELOW,), new=("9",), changed=(ITEM,))
    assert frameworks.compare(old, old) == frameworks.Comparison((), (), ())
    assert frameworks.shared_items(new, frameworks.items(old)[:2]) == {ITEM}
    assert frameworks.replacements(old, new, compared.gone) == {BELOW: "9"}
    assert frameworks.replacements(old, old, compared.gone) == {}


def test_ties_say_where_they_stand(tmp_path: Path, at: datetime) -> None:
    old = one_of("case", tmp_path / "1.json", PACKAGE, at)
    first, second = (frameworks.tie(old, item) for item in frameworks.items(old)[:2])
    bare = {key: first[key] for key in ("framework", "code", "name", "url")}
    assert frameworks.standings([]) == {}
    now = frameworks.standings([first, {"url": 5}, {**bare, "url": f"https://example.org/{ITEM}"}, {"item": "unknown"}])
    assert [(n, s.older, s.version) for n, s in now.items()] == [(0, False, "2 of 2026-01-02")]
    new = one_of("case", tmp_path / "2.json", newer(), at)
    told = frameworks.standings([first, second, frameworks.tie(new, frameworks.items(new)[0])])
    assert [(s.framework.pk, s.older, s.item and s.item.identifier, s.replaced) for s in told.values()] == [
        (new.pk, True, ITEM, False), (new.pk, True, "9", True), (new.pk, False, ITEM, False),
    ]  # fmt: skip
    FrameworkLink.objects.filter(kind="replacedBy").delete()
    gone = frameworks.standings([second])[0]
    assert (gone.older, gone.item, gone.replaced) == (True, None, False)


def test_a_tie_of_before_versions_is_known_by_its_words(tmp_path: Path, at: datetime) -> None:
    def graph(words: str, day: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(json.dumps(CTDL))
        found["@graph"][0]["ceasn:dateModified"] = day
        found["@graph"][2]["ceasn:competencyText"] = {"en": words}
        return found

    old = one_of("ctdl", tmp_path / "1.jsonld", CTDL, at)
    ties = [{k: v for k, v in frameworks.tie(old, i).items() if k not in ("item", "version")} for i in frameworks.items(old)]
    assert [s.older for s in frameworks.standings(ties).values()] == [False, False, False]
    one_of("ctdl", tmp_path / "2.jsonld", graph("Counts every head", "2026-06-01"), at)
    told = frameworks.standings(ties)
    assert [told[n].older for n in range(3)] == [False, False, True]
    assert (told[2].version, told[2].item and told[2].item.text_en) == ("2026-05-04", "Counts every head")
    assert frameworks.standings([{**ties[2], "name": "Something else"}]) == {}
