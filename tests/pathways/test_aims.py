"""What a learner tells about the work that she wants: read, kept, forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from fieldstone.server.journeys.delete_account import delete_account
from fieldstone.server.journeys.export_person import held_on
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.pathways import actions, aims
from fieldstone.server.pathways.models import Aim
from tests.cast import Cast

WISHES = aims.Wishes("13029", "", 1350, True, 6, 4000)


def problems(wage: str = "", hours: str = "", money: str = "") -> dict[str, str]:
    return {p.field: p.english() for p in aims.read("", wage, False, hours, money)[1]}


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("", None), ("  ", None), ("13.50", 1350), ("$13.50", 1350), ("$ 13", 1300), ("13.5", 1350), ("1", 100),
     ("500", 50_000), ("13.505", 1350), ("007", 700)],
)  # fmt: skip
def test_pay_of_an_hour_is_read(typed: str, cents: int | None) -> None:
    assert aims.read("", typed, False, "", "") == (aims.Wishes(wage_cents=cents), [])


@pytest.mark.parametrize(
    ("typed", "mend"),
    [("$13,50", "point"), ("13,5", "point"), ("0", "at least 1 dollar"), ("0.99", "at least 1 dollar"),
     ("9999", "one hour"), ("1,500", "one hour"), ("500.01", "one hour"), ("a lot", "such as 13.50"), ("-5", "such as"),
     ("1e3", "such as"), ("٣", "such as"), ("13.50 an hour", "such as"), ("NaN", "such as"), (".", "such as"),
     ("1" * 40, "such as")],
)  # fmt: skip
def test_pay_that_cannot_be_is_named_with_its_mend(typed: str, mend: str) -> None:
    found = problems(wage=typed)
    assert list(found) == ["wage"]
    assert mend in found["wage"]


@pytest.mark.parametrize("typed", ["0", "81", "-1", "5.5", "five", "٣", "9" * 30, "000000001999", "0" * 30 + "81"])
def test_hours_that_no_week_has_are_named(typed: str) -> None:
    assert list(problems(hours=typed)) == ["hours"]


def test_hours_of_a_week_are_read() -> None:
    assert aims.read("", "", False, " 80 ", "")[0].hours_a_week == 80
    assert aims.read("", "", False, "007", "")[0].hours_a_week == 7
    assert aims.Wishes().pace == aims.USUAL_HOURS
    assert aims.Wishes(hours_a_week=9).pace == 9


@pytest.mark.parametrize(("typed", "cents"), [("", None), ("0", 0), ("60", 6000), ("$1,250.50", 125_050), ("100,000", 10_000_000)])
def test_money_is_read(typed: str, cents: int | None) -> None:
    assert aims.read("", "", False, "", typed) == (aims.Wishes(money_cents=cents), [])


@pytest.mark.parametrize("typed", ["100,001", "-1", "some", "12,50", "1e5"])
def test_money_that_cannot_be_is_named(typed: str) -> None:
    assert list(problems(money=typed)) == ["money"]


def test_all_problems_come_at_once_and_the_rest_is_read() -> None:
    wishes, found = aims.read("13029", "x", True, "x", "x", "1300003")
    assert [p.field for p in found] == ["wage", "hours", "money"]
    assert wishes == aims.Wishes(county="13029", area="1300003", own_business=True)


def test_a_session_gives_back_what_it_kept() -> None:
    assert aims.kept(WISHES.to_json()) == WISHES
    for broken in (None, 3, {"county": "1"}, {"what": 1}, {**WISHES.to_json(), "wage_cents": "13"},
                   {**WISHES.to_json(), "county": 13029}, {**WISHES.to_json(), "area": "x"},
                   {**WISHES.to_json(), "own_business": 1}, {**WISHES.to_json(), "hours_a_week": 81},
                   {**WISHES.to_json(), "money_cents": -1}):  # fmt: skip
        assert aims.kept(broken) == aims.Wishes()


def test_an_address_asks_for_a_plan_and_wishes_stand_in() -> None:
    asked, found = aims.asked("date", "10", "25", "skills", WISHES)
    assert (asked, found) == (aims.Asked("date", 10, 2500, "skills"), [])
    assert aims.asked("", None, None, "", WISHES) == (aims.Asked("cost", 6, 4000, ""), [])
    assert aims.asked("cost", "", "", "", WISHES)[0] == aims.Asked("cost", 6, None, "")
    asked, found = aims.asked("fun", "0", "x", "", aims.Wishes())
    assert asked == aims.Asked("cost", aims.USUAL_HOURS, None, "")
    assert [p.field for p in found] == ["hours", "money"]


def test_an_aim_is_kept_changed_and_forgotten(cast: Cast, at: datetime) -> None:
    aim = actions.set_aim(learner=cast.learner, wishes=WISHES, at=at)
    actions.choose_job(learner=cast.learner, code="39-9011.00", at=at)
    later = at + timedelta(days=1)
    again = actions.set_aim(learner=cast.learner, wishes=aims.Wishes(county="13031"), at=later)
    assert again.pk == aim.pk
    again.refresh_from_db()
    assert (again.county, again.wage_cents, again.occupation, again.updated_at) == ("13031", None, "39-9011.00", later)
    actions.choose_job(learner=cast.learner, code="", at=later)
    assert Aim.objects.get().occupation == ""
    actions.forget_aim(learner=cast.learner, at=later)
    actions.forget_aim(learner=cast.learner, at=later)
    assert not Aim.objects.exists()
    verbs = ["pathways.aim_set", "pathways.job_chosen", "pathways.aim_set", "pathways.job_chosen", "pathways.aim_forgotten"]
    entries = Entry.objects.filter(verb__in=set(verbs)).order_by("id")
    assert [e.verb for e in entries] == verbs
    assert not any("1350" in str(e.data) or "13029" in str(e.data) for e in entries)


def test_what_is_out_of_range_is_refused_by_action_and_table(cast: Cast, at: datetime) -> None:
    with pytest.raises(Refused) as refused:
        actions.set_aim(learner=cast.learner, wishes=aims.Wishes(wage_cents=1, hours_a_week=0), at=at)
    assert [p.field for p in refused.value.problems] == ["wage", "hours"]
    with pytest.raises(Refused):
        actions.choose_job(learner=cast.learner, code="39-9011; DROP", at=at)
    assert not Aim.objects.exists()
    for wrong in ({"wage_cents": 99}, {"wage_cents": 50_001}, {"hours_a_week": 0}, {"hours_a_week": 81}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Aim.objects.create(learner=cast.learner, updated_at=at, **wrong)


def test_an_aim_is_in_the_export_and_goes_with_the_account(cast: Cast, at: datetime) -> None:
    actions.set_aim(learner=cast.learner, wishes=WISHES, at=at)
    actions.set_aim(learner=cast.other_learner, wishes=aims.Wishes(county="13031"), at=at)
    held = held_on(cast.learner)
    assert [(a["county"], a["wage_cents"], a["money_cents"]) for a in held["aim"]] == [("13029", 1350, 4000)]
    delete_account(user=cast.learner, at=at)
    assert [a.learner for a in Aim.objects.all()] == [cast.other_learner]
