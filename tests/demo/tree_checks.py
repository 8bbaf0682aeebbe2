"""A file's requirement trees, asked of the stacking library itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fieldstone import stacking
from fieldstone.server.catalog.rules import parse, word_count

DAY = datetime(2026, 6, 1, tzinfo=UTC)
"""A day on which everything in question is held."""


def requirement(tree: dict[str, Any]) -> dict[str, Any]:
    """A file's tree in the words of `stacking.parse`: the type becomes the key of a leaf."""
    rest = {key: value for key, value in tree.items() if key != "type"}
    if tree["type"] == "count":
        return rest | {"of": [requirement(node) for node in tree["of"]]}
    return {tree["type"]: rest}


def offers(data: dict[str, Any]) -> list[stacking.Offer]:
    """Every micro-credential of the file as something that can be earned."""
    found = {row["slug"]: parse(row["definition"])[0] for row in data["micro_credentials"]}
    earned = [
        stacking.Offer(credential=slug, effort=d.notional_hours, level=d.level, hours=d.clock_hours)
        for slug, d in found.items()
    ]
    forms = [form["slug"] for form in data.get("work_forms", [])]
    reviews = [stacking.Offer(credential=f"review:{slug}", effort=1) for slug in forms]
    return earned + reviews + [
        stacking.Offer(credential=f"hours:{slug}", effort=1, hours={"at-work": 1000}) for slug in forms
    ]  # fmt: skip


def shortest(tree: stacking.Requirement, effort: dict[str, int]) -> int:
    """Hours of work on the shortest way through a tree of groups and holds that names nothing twice.

    Time at a workplace is in the hours of the level that it belongs to, and is not counted again.
    """
    if isinstance(tree, stacking.Count):
        return sum(sorted(shortest(node, effort) for node in tree.of)[: tree.at_least])
    if any(name.partition(":")[0] in ("review", "hours") for name in stacking.named(tree)):
        return 0
    assert isinstance(tree, stacking.Hold)
    return min(effort[credential] for credential in tree.accepted)


def check_trees(data: dict[str, Any]) -> None:
    """The stacking library reads every tree, finds nothing impossible in it, and its hours are those stated."""
    catalog = offers(data)
    effort = {offer.credential: int(offer.effort) for offer in catalog}
    for stack in data["stacks"]:
        tree = stacking.parse(requirement(stack["definition"]["tree"]))
        assert set(stacking.named(tree)) <= set(effort), stack["slug"]
        assert stacking.problems(tree, catalog) == [], stack["slug"]
        assert stack["definition"]["hours"] == shortest(tree, effort), stack["slug"]


def repeated(data: dict[str, Any]) -> list[str]:
    """Sentences of seven words or more that stand in the definitions of two micro-credentials."""
    seen: dict[str, set[str]] = {}

    def walk(value: Any, slug: str) -> None:
        if isinstance(value, str) and word_count(value) >= 7:
            seen.setdefault(value, set()).add(slug)
        for entry in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(entry, slug)

    for row in data["micro_credentials"]:
        walk({k: v for k, v in row["definition"].items() if k not in ("alignments", "research")}, row["slug"])
    return [text for text, slugs in seen.items() if len(slugs) > 1]
