"""One module for each official file. See `base` for what an importer is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from fieldstone.server.reference.importers import (
    areas,
    carnegie,
    case,
    cip_soc,
    ctdl,
    esco,
    institutions,
    oews,
    onet,
    places,
    projections,
    rucc,
    zip_codes,
)
from fieldstone.server.reference.importers.base import BadFile, Importer, Notes, Source
from fieldstone.server.reference.importers.look import head

__all__ = ["IMPORTERS", "BadFile", "Importer", "Notes", "Source", "choose"]

IMPORTERS: Final[Mapping[str, Importer]] = {
    module.KIND: cast(Importer, module)
    for module in (
        onet, oews, areas, projections, rucc, places, zip_codes, institutions, carnegie, cip_soc, case, ctdl, esco,
    )
}


def choose(kind: str, source: Source) -> Importer:
    """The importer for a kind, when the file looks like one of that kind.

    Raises BadFile where it does not; says what it looks like and which word to use.
    """
    importer = IMPORTERS[kind]
    first = head(source)
    if importer.recognizes(first):
        return importer
    if first.damage is not None:
        raise first.damage
    other = next((i for i in IMPORTERS.values() if i.recognizes(first)), None)
    if other is not None:
        raise BadFile(f"This looks like {other.WHAT}; use `fieldstone import {other.KIND}`. Nothing was changed.")
    raise BadFile(
        f"{source.name} does not look like {importer.WHAT}. Use the file as it was published. Nothing was changed."
    )
