"""Jobs near home worked out by hand: how far, how ready, what more they pay, in which order, and by whose rule.

Stacks and micro-credentials are written down here, not stored: the distances, shares and orders beside them were
counted on paper.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from fieldstone import stacking
from fieldstone.server.pathways import aims, jobs
from fieldstone.server.pathways.queries import Held
from fieldstone.server.reference import queries as reference
from fieldstone.server.reference.queries import Amount, Asks, Demand, Place, Quartiles, Remote
from fieldstone.server.reference.rules import DemandRule
from fieldstone.server.web.public import job_words, views_jobs
from tests.cast import Cast
from tests.pathways.makers import all_of, hold, make_stack
from tests.web.town import DIRECTOR, TEACHER, WORKER, make_town

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
HOME, AWAY = uuid4(), uuid4()
JOB, OTHER = "39-9011.00", "25-2011.00"
LISTENING, SPEAKING = "2.A.1.b", "2.A.1.d"


def course(name: str, *tied: str, hours: int = 10, level: int = 1, owner: UUID = HOME, **offer: Any) -> jobs.Course:
    title = {"en": name.title(), "es": f"{name.title()} (es)"}
    made = stacking.Offer(credential=name, effort=hours, level=level, **offer)
    return jobs.Course(name, owner, "home", name, title, level, "eye", "moss", made, tied)


def route(tree: stacking.Requirement, *codes: str, name: str = "stack", owner: UUID = HOME) -> jobs.Route:
    title = {"en": f"Stack {name}", "es": f"Pila {name}"}
    named = frozenset(stacking.named(tree))
    return jobs.Route(uuid4(), name, owner, "home", f"College {name}", name, title, tree, codes, named)


def every(*names: str) -> stacking.Count:
    return stacking.Count(at_least=len(names), of=tuple(stacking.Hold(credential=name) for name in names))


def offered(courses: list[jobs.Course], *routes: jobs.Route) -> jobs.Offered:
    return jobs.Offered({one.credential: one for one in courses}, routes)


def standing(given: jobs.Offered, *earned: str) -> jobs.Standing:
    found = jobs.Standing(None, given, AT)
    when = datetime(2026, 10, 1, tzinfo=UTC)
    found.held = [Held(stacking.Holding(credential=name, earned_at=when), HOME) for name in earned]
    return found


def demand(code: str = JOB, *, hour: int | None = None, year: int | None = None, top: bool = False, **more: Any) -> Demand:
    """A job of which only the middle wage is known (cents), or nothing, or that it is over the top."""
    nothing = Amount(None)
    values: dict[str, Any] = {
        "code": code, "title_en": "A job", "title_es": "", "job_zone": 2, "published": code[:7], "together": False,
        "place": Place("1300003", "North Georgia", "nonmetro", "area"),
        "hourly": Quartiles(nothing, Amount(hour, top), nothing), "annual": Quartiles(nothing, Amount(year), nothing),
        "eight_in_ten": (nothing, nothing), "mean_rse": 1.0, "here": 900, "here_rse": 1.0, "quotient": 1.0,
        "openings": 153_100, "employment": 900_000, "growth": -2.0, "self_employed": 20.0, "education": "",
        "experience": "", "training": "", "all_jobs": 4_950_000,
    }  # fmt: skip
    return Demand(**{**values, **more})


def job(figures: Demand, given: jobs.Offered | None = None, remote: str = "no") -> jobs.Job:
    where = standing(given or offered([]))
    return jobs.Job(
        figures, tuple(where.offered.courses_for(figures.code)), tuple(where.offered.routes_for(figures.code)),
        where.distance(figures.code), Remote(remote, "", "Fieldstone"),
    )  # fmt: skip


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """JOB asks Active Listening at level 4 (importance 3) and Speaking at level 2 (importance 4): 20 in all."""
    rated = (Asks(LISTENING, 3.0, 4.0), Asks(SPEAKING, 4.0, 2.0))
    monkeypatch.setattr(reference, "skills_of", lambda codes: {JOB: rated})


# --- how far ----------------------------------------------------------------------------------------------------


def test_the_nearest_of_two_stacks_says_how_far_a_job_is() -> None:
    courses = [course(name) for name in "abcde"]
    long = route(every("a", "b", "c", "d"), JOB, name="long")
    short = route(every("c", "e"), JOB, name="short")
    given = offered(courses, long, short)
    found = standing(given, "a").distance(JOB)
    assert found is not None and found.route is short and (found.away, set(found.missing)) == (2, {"c", "e"})
    found = standing(given, "a", "b", "d").distance(JOB)
    assert found is not None and found.route is long and found.missing == ("c",)
    assert standing(given).distance(OTHER) is None


def test_a_choice_takes_what_is_least_work() -> None:
    """Two of a (30 hours), b (5), c (8), where a is held: one more, and that is b."""
    courses = [course("a", hours=30), course("b", hours=5), course("c", hours=8)]
    tree = stacking.Count(at_least=2, of=tuple(stacking.Hold(credential=name) for name in "abc"))
    given = offered(courses, route(tree, JOB))
    assert standing(given, "a").missing(given.routes[0]) == ("b",)
    assert set(standing(given).missing(given.routes[0])) == {"b", "c"}
    assert standing(given, "a", "c").missing(given.routes[0]) == ()


def test_a_stack_that_nobody_can_complete_now_counts_what_is_not_held() -> None:
    """`gone` is offered no more, so no plan leads there; on the wall two of three stones are not set."""
    given = offered([course("a"), course("b"), course("gone", closes_at=datetime(2026, 1, 1, tzinfo=UTC))],
                    route(every("a", "b", "gone"), JOB))  # fmt: skip
    assert set(standing(given, "a").missing(given.routes[0])) == {"b", "gone"}


def test_what_has_ended_is_not_held_any_more() -> None:
    given = offered([course("a"), course("b")], route(every("a", "b"), JOB))
    found = standing(given)
    ended = stacking.Holding(credential="a", earned_at=datetime(2023, 1, 1, tzinfo=UTC), valid_until=AT)
    found.held = [Held(ended, HOME)]
    assert not found.holds("a") and found.distance(JOB).away == 2  # type: ignore[union-attr]  # there is a stack


def test_the_parts_of_a_way_are_named_from_easy_to_long() -> None:
    courses = [course("c", hours=5, level=2), course("b", hours=20), course("a", JOB, hours=9), course("z", OTHER)]
    given = offered(courses, route(every("b", "c"), JOB))
    assert [one.credential for one in given.courses_for(JOB)] == ["a", "b", "c"]
    assert given.courses_for(OTHER) == [courses[3]] and given.courses_for("11-1011.00") == []
    assert given.codes() == [JOB, OTHER]


def test_six_digits_stand_for_the_first_of_eight() -> None:
    assert jobs._eight(["39-9011", "39-9011.00", "29-1141.01"]) == ("39-9011.00", "29-1141.01")


# --- how ready --------------------------------------------------------------------------------------------------


def test_readiness_is_the_share_of_what_is_asked_that_is_shown(asks: None) -> None:
    """Listening at 3 of 4 misses 3 × 1 = 3, Speaking misses 4 × 2 = 8: 11 of 20, so 9/20 are shown."""
    found = standing(offered([]))
    found.shown = [stacking.Shown(skill=LISTENING, level=Decimal(3), credential="a")]
    ready = found.readiness(JOB)
    assert ready is not None and ready.value == Fraction(9, 20)
    assert [(row.skill, row.missing) for row in ready.rows] == [(SPEAKING, Fraction(8, 20)), (LISTENING, Fraction(3, 20))]
    assert standing(offered([])).readiness(OTHER) is None, "nobody rated what the other job asks"


def test_skills_are_a_goal_as_far_as_anything_shows_them(asks: None) -> None:
    """Speaking 1 of 2 by `talk`, which asks for `start` first; `same` shows no more than is shown: (9 + 4) / 20."""
    courses = [course("talk", shows={SPEAKING: 1}, prerequisites=("start",)), course("start"),
               course("same", shows={LISTENING: 3}), course("tied", JOB)]  # fmt: skip
    found = standing(offered(courses))
    found.shown = [stacking.Shown(skill=LISTENING, level=3, credential="a")]
    assert jobs.goals(JOB, found) == [jobs.Goal("skills", None, 2, Fraction(13, 20))]
    plan = jobs.planned(JOB, found, aims.Asked("hours", 5, None, ""))
    assert plan is not None and isinstance(plan.plan, stacking.Plan)
    assert [offer.credential for offer in plan.plan.offers] == ["start", "talk"]
    assert jobs.first_step(plan.plan, found.offered) == found.offered.courses["start"]


def test_goals_are_the_stacks_by_their_distance_then_skills_or_what_is_tied(asks: None) -> None:
    courses = [course("a"), course("b", OTHER), course("c", OTHER, shows={SPEAKING: 2})]
    far, near = route(every("a", "b", "c"), JOB, name="far"), route(every("b"), JOB, name="near")
    known = jobs.goals(JOB, standing(offered(courses, far, near)))
    assert [(goal.key, goal.missing) for goal in known] == [("stack:near", 1), ("stack:far", 3), ("skills", 1)]
    assert jobs.goals(OTHER, standing(offered(courses), "b")) == [jobs.Goal("tied", None, 1)]
    plan = jobs.planned(OTHER, standing(offered(courses), "b"), aims.Asked("cost", 5, None, "stack:near"))
    assert plan is not None and isinstance(plan.plan, stacking.Plan)
    assert [offer.credential for offer in plan.plan.offers] == ["c"]
    assert jobs.planned("11-1011.00", standing(offered(courses)), aims.Asked("cost", 5, None, "")) is None


def test_there_is_no_first_step_without_a_plan_or_a_step(asks: None) -> None:
    given = offered([course("a")], route(every("a"), JOB))
    impossible = stacking.plan(every("gone"), [], [], AT, hours_a_week=5)
    assert jobs.first_step(None, given) is None and jobs.first_step(impossible, given) is None
    done = jobs.planned(JOB, standing(given, "a"), aims.Asked("cost", 5, None, "stack:stack"))
    assert done is not None and jobs.first_step(done.plan, given) is None


# --- pay --------------------------------------------------------------------------------------------------------


def test_gain_is_the_middle_less_what_she_earns() -> None:
    paid = job(demand(hour=1347))
    assert (paid.gain(1250), paid.gain(1347), paid.gain(2000)) == (97, 0, -653)
    assert paid.gain(None) is None, "no aim: nothing to compare with"
    yearly = job(demand(year=3_712_000))  # $37,120 a year is 1784.6 cents an hour of 2,080
    assert (yearly.hourly, yearly.gain(1250)) == (1785, 535)
    unknown, over = job(demand()), job(demand(top=True))
    assert (unknown.gain(1250), over.gain(1250)) == (None, None)
    assert (unknown.over_the_top, over.over_the_top, paid.over_the_top) == (False, True, False)


def test_the_order_is_over_the_top_then_by_pay_then_by_code_then_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = {
        "11-1011.00": demand("11-1011.00"), "39-9011.00": demand("39-9011.00", hour=1347),
        "29-1215.00": demand("29-1215.00", top=True), "25-2011.00": demand("25-2011.00", hour=1347),
        "29-1141.00": demand("29-1141.00", year=8_320_000),
    }  # fmt: skip
    asked: list[tuple[str, str]] = []

    def read(codes: Any, county: str, *, chosen: str) -> dict[str, Demand]:
        asked.append((county, chosen))
        return {code: figures[code] for code in codes if code in figures}

    monkeypatch.setattr(reference, "demand", read)
    monkeypatch.setattr(reference, "remote", lambda codes: {code: Remote("no", "", "") for code in codes})
    found = jobs.jobs([*figures, "99-9999.00"], aims.Wishes(), standing(offered([])))
    order = ["29-1215.00", "29-1141.00", "25-2011.00", "39-9011.00", "11-1011.00"]
    assert [one.code for one in found] == order
    assert asked == [("", "")], "without an aim, the place is the nation"
    jobs.jobs(figures, aims.Wishes(county="13029", area="1300003"), standing(offered([])))
    assert asked[-1] == ("13029", "1300003")


# --- as a card --------------------------------------------------------------------------------------------------


def card(figures: Demand, given: jobs.Offered | None = None, wage: int | None = 1250, **more: Any) -> job_words.Card:
    where = standing(given or offered([]))
    return job_words.card(job(figures, given), aims.Wishes(wage_cents=wage), more.get("rule", DemandRule()), where, "en")


def test_a_card_says_what_more_or_less_it_pays_and_nothing_where_nobody_knows() -> None:
    more, less, same = card(demand(hour=1347)), card(demand(hour=1153)), card(demand(hour=1250))
    assert [(one.middle, one.gain, one.less) for one in (more, less, same)] == [
        ("$13.47", "$0.97", False), ("$11.53", "$0.97", True), ("$12.50", "", False)
    ]  # fmt: skip
    missing, over, without = card(demand()), card(demand(top=True)), card(demand(hour=1347), wage=None)
    assert (missing.middle, missing.gain, missing.bar) == ("", "", None)
    assert (over.middle, over.gain, over.bar) == ("More than is published", "", None)
    assert (without.middle, without.gain) == ("$13.47", "")


@pytest.mark.parametrize(
    ("needs", "away", "names"),
    [("a", "1 credential away", ("A",)), ("ab", "2 credentials away", ("A", "B")), ("abc", "3 credentials away", ())],
)
def test_what_is_missing_is_named_where_it_is_one_or_two(needs: str, away: str, names: tuple[str, ...]) -> None:
    shown = card(demand(hour=1347), offered([course(n) for n in "abc"], route(every(*needs), JOB)))
    assert (shown.how_far, shown.away, tuple(sorted(shown.next))) == (len(needs), away, names)


def test_a_job_is_in_demand_by_the_rule_of_the_program_that_leads_there() -> None:
    """153,100 openings, −2 percent: no by the usual rule, which asks for growth; yes where a program asks for openings."""
    ours, theirs = DemandRule(100_000, None, None), DemandRule(200_000, None, None)
    led = job(demand(hour=1347), offered([course("a")], route(every("a"), JOB)))
    tied = job(demand(hour=1347), offered([course("b", JOB, owner=AWAY)]))
    nobody = job(demand(hour=1347))
    assert (led.owner, tied.owner, nobody.owner) == ((HOME, "College stack"), (AWAY, ""), None)
    rules = {HOME: ours, AWAY: theirs}
    said = [one.demand.in_demand(views_jobs.rule_for(one, rules)).value for one in (led, tied, nobody)]
    assert said == [True, False, False]
    assert led.demand.in_demand(views_jobs.rule_for(led, {})).value is False


@pytest.mark.django_db
def test_the_page_keeps_near_far_part_and_remote_apart(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The learner is 2 from WORKER, 3 from TEACHER (a stack of three others); DIRECTOR has a tie and no stack."""
    monkeypatch.setattr(timezone, "now", lambda: at)
    town = make_town(cast, at)
    make_stack(cast.home.program, all_of(hold(town.speaking), hold(town.safety), hold(cast.home.version)), at,
               occupations=[TEACHER])  # fmt: skip
    client = Client()
    client.force_login(town.owner)

    def parts() -> dict[str, list[str]]:
        context = client.get("/jobs/").context
        return {name: [one.code for one in context[name]] for name in ("near", "far", "part", "remote")}

    assert parts() == {"near": [WORKER], "far": [TEACHER], "part": [DIRECTOR], "remote": []}
    plain = reference.remote
    anywhere = {WORKER: Remote("yes", "", "Fieldstone"), DIRECTOR: Remote("part", "", "Fieldstone")}
    monkeypatch.setattr(reference, "remote", lambda codes: {**plain(codes), **anywhere})
    assert parts() == {"near": [], "far": [TEACHER], "part": [DIRECTOR], "remote": [WORKER]}
