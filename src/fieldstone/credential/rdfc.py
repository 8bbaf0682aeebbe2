"""RDF Dataset Canonicalization, RDFC-1.0 (W3C Recommendation), with a work limit.

A dataset whose blank nodes are all alike can make the algorithm try every order of them. No honest credential does:
one needs about one step for each quad, a presentation of fifty near-equal ones about two. A step is a quad looked at
while hashing a node by its neighbors (section 4.8), or a node placed in an order that is tried. `TooComplex` is raised
after `WORK_PER_QUAD` steps for each quad with a blank node, plus `WORK_BASE`, which takes milliseconds.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from fieldstone.credential.errors import TooComplex
from fieldstone.credential.jsonld import Quad

WORK_BASE: Final = 50_000
WORK_PER_QUAD: Final = 50


def canonicalize(quads: Iterable[Quad], *, hash_name: str = "sha256", work: int | None = None) -> list[str]:
    """The dataset's canonical N-Quads: lines ending in a line feed, sorted by code point.

    `hash_name` is the hashlib name of the hash used for blank nodes, `work` another limit on the steps taken.
    Raises TooComplex.
    """
    lines, _ = canonicalize_with_map(quads, hash_name=hash_name, work=work)
    return lines


def canonicalize_with_map(
    quads: Iterable[Quad], *, hash_name: str = "sha256", work: int | None = None
) -> tuple[list[str], dict[str, str]]:
    """As `canonicalize`, and the map from each blank node's label to its canonical one."""
    run = _Run(quads, getattr(hashlib, hash_name), work)
    return run.lines(), run.issued


def line(quad: Quad) -> str:
    """One quad as a line of N-Quads."""
    s, p, o, g = quad
    return f"{s} {p} {o} {g} .\n" if g else f"{s} {p} {o} .\n"


class _Issuer:
    """Gives labels in order of first asking (section 4.5)."""

    __slots__ = ("issued", "prefix")

    def __init__(self, prefix: str, issued: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.issued = {} if issued is None else dict(issued)

    def issue(self, node: str) -> str:
        label = self.issued.get(node)
        if label is None:
            label = self.issued[node] = f"{self.prefix}{len(self.issued)}"
        return label

    def copy(self) -> _Issuer:
        return _Issuer(self.prefix, self.issued)


def _orders(nodes: list[str]) -> Iterator[list[str]]:
    """Every order of `nodes` that reads differently.

    A node stands here once for each quad that it shares with the node being hashed: a graph's name as often as the
    node is mentioned in that graph. Orders that only exchange a node with itself give the same path, and are left out.
    """
    names = list(dict.fromkeys(nodes))
    ranks = sorted(names.index(node) for node in nodes) if len(names) > 1 else [0] * len(nodes)
    while True:
        yield [names[rank] for rank in ranks]
        # the next order, as in a dictionary: raise the last rank that can be raised, by as little as can be
        rise = next((n for n in range(len(ranks) - 2, -1, -1) if ranks[n] < ranks[n + 1]), None)
        if rise is None:
            return
        other = next(n for n in range(len(ranks) - 1, rise, -1) if ranks[n] > ranks[rise])
        ranks[rise], ranks[other] = ranks[other], ranks[rise]
        ranks[rise + 1 :] = reversed(ranks[rise + 1 :])


class _Run:
    """The canonicalization algorithm of section 4.4 over one dataset."""

    def __init__(self, quads: Iterable[Quad], algorithm: Callable[..., hashlib._Hash], work: int | None) -> None:
        self.algorithm = algorithm
        self.plain: list[str] = []
        self.blank: list[Quad] = []
        self.mentions: dict[str, list[Quad]] = defaultdict(list)
        for quad in quads:
            nodes = {term for term in quad if term.startswith("_:")}
            if nodes:
                self.blank.append(quad)
                for node in nodes:
                    self.mentions[node].append(quad)
            else:
                self.plain.append(line(quad))
        self.first: dict[str, str] = {}
        self.canonical = _Issuer("_:c14n")
        self.budget = WORK_BASE + WORK_PER_QUAD * len(self.blank) if work is None else work
        if self.mentions:
            self.label()
        self.issued = self.canonical.issued

    def lines(self) -> list[str]:
        issued = self.issued
        result = self.plain
        for s, p, o, g in self.blank:
            result.append(line((issued.get(s, s), p, issued.get(o, o), issued.get(g, g))))
        result.sort()
        return result

    def digest(self, text: str) -> str:
        return self.algorithm(text.encode()).hexdigest()

    def label(self) -> None:
        groups: dict[str, list[str]] = defaultdict(list)
        for node in self.mentions:
            value = self.first[node] = self.hash_first_degree(node)
            groups[value].append(node)
        shared: list[list[str]] = []
        for value in sorted(groups):
            nodes = groups[value]
            if len(nodes) == 1:
                self.canonical.issue(nodes[0])
            else:
                shared.append(nodes)
        for nodes in shared:
            results: list[tuple[str, _Issuer]] = []
            for node in nodes:
                if node not in self.canonical.issued:
                    temporary = _Issuer("_:b")
                    temporary.issue(node)
                    results.append(self.hash_n_degree(node, temporary))
            for _, issuer in sorted(results, key=lambda result: result[0]):
                for node in issuer.issued:
                    self.canonical.issue(node)

    def hash_first_degree(self, node: str) -> str:
        """Section 4.6.3."""
        lines = []
        for s, p, o, g in self.mentions[node]:
            if s.startswith("_:"):
                s = "_:a" if s == node else "_:z"
            if o.startswith("_:"):
                o = "_:a" if o == node else "_:z"
            if g.startswith("_:"):
                g = "_:a" if g == node else "_:z"
            lines.append(f"{s} {p} {o} {g} .\n" if g else f"{s} {p} {o} .\n")
        lines.sort()
        return self.digest("".join(lines))

    def hash_related(self, related: str, quad: Quad, issuer: _Issuer, position: str) -> str:
        """Section 4.7.3."""
        label = self.canonical.issued.get(related) or issuer.issued.get(related) or self.first[related]
        return self.digest(f"{position}{label}" if position == "g" else f"{position}{quad[1]}{label}")

    def spend(self, steps: int) -> None:
        self.budget -= steps
        if self.budget < 0:
            raise TooComplex("too_complex", "The document's unnamed parts are too much alike to be put in order.")

    def hash_n_degree(self, node: str, issuer: _Issuer) -> tuple[str, _Issuer]:
        """Section 4.8.3."""
        self.spend(len(self.mentions[node]))
        related: dict[str, list[str]] = defaultdict(list)
        for quad in self.mentions[node]:
            for position, term in (("s", quad[0]), ("o", quad[2]), ("g", quad[3])):
                if term != node and term.startswith("_:"):
                    related[self.hash_related(term, quad, issuer, position)].append(term)
        data: list[str] = []
        for value in sorted(related):
            path, issuer = self.best_path(related[value], issuer)
            data.append(value + path)
        return self.digest("".join(data)), issuer

    def best_path(self, nodes: list[str], issuer: _Issuer) -> tuple[str, _Issuer]:
        """The least path over all orders of nodes that hash alike (section 4.8.3, step 5)."""
        chosen_path = ""
        chosen = issuer
        for order in _orders(nodes):
            self.spend(len(order) + len(issuer.issued))
            attempt = issuer.copy()
            path = ""
            recursion: list[str] = []
            for related in order:
                label = self.canonical.issued.get(related)
                if label is None:
                    if related not in attempt.issued:
                        recursion.append(related)
                    label = attempt.issue(related)
                path += label
                if chosen_path and len(path) >= len(chosen_path) and path > chosen_path:
                    break
            else:
                for related in recursion:
                    value, attempt_after = self.hash_n_degree(related, attempt)
                    path += f"{attempt.issue(related)}<{value}>"
                    attempt = attempt_after
                    if chosen_path and len(path) >= len(chosen_path) and path > chosen_path:
                        break
                else:
                    if not chosen_path or path < chosen_path:
                        chosen_path, chosen = path, attempt
        return chosen_path, chosen
