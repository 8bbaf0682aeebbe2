"""`fieldstone demo`: the four programs with invented people, sign-in links, and the site on this machine."""

from __future__ import annotations

import json
import shutil
import sys
import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from fieldstone.server.management.commands.serve import refuse_taken
from fieldstone.server.people.models import User
from fieldstone.server.web.shared.views_account import demo_token

LISTING = "demo.json"


class Command(BaseCommand):
    """Fills an empty data folder once; run again, it keeps what was done since."""

    help = "Show the four programs with invented people, and serve them on this machine."

    def add_arguments(self, parser: Any) -> None:
        """Where, how many, and whether to serve."""
        parser.add_argument("--data", help="the data folder (default .data)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--learners", type=int, default=50, help="invented learners per program (default 50)")
        parser.add_argument("--no-serve", action="store_true", help="only load the data")
        parser.add_argument("--json", action="store_true", help="print the links as JSON")
        parser.add_argument("--reset", action="store_true", help="start over: everything done in the demo is lost")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load (with progress), print the links, serve."""
        if not 1 <= options["port"] <= 65535:
            raise CommandError("--port takes a number from 1 to 65535")
        if not 0 <= options["learners"] <= 2000:
            raise CommandError("--learners takes a number from 0 to 2000")
        if not options["no_serve"]:
            refuse_taken(options["host"], options["port"])
        if options["reset"]:
            self._reset()
        call_command("setup")
        marker = settings.DATA / "demo"
        if User.objects.exists() and not marker.exists():
            raise CommandError(f"{settings.DATA} holds other data than the demonstration's. Choose another --data.")
        marker.touch()
        if (settings.DATA / "loading").exists():
            raise CommandError("An earlier load of this folder was broken off. Run it again with --reset.")
        if not User.objects.exists():
            self._load(options["learners"], quiet=options["json"])
        listing = self._listing()
        if options["json"]:
            self.stdout.write(json.dumps(listing, ensure_ascii=False))
        else:
            self._print(listing)
        if not options["no_serve"]:
            call_command("serve", host=options["host"], port=options["port"])

    def _reset(self) -> None:
        if settings.DATA.exists() and not (settings.DATA / "demo").exists() and any(settings.DATA.iterdir()):
            raise CommandError(f"{settings.DATA} is not a demonstration's folder; nothing was deleted.")
        connection.close()
        if connection.vendor == "postgresql":
            call_command("flush", interactive=False, verbosity=0)
        for path in settings.DATA.glob("*"):
            if path.name not in {"secret_key", "signing_secret", "demo"}:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _load(self, learners: int, *, quiet: bool) -> None:
        from fieldstone.server.management.demo.play import play

        marker = settings.DATA / "loading"
        marker.touch()
        started = time.monotonic()

        def progress(name: str, done: int, of: int) -> None:
            filled = 24 * done // max(1, of)
            bar = "#" * filled + "." * (24 - filled)
            line = f"\r{name.title():<10} [{bar}] {done}/{of} learners, {time.monotonic() - started:.0f} s"
            print(line, end="\n" if done == of else "", file=sys.stderr, flush=True)

        if not quiet:
            print("Loading four programs with invented people.", file=sys.stderr)
        shown = play(now=datetime.now(UTC), learners=learners, progress=progress if not quiet else lambda *_: None)
        found = {
            "people": [
                {"role": d.role, "program": d.program, "name": d.user.name, "id": str(d.user.pk)} for d in shown.doors
            ],
            "credentials": [award.code for award in shown.awards],
            "stacks": [[stack.organization.slug, stack.slug] for stack in shown.stacks],
        }  # fmt: skip
        (settings.DATA / LISTING).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        marker.unlink()

    def _listing(self) -> dict[str, Any]:
        """The links, for the address at which this installation answers now."""
        found = json.loads((settings.DATA / LISTING).read_text(encoding="utf-8"))
        base = settings.BASE_URL
        users = User.objects.in_bulk([p["id"] for p in found["people"]])
        by_id = {str(pk): user for pk, user in users.items()}
        return {
            "people": [
                {k: p[k] for k in ("role", "program", "name")}
                | {"url": f"{base}/demo/in/{demo_token(by_id[p['id']])}/"}
                for p in found["people"]
                if p["id"] in by_id
            ],
            "credentials": [f"{base}/c/{code}/" for code in found["credentials"]],
            "stacks": [f"{base}/s/{org}/{slug}/" for org, slug in found["stacks"]],
        }

    def _print(self, listing: dict[str, Any]) -> None:
        out = self.stdout.write
        out("\nEverything here is invented and marked so on screen. Sign in as:\n")
        program = ""
        for person in listing["people"]:
            if person["program"] != program:
                program = person["program"]
                out(f"\n  {program}")
            out(f"    {person['role']:<14} {person['name']:<24} {person['url']}")
        out("\n  A credential to check:  " + listing["credentials"][0])
        out("  A stack:                " + listing["stacks"][0])
        out(f"\n  Without an account:     {settings.BASE_URL}/\n")
