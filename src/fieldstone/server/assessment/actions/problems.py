"""What the actions of assessment refuse, each with its own name."""

from __future__ import annotations

from fieldstone.server.ledger.problems import Conflict as Clash
from fieldstone.server.ledger.problems import NotAllowed, Refused


class NotSeated(NotAllowed):
    """This person may not take this seat, or does not hold it."""


class Taken(Clash):
    """Somebody else was quicker."""


class Closed(Clash):
    """The review has moved on; there is nothing to do at this seat any more."""


class SheetNotReady(Refused):
    """A score sheet lacks levels or comments. `problems` name the fields."""


class LinkEnded(Refused):
    """A link for an external assessor that was used, withdrawn, or is too old."""

    status = 410
