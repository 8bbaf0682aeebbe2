"""Decisions worked out by hand, and laws that hold for every pair of sheets."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldstone.server.assessment import rules
from fieldstone.server.assessment.rules import Blind, Line, Outcome, Standing, Tries, decide, why_not
from fieldstone.server.catalog.rules import CANNOT_TELL, Criterion, Level

FOUR = ("exemplary", "demonstrated", "approaching", "not_yet")


def criterion(name: str) -> Criterion:
    """Four levels, best first; the first two count."""
    levels = tuple(Level(n, {"en": n}, {"en": n}, n in FOUR[:2]) for n in FOUR)
    return Criterion(name, {"en": name}, levels, (), ())


AB = (criterion("a"), criterion("b"))
X, D, P, N, U = "exemplary", "demonstrated", "approaching", "not_yet", CANNOT_TELL

# two-person rule, first, second, approved, moderator, confirm -> state, outcome, levels, differing
TABLE = [
    ("double_blind", None, None, None, None, False, "scoring", "", None, ()),
    ("double_blind", (D, D), None, None, None, False, "scoring", "", None, ()),
    ("double_blind", (D, D), (D, D), None, None, False, "decided", "demonstrated", (D, D), ()),
    ("double_blind", (X, D), (D, D), None, None, False, "decided", "demonstrated", (D, D), ()),
    ("double_blind", (X, X), (X, D), None, None, False, "decided", "demonstrated", (X, D), ()),
    ("double_blind", (D, N), (D, P), None, None, False, "decided", "not_yet", (D, N), ()),
    ("double_blind", (D, U), (D, U), None, None, False, "decided", "not_yet", (D, U), ()),
    ("double_blind", (D, U), (D, N), None, None, False, "moderating", "", None, ("b",)),
    ("double_blind", (D, D), (D, N), None, None, False, "moderating", "", None, ("b",)),
    ("double_blind", (D, D), (N, N), None, None, False, "moderating", "", None, ("a", "b")),
    ("double_blind", (D, D), (D, N), None, (None, D), False, "decided", "demonstrated", (D, D), ("b",)),
    ("double_blind", (D, D), (D, N), None, (None, U), False, "decided", "not_yet", (D, U), ("b",)),
    ("double_blind", (D, D), (D, D), None, None, True, "confirming", "", None, ()),
    ("double_blind", (D, D), (D, D), True, None, True, "decided", "demonstrated", (D, D), ()),
    ("double_blind", (D, D), (D, D), False, None, True, "moderating", "", None, ("a", "b")),
    ("double_blind", (D, D), (D, D), False, (D, N), True, "decided", "not_yet", (D, N), ("a", "b")),
    ("double_blind", (D, D), (D, N), None, None, True, "moderating", "", None, ("b",)),
    ("approver", None, None, None, None, False, "scoring", "", None, ()),
    ("approver", (D, D), None, None, None, False, "confirming", "", None, ()),
    ("approver", (D, X), None, True, None, False, "decided", "demonstrated", (D, X), ()),
    ("approver", (D, U), None, True, None, False, "decided", "not_yet", (D, U), ()),
    ("approver", (D, D), None, False, None, False, "moderating", "", None, ("a", "b")),
    ("approver", (D, D), None, False, (P, D), False, "decided", "not_yet", (P, D), ("a", "b")),
]


def pair(levels: tuple[str | None, str | None] | None) -> dict[str, str] | None:
    return None if levels is None else {n: v for n, v in zip("ab", levels, strict=True) if v is not None}


@pytest.mark.parametrize("row", TABLE, ids=lambda r: "-".join(map(str, r[:6])))
def test_decisions_worked_by_hand(row: tuple) -> None:
    rule, first, second, approved, moderator, confirm, state, outcome, levels, differing = row
    got = decide(
        AB,
        two_person=rule,
        first=pair(first),
        second=pair(second),
        approved=approved,
        moderator=pair(moderator),
        confirm=confirm,
    )
    assert got == Outcome(state, outcome, pair(levels), differing)


sheets = st.fixed_dictionaries({"a": st.sampled_from([*FOUR, U]), "b": st.sampled_from([*FOUR, U])})


@given(first=sheets, second=sheets, moderator=st.none() | sheets)
def test_the_order_of_two_blind_assessors_does_not_matter(first: dict, second: dict, moderator: dict | None) -> None:
    one = decide(AB, two_person="double_blind", first=first, second=second, moderator=moderator)
    other = decide(AB, two_person="double_blind", first=second, second=first, moderator=moderator)
    assert one == other


@given(
    first=sheets, second=sheets, moderator=st.none() | sheets, confirm=st.booleans(), approved=st.none() | st.booleans()
)
def test_nothing_is_demonstrated_unless_every_criterion_is(
    first: dict, second: dict, moderator: dict | None, confirm: bool, approved: bool | None
) -> None:
    for rule in ("approver", "double_blind"):
        got = decide(
            AB, two_person=rule, first=first, second=second, moderator=moderator, confirm=confirm, approved=approved
        )
        if got.state == "decided":
            assert got.levels is not None and set(got.levels) == {"a", "b"}
            every = all(c.shown_at(got.levels[c.id]) for c in AB)
            assert got.outcome == ("demonstrated" if every else "not_yet")
        else:
            assert not got.outcome and got.levels is None


@given(first=sheets, second=sheets)
def test_a_moderator_never_touches_what_was_agreed(first: dict, second: dict) -> None:
    got = decide(AB, two_person="double_blind", first=first, second=second)
    for c in AB:
        same = c.category(first[c.id]) == c.category(second[c.id])
        assert (c.id in got.differing) is not same


@given(first=sheets, second=sheets)
def test_an_unconfirmed_sheet_never_decides_alone(first: dict, second: dict) -> None:
    assert decide(AB, two_person="double_blind", first=first, second=second, confirm=True).state != "decided"


def test_what_was_demonstrated_is_carried_over_and_the_rest_is_judged() -> None:
    def names(asked: list[str], earlier: dict[str, str]) -> list[str]:
        return [c.id for c in rules.judged(AB, asked=asked, earlier=earlier)]

    assert names(["a", "b"], {}) == ["a", "b"]
    assert names(["b"], {"a": D, "b": N}) == ["b"]
    assert names(["b"], {"a": U, "b": N}) == ["a", "b"], "never shown, so judged whatever was asked"
    assert names(["a"], {"a": D, "b": D}) == ["a"], "asked for again"


def test_a_sheet_needs_a_level_everywhere_and_words_where_something_is_missing() -> None:
    def fields(lines: dict[str, Line]) -> list[str]:
        return [p.field for p in rules.sheet_problems(AB, lines)]

    assert fields({}) == ["level-a", "level-b"]
    assert fields({"a": Line(D), "b": Line(N)}) == ["comment-b"]
    assert fields({"a": Line(D), "b": Line(U, "  ")}) == ["comment-b"]
    assert fields({"a": Line(D), "b": Line(N, "Say more.")}) == []
    assert fields({"a": Line(X), "b": Line(N, "", ({"en": "x", "es": "x"},))}) == []


ME, REVIEW, SUBJECT = uuid4(), uuid4(), uuid4()
SEATING = [
    ("first", {"assessor"}, {}, False, ""),
    ("second", {"approver"}, {}, False, ""),
    ("first", {"lead"}, {}, False, "This needs an assessor."),
    ("first", {"assessor"}, {"person": True}, False, "This is your own submission."),
    ("approver", {"approver"}, {"person": True}, False, "This is your own submission."),
    ("first", {"assessor"}, {"conflicted": True}, False, "You handed this one on."),
    ("second", {"assessor"}, {"seated": True}, False, "You already sit in this review."),
    ("approver", {"approver"}, {"seated": True}, False, "You already sit in this review."),
    ("first", {"assessor"}, {"exemplars": True}, False, "Calibrate on the examples of this micro-credential first."),
    (
        "moderator",
        {"assessor"},
        {"exemplars": True},
        False,
        "Calibrate on the examples of this micro-credential first.",
    ),
    ("first", {"assessor"}, {"exemplars": True, "calibrated": True}, False, ""),
    ("approver", {"approver"}, {"exemplars": True}, False, ""),
    ("approver", {"assessor"}, {}, False, "This needs an approver."),
    ("moderator", {"assessor"}, {}, False, ""),
    ("moderator", {"assessor"}, {}, True, "This needs an approver."),
    ("moderator", {"approver"}, {}, True, ""),
    ("moderator", {"approver"}, {"exemplars": True}, True, "Calibrate on the examples of this micro-credential first."),
    ("appeal", {"assessor"}, {}, True, "This needs an approver."),
    ("appeal", {"assessor"}, {"seated": True}, False, "You already sit in this review."),
    ("first", {"assessor"}, {}, True, ""),
]


@pytest.mark.parametrize(("kind", "roles", "facts", "confirm", "reason"), SEATING)
def test_who_may_sit_where(kind: str, roles: set[str], facts: dict, confirm: bool, reason: str) -> None:
    standing = Standing(
        person=ME,
        roles=frozenset(roles),
        seated=frozenset({REVIEW} if facts.get("seated") else ()),
        conflicted=frozenset({REVIEW} if facts.get("conflicted") else ()),
        calibrated=frozenset({SUBJECT} if facts.get("calibrated") else ()),
        with_exemplars=frozenset({SUBJECT} if facts.get("exemplars") else ()),
    )
    learner = ME if facts.get("person") else UUID(int=1)
    assert why_not(kind, standing, review=REVIEW, learner=learner, micro_credential=SUBJECT, confirm=confirm) == reason


def test_a_coach_is_offered_after_three_tries() -> None:
    assert [Tries(n, False).coach for n in range(5)] == [False, False, False, True, True]
    assert not Tries(3, True).coach


def test_business_days_skip_weekends_and_holidays() -> None:
    friday = datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert rules.add_business_days(friday, 1) == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert rules.add_business_days(friday, 14) == datetime(2026, 12, 10, 15, tzinfo=UTC)
    assert rules.add_business_days(friday, 5, [date(2026, 11, 26)]) == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert rules.business_days_between(friday, rules.add_business_days(friday, 9)) == 9
    assert rules.business_days_between(datetime(2026, 11, 23, tzinfo=UTC), friday) == -1


@given(days=st.integers(0, 40), start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_counting_business_days_undoes_adding_them(days: int, start: datetime) -> None:
    assert rules.business_days_between(start, rules.add_business_days(start, days)) == days


def test_names_places_and_addresses_are_hidden_in_a_learners_words() -> None:
    blind = Blind("Marisol Peña Vega", "Hickman County, Tennessee")
    words = "I am Marisol Pena. In Hickman County we say hope; write to m.vega@example.org. The vega is green."
    assert blind.text(words) == ("I am ▇▇▇ ▇▇▇. In ▇▇▇ County we say hope; write to ▇▇▇. The vega is green.", 4)
    assert Blind().text("Nothing to hide here, Ивана.") == ("Nothing to hide here, Ивана.", 0)
    assert Blind("Ивана Li").text("Ивана and Li and Они")[1] == 1
