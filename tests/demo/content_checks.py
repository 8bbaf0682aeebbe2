"""What every file of demonstration content must keep to, asked from outside the loader."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fieldstone.server.catalog.rules import GLYPHS, LANGUAGES, LEVELS, parse, word_count
from fieldstone.server.people.rules import ORGANIZATION_KINDS
from fieldstone.server.workplace.rules import parse as parse_form

DEMO = Path(__file__).resolve().parents[2] / "src/fieldstone/server/management/demo"
PROMISE_KINDS = {"interview", "raise", "pay_rung", "title", "hours", "credit", "license_points"}
NEVER = re.compile(
    r"\b(journey|unlock|badge earner|congratulations|reject\w*|deadline missed|felicitaciones|desbloque\w*)\b|[!¡]",
    re.I,
)


def load(name: str) -> dict[str, Any]:
    data = json.loads((DEMO / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def texts(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every object whose keys are languages, with its path."""
    if isinstance(value, dict):
        if set(value) & set(LANGUAGES):
            yield path, value
        else:
            for key, entry in value.items():
                yield from texts(entry, f"{path}.{key}")
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            yield from texts(entry, f"{path}.{i}")


def holds(tree: dict[str, Any]) -> Iterator[str]:
    """Every credential that a tree names."""
    if tree["type"] == "hold":
        yield tree["credential"]
        yield from tree["equivalents"]
    elif tree["type"] in ("level", "hours"):
        yield from tree.get("among", [])
    elif tree["type"] == "count":
        for child in tree["of"]:
            yield from holds(child)


def counts(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The tree's own nodes, outermost first."""
    yield tree
    for child in tree.get("of", []):
        yield from counts(child)


def check_definitions(data: dict[str, Any]) -> None:
    for row in data["micro_credentials"]:
        definition = row["definition"]
        found = [(p.field, p.english()) for p in parse(definition)[1]]
        assert found == [], (row["slug"], found)
        assert definition["prerequisites"] == [], row["slug"]
        assert set(definition["clock_hours"]) <= {a["code"] for a in data["program"]["areas"]}, row["slug"]
        judged = {part for criterion in definition["rubric"] for part in criterion["parts"]}
        parts = {p["id"] for p in (*definition["questions"], *definition["artifacts"])} | {"reflection"}
        assert judged == parts, (row["slug"], "parts that nobody judges", judged ^ parts)
        for criterion in definition["rubric"]:
            levels = {level["id"]: level["demonstrated"] for level in criterion["levels"]}
            assert levels["demonstrated"] is True, row["slug"]
            assert levels["not_yet"] is False, row["slug"]


def check_work_forms(data: dict[str, Any]) -> None:
    """Forms for supervisors are whole, and every one is asked for by a stack."""
    asked = {name.partition(":")[2] for stack in data["stacks"] for name in holds(stack["definition"]["tree"])}
    for row in data.get("work_forms", []):
        found = [(p.field, p.english()) for p in parse_form(row["definition"])[1]]
        assert found == [], (row["slug"], found)
        assert row["slug"] in asked


def check_texts(data: dict[str, Any]) -> None:
    seen = 0
    for path, text in texts(data):
        seen += 1
        assert set(text) == set(LANGUAGES), path
        for words in text.values():
            assert words.strip(), path
            assert not NEVER.search(words), (path, words)
        assert text["en"] != text["es"] or len(text["en"].split()) <= 3, path
    assert seen > 300
    sentences = [d["definition"]["quality_assurance"]["en"] for d in data["micro_credentials"]]
    assert len(set(sentences)) == len(sentences)
    _check_phrases(data)


def check_references(data: dict[str, Any]) -> None:
    organizations = {o["slug"] for o in data["organizations"]}
    slugs = {m["slug"] for m in data["micro_credentials"]}
    stacks = {s["slug"] for s in data["stacks"]}
    assert len(organizations) == len(data["organizations"])
    assert len(slugs) == len(data["micro_credentials"])
    assert len(stacks) == len(data["stacks"])
    for organization in data["organizations"]:
        assert organization["kind"] in ORGANIZATION_KINDS
        assert re.fullmatch(r"https://[a-z.-]+\.example\.(edu|org)", organization["url"])
        assert organization["email"].endswith((".example.edu", ".example.org"))
        assert organization["two_person"] in {"double_blind", "approver"}
        assert organization["family"] in {"", "slate", "moss", "clay", "sky"}
    for link in data["consortia"]:
        assert {link["consortium"], *link["members"]} <= organizations
    for row in data["micro_credentials"]:
        assert set(row["prerequisites_slugs"]) <= slugs - {row["slug"]}
        assert row.get("organization", data["organizations"][0]["slug"]) in organizations
    for promise in data["promises"]:
        assert promise["recognizer"] in organizations
        assert promise["kind"] in PROMISE_KINDS
        assert promise["answer_days"] > 0
        (kind, target), *more = promise["target"].items()
        assert not more
        assert target in (slugs if kind == "micro_credential" else stacks)
    _check_no_circles({m["slug"]: m["prerequisites_slugs"] for m in data["micro_credentials"]})


def check_stacks(data: dict[str, Any]) -> None:
    check_work_forms(data)
    names = {m["slug"] for m in data["micro_credentials"]} | {f"stack:{s['slug']}" for s in data["stacks"]}
    names |= {f"{part}:{form['slug']}" for form in data.get("work_forms", []) for part in ("review", "hours")}
    areas = {a["code"] for a in data["program"]["areas"]}
    for stack in data["stacks"]:
        definition = stack["definition"]
        assert stack["organization"] in {o["slug"] for o in data["organizations"]}
        assert definition["glyph"] in GLYPHS
        assert definition["level"] in LEVELS
        assert definition["hours"] > 0
        assert set(holds(definition["tree"])) <= names, stack["slug"]
        for node in counts(definition["tree"]):
            if node["type"] == "count":
                assert 1 <= node["at_least"] <= len(node["of"]), stack["slug"]
            elif node["type"] == "level":
                assert 1 <= node["count"] <= len(node["among"]), stack["slug"]
            elif node["type"] == "hours":
                assert set(node["minimum_per_area"]) <= areas
                assert sum(node["minimum_per_area"].values()) <= node["total"]
    _check_no_circles(
        {
            f"stack:{s['slug']}": [h for h in holds(s["definition"]["tree"]) if h.startswith("stack:")]
            for s in data["stacks"]
        }
    )


def check_submissions(data: dict[str, Any]) -> None:
    """Samples and exemplars answer every question within its word limits; exemplars score every criterion."""
    definitions = {m["slug"]: m["definition"] for m in data["micro_credentials"]}
    for sample in data["samples"]:
        definition = definitions[sample["slug"]]
        assert set(sample["answers"]) == {q["id"] for q in definition["questions"]}, sample["slug"]
        _check_words(definition, {**sample["answers"], "reflection": sample["reflection"]}, sample["slug"])
    by_slug = [s["slug"] for s in data["samples"]]
    assert len(set(by_slug)) >= 4
    assert all(by_slug.count(slug) >= 2 for slug in by_slug)
    for exemplar in data["exemplars"]:
        definition = definitions[exemplar["slug"]]
        artifacts = {a["id"] for a in definition["artifacts"]}
        questions = {q["id"] for q in definition["questions"]} | {"reflection"}
        assert set(exemplar["answers"]) == questions | artifacts, exemplar["slug"]
        _check_words(definition, {k: v for k, v in exemplar["answers"].items() if k in questions}, exemplar["slug"])
        assert set(exemplar["true_scores"]) == {c["id"] for c in definition["rubric"]}, exemplar["slug"]
        for criterion in definition["rubric"]:
            assert exemplar["true_scores"][criterion["id"]] in {level["id"] for level in criterion["levels"]}
    by_slug = [x["slug"] for x in data["exemplars"]]
    assert len(set(by_slug)) >= 3
    assert all(by_slug.count(slug) >= 3 for slug in by_slug)
    for slug in set(by_slug):
        scores = {tuple(sorted(x["true_scores"].items())) for x in data["exemplars"] if x["slug"] == slug}
        assert len(scores) > 1, (slug, "exemplars that all score alike teach nothing")


def _check_phrases(data: dict[str, Any]) -> None:
    """The screens write "This person can …" before each of these and a period after it."""
    for row in (*data["micro_credentials"], *data["stacks"]):
        phrases = row["definition"]["can_do"]
        assert set(phrases) == set(LANGUAGES), row["slug"]
        for words in phrases.values():
            assert words[0].islower() or words[0].isdigit(), (row["slug"], words)
            assert not words.rstrip().endswith("."), (row["slug"], words)


def _check_words(definition: dict[str, Any], answers: dict[str, str], slug: str) -> None:
    limits = {q["id"]: q for q in definition["questions"]} | {"reflection": definition["reflection"]}
    wrong = {
        part: word_count(answer)
        for part, answer in answers.items()
        if not limits[part]["min_words"] <= word_count(answer) <= limits[part]["max_words"]
    }
    assert wrong == {}, (slug, wrong)


def _check_no_circles(edges: dict[str, list[str]]) -> None:
    def walk(node: str, above: tuple[str, ...]) -> None:
        assert node not in above, (*above, node)
        for child in edges.get(node, []):
            walk(child, (*above, node))

    for node in edges:
        walk(node, ())
