"""Where somebody looks for work, with how much time and money: kept in the session, for a learner in her aim."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from fieldstone.server.ledger.problems import Problem
from fieldstone.server.pathways import actions, aims
from fieldstone.server.pathways.models import Aim
from fieldstone.server.people.models import User
from fieldstone.server.reference import queries as reference
from fieldstone.server.reference.models import County
from fieldstone.server.reference.queries import Found, Named
from fieldstone.server.web.shared.access import now
from fieldstone.server.web.shared.forms import typed

SESSION = "aim"
LISTED = 500
"""So many counties a page lists at most; of more it lists those of one state."""
MOST = 20
"""So many places a text may mean to be offered as choices."""
NONE = "?"
"""What the last choice sends: none of these."""


@dataclass(frozen=True)
class Near:
    """What is known of somebody's goal, and how it is shown in the form. `job` is the code that a learner chose."""

    wishes: aims.Wishes
    county: County | None
    job: str = ""
    signed_in: bool = False
    choices: tuple[Found, ...] = ()
    problem: str = ""
    typed: str = field(default="")

    @property
    def name(self) -> str:
        """The county as people write it: "Bryan County, GA"."""
        return label(self.county) if self.county else ""


def label(county: County) -> str:
    """A county with its state."""
    return f"{county.name}, {county.state}"


def known(request: HttpRequest) -> Near:
    """What she told us before; the address may name another county (`near`) for this visit."""
    near = _remembered(request)
    if "near" not in request.GET:
        return near
    text = typed(request.GET.get("near"), 100).strip()
    if not text:
        return near
    named = reference.places_named(text)
    county = named.county
    if county is None:
        return _asked_again(near, named, text)
    if county.fips != near.wishes.county:
        wishes = replace(near.wishes, county=county.fips, area="")
        if not near.signed_in:
            request.session[SESSION] = wishes.to_json()
        near = replace(near, wishes=wishes, county=county)
    return near


def _asked_again(near: Near, named: Named, text: str) -> Near:
    """What is shown where a text names no one county: choices, or the text again, and how to mend it."""
    choices = named.found if len(named.found) <= MOST else ()
    return replace(near, choices=choices, problem=trouble(named), typed="" if text == NONE else text)


def trouble(named: Named) -> str:
    """Why a text names no county, and how to mend it."""
    if len(named.found) > MOST:
        return _("Many places have this name. Write the state too, such as Savannah, GA.")
    if len(named.found) > 1:
        return _("This may be more than one place. Choose yours.")
    if named.found:
        return _("We are not sure which place this is. Did you mean this one?")
    if named.elsewhere and named.sure:
        states = ", ".join(named.elsewhere[:6])
        return _("Figures for that place (%(states)s) are not loaded here yet. Name a place in another state.") % {
            "states": states
        }
    return _("We do not know this place. Write a town or county with its state, such as Savannah, GA, or a ZIP code.")


def _remembered(request: HttpRequest) -> Near:
    if isinstance(request.user, User):
        aim = Aim.objects.filter(learner=request.user).first()
        if aim is not None:
            wishes = aims.Wishes(
                county=aim.county, area=aim.area, wage_cents=aim.wage_cents, own_business=aim.own_business,
                hours_a_week=aim.hours_a_week, money_cents=aim.money_cents,
            )  # fmt: skip
            county = reference.county(wishes.county) if wishes.county else None
            return Near(wishes, county, job=aim.occupation, signed_in=True)
    wishes = aims.kept(request.session.get(SESSION))
    county = reference.county(wishes.county) if wishes.county else None
    if county is None:
        wishes = replace(wishes, county="", area="")
    return Near(wishes, county, signed_in=isinstance(request.user, User))


def keep(request: HttpRequest, data: QueryDict) -> tuple[Near, list[Problem]]:
    """Keep what was sent; with problems nothing is kept, and what was typed is given back.

    A form need not have every field: what it leaves out stays as it was.
    """
    before = _remembered(request)
    text = typed(data.get("near"), 100).strip()
    named = reference.places_named(text) if text else Named()
    county = named.county
    problems = [Problem("near", trouble(named))] if text and county is None else []
    fips = county.fips if county else ""
    areas = {area.code for area in reference.areas_of(fips)} if fips else set()
    area = data.get("area", "") if data.get("area", "") in areas else ""
    if "wage" in data:
        wishes, more = aims.read(
            fips, typed(data.get("wage"), 40), "own_business" in data, typed(data.get("hours"), 40),
            typed(data.get("money"), 40), area,
        )  # fmt: skip
        problems += more
    else:
        wishes = replace(before.wishes, county=fips, area=area)
    if problems:
        return (_asked_again(before, named, text) if text and county is None else replace(before, typed=text)), problems
    if isinstance(request.user, User):
        actions.set_aim(learner=request.user, wishes=wishes, at=now())
        request.session.pop(SESSION, None)
    else:
        request.session[SESSION] = wishes.to_json()
    return replace(before, wishes=wishes, county=county), []


def forget(request: HttpRequest) -> None:
    """Forget it, here and in her aim."""
    request.session.pop(SESSION, None)
    if isinstance(request.user, User):
        actions.forget_aim(learner=request.user, at=now())


def dollars(cents: int | None) -> str:
    """Cents as they are typed: 13.50, 60."""
    if cents is None:
        return ""
    return str(cents // 100) if cents % 100 == 0 else f"{cents / 100:.2f}"


def field_of(near: Near, state: str = "") -> dict[str, Any]:
    """What the field of the county shows, and the counties to choose from."""
    state = state or (near.county.state if near.county else "")
    return {
        "values": {"near": near.typed or near.name},
        "counties": [label(county) for county in reference.counties_listed(state, LISTED)],
    }


def form(request: HttpRequest, near: Near, sent: QueryDict | None = None) -> dict[str, Any]:
    """What the form shows: what was sent, else what is known; and the counties to choose from."""
    wishes = near.wishes
    state = typed(request.GET.get("state"), 2).upper() or (near.county.state if near.county else "")
    values = {
        "near": near.typed or near.name,
        "area": wishes.area,
        "wage": dollars(wishes.wage_cents),
        "own_business": wishes.own_business,
        "hours": wishes.hours_a_week or "",
        "money": dollars(wishes.money_cents),
    }
    if sent is not None:
        values |= {name: typed(sent.get(name), 100) for name in ("near", "area", "wage", "hours", "money")}
        values["near"] = "" if values["near"] == NONE else values["near"]
        values["own_business"] = "own_business" in sent
    return {
        **field_of(near, state),
        "values": values,
        "states": reference.states(),
        "state": state,
        "state_asked": "state" in request.GET,
        "areas": reference.areas_of(wishes.county) if wishes.county else [],
    }
