"""A requirement tree as a form: reading it from a request, drawing it, and moving its parts about.

Paths are those of `fieldstone.stacking` below `tree`: `tree.of[1].hours.total`. Whatever was typed stays in the draft.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from fieldstone.server.web.author.fields import LANGUAGES, clean, whole_or_typed
from fieldstone.server.workplace import rules as work

Node = dict[str, Any]
DEPTH = 12
"""How deep `fieldstone.stacking` lets groups be nested."""
LEAVES = ("hold", "hours", "level")
LISTS = {"hold": "equivalents", "hours": "among", "level": "among"}
"""Which list of credentials each kind of leaf has."""


def kind_of(node: Any) -> str:
    """group, hold, hours, level, or "" for what is none of them."""
    if not isinstance(node, Mapping):
        return ""
    if "of" in node or "at_least" in node:
        return "group"
    return next((kind for kind in LEAVES if isinstance(node.get(kind), Mapping)), "")


# --- reading -----------------------------------------------------------------------------------------


def read(post: QueryDict, areas: Iterable[str], path: str = "tree", depth: int = 1) -> Node | None:
    """The tree that a form carries; None where it has none."""
    kind = post.get(f"{path}.kind", "")
    if kind == "group":
        return _group(post, areas, path, depth)
    if kind not in LEAVES:
        return None
    here = f"{path}.{kind}"
    inside: Node = {}
    if kind == "hold":
        inside["credential"] = clean(post.get(f"{here}.credential", ""))
        level = whole_or_typed(clean(post.get(f"{here}.level", "")), 0)
        inside |= {"level": level} if level else {}
    elif kind == "hours":
        inside["total"] = amount(post.get(f"{here}.total", ""))
        typed = {code: clean(post.get(f"{here}.minimum_per_area.{code}", "")) for code in areas}
        limits = {code: amount(text) for code, text in typed.items() if text.strip()}
        inside |= {"minimum_per_area": limits} if limits else {}
        most = clean(post.get(f"{here}.maximum_each", ""))
        inside |= {"maximum_each": amount(most)} if most.strip() else {}
    else:
        inside["at_least"] = whole_or_typed(clean(post.get(f"{here}.at_least", "")), 1)
        inside["count"] = whole_or_typed(clean(post.get(f"{here}.count", "")), 1)
    named = [text for text in map(clean, post.getlist(f"{here}.{LISTS[kind]}")) if text.strip()]
    inside |= {LISTS[kind]: list(dict.fromkeys(named))} if named else {}
    inside |= {"valid": False} if f"{here}.expired" in post else {}
    return {kind: {**inside, **_label(post, here)}}


def _group(post: QueryDict, areas: Iterable[str], path: str, depth: int) -> Node:
    children: list[Node] = []
    while depth < DEPTH + 2 and f"{path}.of[{len(children)}].kind" in post:
        child = read(post, areas, f"{path}.of[{len(children)}]", depth + 1)
        if child is None:
            break
        children.append(child)
    rule = post.get(f"{path}.rule", "all")
    at_least: Any = len(children) or 1
    if rule == "any":
        at_least = 1
    elif rule == "some":
        at_least = whole_or_typed(clean(post.get(f"{path}.at_least", "")), 1)
    return {"at_least": at_least, "of": children, **_label(post, path)}


def _label(post: QueryDict, path: str) -> Node:
    texts = {code: clean(post.get(f"{path}.label.{code}", "")).strip() for code, _name in LANGUAGES}
    texts = {code: text for code, text in texts.items() if text}
    return {"label": texts} if texts else {}


def amount(typed: str) -> Any:
    """Hours with at most two decimals; 0 for nothing, the very text for what is no number."""
    text = clean(typed).strip().replace(",", "")
    if not text:
        return 0
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return clean(typed)
    if not exact.is_finite() or abs(exact) >= 10**7 or exact != round(exact, 2):
        return clean(typed)
    return int(exact) if exact == int(exact) else float(exact)


# --- moving about ------------------------------------------------------------------------------------

NEW: Mapping[str, Callable[[], Node]] = {
    "group": lambda: {"at_least": 1, "of": []},
    "hours": lambda: {"hours": {"total": 0}},
    "level": lambda: {"level": {"at_least": 1, "count": 1}},
}
AT_WORK = {"en": "Hours at work, countersigned", "es": "Horas de trabajo firmadas"}
WORK: Mapping[str, Callable[[str], Node]] = {
    "review": lambda form: {"hold": {"credential": f"{work.REVIEW}:{form}"}},
    "work": lambda form: {"hours": {"total": 100, "among": [f"{work.HOURS}:{form}"], "label": dict(AT_WORK)}},
}
"""Parts at a workplace, of a supervisors' form."""
_PATH = re.compile(r"tree((?:\.of\[\d{1,3}\]){0,14})")


def steps(path: str) -> list[int] | None:
    """The child numbers of a node's path; None for what is no such path."""
    found = _PATH.fullmatch(path)
    return [int(step) for step in re.findall(r"\d+", found[1])] if found else None


def node_path(path: str) -> str:
    """The path of the node that a longer path lies in: `tree.of[1]` for `tree.of[1].hours.total`."""
    found = _PATH.match(path)
    return found[0] if found else "tree"


def at(tree: Any, path: Sequence[int]) -> Node | None:
    """The node at these child numbers, or None."""
    node = tree
    for step in path:
        if kind_of(node) != "group" or step >= len(node["of"]):
            return None
        node = node["of"][step]
    return node if kind_of(node) else None


def grow(tree: Node | None, wish: str, picked: Sequence[str] = ()) -> tuple[Node | None, str]:
    """Do what a button asks (`up:tree.of[2]`); returns the tree and the path to show next ("": nothing done).

    `picked` are the ids that were marked; for a new part at a workplace the form that it is about.
    """
    verb, _colon, path = wish.partition(":")
    where = steps(path)
    if where is None:
        return tree, ""
    new = NEW[verb]() if verb in NEW else WORK[verb](picked[0]) if verb in WORK and picked else None
    if tree is None:
        return (new, "tree") if new is not None and not where else (tree, "")
    node = at(tree, where)
    if node is None:
        return tree, ""
    if new is not None:
        return tree, _add(node, new, path)
    if verb == "pick":
        return tree, path if _pick(node, picked) else ""
    if verb == "wrap" and not where:
        return {"at_least": 1, "of": [tree]}, "tree"
    if not where:
        return (None, "tree") if verb == "remove" else (tree, "")
    return tree, _move(tree, where, verb)


def _add(node: Node, child: Node, path: str) -> str:
    if kind_of(node) != "group":
        return ""
    _keeping_all(node, lambda: node["of"].append(child))
    return f"{path}.of[{len(node['of']) - 1}]"


def _keeping_all(group: Node, act: Callable[[], Any]) -> Any:
    """Change a group's children; what asked for all of them still does."""
    every = group["at_least"] == (len(group["of"]) or 1)
    one = group["at_least"] == 1 and len(group["of"]) > 1
    result = act()
    if every and not one:
        group["at_least"] = len(group["of"]) or 1
    return result


def _pick(node: Node, picked: Sequence[str]) -> bool:
    kind = kind_of(node)
    names = [name for name in dict.fromkeys(picked) if name]
    if kind == "group":
        _keeping_all(node, lambda: node["of"].extend({"hold": {"credential": name}} for name in names))
        return True
    known = node[kind].get(LISTS[kind], [])
    node[kind][LISTS[kind]] = list(dict.fromkeys([*known, *names]))
    if not node[kind][LISTS[kind]]:
        del node[kind][LISTS[kind]]
    return True


def _move(tree: Node, where: list[int], verb: str) -> str:
    parent = at(tree, where[:-1])
    assert parent is not None  # the node was found below it
    here, rows = where[-1], parent["of"]
    if verb == "remove":
        _keeping_all(parent, lambda: rows.pop(here))
        return _path(where[:-1])
    if verb in {"up", "down"}:
        there = here + (1 if verb == "down" else -1)
        if not 0 <= there < len(rows):
            return ""
        rows[here], rows[there] = rows[there], rows[here]
        return _path([*where[:-1], there])
    if verb == "in" and here and kind_of(rows[here - 1]) == "group":
        group = rows[here - 1]
        node = _keeping_all(parent, lambda: rows.pop(here))
        _keeping_all(group, lambda: group["of"].append(node))
        return _path([*where[:-1], here - 1, len(group["of"]) - 1])
    if verb == "out" and len(where) > 1:
        above = at(tree, where[:-2])
        assert above is not None  # the parent was found below it
        node = _keeping_all(parent, lambda: rows.pop(here))
        _keeping_all(above, lambda: above["of"].insert(where[-2] + 1, node))
        return _path([*where[:-2], where[-2] + 1])
    return ""


def put_back(tree: Node | None, path: str, node: Node) -> tuple[Node | None, str]:
    """Put a part back where it was taken out; the tree and the part's path ("": its group is gone)."""
    where = steps(path)
    if where is None or not kind_of(node):
        return tree, ""
    if not where:
        return (node, "tree") if tree is None else (tree, "")
    parent = at(tree, where[:-1])
    if parent is None or kind_of(parent) != "group":
        return tree, ""
    here = min(where[-1], len(parent["of"]))
    _keeping_all(parent, lambda: parent["of"].insert(here, node))
    return tree, _path([*where[:-1], here])


def _path(where: Iterable[int]) -> str:
    return "tree" + "".join(f".of[{step}]" for step in where)


# --- drawing -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """What the drawing needs besides the tree. `names` are titles by id, `areas` (code, name) pairs,
    `errors` messages by path, `choosing` the path whose list of credentials is open, `options` that list,
    `forms` (id, title) of the supervisors' forms."""

    names: Mapping[str, str]
    areas: Sequence[tuple[str, str]]
    errors: Mapping[str, list[str]]
    choosing: str
    options: Sequence[tuple[str, str]]
    forms: Sequence[tuple[str, str]] = ()


def draw(node: Any, scene: Scene, path: str = "tree", *, rows: Sequence[Any] = (), here: int = 0) -> Node | None:
    """A node for `author/node.html`, its children within."""
    kind = kind_of(node)
    if not kind:
        return None
    inside = node if kind == "group" else node[kind]
    label = inside.get("label")
    texts = label if isinstance(label, Mapping) else {}
    field = path if kind == "group" else f"{path}.{kind}"
    depth = path.count(".of[")
    drawn: Node = {
        "kind": kind, "path": path, "field": field, "errors": scene.errors.get(path, []), "depth": depth,
        "number": here + 1, "first": here == 0, "last": here >= len(rows) - 1,
        "can_in": here > 0 and kind_of(rows[here - 1]) == "group", "can_out": depth > 1,
        "label": texts, "labels": [(code, name, texts.get(code, "")) for code, name in LANGUAGES],
        "choosing": scene.choosing == path,
    }  # fmt: skip
    if kind == "group":
        children = node.get("of") if isinstance(node.get("of"), list) else []
        n = len(children)
        asked = node.get("at_least")
        drawn |= {
            "rule": "all" if asked == (n or 1) else "any" if asked == 1 else "some", "at_least": asked, "n": n,
            "of": [draw(c, scene, f"{path}.of[{i}]", rows=children, here=i) for i, c in enumerate(children)],
        }  # fmt: skip
        taken = {c["hold"].get("credential") for c in children if kind_of(c) == "hold"}
    else:
        drawn |= {"inside": inside, "expired": inside.get("valid") is False}
        named = inside.get(LISTS[kind])
        listed = [str(name) for name in named] if isinstance(named, list) else []
        drawn["list"] = [(name, scene.names.get(name, name)) for name in listed]
        drawn["list_field"] = f"{field}.{LISTS[kind]}"
        taken = set(listed)
        drawn |= _at_work(listed[0] if kind == "hours" and len(listed) == 1 else str(inside.get("credential")), scene)
        if kind == "hold":
            credential = str(inside.get("credential", ""))
            drawn |= {"credential": credential, "title": scene.names.get(credential, credential)}
            taken |= {credential}
        elif kind == "hours":
            limits = inside.get("minimum_per_area")
            limits = limits if isinstance(limits, Mapping) else {}
            drawn["areas"] = [(code, name, limits.get(code, "")) for code, name in scene.areas]
    if drawn["choosing"]:
        drawn["options"] = [(value, words) for value, words in scene.options if value not in taken]
    return drawn


def _at_work(name: str, scene: Scene) -> Node:
    """For a part at a workplace: which sort, the id it names, and the forms it could name."""
    part = work.named(name)
    if part is None:
        return {}
    known = [(f"{part[0]}:{form}", title) for form, title in scene.forms]
    here = [] if name in dict(known) else [(name, scene.names.get(name, name))]
    return {"work": part[0], "form": name, "forms": [*here, *known]}


def credentials(node: Any) -> set[str]:
    """Every credential that a tree names, also one that is not complete."""
    kind = kind_of(node)
    if kind == "group":
        children = node.get("of")
        return set().union(*(credentials(c) for c in children)) if isinstance(children, list) else set()
    if not kind:
        return set()
    inside = node[kind]
    listed = inside.get(LISTS[kind])
    names = [inside.get("credential"), *(listed if isinstance(listed, list) else ())]
    return {name for name in names if isinstance(name, str)}


def area_codes(node: Any) -> list[str]:
    """Every subject area that a tree's hours name."""
    kind = kind_of(node)
    if kind == "group":
        children = node.get("of")
        return [code for c in (children if isinstance(children, list) else ()) for code in area_codes(c)]
    limits = node["hours"].get("minimum_per_area") if kind == "hours" else None
    return [str(code) for code in limits] if isinstance(limits, Mapping) else []
