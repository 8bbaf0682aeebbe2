"""Reading the documentation and the code it speaks of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "fieldstone"
SERVER = SOURCE / "server"
DOMAINS = (
    "ledger",
    "people",
    "reference",
    "connections",
    "catalog",
    "evidence",
    "calibration",
    "workplace",
    "assessment",
    "awards",
    "wallets",
    "backpack",
    "delivery",
    "pathways",
    "recognition",
    "study",
)


def pages() -> list[Path]:
    """Every page of documentation."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def text_of(name: str) -> str:
    """A page by its path from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    """The text without fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def links(text: str) -> list[tuple[str, str]]:
    """Every `[words](target)` and `![words](target)`, outside of fenced code."""
    return re.findall(r"!?\[([^\]]*)\]\(([^)\s]+)\)", without_code(text))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as the usual readers of Markdown make them."""
    found = re.findall(r"^#+ (.+)$", without_code(text), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


def sections(text: str) -> dict[str, str]:
    """Heading to what stands under it, up to the next heading."""
    parts = re.split(r"^#+ (.+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """The rows of every table, without heads and rules; cells are stripped."""
    found: list[list[str]] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            found.pop()  # what came before the rule was the head
        else:
            found.append(cells)
    return found


def code(cell: str) -> list[str]:
    """What a cell names in code signs."""
    return re.findall(r"`([^`]+)`", cell)


@cache
def tree(path: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def defined(path: Path) -> set[str]:
    """Names that a module defines at its top (dotted for what classes hold); not what it imports."""
    names: set[str] = set()

    def take(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(prefix + node.name)
            if isinstance(node, ast.ClassDef):
                take(node.body, f"{prefix}{node.name}.")
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            names.update(prefix + target.id for target in targets if isinstance(target, ast.Name))

    take(tree(path).body, "")
    return names


def modules() -> Iterator[Path]:
    """Our own modules, migrations left out."""
    return (path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts)


Function = ast.FunctionDef | ast.AsyncFunctionDef


class Unclear(Exception):
    """A value in the code that this reader cannot follow to its words."""


def _enclosing(module: ast.Module) -> Iterator[tuple[Function | None, ast.Call]]:
    """Every call, with the top-level function that it stands in."""
    for node in module.body:
        inside = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None
        for call in ast.walk(node):
            if isinstance(call, ast.Call):
                yield inside, call


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def words(node: ast.expr, function: Function | None, module: ast.Module) -> set[str]:
    """Every text that an expression may be: constants, choices, f-strings, and parameters followed to the callers."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return words(node.body, function, module) | words(node.orelse, function, module)
    if isinstance(node, ast.JoinedStr):
        parts = [words(part, function, module) for part in node.values]
        return {"".join(chosen) for chosen in product(*parts)}
    if isinstance(node, ast.FormattedValue):
        return words(node.value, function, module)
    if isinstance(node, ast.Name) and function is not None:
        named = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        keyword_only = [argument.arg for argument in function.args.kwonlyargs]
        if node.id in named or node.id in keyword_only:
            return _from_callers(node.id, named, function, module)
        given = [
            assigned.value
            for assigned in ast.walk(function)
            if isinstance(assigned, ast.Assign)
            and any(isinstance(target, ast.Name) and target.id == node.id for target in assigned.targets)
        ]
        if given:
            return set().union(*(words(value, function, module) for value in given))
    raise Unclear(f"line {node.lineno}: write the verb so that it can be read here: {ast.unparse(node)}")


def _from_callers(name: str, positional: list[str], function: Function, module: ast.Module) -> set[str]:
    found: set[str] = set()
    for inside, call in _enclosing(module):
        if _called(call) != function.name:
            continue
        chosen = [keyword.value for keyword in call.keywords if keyword.arg == name]
        if name in positional and positional.index(name) < len(call.args):
            chosen.append(call.args[positional.index(name)])
        for value in chosen:
            found |= words(value, inside, module)
    return found


def _package(folder: Path) -> ast.Module:
    """The modules of a package as one, so that a helper's callers are found in all of them."""
    return ast.Module([node for path in sorted(folder.glob("*.py")) for node in tree(path).body], [])


def recorded_verbs() -> set[str]:
    """Every verb that some action or journey writes into the ledger."""
    found: set[str] = set()
    alone = [tree(path) for path in (*SERVER.glob("*/actions.py"), *SERVER.glob("journeys/*.py"))]
    for module in (*alone, *map(_package, SERVER.glob("*/actions/"))):
        for inside, call in _enclosing(module):
            if _called(call) == "record":
                verb = next(keyword.value for keyword in call.keywords if keyword.arg == "verb")
                found |= words(verb, inside, module)
    return found
