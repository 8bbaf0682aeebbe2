"""What a program publishes, as plain values: what its exports (CASE, CTDL) are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from fieldstone.server.catalog.rules import Definition, Text


@dataclass(frozen=True)
class Owner:
    """The organization behind a program."""

    id: UUID
    slug: str
    name: str
    place: str = ""
    url: str = ""
    email: str = ""
    sector: str = ""


@dataclass(frozen=True)
class Entry:
    """A micro-credential in its current version. `since` is when this version was published."""

    id: UUID
    slug: str
    number: int
    since: datetime
    definition: Definition


@dataclass(frozen=True)
class Shelf:
    """A program with all it has published. `areas` are `{"code", "name"}`. `newest` is when it last published
    something, for a shelf that was read without its entries."""

    id: UUID
    slug: str
    title: Text
    summary: Text
    areas: tuple[Mapping[str, Any], ...]
    owner: Owner
    entries: tuple[Entry, ...]
    base_url: str
    newest: datetime | None = None

    @property
    def changed(self) -> datetime | None:
        """When the newest of its versions was published; None while nothing is."""
        return max((entry.since for entry in self.entries), default=self.newest)


def stable(of: UUID, what: str) -> UUID:
    """An id for a part of something that has one: the same each time (RFC 9562, version 5)."""
    return uuid5(of, what)


def plain(text: Text, language: str = "en") -> str:
    """The text in a language, or in the one that is there."""
    return text.get(language) or next(iter(text.values()), "")
