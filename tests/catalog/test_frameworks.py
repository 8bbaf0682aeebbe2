"""The checklist against the published lists of elements, by name, and each element both ways."""

from __future__ import annotations

from typing import Any

import pytest

from fieldstone.server.catalog import frameworks, rules
from fieldstone.server.catalog.frameworks import EU, REGISTRY, TMC, UNESCO, Facts, Item, checklist
from tests.cast import definition, text

FACTS = Facts(name="Home College", place="Nashville, Tennessee", url="https://home.example.edu", stacks=2, sector="public")

# Council Recommendation 2022/C 243/02, Annex I: eleven mandatory elements, then the optional ones.
ANNEX_I = [
    ("Identification of the learner", "required"),
    ("Title of the micro-credential", "required"),
    ("Country or region of the issuer", "required"),
    ("Awarding body", "required"),
    ("Date of issue", "required"),
    ("Learning outcomes", "required"),
    ("Notional workload", "required"),
    ("Level of the learning (EQF or QF-EHEA), if applicable", "if_applies"),
    ("Type of assessment", "required"),
    ("Form of participation", "required"),
    ("Type of quality assurance", "required"),
    ("Prerequisites", "optional"),
    ("Supervision and identity verification", "optional"),
    ("Grade achieved", "optional"),
    ("Integration and stackability", "optional"),
    ("Further information", "optional"),
]
# UNESCO 2022: the parts of the common definition.
COMMON = [
    "Record of focused learning: what the learner knows, understands or can do",
    "Assessment against clearly defined standards",
    "Awarded by a trusted provider",
    "Value of its own",
    "May count toward other credentials",
    "Meets relevant quality assurance",
]
TRUSTED = {
    "Learner", "Issuer", "Name and description", "Criteria for earning it", "Assessment that fits the outcomes",
    "Evidence of the work", "Skills tied to a public framework", "Result", "Date of issue",
}  # fmt: skip
# The registry's minimum data policy: what it requires, then of what it recommends the part that a definition can say.
MINIMUM = {
    **dict.fromkeys(
        ("Kind, identifier, status and web page", "Name", "Description", "Language", "What it asks for",
         "Owner, with its web address", "How to reach the owner", "Whose the owner is: public, not for profit, or for profit"),
        "required",
    ),
    **dict.fromkeys(("Time that it takes", "Cost", "Where the learning happens", "Jobs that it leads to"), "optional"),
}  # fmt: skip


def items(facts: Facts = FACTS, **changes: Any) -> dict[tuple[str, str], Item]:
    read, problems = rules.parse(definition(**changes))
    return {(i.framework, i.element): i for i in checklist(read, facts, problems)}


def test_every_published_element_is_there_by_name_and_in_order() -> None:
    every = checklist(rules.parse(definition())[0], FACTS)
    assert [(i.element, i.need) for i in every if i.framework == EU] == ANNEX_I
    assert [i.element for i in every if i.framework == UNESCO] == COMMON
    assert {i.element for i in every if i.framework == TMC} == TRUSTED
    assert {i.element: i.need for i in every if i.framework == REGISTRY} == MINIMUM
    assert tuple(dict.fromkeys(i.framework for i in every)) == frameworks.FRAMEWORKS
    assert "2022/C 243/02" in EU and "UNESCO" in UNESCO and "TrustEd" in TMC


def test_a_complete_definition_lacks_nothing_required() -> None:
    every = items(alignments=[{"framework": "F", "code": "1", "name": "N", "url": "https://example.org/1"}])
    assert [k for k, i in every.items() if i.met == "no" and i.need == "required"] == []
    assert {k[1] for k, i in every.items() if i.met == "issuing"} == {
        "Identification of the learner", "Date of issue", "Grade achieved", "Learner", "Result",
    }  # fmt: skip
    assert {k[1] for k, i in every.items() if i.met == "no"} == {
        "Level of the learning (EQF or QF-EHEA), if applicable", "Further information", "Jobs that it leads to",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"title": {}}, {"Title of the micro-credential", COMMON[0], "Name and description", "Name"}),
        ({"competency": {}}, {"Learning outcomes", COMMON[0], "Assessment that fits the outcomes"}),
        ({"can_do": {}}, {"Learning outcomes", COMMON[0], "Value of its own", "What it asks for"}),
        ({"can_do": {"en": "watch children"}}, {"What it asks for"}),
        ({"summary": {}}, {"Value of its own", "Name and description", "Description"}),
        ({"summary": {"en": "Long enough to tell what.", "es": "Demasiado poco"}}, {"Description"}),
        ({"languages": []}, {"Language"}),
        ({"cost_cents": -1}, {"Cost"}),
        ({"notional_hours": 0}, {"Notional workload", "Time that it takes"}),
        ({"notional_hours": "many"}, {"Notional workload", "Time that it takes"}),
        ({"assessment_type": "guess"}, {"Type of assessment", "Assessment that fits the outcomes"}),
        ({"participation": ""}, {"Form of participation", "Where the learning happens"}),
        ({"participation": "work"}, {"Where the learning happens"}),
        ({"quality_assurance": {}}, {"Type of quality assurance", "Meets relevant quality assurance"}),
        ({"prerequisites": "all"}, {"Prerequisites"}),
        ({"supervision": "none"}, {"Supervision and identity verification"}),
        ({"rubric": []}, {COMMON[1], "Criteria for earning it", "Assessment that fits the outcomes"}),
        (
            {"questions": [], "artifacts": [], "reflection": None},
            {"Evidence of the work", COMMON[1], "Criteria for earning it", "Assessment that fits the outcomes"},
        ),
    ],
)
def test_what_is_not_written_is_missing_with_a_reason_and_a_field(changes: dict[str, Any], lacking: set[str]) -> None:
    whole = {k for k, i in items().items() if i.met == "no"}
    found = {k: i for k, i in items(**changes).items() if i.met == "no" and k not in whole}
    assert {k[1] for k in found} == lacking
    assert all(i.why and i.field for i in found.values())


def test_the_facts_of_the_organization_count() -> None:
    bare = {k[1] for k, i in items(Facts()).items() if i.met == "no"} - {
        k[1] for k, i in items().items() if i.met == "no"
    }
    assert bare == {
        "Country or region of the issuer", "Awarding body", "Awarded by a trusted provider", "Issuer",
        "Owner, with its web address", "How to reach the owner", "Whose the owner is: public, not for profit, or for profit",
    }  # fmt: skip
    assert all(i.field == "" for k, i in items(Facts()).items() if k[1] in bare)


def test_reasons_can_be_said_with_their_figures() -> None:
    every = items(credit_framework="EQF level 4", research=[{"citation": "Someone, 2020", "url": ""}])
    said = {k[1]: i.why % i.params for k, i in every.items()}
    assert said["Notional workload"] == "15 hours of work are stated."
    assert said["Country or region of the issuer"] == "Readers see “Nashville, Tennessee”."
    assert said["Integration and stackability"] == "It stands alone, and 2 of the current stacks count it."
    assert said["Level of the learning (EQF or QF-EHEA), if applicable"] == "“EQF level 4” is stated."
    assert said["Criteria for earning it"] == "A public rubric of 2 criteria says what counts as demonstrated."
    assert said["Evidence of the work"] == "Learners send 3 parts of evidence."
    assert every[EU, "Further information"].met == "yes"


def test_a_spanish_definition_is_as_good() -> None:
    spanish = definition(languages=["es"], title={"es": "Observar"})
    read, problems = rules.parse(spanish)
    assert problems == [] and text("x")
    assert not [i for i in checklist(read, FACTS, problems) if i.met == "no" and i.need == "required"]


def test_a_tie_to_a_job_and_a_place_to_write_to_count_for_registries() -> None:
    job = {"framework": "O*NET-SOC", "code": "39-9011.00", "name": "Childcare Workers", "url": "https://example.org/1"}
    every = items(Facts(name="Home", url="https://h.example", email="a@h.example", sector="public"), alignments=[job])
    assert {k[1] for k, i in every.items() if k[0] == REGISTRY and i.met == "no"} == set()
