"""The page of all credentials that one person holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from fieldstone.server.awards import queries, rules
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.rules import Text
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import User


@dataclass(frozen=True)
class Held:
    """One credential with its stone, its state and the address that can be given away."""

    award: Award
    title: Text
    state: str
    level: int
    glyph: str
    url: str

    @property
    def chip(self) -> str:
        """The status chip: earned while it is valid."""
        return {"valid": "earned", "withdrawn": "withdrawn", "ended": "ended", "paused": "unknown"}[self.state]

    @property
    def words(self) -> str:
        """The state in words, where the chip's own do not fit."""
        return _("Paused") if self.state == "paused" else ""

    @property
    def stone_state(self) -> str:
        """A withdrawn credential's stone is no longer set."""
        return "missing" if self.state == "withdrawn" else "earned"

    @property
    def id(self) -> str:
        """The stone's id."""
        return str(self.award.micro_credential_id or self.award.stack_id)


def read(user: User, *, at: datetime, base_url: str) -> list[Held]:
    """Everything she was ever awarded, newest first. Two queries."""
    return _held(list(queries.of_learner(user)), at, base_url)


def read_one(user: User, award: UUID, *, at: datetime, base_url: str) -> Held | None:
    """One of hers."""
    return next(iter(_held(list(queries.of_learner(user).filter(pk=award)), at, base_url)), None)


def _held(awards: list[Award], at: datetime, base_url: str) -> list[Held]:
    stacks = {v.pk: v.definition for v in StackVersion.objects.filter(pk__in=[a.stack_version_id for a in awards])}
    found = []
    for award in awards:
        body = award.version.definition if award.version else stacks.get(award.stack_version_id or rules.NOBODY, {})
        found.append(
            Held(
                award=award,
                title=queries.title(award),
                state=queries.state_of(award, at),
                level=int(body.get("level") or 1),
                glyph=str(body.get("glyph") or "stairs"),
                url=rules.page_url(base_url, award.code),
            )
        )
    return found
