"""An invented population, always the same: who holds what, and what a thousand stacks ask for.

A million learners, two thousand micro-credentials, a thousand requirement trees. Micro-credentials are not equally
liked: a few are taken by many, most by few, and stacks ask more for those, too, if less so. On average a learner meets
about five hundred of the leaves of all trees.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random

import numpy as np
from numpy.typing import NDArray

from fieldstone.stacking import Count, Hold, Requirement

LEARNERS, CREDENTIALS, TREES = 1_000_000, 2_000, 1_000
DRAWN, LEAVES = 6, (2, 5)
TAKEN, ASKED = 1.0, 0.6
"""How steeply liking falls with rank, among those who take micro-credentials and those who ask for them."""
GATES = 6_839
SEED = 20_260_301


@dataclass(frozen=True, slots=True)
class Crowd:
    """`learner[i]` holds `credentials[credential[i]]`, by learner, each pair once."""

    learners: int
    credentials: tuple[str, ...]
    learner: NDArray[np.int32]
    credential: NDArray[np.int32]
    trees: dict[str, Requirement]


Held = tuple[NDArray[np.int32], NDArray[np.int32]]


def crowd(scale: float = 1.0, held: Held | None = None) -> Crowd:
    """The population at a share of its full size; from a tenth down there are fewer trees and credentials, too.

    `held`: the pairs, where they were made before.
    """
    learners = max(100, int(LEARNERS * scale))
    few = min(1.0, scale * 10)
    credentials, trees = max(100, int(CREDENTIALS * few)), max(20, int(TREES * few))
    random = Random(SEED)
    names = tuple(f"c{number:04}" for number in range(credentials))
    learner, credential = held or _held(learners, credentials)
    return Crowd(learners, names, learner, credential, _trees(random, names, trees))


def _likes(count: int, steep: float) -> NDArray[np.float64]:
    """How likely each of `count` is, the most liked first."""
    likes: NDArray[np.float64] = np.arange(1, count + 1) ** -steep
    return likes / likes.sum()


def _held(learners: int, credentials: int) -> Held:
    """Pairs of learner and credential: six drawn by each, some of them twice, about 5.67 in the end."""
    random = np.random.default_rng(SEED)
    learner = np.repeat(np.arange(learners, dtype=np.int64), DRAWN)
    edges = np.cumsum(_likes(credentials, TAKEN))
    drawn = np.searchsorted(edges, random.random(len(learner)) * edges[-1], side="right")
    pairs = np.unique(learner * credentials + np.minimum(drawn, credentials - 1))
    return (pairs // credentials).astype(np.int32), (pairs % credentials).astype(np.int32)


def _trees(random: Random, names: tuple[str, ...], count: int) -> dict[str, Requirement]:
    """Trees of one to thirteen gates, 6.8 on average: all of, one of, some of; four levels deep at most."""
    edges = [*accumulate(_likes(len(names), ASKED))]
    gates = [1 + number % 13 for number in range(count)]
    while sum(gates) > count * GATES // TREES:
        at = random.randrange(count)
        gates[at] = max(1, gates[at] - 1)
    random.shuffle(gates)
    trees: dict[str, Requirement] = {}
    for number, size in enumerate(gates):
        trees[f"t{number:04}"] = _branch(random, names, edges, size, 4)
    return trees


def _branch(random: Random, names: tuple[str, ...], edges: list[float], gates: int, depth: int) -> Count:
    """A branch that has so many gates, itself counted, below which as many as fit."""
    rest = gates - 1
    branches = 0 if not rest else min(rest, random.randint(2, 4)) if depth > 2 else rest
    shares = [rest // branches + (place < rest % branches) for place in range(branches)] if branches else []
    children: list[Requirement] = [_branch(random, names, edges, share, depth - 1) for share in shares]
    leaves = random.randint(*LEAVES) if not children else random.randint(0, 2) + (len(children) < 2)
    own: dict[str, None] = {}
    while len(own) < leaves:
        own[random.choices(names, cum_weights=edges)[0]] = None
    children += [Hold(credential=credential) for credential in own]
    kind = random.random()
    at_least = len(children) if kind < 0.45 else 1 if kind < 0.7 else random.randint(1, len(children))
    return Count(at_least=at_least, of=tuple(children))
