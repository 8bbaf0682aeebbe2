"""The sentences people read."""

from __future__ import annotations

from fieldstone.stacking import (
    Count,
    Hold,
    Holding,
    Hours,
    Language,
    Level,
    Names,
    Requirement,
    evaluate,
    explain,
)

from .programs import (
    AREAS,
    CDA,
    ELECTIVES,
    FOUNDATION,
    KENTUCKY,
    MAINE,
    NOW,
    course,
    draft,
    earned,
    in_review,
)

NAMES: Names = {
    "welding": {"en": "Welding", "es": "Soldadura"},
    "safety": {"en": "Safety", "es": ""},
    "reading": {"en": "Reading, writing", "es": "Lectura, escritura"},
    "growth": {"en": "Child growth", "es": "Crecimiento infantil"},
    "no-text": {},
}


def said(requirement: Requirement, *holdings: Holding, language: Language = "en") -> list[str]:
    lines = explain(evaluate(requirement, holdings, NOW), NAMES, language)
    return ["  " * line.depth + line.text for line in lines]


def test_kentucky_names_what_is_left_to_choose() -> None:
    holdings = [earned(each) for each in (*FOUNDATION, *ELECTIVES[:5])]
    assert said(KENTUCKY, *holdings) == [
        "Rank change: 1 of 3 done.",
        "  Required: 12 of 12 done.",
        "  Electives: 5 of 6 done. Choose 1 more of these 5: elective-6, elective-7, elective-8, elective-9, elective-10.",
        "  capstone: Still to do.",
    ]
    assert said(KENTUCKY, *holdings, language="es")[2] == (
        "  Optativas: 5 de 6 listas. Elija 1 más de estas 5: elective-6, elective-7, elective-8, elective-9, elective-10."
    )


def test_a_met_whole_takes_one_line_and_a_surplus_is_not_counted_up() -> None:
    holdings = [earned(each) for each in (*FOUNDATION, *ELECTIVES, "capstone")]
    assert said(KENTUCKY, *holdings) == ["Rank change: 3 of 3 done."]
    assert said(KENTUCKY.of[1], *holdings) == ["Electives: 6 of 6 done."]


def test_all_of_says_what_is_still_to_do() -> None:
    holdings = [earned(each) for each in FOUNDATION[2:]]
    assert said(KENTUCKY.of[0], *holdings) == [
        "Required: 10 of 12 done. Still to do: foundation-1, foundation-2."
    ]


def test_reviews_are_not_offered_again() -> None:
    holdings = [*(earned(each) for each in ELECTIVES[:4]), in_review("elective-9")]
    assert said(KENTUCKY.of[1], *holdings) == [
        "Electives: 4 of 6 done. In review: elective-9. "
        "Choose 1 more of these 5: elective-5, elective-6, elective-7, elective-8, elective-10."
    ]
    assert said(KENTUCKY.of[1], *holdings, in_review("elective-8"), language="es") == [
        "Optativas: 4 de 6 listas. En revisión: elective-8, elective-9."
    ]


def test_hours() -> None:
    holdings = [*(course(f"c-{area}", **{area: 10}) for area in AREAS[:7]), course("more", growth=1)]
    assert said(CDA, *holdings, in_review("next", hours={"growth": 14})) == [
        "71 of 120 hours counted. 14 more in review. 49 hours missing.",
        *(f"  {area}: 10 of 10 hours counted." for area in sorted(AREAS)[:2]),
        "  Child growth: 1 of 10 hours counted. 14 more in review. 9 hours missing.",
        *(f"  {area}: 10 of 10 hours counted." for area in sorted(AREAS)[3:]),
    ]


def test_hours_statuses() -> None:
    tree = Hours(total=6, minimum_per_area={"x": 2, "y": 2, "z": 2, "other": 0})
    result = evaluate(
        tree, [course("a", x=5), in_review("b", hours={"y": 2}), in_review("c", hours={"z": 1})], NOW
    )
    lines = explain(result, {}, "en")
    assert [(line.path, line.status) for line in lines] == [
        ("hours", "missing"),
        ("hours.minimum_per_area.x", "done"),
        ("hours.minimum_per_area.y", "in_review"),
        ("hours.minimum_per_area.z", "missing"),
    ]
    assert lines[1].text == "x: 5 hours counted, 2 needed."


def test_one_hour_and_part_hours_agree_in_both_languages() -> None:
    tree = Hours(total=2, label={"en": "Training", "es": "Formación"})
    assert said(tree, course("a", x=1)) == ["Training: 1 of 2 hours counted. 1 hour missing."]
    assert said(tree, course("a", x=1), language="es") == ["Formación: 1 de 2 horas contadas. Falta 1 hora."]
    assert said(tree, course("a", x=3), language="es") == ["Formación: 3 horas contadas, 2 necesarias."]
    assert said(Hours(total=10), language="es") == ["0 de 10 horas contadas. Faltan 10 horas."]


def test_what_stands_in_the_way_of_one_credential() -> None:
    tree = Hold(credential="welding", equivalents=("other",), level=2)
    cases: list[tuple[Holding | None, str, str]] = [
        (None, "Welding: Still to do.", "Soldadura: Por hacer."),
        (earned("welding", level=2), "Welding: Done.", "Soldadura: Hecho."),
        (earned("other", level=2), "Welding: Done, with other.", "Soldadura: Hecho, con other."),
        (in_review("welding", level=2), "Welding: In review.", "Soldadura: En revisión."),
        (draft("welding", level=2), "Welding: Started, not sent yet.", "Soldadura: Comenzada, aún no enviada."),
        (earned("welding", level=1), "Welding: Level 2 or above is needed.", "Soldadura: Se necesita el nivel 2 o más."),
        (earned("welding", level=2, ends=0), "Welding: Expired: earn it again.", "Soldadura: Vencida: hay que obtenerla de nuevo."),
        (earned("welding", level=2, revoked_at=NOW), "Welding: Withdrawn by its issuer.", "Soldadura: Retirada por quien la emitió."),
    ]  # fmt: skip
    for holding, english, spanish in cases:
        held = [] if holding is None else [holding]
        assert said(tree, *held) == [english]
        assert said(tree, *held, language="es") == [spanish]


def test_the_same_inside_a_list() -> None:
    tree = Count(at_least=5, of=tuple(Hold(credential=each, level=2) for each in "abcde"))
    held = [
        draft("a", level=2),
        earned("b", level=1),
        earned("c", level=2, ends=0),
        earned("d", level=2, revoked_at=NOW),
    ]
    assert said(tree, *held) == [
        "0 of 5 done. Still to do: a (started), b (level 2 needed), c (expired), d (withdrawn by its issuer), e."
    ]


def test_names_fall_back_to_english_then_to_the_id() -> None:
    tree = Count(at_least=3, of=tuple(Hold(credential=each) for each in ("safety", "no-text", "unknown")))
    assert said(tree, language="es") == ["0 de 3 listas. Por hacer: Safety, no-text, unknown."]


def test_a_label_stands_for_the_name_and_commas_ask_for_semicolons() -> None:
    tree = Count(
        at_least=2,
        of=(
            Hold(credential="reading"),
            Hold(credential="x", label={"en": "Any first aid", "es": "Primeros auxilios"}),
        ),
    )
    assert said(tree) == ["0 of 2 done. Still to do: Reading, writing; Any first aid."]


def test_groups_of_groups_are_listed_below() -> None:
    pair = Count(at_least=1, of=(Hold(credential="a"), Hold(credential="b")))
    tree = Count(at_least=1, of=(pair, Hours(total=5)))
    assert said(tree) == [
        "0 of 1 done. Choose 1 more of these 2:",
        "  0 of 1 done. Choose 1 more of these 2: a, b.",
        "  0 of 5 hours counted. 5 hours missing.",
    ]
    both = Count(at_least=2, of=(pair, Hours(total=5)))
    assert said(both, in_review("a"))[:2] == ["0 of 2 done.", "  0 of 1 done. In review: a."]


def test_nothing_listed_can_still_be_said() -> None:
    assert said(Count(at_least=1, of=())) == ["0 of 1 done."]


def test_levels() -> None:
    tree = Level(at_least=2, count=2, among=("welding", "safety", "x"))
    assert said(tree, earned("welding", level=2)) == [
        "1 of 2 done at level 2 or above. Choose 1 more of these 2: Safety, x."
    ]
    assert said(tree, earned("welding", level=2), in_review("safety", level=2), language="es") == [
        "1 de 2 con nivel 2 o más. En revisión: Safety."
    ]
    assert said(tree, *(earned(each, level=3) for each in ("welding", "safety", "x"))) == [
        "2 of 2 done at level 2 or above."
    ]
    assert said(Level(at_least=1), language="es") == ["0 de 1 con nivel 1 o más. Por hacer: 1 más."]
    assert said(Level(at_least=1)) == ["0 of 1 done at level 1 or above. 1 more to do."]


def test_paths_and_statuses_for_screens() -> None:
    held = [earned("aquaculture", level=1), in_review("aquaculture", level=2)]
    lines = explain(evaluate(MAINE, held, NOW), {}, "en")
    assert [(line.path, line.status) for line in lines] == [("", "missing")]
    tree = Count(at_least=2, of=(MAINE, Hold(credential="x")))
    lines = explain(evaluate(tree, [*held, in_review("x")], NOW), {}, "en")
    assert [(line.path, line.status, line.depth) for line in lines] == [
        ("", "missing", 0),
        ("of[0]", "missing", 1),
        ("of[1].hold", "in_review", 1),
    ]
