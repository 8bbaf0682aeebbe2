"""`fieldstone serve`: the web server, with a worker beside it."""

import multiprocessing
import os
import signal
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from fieldstone.server.net.ports import answers

STOP_SECONDS = 3
"""How long requests may take to end once the server is stopped. Ctrl+C reaches granian's processes twice, from the
terminal and from their parent, and one that hears it twice does not end by itself."""


def _worker(parent: int) -> None:
    """The worker process: ends by itself when its parent is gone."""
    import django

    django.setup()
    from fieldstone.server.management import worker

    worker.run(parent=parent)


def refuse_taken(host: str, port: int) -> None:
    """Raises CommandError when somebody already answers there: granian would share the port without a word."""
    if answers(host, port):
        raise CommandError(f"Something already answers on {host}:{port}. Stop it, or choose another --port.")


class Command(BaseCommand):
    """Serves one box: granian (WSGI) and one worker."""

    help = "Serve the site, with a worker beside it."

    def add_arguments(self, parser: Any) -> None:
        """Where to listen and how many processes."""
        parser.add_argument("--data", help="the data folder (default .data or FIELDSTONE_DATA)")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--processes", type=int, default=1)
        parser.add_argument("--no-worker", action="store_true", help="a worker runs elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring the database up to date, start the worker, serve until stopped."""
        if not 1 <= options["port"] <= 65535:
            raise CommandError("--port takes a number from 1 to 65535")
        refuse_taken(options["host"], options["port"])
        call_command("setup")
        from granian import Granian
        from granian.constants import Interfaces
        from granian.log import LogLevels

        helper = None
        if not options["no_worker"]:
            context = multiprocessing.get_context("spawn")
            helper = context.Process(target=_worker, args=(os.getpid(),), daemon=True)
            interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is ours until the worker hears it itself
            helper.start()
            signal.signal(signal.SIGINT, interrupt)
        self.stdout.write(f"Serving on http://{options['host']}:{options['port']} (stop with Ctrl+C)")
        sys.stdout.flush()
        try:
            Granian(
                "fieldstone.server.config.wsgi:application",
                address=options["host"],
                port=options["port"],
                interface=Interfaces.WSGI,
                workers=options["processes"],
                blocking_threads=8,
                respawn_failed_workers=True,
                workers_kill_timeout=STOP_SECONDS,
                log_level=LogLevels.error,
            ).serve()
        finally:
            if helper is not None:
                helper.terminate()
                helper.join(5)
