"""Worked by hand, from the programs' own rules: the CDA, Kentucky's rank change and Maine's stacks at each boundary.

Each case says why its answer is what it is. The trees, hours, levels, costs and prerequisites are those of the
demonstration; all moments are June 1, 2026, and plans take ten hours a week, the cheapest way first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import pytest

from fieldstone import stacking
from fieldstone.server.catalog.rules import parse
from fieldstone.server.pathways import rules
from fieldstone.server.workplace import rules as work
from fieldstone.stacking import Amount, Count, Hold, Holding, Offer, Requirement, Text
from tests.demo import content_checks as checks
from tests.demo import tree_checks
from tests.demo.test_content_tennessee import AREAS

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DATA = {name: checks.load(name) for name in ("tennessee", "kentucky", "maine")}
FORMS = {"with-children": "00000000-0000-4000-8000-000000000001", "farm-season": "00000000-0000-4000-8000-000000000002"}


def _ids(node: Any) -> Any:
    """The tree with forms by their ids, as an installation has them."""
    if isinstance(node, dict):
        return {key: _ids(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_ids(value) for value in node]
    part, colon, form = str(node).partition(":")
    return f"{part}:{FORMS[form]}" if colon and part in ("hours", "review") and form in FORMS else node


def _tree(program: str, slug: str) -> Requirement:
    found = next(s["definition"]["tree"] for s in DATA[program]["stacks"] if s["slug"] == slug)
    return stacking.parse(_ids(tree_checks.requirement(found)))


def _offers(program: str) -> dict[str, Offer]:
    found = {}
    for row in DATA[program]["micro_credentials"]:
        d = parse(row["definition"])[0]
        found[row["slug"]] = Offer(
            credential=row["slug"], effort=d.notional_hours, level=d.level, hours=dict(d.clock_hours),
            cost=d.cost_cents, prerequisites=tuple(row["prerequisites_slugs"]),
        )  # fmt: skip
    return found


CHILDREN, FARM = FORMS["with-children"], FORMS["farm-season"]
CPR = Offer(credential="cpr", effort=6, cost=4500)
OFFERS = {program: _offers(program) for program in DATA}
EVERY = {slug: offer for offers in OFFERS.values() for slug, offer in offers.items()} | {"cpr": CPR}
NAMES: dict[str, Text] = {
    row["slug"]: row["definition"]["title"] for data in DATA.values() for row in data["micro_credentials"]
}
NAMES |= {area["code"]: area["name"] for area in DATA["tennessee"]["program"]["areas"]}
NAMES |= {
    "cpr": {"en": "CPR for infants and children", "es": "RCP para bebés y niños"},
    "other-cpr": {"en": "CPR from the fire station", "es": "RCP de los bomberos"},
    f"review:{CHILDREN}": {"en": "Review at work", "es": "Evaluación en el trabajo"},
    f"review:{FARM}": {"en": "Review at work", "es": "Evaluación en el trabajo"},
    f"hours:{CHILDREN}": {"en": "Hours with children", "es": "Horas con niños"},
    f"hours:{FARM}": {"en": "Hours on a farm", "es": "Horas en una granja"},
    work.AREA: {"en": "Work", "es": "Trabajo"},
}

CDA, RANK = _tree("tennessee", "cda"), _tree("kentucky", "rank-change")
AQUA, NINE = _tree("maine", "sustainable-aquaculture"), _tree("maine", "nine-skills")
WITH_CPR = Count(
    at_least=2, of=(CDA, Hold(credential="cpr", equivalents=("other-cpr",))),
    label={"en": "CDA and a valid CPR card", "es": "CDA y una tarjeta de RCP vigente"},
)  # fmt: skip


def got(slug: str, *, level: int | None = None, ends: int | None = None, gone: bool = False, **hours: Amount) -> Holding:
    """Earned a month ago as it is offered; other clock hours or another level where given; `ends` in days from now."""
    offer = EVERY.get(slug) or Offer(credential=slug, effort=1)
    held = offer.as_held(NOW - timedelta(days=30))
    held = replace(held, hours={**offer.hours, **hours}, level=held.level if level is None else level)
    until = None if ends is None else NOW + timedelta(days=ends)
    return replace(held, valid_until=until, revoked_at=NOW if gone else None)


def waits(slug: str) -> Holding:
    """The same, sent and not yet decided."""
    return replace(got(slug), earned_at=None, state="in_review")


def at_work(form: str, hours: str, *, state: Literal["earned", "in_review"] = "earned") -> Holding:
    """Hours at work, countersigned or waiting, as workplaces bring them."""
    day = NOW - timedelta(days=2) if state == "earned" else None
    return Holding(credential=f"hours:{form}", hours={work.AREA: Decimal(hours)}, earned_at=day, state=state)


def review(form: str) -> Holding:
    return Holding(credential=f"review:{form}", earned_at=NOW - timedelta(days=2))


def study(**instead: Holding | None) -> list[Holding]:
    """The eight courses of 18, 16, 15, 14, 10, 20, 15 and 12 hours: 120. Others, or none, in the place of some."""
    found = {slug.replace("-", "_"): got(slug) for slug in AREAS}
    return [held for held in {**found, **instead}.values() if held is not None]


WORKED = [at_work(CHILDREN, "480"), review(CHILDREN)]
REQUIRED = [row["slug"] for row in DATA["kentucky"]["micro_credentials"][:12]]
ELECTIVE = [row["slug"] for row in DATA["kentucky"]["micro_credentials"][12:20]]
CAPSTONE = got("capstone-changed-practice")
TWELVE = [got(slug) for slug in REQUIRED]
SIX = [got(slug) for slug in ELECTIVE[:6]]
SKILLS = [node.credential for node in NINE.of if isinstance(node, Hold)] if isinstance(NINE, Count) else []
LEVELS = [got("aquaculture-1"), got("aquaculture-2"), got("aquaculture-3")]


@dataclass(frozen=True)
class Case:
    """What somebody holds, why the answer is this one, and the answer.

    `left`: steps of `stacking.size` (8 for the CDA's hours, 1 for a credential, 1 for hours at work). `en`, `es`: the
    line that says it. `next`: the nearest step. `plan`: cents, hours of work, last day.
    """

    name: str
    why: str
    tree: Requirement
    held: Sequence[Holding]
    left: Fraction
    en: str
    es: str
    next: str | None
    plan: tuple[int, Amount, date] | None

    @property
    def met(self) -> bool:
        return self.left == 0


DONE = (0, 0, NOW.date())
TABLE = [
    Case(
        "CDA: all of it", "18+16+15+14+10+20+15+12 = 120, each area has 10 or more, 480 hours and a review are signed",
        CDA, [*study(), *WORKED], Fraction(0),
        "The whole CDA preparation: 6 of 6 done.", "Toda la preparación para el CDA: 6 de 6 listas.", None, DONE,
    ),
    Case(
        "CDA: nothing yet", "8 areas + operation + observing + 3 at level 2 + work + review = 15 steps; the eight "
        "courses take 120 hours, the work 480, the review one: 601 hours are 60.1 weeks, 420.7 days",
        CDA, [], Fraction(15),
        "120 hours, at least 10 in each area: 0 of 120 hours counted. 120 hours missing.",
        "120 horas, al menos 10 en cada área: 0 de 120 horas contadas. Faltan 120 horas.",
        "operating-a-program", (0, 601, date(2027, 7, 26)),
    ),
    Case(
        "CDA: 119.99 hours", "a hundredth of 120 hours is missing, of 8 steps: 1/1500. The whole course again brings 18 "
        "hours and takes 18, less than the 20 of the home: 1.8 weeks",
        CDA, [*study(keeping_children_safe_and_healthy=got(AREAS[0], cda_1=Decimal("17.99"))), *WORKED],
        Fraction(1, 1500),
        "120 hours, at least 10 in each area: 119.99 of 120 hours counted. 0.01 hours missing.",
        "120 horas, al menos 10 en cada área: 119.99 de 120 horas contadas. Faltan 0.01 horas.",
        AREAS[0], (0, 18, date(2026, 6, 13)),
    ),
    Case(
        "CDA: 120 hours, made up in another area", "which area brings them makes no difference above 10",
        CDA, [*study(keeping_children_safe_and_healthy=got(AREAS[0], cda_1=10),
                     professionalism=got("professionalism", cda_6=28)), *WORKED], Fraction(0),
        "120 hours, at least 10 in each area: 120 of 120 hours counted.",
        "120 horas, al menos 10 en cada área: 120 de 120 horas contadas.", None, DONE,
    ),
    Case(
        "CDA: 9.99 hours in one of eight areas", "120.99 hours in all, and operation lacks a hundredth: 1/1500 of a step. "
        "Its own course takes 10 hours: one week",
        CDA, [*study(keeping_children_safe_and_healthy=got(AREAS[0], cda_1=19),
                     operating_a_program=got("operating-a-program", cda_5=Decimal("9.99"))), *WORKED],
        Fraction(1, 1500), "Program operation: 9.99 of 10 hours counted. 0.01 hours missing.",
        "Operación del programa: 9.99 de 10 horas contadas. Faltan 0.01 horas.",
        "operating-a-program", (0, 10, date(2026, 6, 8)),
    ),
    Case(
        "CDA: 10 hours in that area", "10 is at least 10",
        CDA, [*study(keeping_children_safe_and_healthy=got(AREAS[0], cda_1=19)), *WORKED], Fraction(0),
        "Program operation: 10 of 10 hours counted.", "Operación del programa: 10 de 10 horas contadas.", None, DONE,
    ),
    Case(
        "CDA: 479 hours of work", "one of 480 hours is missing, of one step; work is planned for that hour alone",
        CDA, [*study(), at_work(CHILDREN, "479"), review(CHILDREN)], Fraction(1, 480),
        "480 hours of work with children, countersigned: 479 of 480 hours counted. 1 hour missing.",
        "480 horas de trabajo con niños, firmadas: 479 de 480 horas contadas. Falta 1 hora.",
        f"hours:{CHILDREN}", (0, 1, date(2026, 6, 1)),
    ),
    Case(
        "CDA: 312 hours of work, no review", "168 of 480 hours and the review are missing: 0.35 + 1; 168 hours and one "
        "for the review are 16.9 weeks, 118.3 days; the hours come first",
        CDA, [*study(), at_work(CHILDREN, "312")], Fraction(168, 480) + 1,
        "480 hours of work with children, countersigned: 312 of 480 hours counted. 168 hours missing.",
        "480 horas de trabajo con niños, firmadas: 312 de 480 horas contadas. Faltan 168 horas.",
        f"review:{CHILDREN}", (0, 169, date(2026, 9, 27)),
    ),
    Case(
        "CDA: 479.75 hours, eight more wait", "a quarter of an hour is not signed yet, and nothing is left to do",
        CDA, [*study(), at_work(CHILDREN, "479.75"), at_work(CHILDREN, "487.75", state="in_review"), review(CHILDREN)],
        Fraction(1, 1920),
        "480 hours of work with children, countersigned: 479.75 of 480 hours counted. 8 more in review. 0.25 hours missing.",
        "480 horas de trabajo con niños, firmadas: 479.75 de 480 horas contadas. 8 más en revisión. Faltan 0.25 horas.",
        None, DONE,
    ),
    Case(
        "CDA: hours at work are not study", "500 hours at work leave all of 8 + 1 + 1 + 3 steps of study",
        CDA, [at_work(CHILDREN, "500"), review(CHILDREN)], Fraction(13),
        "480 hours of work with children, countersigned: 500 hours counted, 480 needed.",
        "480 horas de trabajo con niños, firmadas: 500 horas contadas, 480 necesarias.",
        "operating-a-program", (0, 120, date(2026, 8, 24)),
    ),
    Case(
        "CDA: the home counts as program operation", "one of three is enough, and 20 hours in operation are more than 10",
        CDA, [*study(operating_a_program=got("family-child-care")), *WORKED], Fraction(0),
        "Program operation: in a center or in your home: 1 of 1 done.",
        "Operación del programa: en un centro o en su casa: 1 de 1 listas.", None, DONE,
    ),
    Case(
        "CDA: a small center that has lapsed", "it has no hours of its own, so operation lacks 10 of 120 hours (10/15 of "
        "a step), and the lapsed one is no operation either (1 step): one course of ten hours mends both",
        CDA, [*study(operating_a_program=got("leading-a-small-center", ends=0)), *WORKED], Fraction(10, 15) + 1,
        "Program operation: in a center or in your home: 0 of 1 done. Choose 1 more of these 3: Program operation, "
        "Running a family child care home, Leading a small center (expired).",
        "Operación del programa: en un centro o en su casa: 0 de 1 listas. Elija 1 más de estas 3: Operación del "
        "programa, Dirigir un cuidado infantil familiar, Dirigir un centro pequeño (vencida).",
        "operating-a-program", (0, 10, date(2026, 6, 8)),
    ),
    Case(
        "CDA: two at level 2", "families, professionalism and growth were earned at level 1, so two of three are there; "
        "growth is the shortest of four: 12 hours, 8.4 days",
        CDA, [*study(relationships_with_families=got("relationships-with-families", level=1),
                     professionalism=got("professionalism", level=1),
                     child_growth_and_development=got("child-growth-and-development", level=1)), *WORKED], Fraction(1),
        "Three at level 2, practice, or above: 2 of 3 done at level 2 or above. Choose 1 more of these 4: Relationships "
        "with families, Running a family child care home, Professionalism, Child growth and development.",
        "Tres de nivel 2, práctica, o más: 2 de 3 con nivel 2 o más. Elija 1 más de estas 4: Relaciones con las familias, "
        "Dirigir un cuidado infantil familiar, Profesionalismo, Crecimiento y desarrollo infantil.",
        "child-growth-and-development", (0, 12, date(2026, 6, 9)),
    ),
    Case(
        "CDA: three at level 2", "level 3 is above level 2, and one of them is enough",
        CDA, [*study(relationships_with_families=got("relationships-with-families", level=1),
                     professionalism=got("professionalism", level=1),
                     child_growth_and_development=got("child-growth-and-development", level=3)), *WORKED], Fraction(0),
        "Three at level 2, practice, or above: 3 of 3 done at level 2 or above.",
        "Tres de nivel 2, práctica, o más: 3 de 3 con nivel 2 o más.", None, DONE,
    ),
    Case(
        "CDA: observing in review", "its 15 hours (one of 8 steps) and itself are missing, and both are on their way",
        CDA, [*study(observing_and_recording_behavior=waits("observing-and-recording-behavior")), *WORKED], Fraction(2),
        "Observing and recording behavior: In review.", "Observar y registrar la conducta: En revisión.", None, DONE,
    ),
    Case(
        "CDA: observing withdrawn", "the same two steps, and nothing on its way: the course again, 15 hours, 10.5 days",
        CDA, [*study(observing_and_recording_behavior=got("observing-and-recording-behavior", gone=True)), *WORKED],
        Fraction(2), "Observing and recording behavior: Withdrawn by its issuer.",
        "Observar y registrar la conducta: Retirada por quien la emitió.",
        "observing-and-recording-behavior", (0, 15, date(2026, 6, 11)),
    ),
    Case(
        "CPR: valid for one more day", "valid until its last moment",
        WITH_CPR, [*study(), *WORKED, got("cpr", ends=1)], Fraction(0),
        "CDA and a valid CPR card: 2 of 2 done.", "CDA y una tarjeta de RCP vigente: 2 de 2 listas.", None, None,
    ),
    Case(
        "CPR: lapsed this moment", "its last moment is not a part of it; the course costs $45 and 6 hours, 4.2 days",
        WITH_CPR, [*study(), *WORKED, got("cpr", ends=0)], Fraction(1),
        "CPR for infants and children: Expired: earn it again.",
        "RCP para bebés y niños: Vencida: hay que obtenerla de nuevo.", "cpr", (4500, 6, date(2026, 6, 5)),
    ),
    Case(
        "CPR: lapsed, and an equivalent is valid", "the card of the fire station is as good",
        WITH_CPR, [*study()[1:], *WORKED, got("cpr", ends=-1), got("other-cpr", ends=90)], Fraction(18, 15) + 0,
        "CPR for infants and children: Done, with CPR from the fire station.",
        "RCP para bebés y niños: Hecho, con RCP de los bomberos.", AREAS[0], (0, 18, date(2026, 6, 13)),
    ),
    Case(
        "Kentucky: 12 + 6 + the capstone", "twelve required, any six electives, the capstone",
        RANK, [*TWELVE, *SIX, CAPSTONE], Fraction(0), "18 micro-credentials and the capstone: 3 of 3 done.",
        "18 microcredenciales y el proyecto final: 3 de 3 listas.", None, DONE,
    ),
    Case(
        "Kentucky: five electives", "one of three electives that are left; the shortest takes 5 hours, 3.5 days",
        RANK, [*TWELVE, *SIX[:5], CAPSTONE], Fraction(1),
        "Any 6 of the 8 electives: 5 of 6 done. Choose 1 more of these 3: Teaching when the line is down, Learning from a "
        "colleague's classroom, A steady room for students under strain.",
        "6 de las 8 optativas: 5 de 6 listas. Elija 1 más de estas 3: Enseñar cuando no hay señal, Aprender del salón de "
        "al lado, Un salón estable para quienes viven bajo presión.",
        "teaching-when-the-line-is-down", (0, 5, date(2026, 6, 4)),
    ),
    Case(
        "Kentucky: eleven required, eight electives", "an elective more is no required one: 12 hours, 8.4 days",
        RANK, [*TWELVE[:11], *(got(slug) for slug in ELECTIVE), CAPSTONE], Fraction(1),
        "All 12 foundation micro-credentials: 11 of 12 done. Still to do: A lesson of this place.",
        "Las 12 microcredenciales básicas: 11 de 12 listas. Por hacer: Una clase de este lugar.",
        "lesson-of-this-place", (0, 12, date(2026, 6, 9)),
    ),
    Case(
        "Kentucky: no capstone", "60 hours are six weeks",
        RANK, [*TWELVE, *SIX], Fraction(1), "Capstone: a year of changed practice: Still to do.",
        "Proyecto final: un año de práctica cambiada: Por hacer.", "capstone-changed-practice",
        (0, 60, date(2026, 7, 13)),
    ),
    Case(
        "Kentucky: the sixth elective in review", "one step is missing, and none is left to do",
        RANK, [*TWELVE, *SIX[:5], waits(ELECTIVE[7]), CAPSTONE], Fraction(1),
        "Any 6 of the 8 electives: 5 of 6 done. In review: A steady room for students under strain.",
        "6 de las 8 optativas: 5 de 6 listas. En revisión: Un salón estable para quienes viven bajo presión.", None, DONE,
    ),
    Case(
        "Kentucky: nothing yet", "19 steps. Required 3+3+10+5+10+4+8+3+6+10+4+12 = 78, the six shortest electives "
        "5+6+6+8+8+8 = 41, the capstone 60: 179 hours are 17.9 weeks, 125.3 days",
        RANK, [], Fraction(19), "Any 6 of the 8 electives: 0 of 6 done.", "6 de las 8 optativas: 0 de 6 listas.",
        "checking-understanding", (0, 179, date(2026, 10, 4)),
    ),
    Case(
        "Maine: three levels and a season", "240 hours and a positive review",
        AQUA, [*LEVELS, at_work(FARM, "240"), review(FARM)], Fraction(0),
        "Three levels and twelve weeks at work: 5 of 5 done.", "Tres niveles y doce semanas de trabajo: 5 de 5 listas.",
        None, DONE,
    ),
    Case(
        "Maine: 239 hours", "one of 240 hours, of one step",
        AQUA, [*LEVELS, at_work(FARM, "239"), review(FARM)], Fraction(1, 240),
        "Hours at work, countersigned: 239 of 240 hours counted. 1 hour missing.",
        "Horas de trabajo firmadas: 239 de 240 horas contadas. Falta 1 hora.",
        f"hours:{FARM}", (0, 1, date(2026, 6, 1)),
    ),
    Case(
        "Maine: no review", "the hours are signed, the review is not; it takes none of her time but an hour",
        AQUA, [*LEVELS, at_work(FARM, "240")], Fraction(1), "Review at work: Still to do.",
        "Evaluación en el trabajo: Por hacer.", f"review:{FARM}", (0, 1, date(2026, 6, 1)),
    ),
    Case(
        "Maine: work not begun", "240 hours and the review beside them, not twice 240: 241 hours are 24.1 weeks, "
        "168.7 days",
        AQUA, LEVELS, Fraction(2), "Hours at work, countersigned: 0 of 240 hours counted. 240 hours missing.",
        "Horas de trabajo firmadas: 0 de 240 horas contadas. Faltan 240 horas.", f"hours:{FARM}",
        (0, 241, date(2026, 11, 16)),
    ),
    Case(
        "Maine: the third level has lapsed", "it is valid for five years; 240 hours are 24 weeks",
        AQUA, [*LEVELS[:2], got("aquaculture-3", ends=0), at_work(FARM, "240"), review(FARM)], Fraction(1),
        "Sustainable aquaculture 3: twelve weeks on a farm: Expired: earn it again.",
        "Acuicultura sostenible 3: doce semanas en una granja: Vencida: hay que obtenerla de nuevo.",
        "aquaculture-3", (0, 240, date(2026, 11, 16)),
    ),
    Case(
        "Maine: five of nine skills", "any one of four: ten hours are a week",
        NINE, [got(slug) for slug in SKILLS[:5]], Fraction(1),
        "Any six of the nine skills: 5 of 6 done. Choose 1 more of these 4: Creative problem solving, Initiative, "
        "Collaboration, Intercultural fluency.",
        "Seis de las nueve habilidades: 5 de 6 listas. Elija 1 más de estas 4: Solución creativa de problemas, "
        "Iniciativa, Colaboración, Fluidez intercultural.",
        "collaboration", (0, 10, date(2026, 6, 8)),
    ),
    Case(
        "Maine: seven of nine skills", "more than six is six",
        NINE, [got(slug) for slug in SKILLS[:7]], Fraction(0), "Any six of the nine skills: 6 of 6 done.",
        "Seis de las nueve habilidades: 6 de 6 listas.", None, DONE,
    ),
]  # fmt: skip


def offered(case: Case) -> list[Offer]:
    """What the program offers toward the tree, as an installation would."""
    program = {id(RANK): "kentucky", id(AQUA): "maine", id(NINE): "maine"}.get(id(case.tree), "tennessee")
    forms = rules.forms(case.tree)
    found = [*OFFERS[program].values(), *([CPR] if case.tree is WITH_CPR else [])]
    found += [Offer(credential=work.review_of(form), effort=work.PLACEMENT_HOURS) for form in forms]
    most = work.MOST_HOURS
    found += [Offer(credential=work.hours_of(form), effort=most, hours={work.AREA: most}) for form in forms]
    return rules.fitted(case.tree, found)


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
def test_by_hand(case: Case) -> None:
    assert case.why
    result = stacking.evaluate(case.tree, case.held, NOW)
    assert (result.satisfied, stacking.remaining(result)) == (case.met, case.left)
    assert stacking.progress(result) == 1 - case.left / stacking.size(case.tree)
    for language, said in (("en", case.en), ("es", case.es)):
        lines = [line.text for line in stacking.explain(result, NAMES, language)]
        if case.met and said not in lines:  # a met group says itself in one line; its parts say the same alone
            lines += [line.text for part in _below(result) for line in stacking.explain(part, NAMES, language)]
        assert any(line == said or line.startswith(said) for line in lines), lines
    steps = stacking.nearest(case.tree, result, rules.shortened(result, offered(case)), NOW)
    assert (steps[0].offer.credential if steps else None) == case.next
    assert not case.met or steps == []


def _below(result: stacking.Result) -> list[stacking.Result]:
    return [found for child in result.of for found in (child, *_below(child))]


@pytest.mark.parametrize("case", [case for case in TABLE if case.plan], ids=lambda case: case.name)
def test_the_plan_by_hand(case: Case) -> None:
    mine, offers = rules.plannable(case.tree, case.held, offered(case), NOW)
    found = stacking.plan(case.tree, mine, offers, NOW, hours_a_week=10)
    assert isinstance(found, stacking.Plan) and found.proven
    assert (found.cost, found.hours, found.ends.date()) == case.plan
    order = [offer.credential for offer in found.offers]
    for form in rules.forms(case.tree):
        if {work.review_of(form), work.hours_of(form)} <= set(order):
            assert order.index(work.hours_of(form)) < order.index(work.review_of(form))


# What one change alone would do: why, tree, held, which change, and the sentence
WHAT_IF: list[tuple[str, Requirement, Sequence[Holding], tuple[str, str], str, str]] = [
    (
        "the whole has 15 + 1 steps, and one is lost: 15/16 is 93.75 %",
        WITH_CPR, [*study(), *WORKED, got("cpr", ends=30)], ("expire", "cpr"),
        "When CPR for infants and children expires on July 1, 2026: 100% done becomes 94%. No longer complete: CDA and a "
        "valid CPR card.",
        "Cuando venza RCP para bebés y niños el 1 de julio de 2026: de 100 % hecho pasa a 94 %. Deja de estar completo: CDA y "
        "una tarjeta de RCP vigente.",
    ),
    (
        "18 of 19 steps are 94.7 %, and the sixth elective is the last of all",
        RANK, [*TWELVE, *SIX[:5], CAPSTONE], ("earn", "teaching-when-the-line-is-down"),
        "If you earn Teaching when the line is down (level 1): 95% done becomes 100%. It completes 18 micro-credentials "
        "and the capstone, Any 6 of the 8 electives.",
        "Si usted obtiene Enseñar cuando no hay señal (nivel 1): de 95 % hecho pasa a 100 %. Completa 18 microcredenciales "
        "y el proyecto final, 6 de las 8 optativas.",
    ),
    (
        "the home brings 20 hours in operation, and 130 - 10 = 120 hours are left",
        CDA, [*study(), got("family-child-care"), *WORKED], ("lose", "operating-a-program"),
        "Without Program operation: nothing changes.", "Sin Operación del programa: no cambia nada.",
    ),
    (
        "four of five steps: the review is one; 240 signed hours stay",
        AQUA, [*LEVELS, at_work(FARM, "240"), review(FARM)], ("lose", f"review:{FARM}"),
        "Without Review at work: 100% done becomes 80%. No longer complete: Three levels and twelve weeks at work.",
        "Sin Evaluación en el trabajo: de 100 % hecho pasa a 80 %. Deja de estar completo: Tres niveles y doce semanas "
        "de trabajo.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("why", "tree", "held", "which", "en", "es"), WHAT_IF, ids=[row[0][:40] for row in WHAT_IF])
def test_what_if_by_hand(
    why: str, tree: Requirement, held: Sequence[Holding], which: tuple[str, str], en: str, es: str
) -> None:
    case = Case(why, why, tree, held, Fraction(0), "", "", None, None)
    changes = stacking.what_if(tree, held, offered(case), NOW)
    change = next(c for c in changes if (c.kind, c.credential) == which)
    assert stacking.explain_change(change, NAMES, "en") == en
    assert stacking.explain_change(change, NAMES, "es") == es


def test_another_rule_by_hand() -> None:
    """A rule of 130 hours: 120 of them are 8 of 120/130 parts, so 10/130 of 8 steps of 15 are missing, 95.9 %."""
    assert isinstance(CDA, Count)
    hours = CDA.of[0]
    assert isinstance(hours, stacking.Hours)
    longer = replace(CDA, of=(replace(hours, total=130), *CDA.of[1:]))
    (change, *_rest) = stacking.what_if(CDA, [*study(), *WORKED], [], NOW, instead=longer)
    assert (change.kind, change.before, change.after) == ("rule", 1, 1 - Fraction(10, 130) * 8 / 15)
    assert stacking.explain_change(change, NAMES, "es") == "Con la otra regla: de 100 % hecho pasa a 96 %."
