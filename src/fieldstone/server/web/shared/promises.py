"""How a promise and its record read, for the recognizer, the learner and the program lead alike."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

KIND_WORDS: Mapping[str, str | Words] = {
    "interview": gettext_lazy("An interview"),
    "raise": gettext_lazy("A raise"),
    "pay_rung": gettext_lazy("A step on the pay scale"),
    "title": gettext_lazy("A job title"),
    "hours": gettext_lazy("Hours that count"),
    "credit": gettext_lazy("College credit"),
    "license_points": gettext_lazy("License points"),
}
STANDING_WORDS: Mapping[str, str | Words] = {
    "kept": gettext_lazy("Kept on time"),
    "kept_late": gettext_lazy("Kept late"),
    "declined": gettext_lazy("Declined"),
    "overdue": gettext_lazy("No answer in time"),
    "waiting": gettext_lazy("Waiting"),
}
STANDING_CHIPS = {
    "kept": "on_time",
    "kept_late": "late",
    "declined": "broken",
    "overdue": "broken",
    "waiting": "waiting",
}


def record_words(record: Mapping[str, int]) -> str:
    """A promise's public record in a sentence or two."""
    if not record["due"]:
        return _("New. No record yet.")
    words = [_("Kept on time: %(kept)s of %(due)s.") % {"kept": record["kept"], "due": record["due"]}]
    if record["kept_late"]:
        words.append(_("Kept late: %(n)s.") % {"n": record["kept_late"]})
    if record["declined"]:
        words.append(_("Declined: %(n)s.") % {"n": record["declined"]})
    if record["overdue"]:
        words.append(_("No answer in time: %(n)s.") % {"n": record["overdue"]})
    return " ".join(words)
