"""`fieldstone setup`: bring the database and the folders to the newest form. Safe to run again."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrations, the cache table, the data folder."""

    help = "Create or update the database, the cache table and the data folder."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step; every one of them may be repeated."""
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
        verbosity = min(1, int(options["verbosity"])) if options["verbosity"] > 1 else 0
        call_command("migrate", interactive=False, verbosity=verbosity)
        call_command("createcachetable", verbosity=0)
