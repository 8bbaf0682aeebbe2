"""`fieldstone setup`: bring the database and the folders to the newest form. Safe to run again."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from fieldstone.server.reference.actions import load_starter


class Command(BaseCommand):
    """Migrations, the cache table, the data folder, the starter facts of jobs and places."""

    help = "Create or update the database, the cache table, the data folder and the starter facts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step; every one of them may be repeated."""
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
        verbosity = min(1, int(options["verbosity"])) if options["verbosity"] > 1 else 0
        call_command("migrate", interactive=False, verbosity=verbosity)
        call_command("createcachetable", verbosity=0)
        load_starter(by=None, at=datetime.now(UTC))
