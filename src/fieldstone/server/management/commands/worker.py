"""`fieldstone worker`: mail, documents and re-evaluation, in a process of its own."""

from typing import Any

from django.core.management.base import BaseCommand

from fieldstone.server.management import worker


class Command(BaseCommand):
    """Runs until it is stopped."""

    help = "Work on mail, documents and re-evaluation until stopped."

    def add_arguments(self, parser: Any) -> None:
        """One option: do what is due, then end."""
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the loop."""
        if options["once"]:
            worker.each_minute(worker.clock())
            self.stdout.write(f"{worker.drain(at=worker.clock())} tasks done")
            return
        worker.run()
