"""What people call the place they live in: a county, a town, a ZIP code. Reading and comparing words, no database.

Names are compared by their letters alone: "St. Mary's", "Saint Marys" and "SAINT MARY’S" are one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from fieldstone.server.reference.rules import fold

STATES: Final[Mapping[str, tuple[str, str, str]]] = {
    "01": ("AL", "Alabama", ""), "02": ("AK", "Alaska", ""), "04": ("AZ", "Arizona", ""), "05": ("AR", "Arkansas", ""),
    "06": ("CA", "California", ""), "08": ("CO", "Colorado", ""), "09": ("CT", "Connecticut", ""),
    "10": ("DE", "Delaware", ""), "11": ("DC", "District of Columbia", "Distrito de Columbia"),
    "12": ("FL", "Florida", ""), "13": ("GA", "Georgia", ""), "15": ("HI", "Hawaii", ""), "16": ("ID", "Idaho", ""),
    "17": ("IL", "Illinois", ""), "18": ("IN", "Indiana", ""), "19": ("IA", "Iowa", ""), "20": ("KS", "Kansas", ""),
    "21": ("KY", "Kentucky", ""), "22": ("LA", "Louisiana", "Luisiana"), "23": ("ME", "Maine", ""),
    "24": ("MD", "Maryland", ""), "25": ("MA", "Massachusetts", ""), "26": ("MI", "Michigan", ""),
    "27": ("MN", "Minnesota", ""), "28": ("MS", "Mississippi", "Misisipi"), "29": ("MO", "Missouri", "Misuri"),
    "30": ("MT", "Montana", ""), "31": ("NE", "Nebraska", ""), "32": ("NV", "Nevada", ""),
    "33": ("NH", "New Hampshire", "Nueva Hampshire"), "34": ("NJ", "New Jersey", "Nueva Jersey"),
    "35": ("NM", "New Mexico", "Nuevo Mexico"), "36": ("NY", "New York", "Nueva York"),
    "37": ("NC", "North Carolina", "Carolina del Norte"), "38": ("ND", "North Dakota", "Dakota del Norte"),
    "39": ("OH", "Ohio", ""), "40": ("OK", "Oklahoma", ""), "41": ("OR", "Oregon", ""),
    "42": ("PA", "Pennsylvania", "Pensilvania"), "44": ("RI", "Rhode Island", ""),
    "45": ("SC", "South Carolina", "Carolina del Sur"), "46": ("SD", "South Dakota", "Dakota del Sur"),
    "47": ("TN", "Tennessee", ""), "48": ("TX", "Texas", "Tejas"), "49": ("UT", "Utah", ""),
    "50": ("VT", "Vermont", ""),
    "51": ("VA", "Virginia", ""), "53": ("WA", "Washington", ""), "54": ("WV", "West Virginia", "Virginia Occidental"),
    "55": ("WI", "Wisconsin", ""), "56": ("WY", "Wyoming", ""), "60": ("AS", "American Samoa", ""),
    "66": ("GU", "Guam", ""), "69": ("MP", "Northern Mariana Islands", ""), "72": ("PR", "Puerto Rico", ""),
    "78": ("VI", "Virgin Islands", ""),
}  # fmt: skip
"""Two digits of a state or territory (FIPS): its postal letters, its name, and another name in Spanish, folded."""

STATE_OF: Final[Mapping[str, str]] = {
    fold(word): fips for fips, words in STATES.items() for word in words if word
} | {"d c": "11"}
"""What a state may be called, folded, to its two digits."""
FIPS_OF: Final[Mapping[str, str]] = {words[0]: fips for fips, words in STATES.items()}

_SPELLED: Final = {"st": "saint", "ste": "sainte", "sta": "santa", "ft": "fort", "mt": "mount", "twp": "township"}
_KIND: Final = re.compile(
    r" (?:city and borough|county|parish|borough|census area|municipio|municipality|planning region|condado)$"
)
_MARKS: Final = str.maketrans("", "", "'’‘`´ʻ")
CLOSE: Final = 0.84
"""How alike two names are, from 0 to 1, where one may be a slip of the other: one wrong letter in seven."""
MOST_WORDS: Final = 12
"""Words of a name and its state; the longest have eight."""
SHORTEST: Final = 3
"""So many letters it takes to look for names that begin with them."""


def words_in(text: str) -> list[str]:
    """The words of a text, folded: "St. Mary’s" is ["st", "marys"]."""
    return re.findall(r"[a-z0-9]+", fold(text.translate(_MARKS)))


def key(text: str) -> str:
    """The letters of a name alone, with short forms written out: what names are compared by."""
    return "".join(_SPELLED.get(word, word) for word in words_in(text))


def county_key(name: str) -> str:
    """The same of a county's name without the word for what it is: "De Kalb County" is "dekalb"."""
    return key(bare(" ".join(words_in(name))))


def bare(name: str) -> str:
    """Folded words without "county", "parish" and the like at their end."""
    return _KIND.sub("", name)


@dataclass(frozen=True)
class Reading:
    """One way to read what was written: letters of a name, the state it is in ("" for any), whether it is a county."""

    name: str
    state: str
    county: bool


@dataclass(frozen=True)
class Asked:
    """What was written: a ZIP code ("" for none), the five digits of a county ("" for none), names.

    `state` is the state that the whole text names, "" where it names none.
    """

    zip: str = ""
    fips: str = ""
    readings: tuple[Reading, ...] = ()
    state: str = ""


def asked(text: str) -> Asked:
    """Read a place: "38372", "Savannah, TN 38372-1234", "Hardin County, Tennessee", "condado de Bryan", "c47071".

    "c" and five digits name a county: what lists of choices send.
    """
    words = words_in(text)
    chosen = re.fullmatch(r"c(\d{5})", "".join(words))
    if chosen:
        return Asked(fips=chosen[1])
    code, words = _zip_in(words)
    county = words[:1] == ["condado"] and len(words) > 1
    if county:
        words = words[2 if words[1] in ("de", "del") and len(words) > 2 else 1 :]
    readings = tuple(_readings(words, county)) if len(words) <= MOST_WORDS else ()
    return Asked(zip=code, readings=readings, state=STATE_OF.get(" ".join(words), ""))


def _zip_in(words: list[str]) -> tuple[str, list[str]]:
    """The ZIP code at the end, with or without its four digits more, and the words before it."""
    rest = words[:-1] if len(words) > 1 and re.fullmatch(r"\d{4}", words[-1]) else words
    return (rest[-1], rest[:-1]) if rest and re.fullmatch(r"\d{5}", rest[-1]) else ("", words)


def _readings(words: list[str], county: bool) -> Iterator[Reading]:
    for end in range(len(words), 0, -1):
        rest = " ".join(words[end:])
        if rest and rest not in STATE_OF:
            continue
        said = " ".join(words[:end])
        name = bare(said)
        if name in ("county", "parish"):
            continue
        yield Reading(key(name), STATE_OF.get(rest, ""), county or name != said)


@dataclass(frozen=True)
class Named:
    """A county or a town: letters to compare by, a town's name ("" for a county), its counties, the largest first."""

    key: str
    name: str
    counties: tuple[str, ...]


def lines_to_names(text: str) -> tuple[Named, ...]:
    """The names of a page: a name and its counties in each line, parted by a tab and by blanks."""
    found = []
    for line in text.splitlines():
        name, _tab, counties = line.partition("\t")
        found.append(Named(key(name), name, tuple(counties.split())))
    return tuple(found)


def matches(asked: Asked, counties: Iterable[Named], towns: Iterable[Named]) -> tuple[dict[str, str], bool]:
    """The counties that names may mean, each with the town it was found by ("" for its own name), and whether that is
    sure enough to take the only one.

    Whole names come before beginnings, and those before slips of the pen, which are not sure. A county that was asked
    for as such is no town. What is only a state's name is a whole name or nothing, and is sure in that state alone.
    """
    every = [(named, False) for named in counties] + [(named, True) for named in towns]
    for fits in (_whole,) if asked.state else (_whole, _beginning, _nearly):
        found: dict[str, str] = {}
        for reading in asked.readings:
            for named, town in every:
                if (town and reading.county) or not fits(reading.name, named.key):
                    continue
                for fips in named.counties:
                    if fips.startswith(reading.state):
                        found.setdefault(fips, named.name)
        if asked.state:
            inside = {fips: town for fips, town in found.items() if fips.startswith(asked.state)}
            return inside or found, bool(inside)
        if found:
            return found, fits is not _nearly
    return {}, False


def _whole(said: str, name: str) -> bool:
    return said == name


def _beginning(said: str, name: str) -> bool:
    return len(said) >= SHORTEST and name.startswith(said)


def _nearly(said: str, name: str) -> bool:
    near = len(said) > SHORTEST and said[0] == name[:1] and abs(len(said) - len(name)) <= 2
    return near and SequenceMatcher(None, said, name, autojunk=False).ratio() >= CLOSE
