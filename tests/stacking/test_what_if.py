"""What each change alone would do: equal to evaluating the changed holdings, and worked by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from fieldstone.stacking import (
    Count,
    Hold,
    Holding,
    Hours,
    Names,
    Offer,
    Requirement,
    evaluate,
    explain_change,
    leaves,
    progress,
    what_if,
)

from .programs import CDA, DAY, ELECTIVES, FOUNDATION, KENTUCKY, NOW, course, earned, in_review
from .strategies import offers, requirements, wallets

NAMES: Names = {
    "capstone": {"en": "Capstone", "es": "Proyecto final"},
    "safety": {"en": "Safety", "es": "Seguridad"},
    "welding": {"en": "Welding", "es": "Soldadura"},
}


def done(requirement: Requirement, wallet: list[Holding]) -> Fraction:
    return progress(evaluate(requirement, wallet, NOW))


@given(requirements, wallets, offers, st.none() | requirements)
def test_each_change_is_what_evaluating_it_says(
    requirement: Requirement, wallet: list[Holding], catalog: list[Offer], instead: Requirement | None
) -> None:
    changes = what_if(requirement, wallet, catalog, NOW, instead=instead)
    before = done(requirement, wallet)
    assert all(change.before == before for change in changes)
    bring = {
        (offer.credential, offer.level, done(requirement, [*wallet, offer.as_held(NOW)]))
        for offer in catalog
        if offer.is_open(NOW)
    }
    found = {(c.credential, c.offer.level, c.after) for c in changes if c.offer is not None}
    assert found == {each for each in bring if each[2] > before}
    used = [holding for leaf in leaves(evaluate(requirement, wallet, NOW)) for holding in leaf.used]
    lost = {change.credential: change.after for change in changes if change.kind == "lose"}
    assert lost == {
        each.credential: done(requirement, [other for other in wallet if other.credential != each.credential])
        for each in used
    }
    ends = [change for change in changes if change.kind == "expire"]
    assert [change.when for change in ends] == sorted(
        each.valid_until for each in set(used) if each.valid_until is not None and each.valid_until > NOW
    )
    for change in ends:
        over = [
            done(requirement, [replace(other, valid_until=NOW) if other == each else other for other in wallet])
            for each in set(used)
            if (each.credential, each.valid_until) == (change.credential, change.when)
        ]
        assert change.after in over
    assert [change.kind for change in changes if change.kind == "rule"] == ["rule"] * (instead is not None)
    for change in changes:
        assert all(explain_change(change, {}, language).endswith(".") for language in ("en", "es"))  # type: ignore[arg-type]  # both are languages


def said(requirement: Requirement, wallet: list[Holding], catalog: list[Offer], **rest: Requirement) -> list[list[str]]:
    changes = what_if(requirement, wallet, catalog, NOW, **rest)
    return [[explain_change(change, NAMES, language) for change in changes] for language in ("en", "es")]  # type: ignore[arg-type]  # both are languages


def test_kentucky_one_step_before_the_end() -> None:
    # 12 + 6 + 1 = 19 steps, 18 are done
    held = [
        *(earned(each) for each in FOUNDATION[1:]),
        earned(FOUNDATION[0], ends=10),
        *(earned(each) for each in ELECTIVES[:7]),
        in_review("other"),
    ]
    catalog = [
        Offer(credential="capstone", effort=40),
        Offer(credential=ELECTIVES[9], effort=4),
        Offer(credential="capstone", effort=20, closes_at=NOW),
    ]
    english, spanish = said(KENTUCKY, held, catalog)
    assert english[0] == "If you earn Capstone: 95% done becomes 100%. It completes Rank change."
    assert spanish[0] == "Si usted obtiene Proyecto final: de 95 % hecho pasa a 100 %. Completa Cambio de rango."
    assert "Without foundation-2: 95% done becomes 89%. No longer complete: Required." in english
    assert "Sin foundation-2: de 95 % hecho pasa a 89 %. Deja de estar completo: Obligatorias." in spanish
    # a seventh elective was not needed
    assert f"Without {ELECTIVES[0]}: nothing changes." in english
    assert f"Sin {ELECTIVES[0]}: no cambia nada." in spanish
    assert english[-1] == (
        "When foundation-1 expires on March 12, 2026: 95% done becomes 89%. No longer complete: Required."
    )
    assert spanish[-1] == (
        "Cuando venza foundation-1 el 12 de marzo de 2026: de 95 % hecho pasa a 89 %. Deja de estar completo: Obligatorias."
    )
    assert len(english) == 1 + 12 + 7 + 1


def test_the_whole_may_break() -> None:
    tree = Count(at_least=1, of=(Hold(credential="safety"),), label={"en": "All", "es": "Todo"})
    (loss,) = what_if(tree, [earned("safety")], [], NOW)
    assert loss.breaks == ({"en": "All", "es": "Todo"},)
    assert (loss.before, loss.after) == (1, 0)
    # a label of a single credential is no group
    (loss,) = what_if(Hold(credential="safety", label={"en": "All", "es": "Todo"}), [earned("safety")], [], NOW)
    assert loss.breaks == ()


def test_another_rule_says_what_counts_then() -> None:
    old = Count(at_least=2, of=(Hold(credential="safety"), Hold(credential="x")))
    new = Count(at_least=2, of=(Hold(credential="welding"), Hold(credential="x")))
    english, spanish = said(old, [earned("safety"), earned("welding")], [], instead=new)
    assert english[0] == "With the other rule: nothing changes. These begin to count: Welding. These no longer count: Safety."
    assert spanish[0] == "Con la otra regla: no cambia nada. Empiezan a contar: Soldadura. Dejan de contar: Seguridad."


def test_hours_and_levels_are_named() -> None:
    held = [course("a", environment=10, growth=10)]
    (step, *_) = what_if(CDA, held, [Offer(credential="safety", level=2, effort=9, hours={"families": 12})], NOW)
    assert (step.before, step.after) == (Fraction(20, 120), Fraction(32, 120))
    assert explain_change(step, NAMES, "en") == "If you earn Safety (level 2): 17% done becomes 27%."
    assert explain_change(step, NAMES, "es") == "Si usted obtiene Safety (nivel 2): de 17 % hecho pasa a 27 %.".replace(
        "Safety", "Seguridad"
    )
    twice = [earned("a", hours={"x": 3}, ends=5), earned("a", hours={"x": 2}, days_ago=3)]
    (lost, over) = what_if(Hours(total=4), twice, [], NOW)
    assert (lost.after, over.after, over.when) == (0, Fraction(1, 2), NOW + 5 * DAY)


def test_another_rule_starts_and_stops_only_what_it_changes() -> None:
    """Two of a and b, then two of b and c: c begins to count, a counts no more, b goes on."""
    now = Count(at_least=2, of=(Hold(credential="a"), Hold(credential="b")))
    then = Count(at_least=2, of=(Hold(credential="b"), Hold(credential="c")))
    change = what_if(now, [earned(each) for each in "abc"], [], NOW, instead=then)[0]
    assert (change.kind, change.before, change.after) == ("rule", 1, 1)
    assert (change.starts, change.stops) == (("c",), ("a",))
