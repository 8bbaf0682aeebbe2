"""Every write of assessment: from the completeness check to the decision, and what keeps decisions honest."""

from __future__ import annotations

from fieldstone.server.assessment.actions.appeals import claim_appeal, close_appeal, open_appeal
from fieldstone.server.assessment.actions.deciding import approve, hand_in, moderate
from fieldstone.server.assessment.actions.feedback import add_phrase, retire_phrase
from fieldstone.server.assessment.actions.opening import check_complete, open_review, return_incomplete, withdraw
from fieldstone.server.assessment.actions.outsiders import invite_external, withdraw_external
from fieldstone.server.assessment.actions.problems import Closed, LinkEnded, NotSeated, SheetNotReady, Taken
from fieldstone.server.assessment.actions.scoring import LineInput, record_score, record_scores
from fieldstone.server.assessment.actions.seats import claim, declare_conflict, release, take

__all__ = [
    "Closed",
    "LineInput",
    "LinkEnded",
    "NotSeated",
    "SheetNotReady",
    "Taken",
    "add_phrase",
    "approve",
    "check_complete",
    "claim",
    "claim_appeal",
    "close_appeal",
    "declare_conflict",
    "hand_in",
    "invite_external",
    "moderate",
    "open_appeal",
    "open_review",
    "record_score",
    "record_scores",
    "release",
    "retire_phrase",
    "return_incomplete",
    "take",
    "withdraw",
    "withdraw_external",
]
