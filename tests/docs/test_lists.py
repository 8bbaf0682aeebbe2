"""Settings, events and checks: the lists in the documentation are those of the code, both ways."""

from __future__ import annotations

import ast
import re

import pytest

from fieldstone.credential import CHECKS
from fieldstone.credential.report import NEEDED
from fieldstone.server.journeys.tasks import HANDLERS
from tests.docs.reading import (
    ROOT,
    SERVER,
    Unclear,
    code,
    modules,
    recorded_verbs,
    rows,
    sections,
    text_of,
    tree,
    words,
)

NAME = re.compile(r"FIELDSTONE_[A-Z0-9_]+")


def first_column(text: str) -> list[str]:
    return [code(row[0])[0] for row in rows(text)]


# --- settings -----------------------------------------------------------------------------------------


def read_in_source() -> set[str]:
    """Names of environment variables in our modules; `_secret("x")` reads FIELDSTONE_X."""
    found: set[str] = set()
    for path in modules():
        found |= {name for name in NAME.findall(path.read_text(encoding="utf-8")) if not name.endswith("_")}
    for call in ast.walk(tree(SERVER / "config" / "settings.py")):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_secret":
            found |= {f"FIELDSTONE_{name.upper()}" for name in words(call.args[0], None, tree(SERVER / "models.py"))}
    return found


def read_in_tests() -> set[str]:
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py"), ROOT / "Makefile", ROOT / ".ci/run"]
    here = ROOT / "tests" / "docs"
    texts = (path.read_text(encoding="utf-8") for path in files if here not in path.parents and path.is_file())
    return {name for text in texts for name in NAME.findall(text)}


def test_every_setting_is_documented_and_no_other() -> None:
    parts = sections(text_of("docs/settings.md"))
    for_tests = set(first_column(parts["For tests"]))
    listed = first_column(text_of("docs/settings.md"))
    assert len(listed) == len(set(listed)), "a setting stands there twice"
    source = read_in_source()
    assert len(source) > 10
    assert set(listed) - for_tests == {name for name in source if "_TEST_" not in name}
    assert for_tests == {name for name in source if "_TEST_" in name} | (read_in_tests() - source)


# --- events -------------------------------------------------------------------------------------------


def test_every_verb_is_documented_and_no_other() -> None:
    parts = sections(text_of("docs/events.md"))
    listed = [verb for title, part in parts.items() if title != "Tasks" for verb in first_column(part)]
    assert len(listed) == len(set(listed)), "a verb stands there twice"
    verbs = recorded_verbs()
    assert len(verbs) > 50
    assert set(listed) == verbs


def test_every_task_is_documented_and_no_other() -> None:
    part = sections(text_of("docs/events.md"))["Tasks"]
    assert sorted(first_column(part)) == sorted(HANDLERS)
    for row in rows(part):
        assert row[1] and set(code(row[1])) <= recorded_verbs(), row[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("record(verb='a.b')", {"a.b"}),
        ("def f(x):\n    record(verb='a.b' if x else 'a.c')", {"a.b", "a.c"}),
        ("def f(x):\n    word = 'b' if x else 'c'\n    record(verb=f'a.{word}')", {"a.b", "a.c"}),
        ("def log(verb):\n    record(verb=f'a.{verb}')\ndef f():\n    log('b')\n    log(verb='c')", {"a.b", "a.c"}),
    ],
)
def test_verbs_are_read_from_code(source: str, expected: set[str]) -> None:
    module = ast.parse(source)
    function = module.body[0] if isinstance(module.body[0], ast.FunctionDef) else None
    call = next(n for n in ast.walk(module) if isinstance(n, ast.Call) and ast.unparse(n.func) == "record")
    assert words(call.keywords[0].value, function, module) == expected


def test_a_verb_that_cannot_be_read_is_an_error() -> None:
    module = ast.parse("record(verb=some.thing())")
    call = next(n for n in ast.walk(module) if isinstance(n, ast.Call) and n.keywords)
    with pytest.raises(Unclear):
        words(call.keywords[0].value, None, module)


# --- checks -------------------------------------------------------------------------------------------


def test_the_numbered_checks_are_those_of_the_library() -> None:
    listed = [(int(row[0]), code(row[1])[0], row[2], row[3]) for row in rows(text_of("docs/checks.md"))]
    assert listed == [
        (number, name, question, "yes" if name in NEEDED else "no") for number, name, question, _ in CHECKS
    ]
