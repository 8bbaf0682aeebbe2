"""`fieldstone organization`: the first step of a new installation."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fieldstone.server.journeys import invite
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.rules import ORGANIZATION_KINDS


class Command(BaseCommand):
    """Makes an organization and its first administrator."""

    help = "Make an organization; its administrator signs in with a mailed code and gives the other roles."

    def add_arguments(self, parser: Any) -> None:
        """Who it is and who looks after it."""
        parser.add_argument("name", help="the organization's name, as credentials show it")
        parser.add_argument("--kind", required=True, choices=ORGANIZATION_KINDS)
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="the first administrator's e-mail address")
        parser.add_argument("--slug", default="", help="its name in addresses (default: made from the name)")
        parser.add_argument("--language", default="en", choices=[code for code, _ in settings.LANGUAGES])

    def handle(self, *args: Any, **options: Any) -> None:
        """Make both, and say where to go on."""
        try:
            organization = invite.found(
                name=options["name"],
                kind=options["kind"],
                email=options["admin"],
                language=options["language"],
                slug=options["slug"],
                at=timezone.now(),
            )
        except Refused as refused:
            raise CommandError(" ".join(problem.english() for problem in refused.problems)) from None
        self.stdout.write(f"{organization.name} is made. {options['admin']} signs in at {settings.BASE_URL}/sign-in/")
