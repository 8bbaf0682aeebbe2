"""The JSON form of a requirement, read strictly and written canonically.

A branch: {"at_least": 2, "of": [...]}. A leaf has one key: {"hold": {...}}, {"hours": {...}} or {"level":
{...}}.
A branch, or the inside of a leaf, may carry "label": {"en": "…", "es": "…"}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NoReturn

from .holding import MAXIMUM_HOURS, is_amount
from .requirement import KEYS, Amount, Count, Hold, Hours, Leaf, Level, Requirement, Text, join

MAXIMUM_DEPTH = 12
MAXIMUM_NODES = 500
MAXIMUM_LEVEL = 20
MAXIMUM_IDS = 500
MAXIMUM_LABEL = 200
MAXIMUM_ID = 500


class ParseError(ValueError):
    """The JSON is no requirement: `path` says where ("" is the root), `text` says why in each language."""

    def __init__(self, path: str, text: Text) -> None:
        super().__init__(f"{path}: {text['en']}" if path else text["en"])
        self.path = path
        self.text = text


def parse(value: object) -> Requirement:
    """Read a decoded JSON value. Raises ParseError at the first thing that is not as it should be."""
    return _Reader().node(value, "", 1)


def to_json(requirement: Requirement) -> dict[str, object]:
    """Write a requirement as JSON values, leaving out what equals its default. `parse` reads it back."""
    label: dict[str, object] = {} if requirement.label is None else {"label": dict(requirement.label)}
    match requirement:
        case Count():
            return {
                "at_least": requirement.at_least,
                "of": [to_json(child) for child in requirement.of],
                **label,
            }
        case Hold():
            inside: dict[str, object] = {"credential": requirement.credential}
            if requirement.equivalents:
                inside["equivalents"] = list(requirement.equivalents)
            if requirement.level:
                inside["level"] = requirement.level
        case Hours():
            inside = {"total": _number(requirement.total)}
            if requirement.minimum_per_area:
                inside["minimum_per_area"] = {k: _number(v) for k, v in requirement.minimum_per_area.items()}
            if requirement.maximum_each is not None:
                inside["maximum_each"] = _number(requirement.maximum_each)
        case _:
            inside = {"at_least": requirement.at_least, "count": requirement.count}
    if isinstance(requirement, Hours | Level) and requirement.among:
        inside["among"] = list(requirement.among)
    if not requirement.valid:
        inside["valid"] = False
    return {KEYS[type(requirement)]: inside | label}


def _number(amount: Amount) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)


def _stop(path: str, en: str, es: str) -> NoReturn:
    raise ParseError(path, {"en": en, "es": es})


class _Reader:
    """Reads one tree, counting its nodes."""

    def __init__(self) -> None:
        self.nodes = 0

    def node(self, value: object, path: str, depth: int) -> Requirement:
        self.nodes += 1
        if depth > MAXIMUM_DEPTH:
            _stop(
                path,
                f"Groups may be nested {MAXIMUM_DEPTH} deep at most.",
                f"Los grupos pueden tener {MAXIMUM_DEPTH} niveles como máximo.",
            )
        if self.nodes > MAXIMUM_NODES:
            _stop(
                path,
                f"A requirement may have {MAXIMUM_NODES} parts at most.",
                f"Un requisito puede tener {MAXIMUM_NODES} partes como máximo.",
            )
        found = _object(value, path)
        if "of" in found or "at_least" in found:
            return self.count(found, path, depth)
        if len(found) == 1:
            ((key, inside),) = found.items()
            if key in _LEAVES:
                here = join(path, key)
                return _LEAVES[key](_object(inside, here), here)
        _stop(
            path,
            'Each part is a group with "at_least" and "of", or has exactly one of "hold", "hours", "level".',
            'Cada parte es un grupo con "at_least" y "of", o tiene solo uno de "hold", "hours", "level".',
        )

    def count(self, found: Mapping[str, object], path: str, depth: int) -> Count:
        _keys(found, path, required=("at_least", "of"), optional=("label",))
        return Count(
            at_least=_whole(found["at_least"], join(path, "at_least"), 1, MAXIMUM_NODES),
            of=tuple(
                self.node(child, join(path, f"of[{index}]"), depth + 1)
                for index, child in enumerate(_list(found["of"], join(path, "of")))
            ),
            label=_label(found, path),
        )


def _hold(found: Mapping[str, object], path: str) -> Hold:
    _keys(found, path, required=("credential",), optional=("equivalents", "level", "valid", "label"))
    credential = _id(found["credential"], join(path, "credential"))
    equivalents = _ids(found, path, "equivalents")
    if credential in equivalents:
        _twice(join(path, f"equivalents[{equivalents.index(credential)}]"))
    return Hold(
        credential=credential,
        equivalents=equivalents,
        level=_whole(found.get("level", 0), join(path, "level"), 0, MAXIMUM_LEVEL),
        valid=_valid(found, path),
        label=_label(found, path),
    )


def _hours(found: Mapping[str, object], path: str) -> Hours:
    _keys(
        found,
        path,
        required=("total",),
        optional=("minimum_per_area", "among", "maximum_each", "valid", "label"),
    )
    here = join(path, "minimum_per_area")
    limits = _object(found.get("minimum_per_area", {}), here)
    return Hours(
        total=_amount(found["total"], join(path, "total")),
        minimum_per_area={
            _id(area, here): _amount(least, join(here, area)) for area, least in limits.items()
        },
        among=_ids(found, path, "among"),
        maximum_each=_amount(found["maximum_each"], join(path, "maximum_each"))
        if "maximum_each" in found
        else None,
        valid=_valid(found, path),
        label=_label(found, path),
    )


def _level(found: Mapping[str, object], path: str) -> Level:
    _keys(found, path, required=("at_least",), optional=("count", "among", "valid", "label"))
    return Level(
        at_least=_whole(found["at_least"], join(path, "at_least"), 1, MAXIMUM_LEVEL),
        count=_whole(found.get("count", 1), join(path, "count"), 1, MAXIMUM_IDS),
        among=_ids(found, path, "among"),
        valid=_valid(found, path),
        label=_label(found, path),
    )


_LEAVES: Mapping[str, Callable[[Mapping[str, object], str], Leaf]] = {
    "hold": _hold,
    "hours": _hours,
    "level": _level,
}


def _object(value: object, path: str) -> Mapping[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        _stop(path, "Here belongs an object with named values.", "Aquí va un objeto con valores con nombre.")
    return value


def _list(value: object, path: str) -> list[object]:
    if not isinstance(value, list):
        _stop(path, "Here belongs a list.", "Aquí va una lista.")
    return value


def _keys(
    found: Mapping[str, object], path: str, *, required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    for key in required:
        if key not in found:
            _stop(join(path, key), "This value is missing.", "Falta este valor.")
    for key in found:
        if key not in required and key not in optional:
            _stop(join(path, key), "This name is not known here.", "Este nombre no se conoce aquí.")


def _whole(value: object, path: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        _stop(
            path,
            f"Give a whole number from {least} to {most}.",
            f"Escriba un número entero de {least} a {most}.",
        )
    return value


def _amount(value: object, path: str) -> Decimal:
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    if not is_amount(exact):
        _stop(
            path,
            f"Give hours from 0 to {MAXIMUM_HOURS:,}, with at most two decimals.",
            f"Escriba horas de 0 a {MAXIMUM_HOURS:,}, con dos decimales como máximo.",
        )
    assert isinstance(exact, int | Decimal)
    return Decimal(exact)


def _id(value: object, path: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAXIMUM_ID:
        _stop(
            path,
            f"Give an id of 1 to {MAXIMUM_ID} characters.",
            f"Escriba un identificador de 1 a {MAXIMUM_ID} caracteres.",
        )
    return value


def _ids(found: Mapping[str, object], path: str, key: str) -> tuple[str, ...]:
    here = join(path, key)
    values = _list(found.get(key, []), here)
    if len(values) > MAXIMUM_IDS:
        _stop(here, f"Name {MAXIMUM_IDS} ids at most.", f"Indique {MAXIMUM_IDS} identificadores como máximo.")
    ids = tuple(_id(value, f"{here}[{index}]") for index, value in enumerate(values))
    for index, value in enumerate(ids):
        if value in ids[:index]:
            _twice(f"{here}[{index}]")
    return ids


def _twice(path: str) -> NoReturn:
    _stop(path, "This id is already named here.", "Este identificador ya está indicado aquí.")


def _valid(found: Mapping[str, object], path: str) -> bool:
    value = found.get("valid", True)
    if not isinstance(value, bool):
        _stop(join(path, "valid"), "Give true or false.", "Escriba true o false.")
    return value


def _label(found: Mapping[str, object], path: str) -> Text | None:
    if "label" not in found:
        return None
    here = join(path, "label")
    texts = _object(found["label"], here)
    _keys(texts, here, required=("en", "es"), optional=())
    label: dict[str, str] = {}
    for language, text in texts.items():
        if not isinstance(text, str) or not text.strip() or len(text) > MAXIMUM_LABEL:
            _stop(
                join(here, language),
                f"Give a text of 1 to {MAXIMUM_LABEL} characters.",
                f"Escriba un texto de 1 a {MAXIMUM_LABEL} caracteres.",
            )
        label[language] = text
    return label
