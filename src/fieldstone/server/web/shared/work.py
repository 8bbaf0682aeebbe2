"""How placements and hours at work are named on screens."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy

from fieldstone.server.workplace.actions import link_token
from fieldstone.server.workplace.models import SupervisorLink

KINDS = {
    "externship": gettext_lazy("Externship or internship"),
    "job": gettext_lazy("Job"),
    "self_employed": gettext_lazy("Self-employed, for example home child care"),
}
STATES = {
    "begun": ("draft", gettext_lazy("Under way")),
    "sent": ("review", gettext_lazy("The supervisor has a link")),
    "wrong_person": ("lacking", gettext_lazy("The link went to somebody else")),
    "stale": ("lacking", gettext_lazy("The link is too old")),
    "reviewed": ("earned", gettext_lazy("Review signed")),
    "closed": ("ended", gettext_lazy("Closed")),
    "set_aside": ("withdrawn", gettext_lazy("Set aside")),
}
"""Each state's chip and words."""
ANSWERS = (
    ("demonstrated", "yes", gettext_lazy("I saw it")),
    ("not_yet", "no", gettext_lazy("Not yet")),
    ("not_seen", "ask", gettext_lazy("No chance to see it")),
)
"""What a supervisor may answer, with the look of the choice."""


def address(link: SupervisorLink) -> str:
    """The address that a supervisor opens."""
    return settings.BASE_URL + reverse("supervisor:page", args=[link_token(link)])
