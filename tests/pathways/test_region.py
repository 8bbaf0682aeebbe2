"""Where an organization looks for jobs and what it calls in demand: places, bounds, and what is refused."""

from __future__ import annotations

from datetime import datetime

import pytest

from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.pathways import actions, queries, rules
from fieldstone.server.pathways.models import Region
from fieldstone.server.reference.actions import load_starter
from fieldstone.server.reference.rules import DemandRule
from tests.cast import Cast
from tests.pathways.makers import hold, stack_body

BRYAN, SCREVEN, GEORGIA = "13029", "13251", "13000"


def test_the_last_place_stands_last_and_each_once() -> None:
    assert rules.nearer([], BRYAN) == (BRYAN,)
    assert rules.nearer([BRYAN, SCREVEN], BRYAN) == (SCREVEN, BRYAN)
    twelve = [f"{number:05d}" for number in range(12)]
    assert rules.nearer(twelve, "00003")[-1] == "00003" and len(rules.nearer(twelve, "00003")) == 12
    with pytest.raises(ValueError, match="at most 12"):
        rules.nearer(twelve, BRYAN)


@pytest.mark.parametrize(
    ("place", "code"),
    [("Nashville, Tennessee", "47"), ("Tennessee", "47"), ("1 Main St, Bangor,  Maine ", "23"), ("Paris, France", ""),
     ("Maine, here", ""), ("Nashville, TN", "47"), ("", "")],
)  # fmt: skip
def test_the_state_that_ends_an_address_line(place: str, code: str) -> None:
    assert rules.state_in(place) == code


def test_places_are_added_and_taken_out(cast: Cast, at: datetime) -> None:
    load_starter(by=None, at=at)
    home, lead = cast.home.organization, cast.home.lead

    def look(county: str, add: bool = True) -> list[str]:
        return list(actions.look_near(organization=home, county=county, add=add, by=lead, at=at).counties)

    assert [look(BRYAN), look(GEORGIA), look(BRYAN)] == [[BRYAN], [BRYAN, GEORGIA], [GEORGIA, BRYAN]]
    assert [look(GEORGIA, add=False), look(SCREVEN, add=False)] == [[BRYAN], [BRYAN]]
    for unknown in ("99999", "99000", "", "x"):
        with pytest.raises(Refused, match="not known here"):
            look(unknown)
    row = Region.objects.get()
    row.counties = [f"{number:05d}" for number in range(12)]
    row.save()
    with pytest.raises(Refused, match="12 places already"):
        look(BRYAN)
    assert len(Region.objects.get().counties) == 12
    entries = Entry.objects.filter(verb="pathways.places_chosen").order_by("id")
    assert entries[1].data["counties"] == [BRYAN, GEORGIA] and {e.organization for e in entries} == {home.pk}


def test_a_program_sets_its_own_rule_and_goes_back(cast: Cast, at: datetime) -> None:
    home, lead = cast.home.organization, cast.home.lead

    def set_rule(rule: dict[str, str] | None) -> None:
        actions.set_demand(organization=home, rule=rule, by=lead, at=at)

    assert queries.demand_rules() == {}
    set_rule({"min_openings": "1,200", "min_growth": " ", "min_wage_share": "80.4"})
    assert queries.demand_rules() == {home.pk: DemandRule(1200, None, 80)}
    with pytest.raises(Refused) as refused:
        set_rule({"min_openings": "-1", "min_growth": "nan", "min_wage_share": "60"})
    assert [problem.field for problem in refused.value.problems] == ["min_openings", "min_growth"]
    assert queries.demand_rules() == {home.pk: DemandRule(1200, None, 80)}
    set_rule(None)
    assert queries.demand_rules() == {} and Region.objects.get().demand == {}


def test_the_same_new_stack_twice_is_one(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for again, and asked for twice at the same moment, when the second saw nothing of the first."""
    body = stack_body(hold(cast.home.version))

    def create() -> object:
        return actions.create(program=cast.home.program, body=body, by=cast.home.author, at=at, slug="cda", key="k1").pk

    first = create()
    assert create() == first
    found = actions._made_before
    seen: list[str] = []

    def late(key: str) -> object:
        seen.append(key)
        return None if len(seen) == 1 else found(key)

    monkeypatch.setattr(actions, "_made_before", late)
    assert create() == first and seen == ["k1", "k1"]
