"""The rules of the house that a program checks: who imports whom, and what is not done here at all.

The import contracts stand in .importlinter; here they are checked on the code as it is, and each is shown a
violation that it must catch. The rest is what an import graph cannot see. Lengths are printed, not judged.
"""

from __future__ import annotations

import ast
import copy
import re
import statistics
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import grimp
import pytest
from django.apps import apps
from django.db.models import Model
from importlinter import Contract
from importlinter.api import read_configuration
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "fieldstone"
SERVER = "fieldstone.server"
KINDS: dict[str, type[Contract]] = {
    "acyclic_siblings": AcyclicSiblingsContract,
    "forbidden": ForbiddenContract,
    "layers": LayersContract,
    "protected": ProtectedContract,
}


@cache
def contracts() -> dict[str, Contract]:
    """The contracts of .importlinter by their id."""
    found = read_configuration(str(ROOT / ".importlinter"))
    return {
        options["id"]: KINDS[options["type"]](options["name"], found["session_options"], options)
        for options in found["contracts_options"]
    }


@cache
def graph() -> grimp.ImportGraph:
    """Who imports whom, imports inside functions counted."""
    return grimp.build_graph("fieldstone", include_external_packages=True, cache_dir=None)


def python_files() -> Iterator[tuple[Path, ast.Module]]:
    """Our own modules, parsed; migrations left out."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, ast.parse(path.read_text(encoding="utf-8"), str(path))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path, tree: ast.Module) -> Iterator[str]:
    """The full name of everything a module imports; relative imports are resolved."""
    package = name_of(path).split(".") if path.name == "__init__.py" else name_of(path).split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def test_every_contract_is_kept() -> None:
    assert set(contracts()) == {"1", "1b", "2", "3", "4", "5", "6", "7"}
    for contract in contracts().values():
        assert contract.check(copy.deepcopy(graph()), verbose=False).kept, contract.name


# contract, importer, imported
INJECTED = [
    ("1", "catalog.rules", "evidence.models"),
    ("1", "people.models", "web.shared.access"),
    ("1", "journeys.new", "config.settings"),
    ("1", "ledger.models", "people.models"),
    ("1", "net.door", "people.models"),
    ("1", "reference.models", "people.models"),
    ("1", "people.queries", "reference.queries"),
    ("1", "reference.actions", "pathways.models"),
    ("1", "web.shared.access", "models"),
    ("1", "new_domain", None),
    ("1b", "fieldstone.stacking.evaluation", "fieldstone.outcomes.privacy"),
    ("1b", "fieldstone.outcomes.privacy", "fieldstone.credential.errors"),
    ("1b", "fieldstone.credential.model", "people.rules"),
    ("1b", "fieldstone.new_library", None),
    ("2", "fieldstone.outcomes.privacy", "django"),
    ("2", "fieldstone.credential.status", "requests"),
    ("2", "fieldstone.credential.status", "http"),
    ("2", "fieldstone.stacking.nearest", "time"),
    ("3", "catalog.rules", "django"),
    ("3", "catalog.rules", "catalog.models"),
    ("3", "assessment.rules", "catalog.actions"),
    ("3", "people.rules", "people.queries"),
    ("4", "recognition.actions", "people.actions"),
    ("4", "people.queries", "people.actions"),
    ("4", "config.urls", "people.actions"),
    ("4", "people.queries", "ledger.actions"),
    ("4", "awards.actions.issuing", "people.actions"),
    ("4", "recognition.actions", "awards.actions.issuing"),
    ("4", "awards.queries", "awards.actions.locks"),
    ("5", "web.issuer.views", "awards.keys"),
    ("5", "management.worker", "awards.keys"),
    ("5", "awards.queries", "awards.keys"),
    ("5", "awards.actions", "awards.keys"),
    ("5", "awards.actions.issuing", "awards.keys"),
    ("6", "web.learner.urls", "web.assessor.urls"),
    ("6", "web.shared.access", "web.lead.urls"),
    ("6", "web.new_audience", None),
    ("7", "web.shared.charts", "web.shared.style"),
    ("7", "fieldstone.stacking.words", "fieldstone.stacking.nearest"),
]
ALLOWED = [
    ("4", "recognition.actions", "ledger.actions"),
    ("4", "awards.actions.issuing", "ledger.actions"),
    ("4", "web.learner.views_path", "people.actions"),
    ("5", "awards.actions.signing", "awards.keys"),
    ("6", "web.learner.views_path", "web.shared.access"),
]


OUTSIDE = {"django", "http", "requests", "time"}


def full(name: str) -> str:
    """Names above are short: those of the server without its prefix."""
    return name if name in OUTSIDE or name.startswith("fieldstone.") else f"{SERVER}.{name}"


def kept_with(contract: str, importer: str, imported: str | None) -> bool:
    """Whether a contract would still be kept with one more module, or one more import."""
    changed = copy.deepcopy(graph())
    names = [full(name) for name in (importer, imported) if name is not None]
    for name in names:
        parts = name.split(".")
        for new in {".".join(parts[: end + 1]) for end in range(len(parts))} - changed.modules:
            changed.add_module(new, is_squashed=new in OUTSIDE)
    if imported is not None:
        changed.add_import(importer=names[0], imported=names[1], line_number=1, line_contents="import")
    return contracts()[contract].check(changed, verbose=False).kept


@pytest.mark.parametrize(("contract", "importer", "imported"), INJECTED)
def test_each_contract_catches_a_violation(contract: str, importer: str, imported: str | None) -> None:
    assert not kept_with(contract, importer, imported)


@pytest.mark.parametrize(("contract", "importer", "imported"), ALLOWED)
def test_each_contract_lets_the_rule_through(contract: str, importer: str, imported: str) -> None:
    assert kept_with(contract, importer, imported)


def test_no_module_imports_itself_by_a_detour() -> None:
    ours = {name for name in graph().modules if name.startswith("fieldstone")}
    try:
        TopologicalSorter({name: graph().find_modules_directly_imported_by(name) & ours for name in ours}).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@cache
def layer() -> dict[str, int]:
    """The height of each package of the server, as .importlinter orders them; 0 is the lowest."""
    options: dict[str, Any] = contracts()["1"].contract_options
    lines = [re.findall(r"\w+", line) for line in options["layers"]]
    return {name: height for height, names in enumerate(reversed(lines)) for name in names}


def height(model: type[Model]) -> int:
    return layer()[model.__module__.removeprefix(f"{SERVER}.").split(".")[0]]


def own_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith(SERVER)]


def test_relations_point_to_a_table_of_the_same_layer_or_a_lower_one() -> None:
    """Foreign keys named by a string are no imports, so the contracts cannot see them."""
    assert len(own_models()) > 20
    upward = [
        f"{model.__name__}.{field.name} → {field.related_model.__name__}"
        for model in own_models()
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if isinstance(field.related_model, type)
        and field.related_model.__module__.startswith(SERVER)
        and height(field.related_model) > height(model)
    ]
    assert upward == []


def test_tables_have_no_hidden_effects_in_save_or_delete() -> None:
    hidden = {"save", "asave", "save_base", "delete", "adelete"}
    overridden = [
        f"{part.__name__}.{name}"
        for model in own_models()
        for part in model.__mro__
        if part.__module__.startswith("fieldstone")
        for name in hidden & vars(part).keys()
    ]
    assert overridden == []


def test_no_signals() -> None:
    found = [
        f"{name_of(path)}: {name}"
        for path, tree in python_files()
        for name in imports(path, tree)
        if "signals" in name.split(".") or name.startswith("django.dispatch")
    ]
    assert found == []


CLIENTS = ("aiohttp", "ftplib", "http.client", "httpx", "requests", "smtplib", "socket", "urllib.request", "urllib3")


def test_one_door_to_the_network() -> None:
    found = [
        f"{name_of(path)}: {name}"
        for path, tree in python_files()
        if not name_of(path).startswith(f"{SERVER}.net")
        for name in imports(path, tree)
        if any(f"{name}.".startswith(f"{client}.") for client in CLIENTS)
    ]
    assert found == []


def test_private_keys_are_named_in_awards_only() -> None:
    allowed = {f"{SERVER}.awards.{module}" for module in ("actions.signing", "keys", "models")}
    found = {name_of(path) for path, _ in python_files() if "sealed_private" in path.read_text(encoding="utf-8")}
    assert found <= allowed


SUPPRESSION = re.compile(r"#\s*(?:type:\s*ignore|noqa|ruff:|mypy:|pragma:\s*no).*")
WITH_REASON = re.compile(
    r"# (?:type: ignore\[[a-z, -]+\]|noqa: [A-Z0-9, ]+?|pragma: no cover)\s+(?:#|-|–|:) ?\S+ \S+.*"
)


def suppressions() -> list[tuple[Path, str]]:
    return [
        (path, found.group())
        for path in sorted(SOURCE.rglob("*.py"))
        if "migrations" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if (found := SUPPRESSION.search(line))
    ]


def test_suppressions_are_few_and_say_why() -> None:
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path, _ in python_files())
    assert [f"{name_of(path)}: {text}" for path, text in suppressions() if not WITH_REASON.fullmatch(text)] == []
    assert len(suppressions()) <= 2 * lines / 1000


@pytest.mark.parametrize(
    ("comment", "fine"),
    [
        ("# type: ignore[misc]  # allauth ships no types", True),
        ("# noqa: S106 - the mark of an unusable password", True),
        ("# type: ignore[misc]", False),
        ("# type: ignore  # because it is so", False),
        ("# noqa", False),
        ("# noqa: S106", False),
    ],
)
def test_what_counts_as_a_reason(comment: str, fine: bool) -> None:
    assert SUPPRESSION.fullmatch(comment)
    assert bool(WITH_REASON.fullmatch(comment)) is fine


def test_own_javascript_stays_small() -> None:
    own = [path for path in SOURCE.rglob("*.js") if "vendor" not in path.parts]
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in own) <= 2000


def test_print_lengths(capsys: pytest.CaptureFixture[str]) -> None:
    """For review: module median ≤ 90 lines, 95th percentile ≤ 400; function median ≤ 10, 95th percentile ≤ 45."""
    modules, functions = [], []
    for path, tree in python_files():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        modules += [(lines, name_of(path))] if lines else []
        functions += [
            ((node.end_lineno or node.lineno) - node.lineno + 1, f"{name_of(path)}.{node.name}")
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
    assert modules and functions
    code = sum(length for length, _ in modules)
    tests = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in ROOT.glob("tests/**/*.py"))
    with capsys.disabled():
        print()
        for what, lengths in (("modules", modules), ("functions", functions)):
            cuts = statistics.quantiles([length for length, _ in lengths], n=20)
            longest = ", ".join(f"{name} {length}" for length, name in sorted(lengths)[:-4:-1])
            print(f"{what}: {len(lengths)}, median {cuts[9]:.0f}, 95th percentile {cuts[18]:.0f}; longest: {longest}")
        print(
            f"lines: code {code}, tests {tests}, tests to code {tests / code:.1f}; suppressions {len(suppressions())}"
        )
