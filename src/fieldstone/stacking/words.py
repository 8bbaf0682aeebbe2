"""Plain words in English and Spanish for requirements, their problems and their explanations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
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


def dollars(cents: int) -> str:
    """Write "$1,250" or "$7.50", as in the United States in both languages."""
    whole, rest = divmod(cents, 100)
    return f"${whole:,}.{rest:02}" if rest else f"${whole:,}"


_MONTHS: Mapping[Language, tuple[str, ...]] = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
}


def day(moment: datetime, language: Language) -> str:
    """Write "March 2, 2026" or "2 de marzo de 2026", in the moment's own time zone."""
    month = _MONTHS[language][moment.month - 1]
    if language == "es":
        return f"{moment.day} de {month} de {moment.year}"
    return f"{month} {moment.day}, {moment.year}"
