"""Towns and their counties: the Census Bureau's places by county, or GeoNames' postal codes (US.txt)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from fieldstone.server.reference.importers import pages
from fieldstone.server.reference.importers.base import Head, Notes, Row, Source

KIND: Final = "places"
WHAT: Final = "a list of towns by county"
TABLES: Final = pages.TABLES
_COLUMNS: Final = ("STATEFP", "COUNTYFP", "PLACENAME")
_LEGAL: Final = re.compile(
    r" (?:city and borough|city|town|village|borough|municipality|CDP|comunidad|zona urbana|corporation|"
    r"(?P<joined>(?:metropolitan|metro|unified|consolidated|urban county) government.*|"
    r"(?:city|town) \(balance\)|\(balance\)))(?: \(balance\))?$"
)


def recognizes(head: Head) -> bool:
    """By the header of the Census Bureau, or as postal codes of GeoNames."""
    return head.matches(r"^state\|statefp\|countyfp\|.*\|placename\|") or pages.is_postal(head)


def read(source: Source, notes: Notes) -> Iterator[Row]:
    """One page for each two letters; a town's counties stand in the order of how many lines name them."""
    towns: dict[str, Counter[str]] = {}
    for name, county in _towns(source, notes):
        towns.setdefault(name, Counter())[county] += 1
    yield from pages.town_pages({name: [c for c, _n in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
                                 for name, found in towns.items()})  # fmt: skip


def _towns(source: Source, notes: Notes) -> Iterator[tuple[str, str]]:
    with source.open(source.member("US.txt") or source.only()) as file:
        census = file.read(6).upper() == b"STATE|"
    if not census:
        yield from ((town, county) for _code, town, county in pages.postal(source, notes))
        return
    if match := re.search(r"county(20\d\d)", source.name):
        notes.version = notes.version or match[1]
    for line, (state, county, place) in pages.piped(source, _COLUMNS, notes):
        if not pages.COUNTY.fullmatch(state + county) or not place:
            notes.drop("No town, or no county of a state", source.name, line, place)
            continue
        yield from ((name, state + county) for name in names(place))


def names(place: str) -> list[str]:
    """What people call a place: "Savannah city" is Savannah; "Nashville-Davidson metropolitan government (balance)" is
    Nashville-Davidson and Nashville."""
    legal = _LEGAL.search(place)
    if legal is None or not legal.start():
        return [place]
    name = place[: legal.start()]
    joined = legal["joined"] is not None and re.split(r"[-/,]", name)[0].strip()
    return [name, joined] if joined and joined != name else [name]
