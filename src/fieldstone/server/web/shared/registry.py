"""What is still to be done before registries take what an organization publishes, for authors and for leads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from fieldstone.server.catalog import ctdl, frameworks, rules
from fieldstone.server.catalog.models import MicroCredential, Version
from fieldstone.server.pathways import rules as pathway_rules
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import Organization

MOST = 200
"""Micro-credentials on one page; no organization has written as many."""


def facts_of(organization: Organization, stacks: int = 0) -> frameworks.Facts:
    """What the checklists need to know besides the definition."""
    return frameworks.Facts(
        organization.full_name, organization.place, organization.url, stacks, organization.email, organization.sector
    )


def registry_context(organization: Organization) -> dict[str, Any]:
    """The organization's own gaps, each micro-credential with what it lacks, and the stacks that lack something.

    What is published stands in its current version, what is not in its draft. Three queries.
    """
    facts = facts_of(organization)
    found = MicroCredential.objects.filter(organization=organization, retired_at=None).select_related("program")
    micros = found.prefetch_related("versions").order_by("program__slug", "slug")[:MOST]
    owner = [item for item in frameworks.checklist(rules.parse({})[0], facts) if not item.field]
    rows = []
    for micro in micros:
        version = _shown(micro.versions.all())
        definition, problems = rules.parse(version.definition)
        mine = [item for item in frameworks.checklist(definition, facts, problems) if item.field and _lacks(item)]
        rows.append(
            {
                "micro": micro, "title": definition.title, "published": version.published_at is not None,
                "needed": [_told(item) for item in mine if item.need == "required"],
                "better": [_told(item) for item in mine if item.need != "required"],
            }
        )  # fmt: skip
    rows.sort(key=lambda row: not row["needed"])
    return {
        "organization": organization, "owner": [_told(i) for i in owner if _lacks(i)], "rows": rows,
        "stacks": _stacks(organization),
        "ready": sum(bool(row["published"]) and not row["needed"] for row in rows),
        "published": sum(bool(row["published"]) for row in rows),
    }  # fmt: skip


def _shown(versions: Iterable[Version]) -> Version:
    """The current version, or the draft where nothing is published."""
    every = sorted(versions, key=lambda version: -version.number)
    return next((v for v in every if v.published_at and not v.superseded_at), every[0])


def _lacks(item: frameworks.Item) -> bool:
    return item.framework == frameworks.REGISTRY and item.met == "no"


def _told(item: frameworks.Item) -> dict[str, str]:
    return {"element": _(item.element), "why": _(item.why) % item.params, "field": item.field}


def _stacks(organization: Organization) -> list[dict[str, Any]]:
    """The stacks whose words are too short for a registry."""
    found = []
    for version in StackVersion.objects.current().filter(stack__organization=organization).select_related("stack"):
        definition = pathway_rules.parse(version.definition)[0]
        short = [
            words
            for text, words in (
                (definition.summary, _("Write a summary of at least 15 signs, in each language that you write.")),
                (definition.can_do,
                 _("Write what the person can do in at least 15 signs, in each language that you write.")),
            )
            if not text or any(len(each) < ctdl.SHORTEST for each in text.values())
        ]  # fmt: skip
        if short:
            found.append({"stack": version.stack, "title": definition.title, "needed": short})
    return found
