"""Stacks for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fieldstone.server.catalog.models import Program, Version
from fieldstone.server.pathways import actions
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import User
from tests.cast import text


def hold(version: Version, **more: Any) -> dict[str, Any]:
    return {"hold": {"credential": str(version.micro_credential_id), **more}}


def all_of(*nodes: dict[str, Any], label: str = "") -> dict[str, Any]:
    return some_of(len(nodes), *nodes, label=label)


def some_of(least: int, *nodes: dict[str, Any], label: str = "") -> dict[str, Any]:
    return {"at_least": least, "of": list(nodes), **({"label": text(label)} if label else {})}


def stack_body(tree: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    body = {
        "title": text("Child Development Associate", "Asociado en Desarrollo Infantil"),
        "summary": text("Eight subject areas of early childhood."),
        "can_do": text("care for and teach young children"),
        "glyph": "house",
        "level": 2,
        "valid_months": 36,
        "hours": 120,
        "tree": tree,
    }
    return {**body, **changes}


def make_stack(
    program: Program, tree: dict[str, Any], at: datetime, *, by: User | None = None, **changes: Any
) -> StackVersion:
    version = actions.create(program=program, body=stack_body(tree, **changes), by=by, at=at)
    return actions.publish(version=version, by=by, at=at)
