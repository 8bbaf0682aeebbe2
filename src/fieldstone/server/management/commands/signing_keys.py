"""`fieldstone signing_keys`: what an administrator of the installation does about keys that screens do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fieldstone.server.awards import actions
from fieldstone.server.awards.models import SigningKey
from fieldstone.server.ledger.problems import Refused


class Command(BaseCommand):
    """Lists keys, takes a lost one out of its DID document, seals all under a new secret."""

    help = "List the organizations' signing keys, remove a lost or stolen one, or seal all under a new secret."

    def add_arguments(self, parser: Any) -> None:
        """What to do, and with which key."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="list|remove|reseal")
        actions.add_parser("list", help="every key, with its state")
        remove = actions.add_parser("remove", help="publish a lost or stolen key no more: what it signed is void")
        remove.add_argument("key", help="the key's public part, as the list shows it (z6Mk…)")
        remove.add_argument("--reason", required=True, help="why; it is written into the record")
        reseal = actions.add_parser("reseal", help="seal all keys under the secret that is set now")
        reseal.add_argument("--old", required=True, metavar="FILE", help="a file with the secret that was set before")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        try:
            {"list": self._list, "remove": self._remove, "reseal": self._reseal}[options["action"]](options)
        except Refused as refused:
            raise CommandError(" ".join(problem.english() for problem in refused.problems)) from None
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None

    def _list(self, options: dict[str, Any]) -> None:
        for key in SigningKey.objects.select_related("organization").order_by("organization__slug", "-made_at"):
            state = "removed" if key.removed_at else "retired" if key.retired_at else "in use"
            self.stdout.write(
                f"{key.organization.slug}  {key.made_at:%Y-%m-%d}  {state:8}{key.public_multibase}  {key.did}"
            )

    def _remove(self, options: dict[str, Any]) -> None:
        key = SigningKey.objects.filter(public_multibase=options["key"]).first()
        if key is None:
            raise CommandError("There is no such key. See: fieldstone signing_keys list")
        new = actions.remove_key(key=key, reason=options["reason"], by=None, at=timezone.now())
        self.stdout.write(
            "The key is published no more." if new is None else f"{new.public_multibase} signs from now on."
        )

    def _reseal(self, options: dict[str, Any]) -> None:
        done, already = actions.reseal_keys(old_secret=Path(options["old"]).read_text().strip(), at=timezone.now())
        self.stdout.write(f"{done} keys sealed anew, {already} were already.")
