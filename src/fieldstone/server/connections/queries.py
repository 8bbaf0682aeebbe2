"""Reads about apps: by client id, by token, and what a learner has connected."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Max, QuerySet

from fieldstone.server.connections.models import App, Connection, Token
from fieldstone.server.ledger.kept import digest
from fieldstone.server.people.models import User


def app(client_id: str) -> App | None:
    """The app with this `client_id`."""
    try:
        pk = UUID(client_id)
    except ValueError:
        return None
    return App.objects.filter(pk=pk).first() if str(pk) == client_id else None


def bearer(access_token: str, *, at: datetime) -> Token | None:
    """The living token with its connection and learner. One query."""
    return (
        Token.objects.filter(access_hash=digest(access_token), access_until__gt=at)
        .filter(connection__ended_at=None, connection__ends_at__gt=at, connection__learner__is_active=True)
        .select_related("connection__learner", "connection__app")
        .first()
    )


def of_learner(learner: User, *, at: datetime) -> QuerySet[Connection]:
    """The apps that can act for her now, newest first; `fetched_at` is when one last got tokens. One query."""
    rows = Connection.objects.filter(learner=learner, ended_at=None, ends_at__gt=at)
    return rows.select_related("app").annotate(fetched_at=Max("tokens__made_at")).order_by("-allowed_at", "-id")
