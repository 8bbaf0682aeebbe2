"""Every write about credentials: issue, withdraw, pause, copy, keys, status lists."""

from __future__ import annotations

from fieldstone.server.awards.actions.copies import copy, host, sign_record
from fieldstone.server.awards.actions.holding import forget, hand_over, share
from fieldstone.server.awards.actions.issuing import issue, issue_again, issue_listed, issue_stack
from fieldstone.server.awards.actions.key_changes import remove_key, rotate_key
from fieldstone.server.awards.actions.problems import (
    AlreadyWithdrawn,
    HeldAlready,
    KeysAway,
    NeedsReason,
    NobodyHolds,
    NoEmail,
    NoName,
    NotDecided,
    NotHers,
    NotHolder,
    NotShared,
    NotStack,
    NotStanding,
    NotWithdrawn,
    PartsMissing,
)
from fieldstone.server.awards.actions.showing import holder_of, present, sign_request
from fieldstone.server.awards.actions.signing import keys_work, reseal_keys
from fieldstone.server.awards.actions.status import reinstate, suspend, withdraw

__all__ = [
    "AlreadyWithdrawn",
    "HeldAlready",
    "KeysAway",
    "NeedsReason",
    "NoEmail",
    "NoName",
    "NobodyHolds",
    "NotDecided",
    "NotHers",
    "NotHolder",
    "NotShared",
    "NotStack",
    "NotStanding",
    "NotWithdrawn",
    "PartsMissing",
    "copy",
    "forget",
    "hand_over",
    "holder_of",
    "host",
    "issue",
    "issue_again",
    "issue_listed",
    "issue_stack",
    "keys_work",
    "present",
    "reinstate",
    "remove_key",
    "reseal_keys",
    "rotate_key",
    "share",
    "sign_record",
    "sign_request",
    "suspend",
    "withdraw",
]
