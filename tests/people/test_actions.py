"""Writes about people, organizations and roles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from fieldstone.server.journeys import invite
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Refused
from fieldstone.server.people import actions
from fieldstone.server.people.models import ConsortiumMember, Membership, Organization, PrintedCode, User
from tests.cast import Cast


def fields_of(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.field for problem in refused.value.problems]


def test_everybody_is_welcome_once(cast: Cast, at: datetime) -> None:
    user = actions.welcome(email=" New@Example.org ", language="es", at=at)
    assert (user.email, user.language, user.has_usable_password()) == ("new@example.org", "es", False)
    assert actions.welcome(email="NEW@example.org", language="en", at=at) == user
    assert actions.welcome(email="b@example.org", language="xx", at=at).language == "en"
    assert Entry.objects.filter(verb="people.joined").count() == 2


@pytest.mark.parametrize(
    "email",
    ["", "a", "a@b", "a@b.c", "a b@c.org", "<a>@c.org", "a@b@c.org", "x" * 65 + "@c.org", "a@" + "b" * 250 + ".org",
     "a\x00b@c.org", "a@c.o\x1fg"],
)  # fmt: skip
def test_an_address_must_look_like_one(db: None, at: datetime, email: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.welcome(email=email, language="en", at=at)
    assert fields_of(refused) == ["email"]


def test_two_at_the_same_moment_are_one_person(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is taken between the look and the write."""
    real = QuerySet.first
    monkeypatch.setattr(QuerySet, "first", lambda self: None if self.model is User else real(self))
    assert actions.welcome(email=str(cast.learner.email), language="en", at=at) == cast.learner


def test_a_learner_without_email_and_her_code(cast: Cast, at: datetime) -> None:
    home = cast.home.organization
    user, code = actions.add_learner(organization=home, name=" Ada  Brook ", language="es", by=cast.home.coach, at=at)
    assert (user.name, user.email, user.language) == ("Ada Brook", None, "es")
    assert code not in str(PrintedCode.objects.values_list("code_hash", flat=True))
    later = at + timedelta(days=89)
    assert actions.use_printed_code(code=code.lower().replace("-", " "), at=later) == user
    assert PrintedCode.objects.get().last_used_at == later
    with pytest.raises(actions.BadCode):
        actions.use_printed_code(code=code, at=at + timedelta(days=90))
    new = actions.make_printed_code(user=user, organization=home, by=cast.home.coach, at=at)
    for wrong in (code, "nothing", ""):
        with pytest.raises(actions.BadCode):
            actions.use_printed_code(code=wrong, at=at)
    assert actions.use_printed_code(code=new, at=at) == user
    User.objects.update(is_active=False)
    with pytest.raises(actions.BadCode):
        actions.use_printed_code(code=new, at=at)


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "<b>", "a\x00b", "a\x7fb"])
def test_names_are_words(cast: Cast, at: datetime, name: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.add_learner(organization=cast.home.organization, name=name, language="en", by=cast.home.coach, at=at)
    assert fields_of(refused) == ["name"]


def test_a_code_is_printed_only_for_ones_own_learner_without_an_address(cast: Cast, at: datetime) -> None:
    """Whoever prints a code can sign in with it: never for staff, strangers, or an account with an address."""
    home, coach = cast.home.organization, cast.home.coach
    ada, _code = actions.add_learner(organization=home, name="Ada", language="en", by=coach, at=at)

    def make(user: User, organization: Organization) -> str:
        return actions.make_printed_code(user=user, organization=organization, by=coach, at=at)

    with pytest.raises(NotAllowed, match="not a learner here"):
        make(cast.learner, home)
    with pytest.raises(NotAllowed, match="not a learner here"):
        make(ada, cast.away.organization)
    actions.grant_role(organization=home, user=cast.learner, role="learner", by=coach, at=at)
    with pytest.raises(NotAllowed, match="mailed to the address"):
        make(cast.learner, home)
    actions.grant_role(organization=cast.away.organization, user=ada, role="issuer", by=None, at=at)
    with pytest.raises(NotAllowed, match="Staff"):
        make(ada, home)


def test_a_profile_is_tidied(cast: Cast, at: datetime) -> None:
    actions.change_profile(
        user=cast.learner, name=" Marisol  Vega Ruiz ", language="fr", phone=" (931) 555-0142 ",
        area="White \x00 County" + "x" * 200, keys_on=False, at=at,
    )  # fmt: skip
    cast.learner.refresh_from_db()
    user = cast.learner
    assert (user.name, user.language, user.phone, user.keys_on) == ("Marisol Vega Ruiz", "en", "(931) 555-0142", False)
    assert user.area.startswith("White Countyx") and len(user.area) == 120
    actions.change_profile(user=user, name="M", language="es", phone="", area="", keys_on=True, at=at)
    user.refresh_from_db()
    assert user.language == "es"
    with pytest.raises(Refused) as refused:
        actions.change_profile(user=user, name="M", language="es", phone="call me", area="", keys_on=True, at=at)
    assert fields_of(refused) == ["phone"]


def test_keys_are_turned_on_and_off(cast: Cast, at: datetime) -> None:
    actions.change_keys(user=cast.home.first, on=False, at=at)
    cast.home.first.refresh_from_db()
    assert not cast.home.first.keys_on


def test_an_organization_has_one_address_name(cast: Cast, at: datetime) -> None:
    made = actions.create_organization(name="River County Schools", kind="district", by=cast.home.administrator, at=at)
    assert made.slug == "river-county-schools"
    with pytest.raises(Conflict) as conflict:
        actions.create_organization(name="Another", slug="river-county-schools", kind="district", by=None, at=at)
    assert fields_of(conflict) == ["slug"]
    actions.create_organization(name="Río", slug="rio-2", kind="employer", by=None, at=at)
    assert list(Entry.objects.filter(verb="people.organization_created").values_list("by", flat=True)) == [
        cast.home.administrator.pk, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "club"}, "kind"),
        ({"slug": "Not Good"}, "slug"),
        ({"name": "…"}, "slug"),
        ({"name": "<x>", "slug": "xx"}, "name"),
    ],
)
def test_what_an_organization_needs(db: None, at: datetime, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.create_organization(**{"name": "River", "kind": "district", "by": None, "at": at, **fields})
    assert fields_of(refused) == [wrong]


RULES = {"review_days": 10, "check_days": 2, "hold_limit": 3, "two_person": "approver"}


def test_how_an_organization_assesses(cast: Cast, at: datetime) -> None:
    home = cast.home.organization
    actions.change_organization(organization=home, by=cast.home.administrator, at=at, **RULES)
    home.refresh_from_db()
    assert {name: getattr(home, name) for name in RULES} == RULES
    wrong: dict[str, Any] = {"review_days": 61, "check_days": 0, "hold_limit": -1, "two_person": "nobody"}
    with pytest.raises(Refused) as refused:
        actions.change_organization(organization=home, by=cast.home.administrator, at=at, **wrong)
    assert fields_of(refused) == list(wrong)
    assert Entry.objects.filter(verb="people.organization_changed").count() == 1


ABOUT = {"place": " Savannah,  Georgia", "url": "https://home.example ", "email": "Desk@Home.example", "sector": "public"}


def test_who_an_organization_is(cast: Cast, at: datetime) -> None:
    home = cast.home.organization
    actions.describe_organization(organization=home, by=cast.home.administrator, at=at, **ABOUT)
    assert (home.place, home.url, home.email, home.sector) == (
        "Savannah, Georgia", "https://home.example", "desk@home.example", "public",
    )  # fmt: skip
    wrong = {"place": "<b>", "url": "home.example", "email": "desk", "sector": "secret"}
    with pytest.raises(Refused) as refused:
        actions.describe_organization(organization=home, by=cast.home.administrator, at=at, **wrong)
    assert fields_of(refused) == list(wrong)
    actions.describe_organization(organization=home, by=cast.home.administrator, at=at, **dict.fromkeys(wrong, ""))
    home.refresh_from_db()
    assert (home.place, home.url, home.email, home.sector) == ("", "", "", "")
    assert Entry.objects.filter(verb="people.organization_described").count() == 2


def test_roles_are_given_once_and_ended(cast: Cast, at: datetime) -> None:
    home, boss = cast.home.organization, cast.home.administrator
    for _twice in range(2):
        membership = actions.grant_role(organization=home, user=cast.stranger, role="coach", by=boss, at=at)
    assert Membership.objects.filter(user=cast.stranger).count() == 1
    with pytest.raises(Refused):
        actions.grant_role(organization=home, user=cast.stranger, role="king", by=boss, at=at)
    actions.grant_role(organization=home, user=cast.stranger, role="lead", by=None, at=at)
    for _twice in range(2):
        actions.end_role(membership=membership, by=boss, at=at)
    assert Entry.objects.filter(verb="people.role_ended").count() == 1
    again = actions.grant_role(organization=home, user=cast.stranger, role="coach", by=boss, at=at)
    assert again != membership


def test_the_last_administrator_stays(cast: Cast, at: datetime) -> None:
    home, boss = cast.home.organization, cast.home.administrator
    mine = Membership.objects.get(user=boss, organization=home)
    with pytest.raises(Conflict):
        actions.end_role(membership=mine, by=boss, at=at)
    actions.grant_role(organization=home, user=cast.home.lead, role="administrator", by=boss, at=at)
    actions.end_role(membership=mine, by=boss, at=at)
    mine.refresh_from_db()
    assert mine.ended_at == at


def test_a_consortium_is_joined_once(cast: Cast, at: datetime) -> None:
    group = actions.create_organization(name="Three Rivers", kind="consortium", by=None, at=at)
    for by in (cast.home.administrator, None):
        actions.join_consortium(organization=cast.home.organization, consortium=group, by=by, at=at)
    actions.join_consortium(organization=cast.away.organization, consortium=group, by=None, at=at)
    assert ConsortiumMember.objects.count() == Entry.objects.filter(verb="people.consortium_joined").count() == 2
    for wrong in (cast.away.organization, group):
        with pytest.raises(Refused):
            actions.join_consortium(organization=group, consortium=wrong, by=None, at=at)


def test_forgetting_leaves_an_empty_row(cast: Cast, at: datetime) -> None:
    user, code = actions.add_learner(
        organization=cast.home.organization, name="Ada", language="en", by=cast.home.coach, at=at
    )
    actions.forget(user=user, at=at)
    user.refresh_from_db()
    assert (user.name, user.email, user.is_active, user.deleted_at) == ("", None, False, at)
    assert not Membership.objects.filter(user=user, ended_at=None).exists()
    with pytest.raises(actions.BadCode):
        actions.use_printed_code(code=code, at=at)


def test_a_role_by_address_is_all_or_nothing(cast: Cast, at: datetime) -> None:
    give: Callable[..., Membership] = invite.by_email
    fields = {"organization": cast.home.organization, "language": "en", "by": cast.home.administrator, "at": at}
    assert give(email="new@example.org", role="coach", **fields).user.email == "new@example.org"
    with pytest.raises(Refused):
        give(email="other@example.org", role="king", **fields)
    assert not User.objects.filter(email="other@example.org").exists()
