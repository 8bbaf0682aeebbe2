"""Outcomes: honest measures, safe to publish.

A pure library: no clock, no network, no Django.

    agreement(pairs)                     # two assessors: percent agreement, Cohen's kappa, its interval
    release({"county": 14, …})           # a table of counts in which no small group can be read or worked out
"""

from .privacy import THRESHOLD, Release, release
from .reliability import Agreement, Weights, agreement

__all__ = ["THRESHOLD", "Agreement", "Release", "Weights", "agreement", "release"]
