"""docs/where-code-goes.md says what .importlinter, the folders and the tables say."""

from __future__ import annotations

import re

from django.apps import apps
from importlinter.api import read_configuration

from tests.docs.reading import DOMAINS, ROOT, SERVER, SOURCE, code, rows, sections, text_of

MAP = text_of("docs/where-code-goes.md")
PARTS = sections(MAP)
CONTRACTS = {options["id"]: options for options in read_configuration(str(ROOT / ".importlinter"))["contracts_options"]}


def names(line: str) -> set[str]:
    return set(re.findall(r"\w+", line))


def test_the_layers_are_those_of_the_import_rules() -> None:
    block = re.search(r"^```layers\n(.*?)^```", MAP, flags=re.M | re.S)
    assert block
    assert [names(line) for line in block[1].splitlines()] == [names(line) for line in CONTRACTS["1"]["layers"]]


def test_every_layer_is_explained() -> None:
    explained = {name for row in rows(PARTS["Layers of the server"]) for name in code(row[0])}
    layers = set().union(*(names(line) for line in CONTRACTS["1"]["layers"]))
    assert explained == layers - set(DOMAINS)


def test_the_packages_are_those_that_exist() -> None:
    described = {code(row[0])[0].removeprefix("fieldstone.") for row in rows(PARTS["The shape"])}
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert described == packages | {"cli"}


def test_every_domain_has_its_tables_here_and_no_other() -> None:
    described = {code(row[0])[0]: set(code(row[2])) for row in rows(PARTS["The domains"])}
    assert tuple(described) == DOMAINS
    actual: dict[str, set[str]] = {name: set() for name in DOMAINS}
    for model in apps.get_app_config("fieldstone").get_models():
        actual[model.__module__.split(".")[2]].add(model.__name__)
    assert described == actual


def test_every_domain_keeps_to_its_four_files() -> None:
    four = {code(row[0])[0] for row in rows(PARTS["The four files of a domain"])}
    assert four == {"models.py", "rules.py", "actions.py", "queries.py"}
    for domain in DOMAINS:
        actions = [SERVER / domain / name for name in ("actions.py", "actions/__init__.py")]
        assert (SERVER / domain / "models.py").exists() and [path.exists() for path in actions].count(True) == 1


def test_every_audience_is_named() -> None:
    described = {code(row[0])[0] for row in rows(PARTS["The screens"])}
    assert described == {path.parent.name for path in (SERVER / "web").glob("*/__init__.py")}
    assert described <= set().union(*(names(line) for line in CONTRACTS["6"]["layers"]))


def test_the_numbered_rules_are_those_of_the_import_rules() -> None:
    numbered = re.findall(r"^(\d)\. ", PARTS["The rules that a program checks"], flags=re.M)
    assert numbered == [str(number) for number in range(1, 9)]
    assert {option.rstrip("b") for option in CONTRACTS} == set(numbered[:7])
