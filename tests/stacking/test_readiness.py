"""Readiness: the laws of the number, cases worked by hand, and the sentences people read."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldstone.stacking import Asked, Names, Shown, explain_readiness, readiness

SKILLS = ("reading", "listening", "math", "speaking")
ratings = st.one_of(st.integers(0, 7), st.integers(0, 700).map(lambda cents: Decimal(cents) / 100))
jobs = st.lists(
    st.builds(Asked, skill=st.sampled_from(SKILLS), importance=ratings, level=ratings),
    unique_by=lambda each: each.skill,
    max_size=4,
)
shows = st.lists(
    st.builds(Shown, skill=st.sampled_from(SKILLS), level=ratings, credential=st.sampled_from("abc")), max_size=6
)

# asked 4 x 3 + 2 x 4 + 3 x 2 = 26; missing 0 + 2 x (4 - 2) + 3 x 2 = 10; so 16/26 is shown
JOB = [
    Asked(skill="listening", importance=4, level=3),
    Asked(skill="reading", importance=2, level=4),
    Asked(skill="math", importance=3, level=2),
]
MINE = [
    Shown(skill="listening", level=3, credential="safety"),
    Shown(skill="reading", level=1, credential="first-aid"),
    Shown(skill="reading", level=2, credential="safety"),
    Shown(skill="welding", level=7, credential="welding"),
]
NAMES: Names = {
    "listening": {"en": "Active listening", "es": "Escucha activa"},
    "reading": {"en": "Reading", "es": "Lectura"},
    "math": {"en": "Mathematics", "es": "Matemáticas"},
    "safety": {"en": "Safe environment", "es": "Ambiente seguro"},
}


def test_worked_by_hand() -> None:
    found = readiness(JOB, MINE)
    assert found.value == Fraction(16, 26)
    assert found.percent == 62
    assert [(row.skill, row.missing, row.weight, row.met) for row in found.rows] == [
        ("math", Fraction(6, 26), Fraction(6, 26), False),
        ("reading", Fraction(4, 26), Fraction(8, 26), False),
        ("listening", 0, Fraction(12, 26), True),
    ]
    reading = found.rows[1]
    assert reading.by == (("safety", 2), ("first-aid", 1))
    assert reading.useful == ("safety",)
    assert found.rows[0].useful == ()


@pytest.mark.parametrize(
    ("job", "mine", "value", "percent"),
    [
        ([], [], 1, 100),
        (JOB, [], 0, 0),
        (JOB, [Shown(skill=each.skill, level=7, credential="a") for each in JOB], 1, 100),
        ([Asked(skill="math", importance=0, level=5)], [], 1, 100),
        ([Asked(skill="math", importance=5, level=0)], [], 1, 100),
        # three levels of four, whatever the importance
        ([Asked(skill="math", importance=3.12, level=4)], [Shown(skill="math", level=3, credential="a")], Fraction(3, 4), 75),
        # 3.12 x 3.25 = 10.14 shown of 10.14 + 2.5 x 2.12 = 15.44, exactly though both come as floats
        (
            [Asked(skill="math", importance=3.12, level=3.25), Asked(skill="reading", importance=2.5, level=2.12)],
            [Shown(skill="math", level=3.25, credential="a")],
            Fraction(1014, 1544),
            66,
        ),
        # neither 0 nor 100 percent is said of what lies between
        ([Asked(skill="math", importance=1, level=1000)], [Shown(skill="math", level=1, credential="a")], Fraction(1, 1000), 1),
        ([Asked(skill="math", importance=1, level=1000)], [Shown(skill="math", level=999, credential="a")], Fraction(999, 1000), 99),
    ],
)  # fmt: skip
def test_hand_worked_table(job: list[Asked], mine: list[Shown], value: Fraction, percent: int) -> None:
    found = readiness(job, mine)
    assert (found.value, found.percent) == (value, percent)


@given(jobs, shows)
def test_the_number_is_the_formula_and_its_parts_add_up(job: list[Asked], mine: list[Shown]) -> None:
    found = readiness(job, mine)
    level = {each.skill: max((one.level for one in mine if one.skill == each.skill), default=0) for each in job}
    gap = sum(float(each.importance) * max(0.0, float(each.level) - float(level[each.skill])) for each in job)
    whole = sum(float(each.importance) * float(each.level) for each in job)
    assert 0 <= found.value <= 1
    assert float(found.value) == pytest.approx(1 - gap / whole if whole else 1)
    assert found.value == 1 - sum(row.missing for row in found.rows)
    assert sum(row.weight for row in found.rows) == (1 if found.asks else 0)
    assert {row.skill for row in found.rows} == {each.skill for each in job}
    assert [row.missing for row in found.rows] == sorted((row.missing for row in found.rows), reverse=True)
    assert (found.value == 1) is all(row.met or not row.weight for row in found.rows)


@given(jobs, shows, shows)
def test_showing_more_never_takes_away(job: list[Asked], mine: list[Shown], more: list[Shown]) -> None:
    before, after = readiness(job, mine), readiness(job, mine + more)
    assert after.value >= before.value
    gaps = {row.skill: row.missing for row in before.rows}
    assert all(row.missing <= gaps[row.skill] for row in after.rows)


@given(jobs, shows)
def test_levels_above_what_is_asked_change_nothing(job: list[Asked], mine: list[Shown]) -> None:
    asked = {each.skill: each.level for each in job}
    capped = [
        Shown(skill=one.skill, level=min(one.level, asked.get(one.skill, one.level)), credential=one.credential)
        for one in mine
    ]
    assert readiness(job, capped).value == readiness(job, mine).value


@given(jobs, shows, st.sampled_from(["en", "es"]))
def test_every_skill_is_said_with_what_shows_it(job: list[Asked], mine: list[Shown], language: str) -> None:
    found = readiness(job, mine)
    lines = explain_readiness(found, {}, language)  # type: ignore[arg-type]  # one of the two languages
    assert [line.path for line in lines] == ["", *(row.skill for row in found.rows)]
    for line, row in zip(lines[1:], found.rows, strict=True):
        assert line.text.startswith(f"{row.skill}: ")
        assert all(f"({credential})" in line.text for credential, _ in row.by)
        assert (line.status == "missing") is bool(row.missing)
    assert (lines[0].status == "done") is (found.value == 1)


def test_the_sentences_in_english() -> None:
    assert [line.text for line in explain_readiness(readiness(JOB, MINE), NAMES, "en")] == [
        "What you have shown covers 62% of what this job asks, counted by how much each skill matters.",
        "Mathematics: Level 2 is asked. You have shown nothing here yet. Missing: 23% of what this job asks.",
        "Reading: Level 4 is asked. You have shown: 2 (Safe environment), 1 (first-aid). "
        "Missing: 15% of what this job asks.",
        "Active listening: Level 3 is asked. You have shown: 3 (Safe environment).",
    ]


def test_the_sentences_in_spanish() -> None:
    assert [line.text for line in explain_readiness(readiness(JOB, MINE), NAMES, "es")] == [
        "Lo que usted ha demostrado cubre el 62 % de lo que pide este trabajo, contando cada habilidad según su "
        "importancia.",
        "Matemáticas: Se pide el nivel 2. Usted aún no ha demostrado nada aquí. "
        "Falta: el 23 % de lo que pide este trabajo.",
        "Lectura: Se pide el nivel 4. Usted ha demostrado: 2 (Ambiente seguro), 1 (first-aid). "
        "Falta: el 15 % de lo que pide este trabajo.",
        "Escucha activa: Se pide el nivel 3. Usted ha demostrado: 3 (Ambiente seguro).",
    ]


def test_everything_and_nothing_have_words_of_their_own() -> None:
    everything = readiness(JOB, [Shown(skill=each.skill, level=7, credential="a") for each in JOB])
    assert explain_readiness(everything, {}, "en")[0].text == "What you have shown covers everything this job asks."
    assert explain_readiness(everything, {}, "es")[0].text == (
        "Lo que usted ha demostrado cubre todo lo que pide este trabajo."
    )
    nothing = readiness([Asked(skill="math", importance=3, level=0)], [])
    assert [line.text for line in explain_readiness(nothing, {}, "en")] == [
        "The list for this job asks for no skills, so nothing is missing.",
        "math: This job does not ask for it.",
    ]
    assert [line.text for line in explain_readiness(nothing, {}, "es")] == [
        "La lista de este trabajo no pide ninguna habilidad; por eso no falta nada.",
        "math: Este trabajo no lo pide.",
    ]


def test_a_level_just_below_is_never_written_as_met() -> None:
    job = [Asked(skill="math", importance=1, level=Decimal("3.25"))]
    mine = [Shown(skill="math", level=3.2499, credential="a"), Shown(skill="math", level=0.001, credential="b")]
    assert explain_readiness(readiness(job, mine), {}, "en")[1].text == (
        "math: Level 3.25 is asked. You have shown: 3.24 (a), 0.01 (b). Missing: 1% of what this job asks."
    )


@pytest.mark.parametrize("number", [-1, float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity"), Fraction(-1, 2)])
def test_what_is_no_rating_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        readiness([Asked(skill="math", importance=1, level=number)], [])
    with pytest.raises(ValueError, match="0 or more"):
        readiness([Asked(skill="math", importance=1, level=1)], [Shown(skill="math", level=number, credential="a")])


def test_a_skill_is_asked_once() -> None:
    with pytest.raises(ValueError, match="once"):
        readiness([*JOB, JOB[0]], [])
