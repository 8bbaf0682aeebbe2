"""Words and marks of the learner's pages. `{% load learner %}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from fieldstone.server.assessment.models import Review
from fieldstone.server.awards.rules import automatic
from fieldstone.server.evidence.models import Artifact
from fieldstone.server.web.learner.evidence import Page, Part, is_dark
from fieldstone.server.web.learner.status import who_has_it
from fieldstone.server.web.shared import stones
from fieldstone.server.web.shared.templatetags import fieldstone as shared

register = template.Library()


@register.filter
def pick(values: Any, key: str) -> Any:
    """What stands under a name; nothing where there is none."""
    return values.get(key, "") if isinstance(values, Mapping) else ""


@register.filter
def dark(artifact: Artifact) -> bool:
    """Whether a photo is too dark to read."""
    return is_dark(artifact)


@register.filter
def kind(artifact: Artifact) -> str:
    """What sort of thing it is, in one word."""
    words = {
        "photo": _("Photo"),
        "document": _("Document"),
        "audio": _("Sound"),
        "video": _("Video"),
        "link": _("Link"),
    }
    return words[artifact.kind]


@register.filter
def size(value: int) -> str:
    """Bytes as people say them: 460 KB, 2.6 MB."""
    return f"{value / 1_000_000:.1f} MB" if value >= 1_000_000 else f"{max(1, round(value / 1000))} KB"


@register.filter
def moment(value: datetime) -> str:
    """Day and time of day."""
    return f"{shared.day(value)}, {shared.clock(value)}"


@register.filter
def first_open(parts: Sequence[Part]) -> list[Part]:
    """The questions that stay in sight: the first that is asked, and each that still needs words."""
    first = next((part for part in parts if part.asked), None)
    return [p for p in parts if p is first or p.error or p.copy or (p.asked and not p.enough)]


@register.filter
def others(parts: Sequence[Part]) -> list[Part]:
    """The questions that may fold away."""
    seen = {part.id for part in first_open(parts)}
    return [part for part in parts if part.id not in seen]


@register.simple_tag
def number(page: Page) -> int:
    """The next section's number."""
    page.sections += 1
    return page.sections


@register.simple_tag
def mark(state: str) -> SafeString:
    """A pebble alone, with its word for those who hear the page."""
    pebble, color, word = shared.CHIPS[state]
    return format_html(
        '<span class="chip c-{}">{}<span class="vh">{}:</span></span>', color, mark_safe(stones.chip_svg(pebble)), word
    )


@register.simple_tag
def received_words(when: datetime, at: datetime) -> str:
    """Where the draft is, and since when: the time today, the day before that."""
    today = timezone.localtime(when).date() == timezone.localtime(at).date()
    return _("Received, %(when)s") % {"when": shared.clock(when) if today else shared.day(when)}


@register.filter
def given(name: str) -> str:
    """The first of a person's names."""
    return name.split()[0] if name.split() else name


@register.filter
def who(review: Review | None) -> str:
    """Who has it, by role."""
    return who_has_it(review) if review else ""


@register.filter
def reason(words: str) -> str:
    """Why a credential was withdrawn, translated when the software gave the reason."""
    message, params = automatic(words)
    return _(message) % params
