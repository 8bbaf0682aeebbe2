"""Writes of what others publish: one import of one file, whole or not at all."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.apps import apps
from django.db import DatabaseError, transaction

from fieldstone.server.ledger.actions import record
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.reference.bulk import BATCH, Insert
from fieldstone.server.reference.importers import IMPORTERS, BadFile, Importer, Notes, Source, choose
from fieldstone.server.reference.importers.base import Progress, Row, digest
from fieldstone.server.reference.models import Release
from fieldstone.server.reference.starter import KINDS, VERSION, read, sha256


@dataclass(frozen=True)
class Loaded:
    """What became of an import: the release, and whether the file was new here."""

    release: Release
    new: bool


def load(
    *,
    kind: str,
    path: Path,
    by: UUID | None,
    at: datetime,
    version: str = "",
    keep_current: bool = False,
    progress: Progress | None = None,
) -> Loaded:
    """Import one official file as a release, in one transaction, and make it current.

    The file is read to its end before the first row is written.

    The same file again changes nothing, except that it becomes current when another one is (not with
    `keep_current`). Raises BadFile, with nothing changed, when the file is damaged, of another kind, not in its
    encoding, or says nothing.
    """
    if kind not in IMPORTERS:
        raise BadFile(f"There is no kind {kind}. Kinds: {', '.join(sorted(IMPORTERS))}.")
    source = Source(path, progress)
    try:
        sha256 = digest(path)
        importer = choose(kind, source)
        known = _loaded_before(kind, sha256, by, at, keep_current)
        if known is not None:
            return known
        notes = Notes(version=version)
        with tempfile.TemporaryFile("w+", encoding="utf-8") as staged:
            stage(importer.read(source, notes), staged)
            staged.seek(0)
            return _load(importer, source.name, sha256, staged, notes, by=by, at=at, keep_current=keep_current)
    finally:
        source.close()


@transaction.atomic
def _loaded_before(kind: str, sha256: str, by: UUID | None, at: datetime, keep_current: bool) -> Loaded | None:
    known = Release.objects.filter(kind=kind, sha256=sha256).order_by("-imported_at").first()
    if known is None:
        return None
    if not keep_current:
        make_current(release=known, by=by, at=at)
    return Loaded(known, new=False)


def stage(rows: Iterable[Row], file: IO[str]) -> None:
    """Keep rows in a passing file, so that the database is locked for the writing only, not for the reading."""
    waiting = iter(rows)
    while piece := list(islice(waiting, BATCH)):
        file.write(json.dumps(piece, ensure_ascii=False) + "\n")


def staged_rows(file: Iterable[str]) -> Iterator[Row]:
    """The rows of a passing file."""
    for line in file:
        yield from ((table, tuple(values)) for table, values in json.loads(line))


def _load(
    importer: Importer, name: str, sha256: str, staged: Iterable[str], notes: Notes, *, by: UUID | None, at: datetime,
    keep_current: bool,
) -> Loaded:  # fmt: skip
    """All that an import writes, in one transaction."""
    try:
        with transaction.atomic():
            release = Release.objects.create(
                kind=importer.KIND,
                series=notes.series[:200],
                version=notes.version[:80] or f"of {at:%Y-%m-%d}",
                source_name=name[:200],
                sha256=sha256,
                imported_at=at,
                rows=0,
            )
            release.rows = fill(release, importer.TABLES, staged_rows(staged), notes)
            if not release.rows:
                raise BadFile(f"{name} holds no row that can be used. Use the file as it was published.")
            release.report = notes.to_json()
            release.save(update_fields=["rows", "report"])
            data = {"kind": release.kind, "version": release.version, "rows": release.rows, "sha256": sha256}
            record(verb="reference.imported", subject=release, by=by, at=at, data=data)
            if not keep_current:
                make_current(release=release, by=by, at=at)
    except DatabaseError as error:
        known = _loaded_before(importer.KIND, sha256, by, at, keep_current)
        if known is not None:  # another process loaded the same file meanwhile
            return known
        raise BadFile(f"{name} holds a row that the tables refuse ({error}). Nothing was changed.") from error
    return Loaded(release, new=True)


@transaction.atomic
def load_starter(*, by: UUID | None, at: datetime) -> list[Release]:
    """Load the starter facts where they are not loaded yet; gives the new releases.

    They become current only where nothing official is. Starter facts of an older program go.
    """
    made = []
    for kind in KINDS:
        digested = sha256(kind)
        mine = Release.objects.filter(kind=kind, version=VERSION)
        if mine.filter(sha256=digested).exists():
            continue
        official = Release.objects.filter(kind=kind, series="", is_current=True).exclude(version=VERSION).exists()
        mine.delete()
        release = Release.objects.create(
            kind=kind, version=VERSION, source_name=f"{kind}.jsonl", sha256=digested, imported_at=at, rows=0
        )
        notes = Notes()
        release.rows = fill(release, IMPORTERS[kind].TABLES, read(kind, notes), notes)
        release.report = notes.to_json()
        release.save(update_fields=["rows", "report"])
        record(verb="reference.starter", subject=release, by=by, at=at, data={"kind": kind, "rows": release.rows})
        if not official:
            make_current(release=release, by=by, at=at)
        made.append(release)
    return made


def fill(release: Release, columns: Mapping[str, Sequence[str]], rows: Iterable[Row], notes: Notes) -> int:
    """Write rows under a release; how many there were. Counts by table go into the notes."""
    tables: dict[str, Insert] = {}
    config = apps.get_app_config("fieldstone")
    for table, values in rows:
        insert = tables.get(table)
        if insert is None:
            insert = tables[table] = Insert(config.get_model(table), columns[table], release)
        insert.add(values)
    for table, insert in tables.items():
        insert.close()
        notes.counts[table] = insert.count
    return sum(insert.count for insert in tables.values())


@transaction.atomic
def forget(*, release: Release, by: UUID | None, at: datetime) -> None:
    """Delete a release with all its rows. Raises Refused while pages show it."""
    if Release.objects.filter(pk=release.pk, is_current=True).exists():
        raise Refused(f"Pages show {release} now. Load or show another version first.")
    record(
        verb="reference.forgotten",
        subject=release,
        by=by,
        at=at,
        data={"kind": release.kind, "version": release.version, "sha256": release.sha256},
    )
    release.delete()


@transaction.atomic
def make_current(*, release: Release, by: UUID | None, at: datetime) -> bool:
    """Let pages show this release instead of the one they showed; False where they do already."""
    mine = Release.objects.filter(pk=release.pk, is_current=False)
    if not mine.exists():
        release.is_current = True
        return False
    others = Release.objects.filter(kind=release.kind, series=release.series, is_current=True)
    before: Any = others.values_list("version", flat=True).first()
    others.update(is_current=False)
    mine.update(is_current=True)
    release.is_current = True
    record(
        verb="reference.current",
        subject=release,
        by=by,
        at=at,
        data={"kind": release.kind, "version": release.version, "before": before or ""},
    )
    return True
