"""Loads one program's file: organizations, micro-credentials, stacks, promises, examples."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import resources
from typing import Any

from fieldstone.server.assessment import actions as assessment
from fieldstone.server.calibration import actions as calibration
from fieldstone.server.catalog import actions as catalog
from fieldstone.server.catalog.models import Program, Version
from fieldstone.server.catalog.rules import Definition
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways.models import Stack
from fieldstone.server.people import actions as people
from fieldstone.server.people.models import Organization, User
from fieldstone.server.recognition import actions as recognition
from fieldstone.server.workplace import actions as workplace
from fieldstone.server.workplace import rules as work
from fieldstone.server.workplace.models import FeedbackForm

FILES = ("tennessee", "kentucky", "georgia", "maine")


@dataclass
class Loaded:
    """What a file became."""

    name: str
    data: dict[str, Any]
    owner: Organization
    organizations: dict[str, Organization]
    program: Program
    versions: dict[str, Version]
    stacks: dict[str, Stack] = field(default_factory=dict)
    forms: dict[str, FeedbackForm] = field(default_factory=dict)


def read(name: str) -> dict[str, Any]:
    """One program's file."""
    text = resources.files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def load(name: str, *, at: datetime) -> Loaded:
    """Organizations, consortia, the program and its micro-credentials, stacks and promises."""
    data = read(name)
    organizations = {}
    for row in data["organizations"]:
        made = people.create_organization(
            name=row["name"], kind=row["kind"], slug=row["slug"], unit=row.get("unit", ""), place=row["place"],
            url=row["url"], email=row["email"], family=row.get("family", ""),
            two_person=row.get("two_person", "double_blind"), sector=row.get("sector", ""),
            is_synthetic=True, by=None, at=at,
        )  # fmt: skip
        organizations[row["slug"]] = made
    for row in data["consortia"]:
        for member in row["members"]:
            people.join_consortium(
                organization=organizations[member], consortium=organizations[row["consortium"]], by=None, at=at
            )
    owner = organizations[data["organizations"][0]["slug"]]
    shelf = data["program"]
    programs = {owner.slug: _program(owner, shelf, at)}
    versions: dict[str, Version] = {}
    for row in data["micro_credentials"]:
        slug = row.get("organization", owner.slug)
        if slug not in programs:
            programs[slug] = _program(organizations[slug], shelf, at)
        needed = [str(versions[s].micro_credential_id) for s in row.get("prerequisites_slugs", []) if s in versions]
        body = {**row["definition"], "prerequisites": needed}
        draft = catalog.create(program=programs[slug], body=body, slug=row["slug"], by=None, at=at)
        versions[row["slug"]] = catalog.publish(version=draft, by=None, at=at)
    loaded = Loaded(name, data, owner, organizations, programs[owner.slug], versions)
    for row in data.get("work_forms", []):
        version = workplace.create_form(program=loaded.program, body=row["definition"], by=None, at=at)
        loaded.forms[row["slug"]] = version.form
    for row in data["stacks"]:
        body = {**row["definition"], "tree": tree(row["definition"]["tree"], loaded)}
        stack_draft = pathways.create(program=loaded.program, body=body, slug=row["slug"], by=None, at=at)
        loaded.stacks[row["slug"]] = pathways.publish(version=stack_draft, by=None, at=at).stack
    _promises(loaded, at)
    return loaded


def _program(organization: Organization, shelf: dict[str, Any], at: datetime) -> Program:
    return catalog.create_program(
        organization=organization, slug=shelf["slug"], title=shelf["title"], summary=shelf["summary"],
        areas=shelf["areas"], by=None, at=at,
    )  # fmt: skip


def tree(node: dict[str, Any], loaded: Loaded) -> dict[str, Any]:
    """A file's requirement with this installation's ids instead of slugs, in the form of `stacking.parse`."""

    def known(slug: str) -> str:
        part, _colon, form = slug.partition(":")
        if part in (work.REVIEW, work.HOURS):
            return f"{part}:{loaded.forms[form].pk}"
        if slug.startswith("stack:"):
            return str(loaded.stacks[slug[6:]].pk)
        return str(loaded.versions[slug].micro_credential_id)

    rest = {key: value for key, value in node.items() if key != "type"}
    if node["type"] == "count":
        return rest | {"of": [tree(child, loaded) for child in node["of"]]}
    if node["type"] == "hold":
        rest |= {
            "credential": known(node["credential"]),
            "equivalents": [known(s) for s in node.get("equivalents", [])],
        }
    if node["type"] in ("level", "hours") and rest.get("among"):
        rest["among"] = [known(slug) for slug in rest["among"]]
    return {node["type"]: rest}


def _promises(loaded: Loaded, at: datetime) -> None:
    for row in loaded.data["promises"]:
        target = row["target"]
        recognition.promise(
            organization=loaded.organizations[row["recognizer"]], kind=row["kind"], headline=row["headline"],
            terms=row["terms"], amount=row.get("amount", ""), answer_days=row["answer_days"],
            starts_on=at.date(), ends_on=date(at.year + 4, 12, 31), by=None, at=at,
            micro_credential=loaded.versions[target["micro_credential"]].micro_credential
            if "micro_credential" in target else None,
            stack=loaded.stacks[target["stack"]] if "stack" in target else None,
        )  # fmt: skip


def examples(loaded: Loaded, *, author: User, at: datetime) -> None:
    """Phrases and worked examples. Those without their own get three short synthetic ones."""
    for row in loaded.data["phrases"]:
        assessment.add_phrase(organization=loaded.owner, en=row["en"], es=row["es"], by=author, at=at)
    own: dict[str, list[dict[str, Any]]] = {}
    for row in loaded.data["exemplars"]:
        own.setdefault(row["slug"], []).append(row)
    for slug, version in loaded.versions.items():
        for row in own.get(slug) or _made_up(version.parsed):
            title = row["title"]
            calibration.add_exemplar(
                version=version, title=title["en"] if isinstance(title, dict) else title,
                content={"answers": row["answers"]}, true_scores=row["true_scores"], by=author, at=at,
            )  # fmt: skip


def _made_up(definition: Definition) -> list[dict[str, Any]]:
    """Three examples: all demonstrated, the last criterion not yet, none."""
    rows = []
    for n, title in enumerate(("Everything is there", "One part is missing", "Too little to judge by")):
        scores, said = {}, []
        for i, criterion in enumerate(definition.criteria):
            good = n == 0 or (n == 1 and i + 1 < len(definition.criteria))
            level = next(x for x in criterion.levels if x.demonstrated is good)
            scores[criterion.id] = level.id
            said.append(f"{criterion.title.get('en', '')}: {level.text.get('en', '')}")
        part = next(definition.parts()).id
        rows.append({"title": title, "answers": {part: "Synthetic example. " + " ".join(said)}, "true_scores": scores})
    return rows
