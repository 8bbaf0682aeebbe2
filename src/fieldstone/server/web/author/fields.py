"""Long forms that work without script: what a field is, reading it from a request, drawing it again.

A field's name in the form is its path in the JSON document (`rubric.0.levels.1.text.es`), so a problem's path is the
address of the field that mends it. Whatever was typed is kept, also where it is not what belongs there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fieldstone.server.catalog.rules import cents

Words = str | Promise
Kind = Literal[
    "text", "long", "line", "number", "decimal", "money", "choice", "radio", "glyph", "many", "flag", "hidden",
    "rows", "group", "amounts",
]  # fmt: skip
LANGUAGES = (("en", gettext_lazy("English")), ("es", gettext_lazy("Spanish")))


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. `kind`:

    text, long: both languages, {"en", "es"} · line: one string · number: whole, `blank` where nothing is typed ·
    decimal: a number that may have decimals, null where nothing is typed · money: US cents · choice, radio, glyph: one
    of `options` (value, words) · many: a list of them · flag: true or false · hidden: a string · rows: a list of
    `fields` (of one bare field when its name is "") · group: one object,
    null where nothing is typed · amounts: {code: whole number} for the codes of `options`.
    """

    name: str
    label: Words = ""
    hint: Words = ""
    kind: Kind = "text"
    options: Sequence[tuple[Any, Words]] = ()
    fields: tuple[Field, ...] = ()
    blank: Any = 0
    one: Words = ""
    """rows: what one row is called."""
    more: Words = ""
    """rows: the button that adds one."""
    new: Callable[[list[Any], Mapping[str, Any]], Any] = lambda rows, body: {}
    drops_blanks: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """A numbered part of the form."""

    title: Words
    intro: Words = ""
    fields: tuple[Field, ...] = ()


def clean(text: str) -> str:
    """Typed text with one kind of line end and without null characters, which no database keeps."""
    return text.replace("\r\n", "\n").replace("\x00", "")


@dataclass(frozen=True)
class Typed:
    """What a request carries, with the row numbers that occur under each path."""

    post: QueryDict
    rows: Mapping[str, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        found: dict[str, set[int]] = {}
        for key in self.post:
            steps = key.split(".", 8)
            for i, step in enumerate(steps):
                if (number := row_number(step)) is not None:
                    found.setdefault(".".join(steps[:i]), set()).add(number)
        object.__setattr__(self, "rows", {path: sorted(numbers) for path, numbers in found.items()})

    def one(self, path: str) -> str:
        return clean(self.post.get(path, ""))

    def read(self, fields: Iterable[Field], path: str = "") -> dict[str, Any]:
        """The values of these fields, as JSON."""
        return {f.name: self.value(f, under(path, f.name)) for f in fields}

    def value(self, f: Field, path: str) -> Any:
        """The value of one field; see Field."""
        match f.kind:
            case "text" | "long":
                both = {code: self.one(f"{path}.{code}") for code, _name in LANGUAGES}
                return {code: text for code, text in both.items() if text.strip()}
            case "number":
                return whole_or_typed(self.one(path), f.blank)
            case "decimal":
                return decimal_or_typed(self.one(path))
            case "money":
                typed = self.one(path).strip()
                try:
                    return cents(typed) if typed else 0
                except ValueError:
                    return typed
            case "choice" | "radio" | "glyph":
                typed = self.one(path)
                return next((value for value, _words in f.options if str(value) == typed), typed)
            case "many":
                given = {clean(text) for text in self.post.getlist(path)}
                return [value for value, _words in f.options if str(value) in given]
            case "flag":
                return path in self.post
            case "rows":
                return self._rows(f, path)
            case "group":
                inside = self.read(f.fields, path)
                return inside if any(inside.values()) else None
            case "amounts":
                typed_of = {str(code): self.one(f"{path}.{code}") for code, _words in f.options}
                return {code: whole_or_typed(text, 0) for code, text in typed_of.items() if text.strip()}
            case _:
                return self.one(path)

    def _rows(self, f: Field, path: str) -> list[Any]:
        found = []
        for number in self.rows.get(path, ()):
            here = f"{path}.{number}"
            bare = not f.fields[0].name
            value = self.value(f.fields[0], here) if bare else self.read(f.fields, here)
            empty = not value if bare else not any(value.values())
            if not (f.drops_blanks and empty):
                found.append(value)
        return found


def whole_or_typed(text: str, blank: Any) -> Any:
    """A whole number, `blank` for nothing, or the very text that is no number."""
    text = text.strip()
    if not text:
        return blank
    digits = text.replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else text


def decimal_or_typed(text: str) -> Any:
    """A number such as 3 or 3.25 (a comma will do), None for nothing, or the very text that is no number."""
    text = text.strip()
    number = text.replace(",", ".")
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", number):
        value = float(number)
        return int(value) if value.is_integer() else value
    return text or None


def row_number(step: str) -> int | None:
    """The number in one step of a path; None for a name."""
    return int(step) if step.isascii() and step.isdigit() and len(step) < 5 else None


def under(path: str, name: str) -> str:
    """The path one step deeper."""
    return f"{path}.{name}" if path and name else path or name


# --- drawing -----------------------------------------------------------------------------------------


def draw(fields: Iterable[Field], body: Any, errors: Mapping[str, str], path: str = "") -> list[dict[str, Any]]:
    """The fields for `author/field.html`, with their values and what is wrong with them."""
    values = body if isinstance(body, Mapping) else {}
    return [_drawn(f, values.get(f.name), errors, under(path, f.name)) for f in fields]


def _drawn(f: Field, value: Any, errors: Mapping[str, str], path: str) -> dict[str, Any]:
    told = {
        "kind": f.kind, "path": path, "label": f.label, "hint": f.hint, "error": errors.get(path, ""),
        "options": f.options, "value": value, "one": f.one, "more": f.more,
    }  # fmt: skip
    match f.kind:
        case "text" | "long":
            texts = value if isinstance(value, Mapping) else {}
            told["texts"] = [
                {
                    "code": code, "name": name, "path": f"{path}.{code}", "value": texts.get(code, ""),
                    "error": errors.get(f"{path}.{code}", ""),
                }
                for code, name in LANGUAGES
            ]  # fmt: skip
        case "money":
            told["value"] = _dollars(value)
        case "decimal":
            told["value"] = "" if value is None else str(value)
        case "number":
            told["value"] = "" if value is None or value == f.blank else value
        case "many":
            told["value"] = value if isinstance(value, list) else []
        case "group":
            told["fields"] = draw(f.fields, value, errors, path)
        case "rows":
            rows = value if isinstance(value, list) else []
            told["rows"] = [
                {"path": here, "number": i + 1, "error": errors.get(here, "") if f.fields[0].name else "",
                 "last": i == len(rows) - 1, "fields": _row(f, row, errors, here)}
                for i, row in enumerate(rows) for here in [f"{path}.{i}"]
            ]  # fmt: skip
        case "amounts":
            amounts = value if isinstance(value, Mapping) else {}
            told["amounts"] = [
                {
                    "path": f"{path}.{code}", "label": words, "value": amounts.get(code, ""),
                    "error": errors.get(f"{path}.{code}", ""),
                }
                for code, words in f.options
            ]  # fmt: skip
        case _:
            pass
    return told


def _row(f: Field, row: Any, errors: Mapping[str, str], path: str) -> list[dict[str, Any]]:
    if not f.fields[0].name:
        return [_drawn(f.fields[0], row, errors, path)]
    return draw(f.fields, row, errors, path)


def _dollars(value: Any) -> Any:
    if not isinstance(value, int):
        return value or ""
    return str(value // 100) if value % 100 == 0 else f"{value // 100}.{value % 100:02d}"


# --- rows: add, remove, move -------------------------------------------------------------------------


def change(fields: Iterable[Field], body: dict[str, Any], wish: str) -> str:
    """Do what an "add", "remove" or "up" button asks (`add:rubric.0.levels`), in place.

    Returns the path to show next; "" where the wish names nothing here, and then nothing is changed.
    """
    verb, _colon, path = wish.partition(":")
    if verb == "add":
        f, rows = find(fields, path), reach(body, path)
        if f is None or f.kind != "rows" or not isinstance(rows, list):
            return ""
        rows.append(f.new(rows, body))
        return f"{path}.{len(rows) - 1}"
    above, _dot, last = path.rpartition(".")
    rows = reach(body, above)
    here = row_number(last)
    if not isinstance(rows, list) or here is None or here >= len(rows):
        return ""
    if verb == "remove":
        rows.pop(here)
        return above
    if verb == "up" and here:
        rows[here - 1], rows[here] = rows[here], rows[here - 1]
        return f"{above}.{here - 1}"
    return ""


def put_back(body: dict[str, Any], path: str, row: Any) -> str:
    """Put a row back where it was taken out, or a whole list in place of what is there now; returns its path, ""
    where its list is gone."""
    above, _dot, last = path.rpartition(".")
    if not above and isinstance(row, list) and isinstance(body.get(path), list):
        body[path] = row
        return path
    rows, number = reach(body, above), row_number(last)
    if not isinstance(rows, list) or number is None:
        return ""
    here = min(number, len(rows))
    rows.insert(here, row)
    return f"{above}.{here}"


def reach(body: Any, path: str) -> Any:
    """What lies at a path, or None."""
    for step in path.split(".", 12):
        if isinstance(body, Mapping):
            body = body.get(step)
        else:
            here = row_number(step)
            if not isinstance(body, list) or here is None or here >= len(body):
                return None
            body = body[here]
    return body


def find(fields: Iterable[Field], path: str) -> Field | None:
    """The field that a path belongs to, row numbers left aside."""
    found: Field | None = None
    for step in path.split(".", 12):
        if found is not None and row_number(step) is not None:
            continue
        found = next((f for f in (found.fields if found else fields) if f.name == step), None)
        if found is None:
            return None
    return found


def speak(fields: Sequence[Field], path: str) -> str:
    """A path in words: "Criterion 2, level 1, title (Spanish)"."""
    words: list[str] = []
    here: Sequence[Field] = fields
    found: Field | None = None
    for step in path.split(".", 12):
        if found is not None and found.kind in {"text", "long"} and step in dict(LANGUAGES):
            name = str(dict(LANGUAGES)[step])
            words[-1] = f"{words[-1]} ({name})"
        elif found is not None and found.kind == "rows" and (number := row_number(step)) is not None:
            words[-1] = f"{found.one or found.label} {number + 1}"
            bare = next((f for f in found.fields if not f.name), None)
            found = bare or found
        elif found is not None and found.kind == "amounts":
            words.append(str(dict(found.options).get(step, step)))
        elif step == "order":
            words.append(_("order"))
        else:
            found = next((f for f in here if f.name == step), None)
            if found is None:
                break
            if found.label or found.kind == "rows":
                words.append(str(found.label))
        here = found.fields if found is not None else ()
    return ", ".join(word for word in words if word) or path
