"""Jobs near an organization in words: pay with its place, source and year, numbers of people that may be shown."""

from __future__ import annotations

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from fieldstone.server.reference import queries as reference
from fieldstone.server.reference import starter
from fieldstone.server.reference.queries import Demand
from fieldstone.server.web.shared.tables import Cell, Hidden


def spanish() -> bool:
    """Whether the page is in Spanish."""
    return (get_language() or "en").startswith("es")


def title(job: Demand) -> str:
    """What a job is called in the language of the page."""
    return job.title_es or job.title_en if spanish() else job.title_en


def plain(name: str) -> str:
    """An official title as people say it, without the neighbors that it leaves out: "Preschool Teachers" for "Preschool
    Teachers, Except Special Education"."""
    return name.partition(", Except")[0]


def percent(share: float) -> str:
    """A share as people read it: 100 only where nothing is missing, 0 only where nothing is shown."""
    whole = round(share * 100)
    shown = min(99, whole) if share < 1 - 1e-9 else 100
    return f"{max(1, shown) if share > 1e-9 else 0}%"


def people(count: int | None) -> Cell:
    """A number of learners from `study.gaps.heads`, in words."""
    if count is None:
        return Hidden(_("hidden, a small group"))
    return _("more than %(count)s") % {"count": count} if count else _("none")


def pay(job: Demand) -> str:
    """The middle hourly wage; who works by the year is counted at 2,080 hours."""
    if job.hourly_cents is not None:
        return f"${job.hourly_cents / 100:.2f}"
    return _("above what is published") if job.hourly.median.top or job.annual.median.top else _("not published")


def demanded(value: bool | None) -> str:
    """Whether a job counts as in demand, in words."""
    return _("could not tell") if value is None else _("yes") if value else _("no")


def place(county: str) -> str:
    """A county or a state in words; "the nation" for none."""
    if not county:
        return _("the nation")
    found = reference.county(county)
    return f"{found.name}, {found.state}" if found else reference.state_name(county[:2]) or county


PUBLISHERS = {
    "onet": gettext_lazy("what jobs ask: O*NET %(version)s, U.S. Department of Labor"),
    "oews": gettext_lazy("pay: Occupational Employment and Wage Statistics %(version)s, Bureau of Labor Statistics"),
    "projections": gettext_lazy("openings: Employment Projections %(version)s, Bureau of Labor Statistics"),
}
STARTER = {"onet": "29.0", "oews": "May 2025", "projections": "2022–2032"}
"""The versions that the starter facts are taken from."""


def sources(jobs: list[Demand]) -> str:
    """Where the figures of these jobs come from, with the year or version of each; empty where nothing is loaded."""
    cited = {c.kind: c.version for job in jobs for c in job.cited}
    told = [
        str(words) % {"version": STARTER[kind] if cited[kind] == starter.VERSION else cited[kind]}
        for kind, words in PUBLISHERS.items() if kind in cited
    ]  # fmt: skip
    return _("From %(list)s.") % {"list": "; ".join(told)} if told else ""


def places_of(jobs: list[Demand]) -> list[str]:
    """The places that the pay shown is from, each once."""
    return sorted({job.place.title for job in jobs if job.place.title})
