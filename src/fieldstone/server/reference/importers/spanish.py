"""Our own Spanish for skills and for the occupations that the programs lead to: tables beside the starter facts."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def _table(name: str) -> dict[str, str]:
    text = files("fieldstone.server.reference").joinpath("starter", name).read_text(encoding="utf-8")
    return {row["code"]: row["es"] for row in csv.DictReader(text.splitlines())}


def element_names() -> dict[str, str]:
    """Element id -> name in Spanish."""
    return _table("elements_es.csv")


def occupation_titles() -> dict[str, str]:
    """O*NET-SOC code -> title in Spanish."""
    return _table("occupations_es.csv")
