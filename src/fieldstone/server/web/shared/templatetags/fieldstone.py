"""Template vocabulary of every Fieldstone page. Start a template with ``{% load i18n fieldstone %}``.

Pictures
    ``{% stone mc.id level=2 glyph="eye" family="moss" state="earned" size="sm" label="" %}``
        one stone; size ``sm`` 44 px, none 88 px, ``lg`` 104 px; give ``label`` only if no words stand beside it
    ``{% wall stack.id stones cap=cap sequence=False label="" css="" %}``
        a wall; ``stones`` are ``stones.Stone`` (or objects and dicts with its fields); its label is made if absent
    ``{% hours_course runs total=120 label="" %}``    hours counted; ``runs`` are ``walls.Run`` or dicts
    ``{% course_strip runs label="" %}``              shares of a whole (promises kept, late, waiting, broken)
    ``{% bar_chart rows label="" %}``                 rows: (name, value) or (name, value, text)
    ``{% pay_bar low middle high 8 45 label="" %}``   pay per hour on the scale shared by the page
    ``{% logo %}`` ``{% footer_course %}``
    Line and event charts: call ``charts.line_chart_svg`` / ``event_chart_svg`` in the view and print ``|safe``.

Status
    ``{% chip "earned" %}`` or ``{% chip "earned" "Earned, 18 hours counted" %}``: pebble and word. States:
    earned review draft missing · passed failed unknown · received sending phone dark waiting saved enough ·
    demonstrated not_yet cannot_tell · on_time late broken · withdrawn ended replaced

Words
    ``{{ value|text }}``   the page's language out of {"en": ..., "es": ...}, else the other one
    ``{{ date|day }}``     November 2, 2026 · 2 de noviembre de 2026 (date, datetime or ISO text)
    ``{{ x|money }}``      $13.43, $2,400 · ``{{ x|cost }}`` the same, but Free at zero
    ``{{ x|hours }}``      15 hours, 1 hour, 2.5 hours · ``{{ 2|level }}`` Level 2, practice

Navigation
    ``{% navlink "learner:path" _("My path") %}``: a list item with a link, marked when it is the open page; extra
    keyword arguments go to the address; nothing is printed where the address does not exist.

Includes (``{% include "shared/components/NAME.html" with ... %}``)
    field         name label [kind=text|textarea|email|tel|date|number|select|file] [value hint error required rows
                  options words min max enough autocomplete inputmode]
    form_field    field (a Django bound field) [hint]
    error_summary problems (list of {"field", "message"}) [title kept]
    chip          state [words]                facts       facts (list of words or SafeString)
    rubric        criteria (list of {"name", "demonstrated", "not_yet"}) [caption]
    checks        checks (list of {"title", "how", "state"})
    promise       promise {"title", "text", "record", "need"}
    empty         title text [href action]     pagination  page (Django Page) [query]
    savebar       state words [detail action]  crumbs      trail (list of {"url", "label"})
    note          kind=know|needs|done|why title text      legend  (the four states in words)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.template.context import RequestContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from fieldstone.server.web.shared import charts, stones, walls

register = template.Library()

#: state -> (pebble, color class, word)
CHIPS: dict[str, tuple[str, str, str | Promise]] = {
    "earned": ("solid", "good", gettext_lazy("Earned")),
    "review": ("slash", "wait", gettext_lazy("In review")),
    "draft": ("dash", "plain", gettext_lazy("Draft")),
    "missing": ("dots", "none", gettext_lazy("Not started")),
    "passed": ("solid", "good", gettext_lazy("Passed")),
    "failed": ("times", "bad", gettext_lazy("Failed")),
    "unknown": ("ask", "plain", gettext_lazy("Could not tell")),
    "received": ("solid", "good", gettext_lazy("Received")),
    "saved": ("solid", "good", gettext_lazy("Saved")),
    "enough": ("solid", "good", gettext_lazy("Enough")),
    "sending": ("slash", "wait", gettext_lazy("Sending")),
    "phone": ("phone", "bad", gettext_lazy("On this phone only")),
    "waiting": ("dots", "none", gettext_lazy("Waiting")),
    "dark": ("times", "bad", gettext_lazy("Too dark to read")),
    "lacking": ("times", "bad", gettext_lazy("Missing")),
    "demonstrated": ("solid", "good", gettext_lazy("Demonstrated")),
    "not_yet": ("times", "bad", gettext_lazy("Not yet")),
    "cannot_tell": ("ask", "plain", gettext_lazy("Cannot tell")),
    "on_time": ("solid", "good", gettext_lazy("Kept on time")),
    "late": ("slash", "wait", gettext_lazy("Kept late")),
    "broken": ("times", "bad", gettext_lazy("Broken")),
    "withdrawn": ("times", "bad", gettext_lazy("Withdrawn")),
    "ended": ("dash", "plain", gettext_lazy("Ended")),
    "replaced": ("dash", "plain", gettext_lazy("Replaced")),
}
_SAME = {
    "done": "earned", "in_review": "review", "not_started": "missing", "could_not_tell": "unknown", "kept": "on_time",
    "kept_on_time": "on_time", "kept_late": "late",
}  # fmt: skip
LEVELS = {
    1: gettext_lazy("Level 1, introduction"),
    2: gettext_lazy("Level 2, practice"),
    3: gettext_lazy("Level 3, on the job"),
}


# --- pictures ----------------------------------------------------------------------------------------


def _get(thing: Any, name: str, default: Any = None) -> Any:
    return thing.get(name, default) if isinstance(thing, Mapping) else getattr(thing, name, default)


def as_stone(thing: Any) -> stones.Stone:
    """A Stone from a Stone, or from an object or dict with (some of) its fields."""
    if isinstance(thing, stones.Stone):
        return thing
    return stones.Stone(
        id=str(_get(thing, "id")),
        level=int(_get(thing, "level", 1)),
        glyph=str(_get(thing, "glyph") or "shield"),
        family=str(_get(thing, "family") or "slate"),
        state=str(_get(thing, "state") or "missing"),
        hours=float(_get(thing, "hours") or 1),
        earned_on=_get(thing, "earned_on"),
    )


def _as_run(thing: Any) -> walls.Run:
    if isinstance(thing, walls.Run):
        return thing
    return walls.Run(
        amount=float(_get(thing, "amount") or _get(thing, "hours") or 0),
        state=str(_get(thing, "state") or "earned"),
        family=str(_get(thing, "family") or "moss"),
        id=str(_get(thing, "id") or ""),
    )


@register.simple_tag
def stone(
    identifier: object,
    level: int = 1,
    glyph: str = "shield",
    family: str = "slate",
    state: str = "earned",
    label: str = "",
    size: str = "",
) -> SafeString:
    """One stone. Unknown glyphs become a shield so that an imported definition still has a picture."""
    return mark_safe(
        stones.stone_svg(
            str(identifier),
            level=int(level),
            glyph=glyph if glyph in stones.GLYPHS else "shield",
            family=family if family in stones.FAMILIES else "slate",
            state=state,
            label=str(label) or None,
            size=size,
        )
    )


def wall_label(drawn: Iterable[stones.Stone], cap: stones.Stone | None) -> str:
    """One sentence that says what a wall shows."""
    states = [stones.state_of(s.state) for s in drawn]
    n = len(states)
    parts = [f"{states.count(state)} {str(CHIPS[state][2]).lower()}" for state in stones.STATES if states.count(state)]
    words = ngettext("A wall of %(n)d stone", "A wall of %(n)d stones", n) % {"n": n}
    sentence = f"{words}: {', '.join(parts)}" if parts else words
    if cap is None:
        return f"{sentence}."
    top = gettext("The capstone is set.") if cap.state == "earned" else gettext("The capstone is not set yet.")
    return f"{sentence}. {top}"


@register.simple_tag
def wall(
    stack_id: object,
    members: Iterable[Any],
    cap: Any = None,
    sequence: bool = False,
    label: str = "",
    css: str = "",
    sort: bool = True,
) -> SafeString:
    """The wall of a stack."""
    drawn = [as_stone(m) for m in members]
    top = as_stone(cap) if cap else None
    if sequence and len(drawn) <= 3:
        css = f"{css} cairn".strip()
    return mark_safe(
        walls.wall_svg(
            str(stack_id),
            drawn,
            cap=top,
            sequence=sequence,
            label=str(label) or wall_label(drawn, top),
            css=css,
            sort=sort,
        )
    )


@register.simple_tag
def hours_course(runs: Iterable[Any], total: float, label: str = "") -> SafeString:
    """Hours counted toward a stack; without a label the words beside it must say the same."""
    return mark_safe(walls.hours_course_svg([_as_run(r) for r in runs], total=float(total), label=str(label) or None))


@register.simple_tag
def course_strip(runs: Iterable[Any], label: str = "") -> SafeString:
    """Parts of a whole as one course of stones."""
    return mark_safe(walls.course_svg([_as_run(r) for r in runs], label=str(label) or None))


@register.simple_tag
def bar_chart(rows: Iterable[Any], label: str) -> SafeString:
    """Level bars from rows of (name, value) or (name, value, text) or ``charts.Bar``."""
    bars = []
    for row in rows:
        if isinstance(row, charts.Bar):
            bars.append(row)
        else:
            name, value, *text = row
            bars.append(charts.Bar(str(name), float(value), str(text[0]) if text else _plain(value)))
    return mark_safe(charts.bar_chart_svg(bars, label=str(label)))


@register.simple_tag
def pay_bar(low: float, middle: float, high: float, start: float, end: float, label: str) -> SafeString:
    """The 10th to 90th percentile of pay with a mark at the median, on the page's shared scale."""
    return mark_safe(
        charts.pay_bar_svg(float(low), float(middle), float(high), scale=(float(start), float(end)), label=str(label))
    )


@register.simple_tag
def logo() -> SafeString:
    """The cairn of the header."""
    return mark_safe(stones.logo_svg())


@register.simple_tag
def footer_course() -> SafeString:
    """The course of stones above the footer."""
    return mark_safe(walls.footer_course_svg())


# --- status and navigation ---------------------------------------------------------------------------


@register.simple_tag
def chip(state: str, words: str | Promise = "") -> SafeString:
    """A pebble and a word. Raises KeyError for an unknown state."""
    mark, color, word = CHIPS[_SAME.get(state, state)]
    return format_html(
        '<span class="chip c-{}">{}<span>{}</span></span>',
        color,
        mark_safe(stones.chip_svg(mark)),
        words or word,
    )


@register.simple_tag(takes_context=True)
def lead_here(context: RequestContext) -> bool:
    """Whether the person leads programs of the page's `organization`, so that its tabs are those of a lead."""
    here = context.get("organization")
    places = context.get("places") or []
    return here is not None and any("lead" in p.areas and p.organization.pk == here.pk for p in places)


@register.simple_tag(takes_context=True)
def navlink(context: RequestContext, name: str, words: str, **kwargs: object) -> SafeString | str:
    """A list item that links to a named address, marked when the open page lies at or below it.

    A name in `_UNDER` has other sections below its own address; it is marked on its own pages only.
    """
    try:
        url = reverse(name, kwargs=kwargs or None)
    except NoReverseMatch:
        return ""
    request = context.get("request")
    here = getattr(request, "path", "")
    below = here.removeprefix(url).split("/")[0] if url != "/" and here.startswith(url) else None
    marked = here == url or (below is not None and below not in _UNDER.get(name, ()))
    current = mark_safe(' aria-current="page"') if marked else ""
    return format_html('<li><a href="{}"{}>{}</a></li>', url, current, words)


_UNDER: Mapping[str, tuple[str, ...]] = {
    "author:micro_credentials": ("stacks", "programs", "shared", "work", "frameworks"),
    "issuer:list": ("keys", "lists"),
    "lead:overview": ("cohorts", "jobs"),
    "employer:promises": ("claims", "history", "asks"),
    "coach:learners": ("add", "work"),
    "admin:members": ("settings", "about", "lists", "record"),
    "assessor:queue": ("calibrate", "agreement", "phrases", "exemplars"),
}


# --- words -------------------------------------------------------------------------------------------


@register.filter
def text(value: Any) -> Any:
    """The page's language out of a dict of languages, else English, else whichever there is."""
    if not isinstance(value, Mapping):
        return "" if value is None else value
    language = (get_language() or "en").split("-")[0]
    for key in (language, "en", "es", *value):
        if value.get(key):
            return value[key]
    return ""


def _as_day(value: Any) -> date | None:
    if isinstance(value, str):
        moment = parse_datetime(value)
        value = moment if moment is not None else parse_date(value[:10])
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


@register.filter
def day(value: Any) -> str:
    """A date in full in the page's language; empty for nothing, unchanged text if it is not a date."""
    try:
        found = _as_day(value)
    except ValueError:
        found = None
    if found is None:
        return str(value) if value else ""
    spanish = (get_language() or "en").startswith("es")
    return date_format(found, r"j \d\e F \d\e Y" if spanish else "F j, Y")


@register.filter
def clock(value: Any) -> str:
    """The time of day of a datetime in the site's zone: 10:42 AM · 10:42 a.m."""
    if not isinstance(value, datetime):
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    half = "AM" if local.hour < 12 else "PM"
    if (get_language() or "en").startswith("es"):
        half = "a. m." if local.hour < 12 else "p. m."
    return f"{(local.hour - 1) % 12 + 1}:{local.minute:02d} {half}"


def _plain(value: Any) -> str:
    number = Decimal(str(value))
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number.normalize():,f}"


@register.filter
def money(value: Any) -> str:
    """US dollars: cents only where there are some. Empty for nothing, unchanged if it is no number."""
    if value is None or value == "":
        return ""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    sign = "−" if amount < 0 else ""
    whole = amount == amount.to_integral_value()
    return f"{sign}${abs(amount):,.{0 if whole else 2}f}"


@register.filter
def cost(value: Any) -> str:
    """What a learner pays: Free at zero."""
    return gettext("Free") if value is not None and value != "" and not Decimal(str(value)) else money(value)


@register.filter
def hours(value: Any) -> str:
    """Clock hours with their word."""
    if value is None or value == "":
        return ""
    number = Decimal(str(value))
    return ngettext("%(n)s hour", "%(n)s hours", 1 if number == 1 else 2) % {"n": _plain(number)}


@register.filter
def level(value: Any) -> str:
    """The level in words."""
    return str(LEVELS.get(int(value), value))


@register.filter
def count(value: Any) -> str:
    """A whole number with its thousands apart: 1,100."""
    return f"{int(value):,}" if value not in (None, "") else ""
