"""`fieldstone import KIND PATH`: an official file into the tables of what others publish."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fieldstone.server.ledger.problems import Refused
from fieldstone.server.reference.actions import Loaded, forget, load
from fieldstone.server.reference.importers import IMPORTERS, BadFile
from fieldstone.server.reference.models import Release


class Command(BaseCommand):
    """One file, whole or not at all; versions stand side by side."""

    help = "Import an official file: occupations, wages, places, schools. See docs/imports.md."

    def add_arguments(self, parser: Any) -> None:
        """What, from where, and whether pages show it at once."""
        parser.add_argument("kind", nargs="?", choices=sorted(IMPORTERS), metavar="KIND", help=", ".join(IMPORTERS))
        parser.add_argument("path", nargs="?", type=Path, metavar="PATH", help="the file as downloaded")
        parser.add_argument("--keep-current", action="store_true", help="load it beside the version that pages show")
        parser.add_argument("--as", dest="called", default="", metavar="VERSION", help="what to call this version")
        parser.add_argument("--forget", metavar="VERSION", help="delete a version of KIND that pages do not show")
        parser.add_argument("--list", action="store_true", help="list what is loaded")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and print the report."""
        if options["list"]:
            return self._list()
        if options["kind"] and options["forget"]:
            return self._forget(options["kind"], options["forget"])
        if options["kind"] is None or options["path"] is None:
            raise CommandError("Name a kind and a file: fieldstone import KIND PATH. Kinds: " + ", ".join(IMPORTERS))
        started = time.monotonic()
        try:
            loaded = load(
                kind=options["kind"],
                path=options["path"],
                by=None,
                at=datetime.now(UTC),
                version=options["called"],
                keep_current=options["keep_current"],
                progress=Bar(started) if sys.stderr.isatty() else None,
            )
        except BadFile as error:
            raise CommandError(str(error)) from error
        self._print(loaded, time.monotonic() - started)
        return None

    def _print(self, loaded: Loaded, seconds: float) -> None:
        release, out = loaded.release, self.stdout.write
        shown = "pages show it now" if release.is_current else "pages still show another version"
        if not loaded.new:
            out(f"This file is loaded already: {release.kind} {release.version}; {shown}. Nothing else was changed.")
            return
        out(f"{release.kind} {release.version}: {release.rows} rows in {seconds:.1f} s; {shown}.")
        for what, rows in release.report["rows"].items():
            out(f"  {rows:>8}  {what}")
        for dropped in release.report["dropped"]:
            out(f"  {dropped['rows']:>8}  left out. {dropped['why']}")
            for example in dropped["examples"]:
                out(f"            {example}")
        for remark in release.report["remarks"]:
            out(f"  {remark}")

    def _forget(self, kind: str, version: str) -> None:
        release = Release.objects.filter(kind=kind, version=version).order_by("is_current", "imported_at").first()
        if release is None:
            raise CommandError(f"There is no {kind} {version}. See fieldstone import --list.")
        try:
            forget(release=release, by=None, at=datetime.now(UTC))
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{kind} {version} is deleted, with its {release.rows} rows.")

    def _list(self) -> None:
        for release in Release.objects.order_by("kind", "series", "imported_at"):
            mark = "*" if release.is_current else " "
            name = f"{release.kind} {release.series}".strip()
            self.stdout.write(
                f"{mark} {name:<16} {release.version:<20} {release.rows:>8} rows  {release.imported_at:%Y-%m-%d}  "
                f"{release.source_name}"
            )


class Bar:
    """A line on the terminal that fills."""

    def __init__(self, started: float) -> None:
        self.started, self.shown = started, -1

    def __call__(self, share: float) -> None:
        """Draw when another hundredth is done."""
        percent = int(100 * share)
        if percent == self.shown:
            return
        self.shown = percent
        filled = 24 * percent // 100
        line = f"\r[{'#' * filled}{'.' * (24 - filled)}] {percent:>3} % read, {time.monotonic() - self.started:.0f} s"
        print(line, end="\n" if percent == 100 else "", file=sys.stderr, flush=True)
