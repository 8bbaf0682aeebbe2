"""Plain words in English and Spanish for requirements, their problems and their explanations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from .requirement import Amount, Language, Text

Names = Mapping[str, Text]
"""What people call a credential or a subject area, by id."""


def name(names: Names, identifier: str, language: Language) -> str:
    """The name in that language, else in English, else the id itself."""
    text = names.get(identifier, {})
    return text.get(language) or text.get("en") or identifier


def number(amount: Amount) -> str:
    """Write 7, 7.5 or 0.25: no needless zeros, no exponent."""
    text = f"{Decimal(amount):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def hours(amount: Amount, language: Language) -> str:
    """Write "1 hour" or "7.5 hours"."""
    unit = {"en": ("hour", "hours"), "es": ("hora", "horas")}[language][amount != 1]
    return f"{number(amount)} {unit}"


def series(items: Iterable[str]) -> str:
    """Write a list after a colon; semicolons where an item holds a comma itself."""
    every = list(items)
    return ("; " if any("," in item for item in every) else ", ").join(every)
