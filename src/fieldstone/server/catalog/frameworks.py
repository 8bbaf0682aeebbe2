"""What four public frameworks ask of a micro-credential, and how far a definition answers.

Sources: Council Recommendation of 16 June 2022, 2022/C 243/02, Annex I (standard elements, mandatory and optional);
UNESCO, "Towards a common definition of micro-credentials", 2022 (its four parts); 1EdTech, TrustEd Microcredential
framework, 2024 (only the elements that its public announcement and pages name); Credential Engine, Minimum Data Policy
of the Credential Registry (see `catalog.ctdl.NEEDED` for what it was read from).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from fieldstone.server.catalog.ctdl import DELIVERY, SHORTEST
from fieldstone.server.catalog.rules import Definition, Text
from fieldstone.server.ledger.problems import Problem
from fieldstone.server.ledger.problems import mark as _

Need = Literal["required", "if_applies", "optional"]
Met = Literal["yes", "no", "issuing"]

EU = _("EU Council Recommendation 2022/C 243/02, Annex I")
UNESCO = _("UNESCO common definition, 2022")
TMC = _("1EdTech TrustEd Microcredential")
REGISTRY = _("Credential Registry (CTDL), minimum data")
FRAMEWORKS = (EU, UNESCO, TMC, REGISTRY)


@dataclass(frozen=True)
class Facts:
    """What the definition itself does not say: who issues it, where and whose that is, how to reach it, and how many
    stacks count it."""

    name: str = ""
    place: str = ""
    url: str = ""
    stacks: int = 0
    email: str = ""
    sector: str = ""


@dataclass(frozen=True)
class Item:
    """One element of one framework. `why` and `element` are msgids; `field` is the path to mend ("": none here)."""

    framework: str
    element: str
    need: Need
    met: Met
    why: str
    field: str
    params: Mapping[str, object]


class _Draft:
    """A definition with its problems: a field answers when it holds something and nothing is wrong with it."""

    def __init__(self, definition: Definition, facts: Facts, problems: Iterable[Problem]) -> None:
        self.it = definition
        self.facts = facts
        self.wrong = [p.field for p in problems]

    def sound(self, *names: str) -> bool:
        return not any(bad == name or bad.startswith(f"{name}.") for bad in self.wrong for name in names)

    def written(self, *names: str) -> bool:
        return self.sound(*names) and all(getattr(self.it, name) for name in names)


@dataclass(frozen=True)
class _Element:
    framework: str
    element: str
    need: Need
    field: str
    answered: Callable[[_Draft], bool | None]
    yes: str
    no: str = ""

    def item(self, draft: _Draft) -> Item:
        answer = self.answered(draft)
        met: Met = "issuing" if answer is None else "yes" if answer else "no"
        params = {
            "hours": draft.it.notional_hours,
            "criteria": len(draft.it.criteria),
            "place": draft.facts.place,
            "name": draft.facts.name,
            "url": draft.facts.url,
            "stacks": draft.facts.stacks,
            "level": draft.it.credit_framework,
            "first": len(draft.it.prerequisites),
            "parts": len(list(draft.it.parts())),
            "ties": len(draft.it.alignments),
        }
        return Item(
            self.framework, self.element, self.need, met, self.no if met == "no" else self.yes, self.field, params
        )


def _later(_draft: _Draft) -> None:
    """What only the issued credential can hold."""


def _always(_draft: _Draft) -> bool:
    return True


def _rubric(draft: _Draft) -> bool:
    return draft.written("criteria") and draft.sound("rubric")


def _evidence(draft: _Draft) -> bool:
    return any(draft.it.parts()) and draft.sound("questions", "artifacts", "reflection")


def _long_enough(text: Text) -> bool:
    """Whether a description has the signs that the registry asks for, in every language that it is in."""
    return bool(text) and all(len(words) >= SHORTEST for words in text.values())


_LEARNER = _("The credential names its holder when it is issued.")
_DATE = _("The date is written when the credential is issued, and the day it ends where there is one.")
_RESULT = _("The level reached for each criterion is written when the credential is issued.")
_RUBRIC_YES = _("A public rubric of %(criteria)s criteria says what counts as demonstrated.")
_RUBRIC_NO = _("Without a complete rubric nobody can tell what was checked. Write the criteria and their levels.")
_QUALITY_NO = _("Readers cannot tell how the assessment is kept good. Say it in two sentences.")
_OUTCOMES_NO = _("A reader must learn what the person knows, understands or can do. Write the competency and “can do”.")

ELEMENTS = (
    _Element(EU, _("Identification of the learner"), "required", "", _later, _LEARNER),
    _Element(
        EU, _("Title of the micro-credential"), "required", "title", lambda d: d.written("title"),
        _("The title is written."), _("Without a title nobody can speak of it."),
    ),
    _Element(
        EU, _("Country or region of the issuer"), "required", "", lambda d: bool(d.facts.place),
        _("Readers see “%(place)s”."),
        _("Readers cannot tell where the issuer is. An administrator adds the place of the organization."),
    ),
    _Element(
        EU, _("Awarding body"), "required", "", lambda d: bool(d.facts.name),
        _("%(name)s signs every credential."), _("The organization has no name. An administrator adds it."),
    ),
    _Element(EU, _("Date of issue"), "required", "", _later, _DATE),
    _Element(
        EU, _("Learning outcomes"), "required", "competency", lambda d: d.written("competency", "can_do"),
        _("The competency and what the person can do are written."), _OUTCOMES_NO,
    ),
    _Element(
        EU, _("Notional workload"), "required", "notional_hours", lambda d: d.written("notional_hours"),
        _("%(hours)s hours of work are stated."),
        _("Colleges compare workloads. Say how many hours a learner needs in all."),
    ),
    _Element(
        EU, _("Level of the learning (EQF or QF-EHEA), if applicable"), "if_applies", "credit_framework",
        lambda d: d.written("credit_framework"), _("“%(level)s” is stated."),
        _("Only where a level in a qualifications framework applies: write it, for example “EQF level 4”."),
    ),
    _Element(
        EU, _("Type of assessment"), "required", "assessment_type", lambda d: d.sound("assessment_type"),
        _("How it is assessed is chosen."), _("Choose how it is assessed."),
    ),
    _Element(
        EU, _("Form of participation"), "required", "participation", lambda d: d.sound("participation"),
        _("Where the learning happens is chosen."), _("Choose where the learning happens."),
    ),
    _Element(
        EU, _("Type of quality assurance"), "required", "quality_assurance",
        lambda d: d.written("quality_assurance"), _("How the assessment is kept good is written."), _QUALITY_NO,
    ),
    _Element(
        EU, _("Prerequisites"), "optional", "prerequisites", lambda d: d.sound("prerequisites"),
        _("What must come first is stated: %(first)s micro-credentials."),
        _("One of the prerequisites cannot be read."),
    ),
    _Element(
        EU, _("Supervision and identity verification"), "optional", "supervision", lambda d: d.sound("supervision"),
        _("Who watches the work is chosen."), _("Choose who watches the work."),
    ),
    _Element(EU, _("Grade achieved"), "optional", "", _later, _RESULT),
    _Element(
        EU, _("Integration and stackability"), "optional", "", _always,
        _("It stands alone, and %(stacks)s of the current stacks count it."),
    ),
    _Element(
        EU, _("Further information"), "optional", "resources",
        lambda d: bool(d.it.research or d.it.resources) and d.sound("research", "resources"),
        _("Research or resources are listed."),
        _("A source or a free resource helps readers who want to know more."),
    ),
    _Element(
        UNESCO, _("Record of focused learning: what the learner knows, understands or can do"), "required", "can_do",
        lambda d: d.written("title", "competency", "can_do"),
        _("One competency, and what the person can do, are written."), _OUTCOMES_NO,
    ),
    _Element(
        UNESCO, _("Assessment against clearly defined standards"), "required", "rubric", _rubric,
        _RUBRIC_YES, _RUBRIC_NO,
    ),
    _Element(
        UNESCO, _("Awarded by a trusted provider"), "required", "",
        lambda d: bool(d.facts.name and d.facts.url), _("%(name)s can be looked up at %(url)s."),
        _("Readers cannot look up who you are. An administrator adds the web address of the organization."),
    ),
    _Element(
        UNESCO, _("Value of its own"), "required", "summary", lambda d: d.written("summary", "can_do"),
        _("A stranger can read what it is worth by itself."),
        _("Say in plain words what it is and what a person can do with it."),
    ),
    _Element(
        UNESCO, _("May count toward other credentials"), "required", "", _always,
        _("Stacks can count it (%(stacks)s do now), and prior learning may be sent as evidence."),
    ),
    _Element(
        UNESCO, _("Meets relevant quality assurance"), "required", "quality_assurance",
        lambda d: d.written("quality_assurance"), _("How the assessment is kept good is written."), _QUALITY_NO,
    ),
    _Element(TMC, _("Learner"), "required", "", _later, _LEARNER),
    _Element(
        TMC, _("Issuer"), "required", "", lambda d: bool(d.facts.name and d.facts.url),
        _("%(name)s can be looked up at %(url)s."),
        _("Readers cannot look up who you are. An administrator adds the web address of the organization."),
    ),
    _Element(
        TMC, _("Name and description"), "required", "summary", lambda d: d.written("title", "summary"),
        _("The title and a plain summary are written."), _("Write the title and a plain summary."),
    ),
    _Element(TMC, _("Criteria for earning it"), "required", "rubric", _rubric, _RUBRIC_YES, _RUBRIC_NO),
    _Element(
        TMC, _("Assessment that fits the outcomes"), "required", "assessment_type",
        lambda d: _rubric(d) and d.written("competency") and d.sound("assessment_type"),
        _("The rubric judges the stated competency, and how it is assessed is chosen."),
        _("The rubric, the competency and the type of assessment belong together. One of them is missing."),
    ),
    _Element(
        TMC, _("Evidence of the work"), "required", "artifacts", _evidence,
        _("Learners send %(parts)s parts of evidence."),
        _("Application counts only with work to look at. Ask for at least one part of evidence."),
    ),
    _Element(
        TMC, _("Skills tied to a public framework"), "optional", "alignments", lambda d: d.written("alignments"),
        _("%(ties)s ties to public frameworks let machines compare it."),
        _("Employers and colleges search by the codes of public frameworks. Add one with its address."),
    ),
    _Element(TMC, _("Result"), "optional", "", _later, _RESULT),
    _Element(TMC, _("Date of issue"), "required", "", _later, _DATE),
    _Element(
        REGISTRY, _("Kind, identifier, status and web page"), "required", "", _always,
        _("The export writes them: a micro-credential, its CTID, “active”, and its page here."),
    ),
    _Element(
        REGISTRY, _("Name"), "required", "title", lambda d: d.written("title"),
        _("The title is written."), _("Without a title nobody can speak of it."),
    ),
    _Element(
        REGISTRY, _("Description"), "required", "summary",
        lambda d: d.written("summary") and _long_enough(d.it.summary),
        _("The summary describes it."), _("Write a summary of at least 15 signs, in each language that you write."),
    ),
    _Element(
        REGISTRY, _("Language"), "required", "languages", lambda d: d.written("languages"),
        _("Its languages are chosen."), _("Choose at least one language."),
    ),
    _Element(
        REGISTRY, _("What it asks for"), "required", "can_do",
        lambda d: d.written("can_do") and _long_enough(d.it.can_do),
        _("What the person can do is written."),
        _("Write what the person can do in at least 15 signs, in each language that you write."),
    ),
    _Element(
        REGISTRY, _("Owner, with its web address"), "required", "",
        lambda d: bool(d.facts.name and d.facts.url), _("%(name)s can be looked up at %(url)s."),
        _("Readers cannot look up who you are. An administrator adds the web address of the organization."),
    ),
    _Element(
        REGISTRY, _("How to reach the owner"), "required", "", lambda d: bool(d.facts.email or d.facts.place),
        _("An e-mail address or the place is known."),
        _("An administrator adds an e-mail address or the place of the organization."),
    ),
    _Element(
        REGISTRY, _("Whose the owner is: public, not for profit, or for profit"), "required", "",
        lambda d: bool(d.facts.sector), _("It is said whose the organization is."),
        _("An administrator says whether the organization is public, not for profit, or for profit."),
    ),
    _Element(
        REGISTRY, _("Time that it takes"), "optional", "notional_hours", lambda d: d.written("notional_hours"),
        _("%(hours)s hours of work are stated."),
        _("Colleges compare workloads. Say how many hours a learner needs in all."),
    ),
    _Element(
        REGISTRY, _("Cost"), "optional", "cost_cents", lambda d: d.sound("cost_cents"),
        _("What a learner pays is stated."), _("Say what a learner pays; nothing is fine too."),
    ),
    _Element(
        REGISTRY, _("Where the learning happens"), "optional", "participation",
        lambda d: d.it.participation in DELIVERY and d.sound("participation"),
        _("Where the learning happens is chosen."),
        _("Registries know online, in person, and both. Work as the place of learning has no word there."),
    ),
    _Element(
        REGISTRY, _("Jobs that it leads to"), "optional", "alignments", lambda d: bool(d.it.jobs),
        _("It is tied to a job by its code."), _("People search registries by job. Tie it to one."),
    ),
)  # fmt: skip


def checklist(definition: Definition, facts: Facts, problems: Iterable[Problem] = ()) -> list[Item]:
    """Every element of every framework, in their order, each with whether it is met and why.

    `problems` are those of `rules.parse`: what cannot be read does not count as written.
    """
    draft = _Draft(definition, facts, problems)
    return [element.item(draft) for element in ELEMENTS]
