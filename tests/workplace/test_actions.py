"""Writes about work at a workplace: what they keep, what they refuse, what the database refuses."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Refused
from fieldstone.server.workplace import actions, queries, rules
from fieldstone.server.workplace.models import (
    FormVersion,
    HoursEntry,
    Placement,
    SupervisorLink,
    SupervisorReview,
)
from tests.cast import Cast
from tests.workplace.makers import SAW, form_body, given, link_of, log, make_form, place, right


@pytest.fixture
def version(cast: Cast, at: datetime) -> FormVersion:
    return make_form(cast.home.program, at)


@pytest.fixture
def placement(cast: Cast, version: FormVersion, at: datetime) -> Placement:
    return place(version, cast.learner, at)


def refused(problem: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [p.field for p in problem.value.problems]


def verbs() -> list[str]:
    return list(Entry.objects.filter(verb__startswith="workplace.").order_by("id").values_list("verb", flat=True))


def sign(link: SupervisorLink, at: datetime, **changes: Any) -> SupervisorReview:
    values: dict[str, Any] = {"answers": SAW, "words": "", "name": "Sam Ledger", "language": "en", "by": None}
    return actions.sign(link=link, at=at, **{**values, **changes})


# --- forms --------------------------------------------------------------------------------------------


def test_a_form_and_its_wordings(cast: Cast, at: datetime) -> None:
    home = cast.home
    common = {"program": home.program, "by": home.author, "at": at, "key": "one"}
    first = actions.create_form(body=form_body(), **common)
    assert actions.create_form(body=form_body(), **common) == first
    assert actions.change_form(form=first.form, body=form_body(), by=home.author, at=at) == first
    second = actions.change_form(form=first.form, body=form_body(at_least=1), by=home.author, at=at)
    assert (second.number, queries.forms(home.organization).get().pk) == (2, second.pk)
    for _twice in range(2):
        actions.retire_form(form=first.form, by=home.author, at=at)
    assert not queries.forms(home.organization).exists() and queries.known([first.form_id]) == set()
    for _twice in range(2):
        actions.restore_form(form=first.form, by=home.author, at=at)
    assert verbs() == [f"workplace.form_{v}" for v in ("made", "changed", "retired", "restored")]
    with pytest.raises(Refused) as problem:
        actions.create_form(program=home.program, body=form_body(criteria=[]), by=None, at=at)
    assert refused(problem) == ["criteria"]
    with pytest.raises(Refused):
        actions.change_form(form=first.form, body={"title": {"en": "x" * 70_000}}, by=home.author, at=at)


def test_a_wording_is_never_rewritten(version: FormVersion) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        FormVersion.objects.filter(pk=version.pk).update(definition={})
    with pytest.raises(IntegrityError), transaction.atomic():
        FormVersion.objects.create(form=version.form, number=2, definition={}, made_at=version.made_at)


# --- placements ---------------------------------------------------------------------------------------


def test_a_placement_begins_once(cast: Cast, version: FormVersion, at: datetime) -> None:
    common: dict[str, Any] = {"form": version.form, "by": cast.learner, "at": at, "key": "k"}
    first = actions.start(given=given(employer="  Two\nCoves ", supervisor_email=" SAM@farm.example.org"), **common)
    assert (first.employer, first.supervisor_email) == ("Two Coves", "sam@farm.example.org")
    assert actions.start(given=given(), **common) == first
    assert actions.start(given=given(), **{**common, "by": cast.other_learner}) != first
    with pytest.raises(Refused) as problem:
        actions.start(form=version.form, given=given(supervisor_email="not an address"), by=cast.learner, at=at)
    assert refused(problem) == ["supervisor_email"]
    with pytest.raises(Refused) as problem:
        place(version, cast.learner, at, supervisor_email=(cast.learner.email or "").upper())
    assert refused(problem) == ["supervisor_email"]


def test_not_under_a_retired_form_and_not_too_many(cast: Cast, version: FormVersion, at: datetime) -> None:
    for n in range(rules.OPEN_PLACEMENTS):
        place(version, cast.learner, at, employer=f"Farm {n}")
    with pytest.raises(Conflict, match="open workplaces"):
        place(version, cast.learner, at)
    actions.retire_form(form=version.form, by=cast.home.author, at=at)
    with pytest.raises(Conflict, match="not in use"):
        place(version, cast.other_learner, at)


def test_the_same_key_at_the_same_moment(
    cast: Cast, version: FormVersion, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = actions.start(form=version.form, given=given(), by=cast.learner, at=at, key="k")
    monkeypatch.setattr(actions.ledger, "once", lambda make: None)
    seen = Placement.objects.filter
    answers = iter([Placement.objects.none()])
    monkeypatch.setattr(
        Placement.objects, "filter", lambda **k: next(answers, seen(**k)) if set(k) == {"key"} else seen(**k)
    )
    assert actions.start(form=version.form, given=given(), by=cast.learner, at=at, key="k") == first


def test_mending_a_placement_ends_the_link_of_another_person(cast: Cast, placement: Placement, at: datetime) -> None:
    link = link_of(placement, at)
    actions.change(placement=placement, given=given(employer="Three Coves"), by=cast.learner, at=at)
    link.refresh_from_db()
    assert link.ended_at is None
    changed = actions.change(placement=placement, given=given(supervisor_name="Kim Ode"), by=cast.learner, at=at)
    link.refresh_from_db()
    assert link.ended_at == at and changed.supervisor_name == "Kim Ode"
    with pytest.raises(NotAllowed):
        actions.change(placement=placement, given=given(), by=cast.other_learner, at=at)
    sign(link_of(placement, at), at)
    with pytest.raises(actions.AlreadySigned):
        actions.change(placement=placement, given=given(), by=cast.learner, at=at)


def test_closing_and_setting_aside(cast: Cast, placement: Placement, at: datetime) -> None:
    link, coach = link_of(placement, at), cast.home.coach
    common: dict[str, Any] = {"placement": placement, "at": at}
    with pytest.raises(Refused) as problem:
        actions.close(**common, reason=" ", set_aside=True, by=coach)
    assert refused(problem) == ["reason"]
    with pytest.raises(Refused):
        actions.close(**common, reason="x" * 301, set_aside=True, by=coach)
    with pytest.raises(NotAllowed):
        actions.close(**common, reason="Mine", set_aside=True, by=cast.learner)
    for _twice in range(2):
        actions.close(**common, reason="", set_aside=False, by=cast.learner)
    with pytest.raises(actions.LinkEnded):
        sign(link, at)
    with pytest.raises(Conflict):
        log(placement, at)
    for _twice in range(2):
        actions.close(**common, reason="Nobody there knows her.", set_aside=True, by=coach)
    with pytest.raises(NotAllowed):
        actions.reopen(**common, by=cast.learner)
    for _twice in range(2):
        actions.reopen(**common, by=coach)
    placement.refresh_from_db()
    assert placement.closed_at is None and placement.set_aside_at is None
    assert [v.removeprefix("workplace.placement_") for v in verbs()[-3:]] == ["closed", "set_aside", "reopened"]


# --- hours --------------------------------------------------------------------------------------------


def test_the_same_key_twice_is_one_entry(cast: Cast, placement: Placement, at: datetime) -> None:
    first = log(placement, at, key="a")
    assert log(placement, at, hours="3", key="a") == first and first.hours == 8
    actions.take_back(entry=first, by=cast.learner, at=at)
    assert log(placement, at, key="a").removed_at == at and HoursEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("hours", "day", "field"),
    [
        (Decimal(25), date(2026, 11, 2), "hours"),
        (Decimal(-1), date(2026, 11, 2), "hours"),
        (Decimal("99999999"), date(2026, 11, 2), "hours"),
        (None, date(2026, 11, 2), "hours"),
        (Decimal(8), date(2026, 11, 24), "day"),
        (Decimal(8), date(2026, 8, 1), "day"),
        (Decimal(8), None, "day"),
    ],
)
def test_attack_impossible_hours(placement: Placement, at: datetime, hours: Any, day: Any, field: str) -> None:
    with pytest.raises(Refused) as problem:
        actions.log(placement=placement, day=day, hours=hours, text="x", key="k", by=placement.learner, at=at)
    assert refused(problem) == [field] and not HoursEntry.objects.exists()


def test_attack_more_than_a_day_over_two_workplaces(cast: Cast, version: FormVersion, at: datetime) -> None:
    one, two = place(version, cast.learner, at), place(version, cast.learner, at, employer="Other")
    log(one, at, "14")
    gone = log(one, at, "4", key="gone")
    actions.take_back(entry=gone, by=cast.learner, at=at)
    with pytest.raises(Refused, match="14 hours on that day"):
        log(two, at, "10.25")
    assert log(two, at, "10").hours == 10


def test_attack_somebody_elses_workplace(cast: Cast, placement: Placement, at: datetime) -> None:
    entry = log(placement, at)
    for act in (
        lambda: actions.log(placement=placement, day=date(2026, 11, 3), hours=Decimal(1), text="x", key="z", by=cast.other_learner, at=at),
        lambda: actions.correct(entry=entry, day=date(2026, 11, 3), hours=Decimal(1), text="x", by=cast.other_learner, at=at),
        lambda: actions.take_back(entry=entry, by=cast.other_learner, at=at),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()


def test_correcting_and_taking_back(cast: Cast, placement: Placement, at: datetime) -> None:
    entry = log(placement, at, "20")
    common: dict[str, Any] = {"entry": entry, "day": date(2026, 11, 2), "text": "Less.", "by": cast.learner, "at": at}
    assert actions.correct(hours=Decimal("7.25"), **common).revision == 2
    with pytest.raises(Refused):
        actions.correct(hours=Decimal(0), **common)
    for _twice in range(2):
        actions.take_back(entry=entry, by=cast.learner, at=at)
    with pytest.raises(Conflict, match="taken back"):
        actions.correct(hours=Decimal(1), **common)
    assert verbs()[-2:] == ["workplace.hours_corrected", "workplace.hours_taken_back"]


def test_not_more_entries_than_a_life_has(placement: Placement, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ENTRIES", 1)
    log(placement, at)
    with pytest.raises(Conflict, match="limit"):
        log(placement, at, day=3)


# --- links --------------------------------------------------------------------------------------------


def test_a_link_is_mailed_or_handed_over(cast: Cast, placement: Placement, at: datetime) -> None:
    mailed = link_of(placement, at)
    assert mailed.email == "sam@farm.example.org" and Task.objects.get().handler == "mail_supervisor"
    assert queries.link(actions.link_token(mailed)) == mailed and queries.link("x") is None
    actions.keep_draft(link=mailed, answers={"0": "not_yet", "9": "not_yet", "1": "great"}, words=" Good ", by=None, at=at)
    handed = link_of(placement, at, by_hand=True)
    assert handed.email == "" and Task.objects.count() == 1
    assert handed.draft == {}, "the learner shows this link, and would read what is not signed"
    with pytest.raises(actions.LinkEnded):
        sign(mailed, at)
    with pytest.raises(actions.LinkEnded):
        sign(handed, at + timedelta(days=rules.LINK_DAYS))
    link_of(placement, at)
    with pytest.raises(Conflict, match="3 times today"):
        link_of(placement, at + timedelta(hours=23))
    link_of(placement, at + timedelta(hours=25))
    assert placement.links.filter(ended_at=None).count() == 1


def test_what_a_supervisor_kept_goes_to_her_next_link(cast: Cast, placement: Placement, at: datetime) -> None:
    kept = {"answers": {"0": "not_yet"}, "words": "Good"}
    for hours, by_hand, draft in ((0, False, {}), (1, False, kept), (30, True, {}), (31, True, kept), (60, False, kept)):
        link = link_of(placement, at + timedelta(hours=hours), by_hand=by_hand)
        assert link.draft == draft, hours
        actions.keep_draft(link=link, **kept, by=None, at=at + timedelta(hours=hours))  # type: ignore[arg-type]  # both


def test_attack_mail_to_strangers_by_many_short_placements(cast: Cast, version: FormVersion, at: datetime) -> None:
    """Each placement may be closed and another one begun, with any address and an employer's name of any words."""
    for number in range(rules.LINKS_OF_ONE):
        one = place(version, cast.learner, at, supervisor_email=f"victim{number}@example.org")
        link_of(one, at)
        actions.close(placement=one, reason="", set_aside=False, by=cast.learner, at=at)
    more = place(version, cast.learner, at)
    for by_hand in (True, False):
        with pytest.raises(Conflict, match=f"{rules.LINKS_OF_ONE} times today"):
            link_of(more, at + timedelta(hours=23), by_hand=by_hand)
    assert link_of(more, at + timedelta(hours=25))
    assert link_of(place(version, cast.home.coach, at), at), "nobody else is held up"


def test_the_same_link_asked_for_twice_is_one(cast: Cast, placement: Placement, at: datetime) -> None:
    mailed = link_of(placement, at)
    assert link_of(placement, at + timedelta(seconds=59)) == mailed and Task.objects.count() == 1
    by_coach = actions.make_link(placement=placement, by_hand=False, by=cast.home.coach, at=at + timedelta(seconds=59))
    assert by_coach != mailed and Task.objects.count() == 2
    later = actions.make_link(placement=placement, by_hand=False, by=cast.home.coach, at=at + timedelta(seconds=119))
    assert later != by_coach and Task.objects.count() == 3


def test_a_program_may_keep_links_out_of_learners_hands(cast: Cast, at: datetime) -> None:
    placement = place(make_form(cast.home.program, at, by_hand=False), cast.learner, at, supervisor_email="")
    with pytest.raises(NotAllowed):
        link_of(placement, at, by_hand=True)
    with pytest.raises(Refused) as problem:
        link_of(placement, at)
    assert refused(problem) == ["supervisor_email"]
    assert actions.make_link(placement=placement, by_hand=True, by=cast.home.coach, at=at).email == ""


def test_somebody_else_got_the_link(cast: Cast, placement: Placement, at: datetime) -> None:
    link = link_of(placement, at)
    with pytest.raises(NotAllowed):
        actions.not_me(link=link, by=cast.learner, at=at)
    for _twice in range(2):
        actions.not_me(link=link, by=None, at=at)
    link.refresh_from_db()
    placement.refresh_from_db()
    assert (link.name, link.email, placement.supervisor_name, placement.supervisor_email) == ("", "", "", "")
    assert Task.objects.filter(handler="mail_not_supervisor").count() == 1
    with pytest.raises(Refused) as problem:
        link_of(placement, at)
    assert refused(problem) == ["supervisor_name"]
    actions.change(placement=placement, given=given(), by=cast.learner, at=at)
    again = link_of(placement, at)
    assert again.draft == {}
    sign(again, at)
    with pytest.raises(actions.AlreadySigned):
        actions.not_me(link=again, by=None, at=at)


# --- countersigning -----------------------------------------------------------------------------------


def test_hours_are_signed_or_given_back(cast: Cast, placement: Placement, at: datetime) -> None:
    good, bad, later = log(placement, at), log(placement, at, day=3), log(placement, at, day=4)
    link = link_of(placement, at)
    marks = {**right(good), bad.pk: actions.Mark(1, False, "You left\nat noon.")}
    assert actions.countersign(link=link, marks=marks, name=" Sam  Ledger", by=None, at=at) == 2
    for entry in (good, bad, later):
        entry.refresh_from_db()
    assert (good.countersigned_by, bad.refused_reason, later.refused_at) == ("Sam Ledger", "You left at noon.", None)
    assert Task.objects.filter(handler="mail_hours_refused").count() == 1
    assert actions.countersign(link=link, marks=marks, name="Sam Ledger", by=None, at=at) == 0
    for act in (actions.take_back, actions.correct):
        more: Any = {} if act is actions.take_back else {"day": good.day, "hours": Decimal(9), "text": "x"}
        with pytest.raises(actions.AlreadySigned):
            act(entry=good, by=cast.learner, at=at, **more)
    mended = actions.correct(entry=bad, day=bad.day, hours=Decimal(4), text="Until noon.", by=cast.learner, at=at)
    assert (mended.refused_at, mended.refused_reason, mended.refused_by) == (None, "", "")
    assert actions.countersign(link=link, marks=right(mended), name="Sam Ledger", by=None, at=at) == 1
    (credit,) = queries.credits(cast.learner)
    assert (credit.hours, credit.waiting, credit.hours_at) == (12, 8, at)


def test_attack_hours_changed_while_she_read(cast: Cast, placement: Placement, at: datetime) -> None:
    entry = log(placement, at, "1")
    link, marks = link_of(placement, at), right(entry)
    actions.correct(entry=entry, day=entry.day, hours=Decimal(20), text="More.", by=cast.learner, at=at)
    assert actions.countersign(link=link, marks=marks, name="Sam Ledger", by=None, at=at) == 0
    entry.refresh_from_db()
    assert entry.countersigned_at is None


def test_attack_hours_of_somebody_else(cast: Cast, version: FormVersion, placement: Placement, at: datetime) -> None:
    theirs = log(place(version, cast.other_learner, at), at)
    assert actions.countersign(link=link_of(placement, at), marks=right(theirs), name="Sam Ledger", by=None, at=at) == 0
    theirs.refresh_from_db()
    assert theirs.countersigned_at is None


@pytest.mark.parametrize(
    ("name", "mark", "wrong"),
    [
        ("", actions.Mark(1, True), ["name"]),
        ("S", actions.Mark(1, True), ["name"]),
        ("x" * 130, actions.Mark(1, True), ["name"]),
        ("marisol vega", actions.Mark(1, True), ["name"]),
        ("Sam Ledger", actions.Mark(1, False, "  "), ["reason"]),
        ("", actions.Mark(1, False, "x" * 301), ["reason", "name"]),
    ],
)
def test_a_signature_and_a_reason_are_needed(
    placement: Placement, at: datetime, name: str, mark: actions.Mark, wrong: list[str]
) -> None:
    entry = log(placement, at)
    with pytest.raises(Refused) as problem:
        actions.countersign(link=link_of(placement, at), marks={entry.pk: mark}, name=name, by=None, at=at)
    assert [f.split("-")[0] for f in refused(problem)] == wrong
    assert not HoursEntry.objects.exclude(countersigned_at=None, refused_at=None).exists()


def test_something_must_be_marked(placement: Placement, at: datetime) -> None:
    with pytest.raises(Refused) as problem:
        actions.countersign(link=link_of(placement, at), marks={}, name="Sam Ledger", by=None, at=at)
    assert refused(problem) == ["hours"]


def test_attack_signing_ones_own_work(cast: Cast, placement: Placement, at: datetime) -> None:
    entry, link = log(placement, at), link_of(placement, at, by_hand=True)
    with pytest.raises(NotAllowed):
        actions.countersign(link=link, marks=right(entry), name="Sam Ledger", by=cast.learner, at=at)
    with pytest.raises(NotAllowed):
        sign(link, at, by=cast.learner)
    with pytest.raises(Refused) as problem:
        sign(link, at, name=cast.learner.name.upper())
    assert refused(problem) == ["name"]


# --- the review ---------------------------------------------------------------------------------------


def test_a_review_is_signed_once(cast: Cast, placement: Placement, at: datetime) -> None:
    link = link_of(placement, at)
    with pytest.raises(Refused) as problem:
        sign(link, at, answers={"0": "demonstrated"}, name="", words="x" * 2001)
    assert refused(problem) == ["answer-1", "words"]
    with pytest.raises(Refused) as problem:
        sign(link, at, words="\ud800")
    assert refused(problem) == ["words"]
    actions.keep_draft(link=link, answers=SAW, words="Later", by=None, at=at)
    actions.countersign(link=link, marks=right(log(placement, at)), name="Sam Ledger", by=None, at=at)
    review = sign(link, at, words="Came early.\r\nStayed late.")
    assert review.positive and not review.by_hand and len(review.sha256) == 64
    assert "Hours countersigned so far: 8" in review.text and "Came early.\nStayed late." in review.text
    assert sign(link, at, answers={"0": "not_yet", "1": "not_yet"}) == review
    link.refresh_from_db()
    assert link.draft == {}
    with pytest.raises(DatabaseError), transaction.atomic():
        SupervisorReview.objects.filter(pk=review.pk).update(positive=False)
    (credit,) = queries.credits(cast.learner)
    assert (credit.reviewed_at, credit.asked) == (at, False)


def test_a_review_that_is_not_positive_counts_for_nothing(cast: Cast, placement: Placement, at: datetime) -> None:
    review = sign(link_of(placement, at, by_hand=True), at, answers={"0": "demonstrated", "1": "not_seen"})
    assert not review.positive and review.by_hand
    assert queries.credits(cast.learner)[0].reviewed_at is None


def test_two_placements_under_one_form_add_up(cast: Cast, version: FormVersion, at: datetime) -> None:
    for n, employer in enumerate(("One", "Two")):
        here = place(version, cast.learner, at, employer=employer)
        link = link_of(here, at)
        actions.countersign(link=link, marks=right(log(here, at, day=n + 2)), name="Sam Ledger", by=None, at=at)
        sign(link, at + timedelta(days=n))
    (credit,) = queries.credits(cast.learner)
    assert (credit.hours, credit.reviewed_at) == (16, at)
    actions.close(placement=here, reason="Not there.", set_aside=True, by=cast.home.coach, at=at)
    assert queries.credits(cast.learner)[0].hours == 8


def test_lists_say_where_placements_stand(
    cast: Cast, version: FormVersion, at: datetime, django_assert_max_num_queries: Any
) -> None:
    one, two = place(version, cast.learner, at), place(version, cast.other_learner, at)
    log(one, at), log(one, at, day=3)
    sign(link_of(two, at), at)
    with django_assert_max_num_queries(3):
        found = queries.standings(Placement.objects.order_by("started_at", "id"), at)
    assert [(f.state, f.waiting, f.signed, f.positive) for f in found] == [("begun", 16, 0, False), ("reviewed", 0, 0, True)]
    assert queries.standing(one, at).state == "begun"


# --- leaving ------------------------------------------------------------------------------------------


def test_leaving_takes_everything(cast: Cast, placement: Placement, at: datetime) -> None:
    link = link_of(placement, at)
    actions.countersign(link=link, marks=right(log(placement, at)), name="Sam Ledger", by=None, at=at)
    sign(link, at)
    held = queries.held_on(cast.learner)
    assert {name: len(rows) for name, rows in held.items()} == {
        "workplaces": 1, "hours_at_work": 1, "supervisor_links": 1, "supervisor_reviews": 1
    }  # fmt: skip
    actions.forget(learner=cast.learner, at=at)
    for table in (Placement, HoursEntry, SupervisorLink, SupervisorReview):
        assert not table.objects.exists()


# --- the database itself ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"hours": Decimal(0)},
        {"hours": Decimal("24.01")},
        {"hours": Decimal(-1)},
        {"countersigned_by": "Somebody"},
        {"refused_reason": "No"},
        {"refused_reason": "No", "refused_by": "Sam"},
    ],
)
def test_the_database_refuses_impossible_hours(placement: Placement, at: datetime, changes: dict[str, Any]) -> None:
    entry = log(placement, at)
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursEntry.objects.filter(pk=entry.pk).update(**changes)


def test_the_database_keeps_countersigned_hours(placement: Placement, at: datetime) -> None:
    entry = log(placement, at)
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursEntry.objects.filter(pk=entry.pk).update(countersigned_at=at, countersigned_by="Sam", removed_at=at)
    HoursEntry.objects.filter(pk=entry.pk).update(countersigned_at=at, countersigned_by="Sam")
    with pytest.raises(DatabaseError), transaction.atomic():
        HoursEntry.objects.filter(pk=entry.pk).update(hours=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursEntry.objects.create(
            placement=placement, day=entry.day, hours=1, text="x", key=entry.key, logged_at=at
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "holiday"}, {"ends_on": date(2026, 8, 1)}, {"hours_planned": 20_000},
        {"set_aside_at": datetime(2026, 11, 23)}, {"set_aside_at": datetime(2026, 11, 23), "closed_at": datetime(2026, 11, 23)},
    ],
)  # fmt: skip
def test_the_database_refuses_impossible_placements(placement: Placement, changes: dict[str, Any]) -> None:
    aware = {k: v.astimezone() if isinstance(v, datetime) else v for k, v in changes.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.filter(pk=placement.pk).update(**aware)


def test_the_database_lets_one_link_be_open(placement: Placement, at: datetime) -> None:
    link = link_of(placement, at)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupervisorLink.objects.create(
            placement=placement, token_hash="other", name="x", language="en", made_at=at, expires_at=link.expires_at
        )
    assert connection.vendor in ("sqlite", "postgresql")
