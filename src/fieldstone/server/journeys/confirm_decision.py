"""From a confirmed decision to what follows from it."""

from __future__ import annotations

from fieldstone.server.assessment.actions import approve, close_appeal, hand_in, moderate

__all__ = ["approve", "close_appeal", "hand_in", "moderate"]
