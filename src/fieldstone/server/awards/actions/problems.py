"""What actions on credentials refuse, each with its own name."""

from __future__ import annotations

from fieldstone.server.ledger.problems import Conflict, NotAllowed, Refused
from fieldstone.server.ledger.problems import mark as _


class NotDecided(Refused):
    """There is no confirmed decision that every criterion was demonstrated."""


class NoName(Refused):
    """A credential names its holder; this person has not written a name."""


class AlreadyWithdrawn(Conflict):
    """The credential was withdrawn before, for another reason."""


class NotHolder(NotAllowed):
    """Only a credential's holder may show it."""


class NotStanding(Conflict):
    """The credential was withdrawn, is paused, has ended, or was erased; nothing is signed for it any more."""


class NotHers(Conflict):
    """The award belongs to somebody else."""


class HeldAlready(Conflict):
    """She holds a live credential of this version."""


class NotWithdrawn(Refused):
    """Only what was withdrawn is issued again."""


class NobodyHolds(Refused):
    """Nobody has it on her page: it waits for its holder, or its holder has left."""


class PartsMissing(Refused):
    """A stack's credential follows from its parts, and they do not hold."""


class NotStack(Refused):
    """A learner record is made of a stack and its parts."""


class NotShared(Refused):
    """Its holder keeps it to herself, and this form can be asked for by everybody."""


class NoEmail(Refused):
    """The form of Open Badges 2.0 names its holder by e-mail address."""


class KeysAway(Refused):
    """What keeps the signing keys does not answer, or not as it should. Later it may."""

    status = 503

    def __init__(self) -> None:
        super().__init__(_("The place that keeps the signing keys does not answer. Try again in a few minutes."))


class NeedsReason(Refused):
    """A withdrawal or a pause states why, in words that the holder and anybody who checks may read."""
