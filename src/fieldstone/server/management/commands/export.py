"""`fieldstone export KIND ID`: what a program has published, or a framework that was imported, as a file.

The writers are those of the web addresses (`/ctdl/…`, `/ims/case/v1p1/…`, a learner's calendar), so that a file and
an address never differ.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.text import slugify

from fieldstone.server.api import published
from fieldstone.server.catalog import queries as catalog
from fieldstone.server.catalog.models import Program, Version
from fieldstone.server.ledger.ids import uuid_of
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import User
from fieldstone.server.reference import frameworks
from fieldstone.server.reference.models import Framework
from fieldstone.server.web.learner import dates

KINDS = ("ctdl", "case", "ics")
ENDING = {"ctdl": "ctdl.jsonld", "case": "case.json", "ics": "ics"}


@dataclass(frozen=True)
class Thing:
    """Something to export: what it is, its id, what people call it, its file's name without ending, how to write it."""

    what: str
    id: str
    name: str
    stem: str
    write: Callable[[], bytes]

    @property
    def line(self) -> str:
        """One line of a list."""
        return f"{self.id}  {self.what:<16}  {self.name}"


class Command(BaseCommand):
    """One file for each program, stack, micro-credential, framework or person."""

    help = "Write what a program published (ctdl, case), an imported framework, or a learner's dates (ics) as a file."

    def add_arguments(self, parser: Any) -> None:
        """What, which one, and where to."""
        parser.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
        parser.add_argument("id", nargs="?", metavar="ID", help="an id, ORGANIZATION/NAME, or an e-mail address")
        parser.add_argument("--all", action="store_true", help="every program that has published something")
        parser.add_argument("--list", action="store_true", help="list what there is to export")
        parser.add_argument("--out", metavar="PATH", help="a file or a folder; without it, standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find it and write it."""
        kind, word, out = options["kind"], options["id"], options["out"]
        if options["list"]:
            for thing in _listed(kind):
                self.stdout.write(thing.line)
            return
        if bool(word) == options["all"]:
            raise CommandError(
                f"Name what to export, or say --all: one of the two. See fieldstone export {kind} --list"
            )
        if not options["all"]:
            self._one(kind, _found(kind, word), out)
        elif kind == "ics":
            raise CommandError("Dates are one person's: name her id or her e-mail address.")
        else:
            self._every(kind, out)
        if kind != "ics" and settings.BASE_URL.startswith("http://"):
            self.stderr.write(
                f"Addresses in it begin with {settings.BASE_URL}. Set FIELDSTONE_BASE_URL to your site's name first, "
                "if others are to follow them."
            )

    def _one(self, kind: str, thing: Thing, out: str | None) -> None:
        data = thing.write()
        if out is None or out == "-":
            self.stdout.write(data.decode(), ending="")
            return
        path = Path(out)
        self._put(path / f"{thing.stem}.{ENDING[kind]}" if path.is_dir() else path, data)

    def _every(self, kind: str, out: str | None) -> None:
        if out is None or out == "-":
            raise CommandError("--all writes one file for each program: name a folder with --out.")
        things = _programs(kind, catalog.publishing())
        if not things:
            raise CommandError("No program has published anything yet.")
        folder = Path(out)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None
        for thing in things:
            self._put(folder / f"{thing.stem}.{ENDING[kind]}", thing.write())

    def _put(self, path: Path, data: bytes) -> None:
        """A whole file or none: it is written beside its place and then moved there."""
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            beside.write_bytes(data)
            beside.replace(path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise CommandError(f"{path}: {error.strerror}") from None
        self.stdout.write(f"{path}  {len(data):,} bytes")


def _json(document: Any) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _title(texts: Any) -> str:
    return str(texts.get("en") or next(iter(texts.values()), ""))


def _programs(kind: str, rows: Iterable[Program]) -> list[Thing]:
    writer = published.whole if kind == "ctdl" else published.package

    def thing(one: Program) -> Thing:
        stem = f"{one.organization.slug}.{one.slug}"
        name = f"{stem.replace('.', '/')}  {_title(one.title)}"
        return Thing("program", str(one.pk), name, stem, lambda: _json(writer(one, base_url=settings.BASE_URL)))

    return [thing(one) for one in rows]


def _parts(**asked: Any) -> list[Thing]:
    """Single micro-credentials and stacks, which CTDL describes on their own; `asked` is said of both."""
    found = []
    micros = {f"micro_credential__{key}": value for key, value in asked.items()}
    versions = Version.objects.current().filter(**micros).select_related("micro_credential__organization")
    for version in versions.order_by("micro_credential__organization__slug", "micro_credential__slug"):
        micro = version.micro_credential
        stem = f"{micro.organization.slug}.{micro.slug}"
        found.append(_graph("micro-credential", micro.pk, stem, _title(version.definition["title"])))
    stacks = {f"stack__{key}": value for key, value in asked.items()}
    rows = StackVersion.objects.current().filter(**stacks).select_related("stack__organization")
    for row in rows.order_by("stack__organization__slug", "stack__slug"):
        stem = f"{row.stack.organization.slug}.{row.stack.slug}"
        found.append(_graph("stack", row.stack_id, stem, _title(row.definition["title"])))
    return found


def _graph(what: str, pk: UUID, stem: str, title: str) -> Thing:
    writer = published.stack_graph if what == "stack" else published.micro_credential_graph
    name = f"{stem.replace('.', '/')}  {title}"
    return Thing(what, str(pk), name, stem, lambda: _json(writer(pk, base_url=settings.BASE_URL)))


def _imported(kind: str, series: str | None = None) -> list[Thing]:
    """Frameworks of others in the version that pages show, as they came."""
    rows = Framework.objects.filter(release__kind=kind, release__is_current=True).select_related("release")
    if series is not None:
        rows = rows.filter(release__series=series)

    def thing(one: Framework) -> Thing:
        stem = slugify(one.title)[:60] or "framework"
        name = f"{one.title} ({one.release.version})"
        release = one.release_id
        return Thing("imported", one.release.series, name, stem, lambda: _json(frameworks.document(release)))

    return [thing(one) for one in rows.order_by("title", "pk")]


def _person(word: str) -> list[Thing]:
    """A learner's dates, in her language, as her calendar reads them."""
    where = Q(pk=uuid_of(word)) if uuid_of(word) else Q(email__iexact=word)
    found = User.objects.filter(where, is_active=True).first() if word else None
    if found is None:
        return []
    user = found

    def write() -> bytes:
        with translation.override(user.language):
            return dates.feed(user, at=timezone.now(), language=user.language)

    return [Thing("person", str(user.pk), "", str(user.pk), write)]


def _listed(kind: str) -> list[Thing]:
    if kind == "ics":
        raise CommandError("People are not listed. Name one by her id or her e-mail address.")
    own = _programs(kind, catalog.publishing())
    return [*own, *(_parts() if kind == "ctdl" else []), *_imported(kind)]


def _found(kind: str, word: str) -> Thing:
    """The one thing of this name. Raises CommandError for none and for several."""
    things = _person(word) if kind == "ics" else _named(kind, word)
    if not things and kind == "ics":
        raise CommandError("Nobody here has this id or e-mail address.")
    if not things:
        raise CommandError(f"Nothing that is published here is called {word}. See fieldstone export {kind} --list")
    if len(things) > 1:
        told = "\n".join(f"  {thing.line}" for thing in things)
        raise CommandError(f"{word} is more than one thing. Name it by its id:\n{told}")
    return things[0]


def _named(kind: str, word: str) -> list[Thing]:
    """By its id, by its address on this site, or as ORGANIZATION/NAME; what is our own before what was imported."""
    ours = word.startswith(f"{settings.BASE_URL}/")
    pk, parts = uuid_of(word.rstrip("/").rpartition("/")[2] if ours else word), word.split("/")
    found: list[Thing] = []
    if pk is not None:
        found = _programs(kind, catalog.publishing().filter(pk=pk))
        found += _parts(pk=pk) if kind == "ctdl" else []
    elif len(parts) == 2:
        found = _programs(kind, catalog.publishing().filter(organization__slug=parts[0], slug=parts[1]))
        found += _parts(organization__slug=parts[0], slug=parts[1]) if kind == "ctdl" else []
    return found or _imported(kind, word)
