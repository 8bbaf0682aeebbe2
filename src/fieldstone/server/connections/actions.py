"""Every write about apps and their tokens.

Whoever shows a code or a refresh token a second time is refused, and what came of the first time ends with it. Since
a refusal must not take that back, these actions answer None instead of raising.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from fieldstone.server.connections.models import App, Code, Connection, Token
from fieldstone.server.connections.rules import (
    ACCESS_LIFE,
    CODE_LIFE,
    CONNECTION_LIFE,
    UNFINISHED_LIFE,
    Asked,
    Metadata,
    narrowed,
)
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.kept import digest, proves
from fieldstone.server.ledger.problems import Conflict
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import User

KEPT_AFTER_USE = timedelta(days=30)
"""How long a used refresh token is remembered, to notice a second use."""


@dataclass(frozen=True)
class Issued:
    """A pair of tokens as the app gets them, once. `refresh` is "" for an app that did not register for it."""

    access: str
    refresh: str
    scope: str


@transaction.atomic
def register(*, metadata: Metadata, at: datetime) -> tuple[App, str]:
    """A new app and its secret, which is shown once. If nobody connects it, it is forgotten after two days."""
    secret = secrets.token_urlsafe(32)
    app = App.objects.create(
        secret_hash=digest(secret), name=metadata.name, uri=metadata.uri, logo_uri=metadata.logo_uri,
        tos_uri=metadata.tos_uri, policy_uri=metadata.policy_uri, software_id=metadata.software_id,
        software_version=metadata.software_version, redirect_uris=list(metadata.redirect_uris),
        scope=" ".join(metadata.scope), grant_types=list(metadata.grant_types), contacts=list(metadata.contacts),
        registered_at=at,
    )  # fmt: skip
    ledger.record(
        verb="connections.registered", subject=app, by=None, at=at, later={"forget_app": at + UNFINISHED_LIFE}
    )
    return app, secret


@transaction.atomic
def forget_app(*, app: UUID, at: datetime) -> None:
    """Delete an app that nobody ever connected."""
    App.objects.filter(pk=app, connections=None, registered_at__lte=at - UNFINISHED_LIFE).delete()


@transaction.atomic
def allow(*, app: App, asked: Asked, scope: tuple[str, ...], by: User, at: datetime, key: str) -> str:
    """A learner lets an app in: the code that her browser carries to it. The same `key` twice is one code.

    Raises Conflict for a key that belongs to another answer.
    """
    code = salted_hmac("fieldstone.connections.code", f"{by.pk}:{key}", algorithm="sha256").hexdigest()
    wanted = {
        "app": app, "learner": by, "redirect_uri": asked.redirect_uri, "challenge": asked.challenge,
        "scope": " ".join(scope),
    }  # fmt: skip
    own = {"code_hash": digest(code), **wanted}
    if ledger.once(lambda: Code.objects.create(made_at=at, expires_at=at + CODE_LIFE, **own)) is None:
        if not Code.objects.filter(**own).exists():
            raise Conflict(_("This page was answered already. Go back to the app and begin again."))
        return code
    Code.objects.filter(learner=by, expires_at__lt=at - timedelta(days=1)).delete()
    ledger.record(verb="connections.allowed", subject=app, by=by.pk, at=at, data={"scope": " ".join(scope)})
    return code


@transaction.atomic
def redeem(*, app: App, code: str, redirect_uri: str, verifier: str, at: datetime) -> Issued | None:
    """The first tokens for a code. None if the code is unknown, of another app, old, used, or not proven.

    A code is good for one try. If it was used before, the connection that came of it ends. An older connection
    of this learner with this app ends too.
    """
    row = Code.objects.filter(app=app, code_hash=digest(code)).select_related("learner", "connection").first()
    if row is None:
        return None
    if not Code.objects.filter(pk=row.pk, used_at=None).update(used_at=at):
        row.refresh_from_db()
        if row.connection is not None:
            _end(row.connection, why="replay", by=None, at=at)
        return None
    good = row.expires_at > at and row.redirect_uri == redirect_uri and proves(verifier, row.challenge)
    if not good or not row.learner.is_active:
        return None
    for older in Connection.objects.select_for_update().filter(app=app, learner=row.learner, ended_at=None):
        _end(older, why="replaced", by=row.learner, at=at)
    connection = Connection.objects.create(
        app=app, learner=row.learner, scope=row.scope, allowed_at=row.made_at, ends_at=row.made_at + CONNECTION_LIFE
    )
    Code.objects.filter(pk=row.pk).update(connection=connection)
    ledger.record(verb="connections.connected", subject=connection, by=row.learner.pk, at=at, data={"app": str(app.pk)})
    return _issue(connection, app=app, scope=row.scope, at=at)


@transaction.atomic
def refresh(*, app: App, token: str, wanted: str, at: datetime) -> Issued | None:
    """A new pair for a refresh token, which is used up by this. None if it is unknown, of another app, or ended.

    A token that was used before ends its connection: one of the two who showed it is not the app. Raises OAuthError
    for a scope that was not granted. Hourly and nobody's doing, so the ledger gets no line.
    """
    row = Token.objects.filter(refresh_hash=digest(token), connection__app=app).select_related("connection").first()
    if row is None or row.connection.ended_at is not None or row.connection.ends_at <= at:
        return None
    scope = " ".join(narrowed(wanted, row.connection.scope.split()))
    if not Token.objects.filter(pk=row.pk, refreshed_at=None).update(refreshed_at=at):
        _end(row.connection, why="replay", by=None, at=at)
        return None
    row.connection.tokens.filter(refreshed_at__lt=at - KEPT_AFTER_USE).delete()
    return _issue(row.connection, app=app, scope=scope, at=at)


@transaction.atomic
def revoke(*, app: App, token: str, at: datetime) -> None:
    """An app gives a token back (RFC 7009): a refresh token ends the connection, an access token only itself."""
    Token.objects.filter(access_hash=digest(token), connection__app=app, access_until__gt=at).update(access_until=at)
    for row in Token.objects.filter(refresh_hash=digest(token), connection__app=app).select_related("connection"):
        _end(row.connection, why="app", by=None, at=at)


@transaction.atomic
def disconnect(*, connection: Connection, by: User, at: datetime) -> None:
    """A learner shuts an app out. Twice is once."""
    _end(connection, why="learner", by=by, at=at)


@transaction.atomic
def forget(*, learner: User, at: datetime) -> None:
    """Erase a learner's connections, codes and tokens. Part of `journeys.delete_account`."""
    Code.objects.filter(learner=learner).delete()
    Connection.objects.filter(learner=learner).delete()


def _end(connection: Connection, *, why: str, by: User | None, at: datetime) -> None:
    """End a connection: from now on none of its tokens opens anything."""
    if Connection.objects.filter(pk=connection.pk, ended_at=None).update(ended_at=at, ended_why=why):
        ledger.record(
            verb="connections.ended", subject=connection, by=by.pk if by else None, at=at, data={"why": why}
        )  # fmt: skip


def _issue(connection: Connection, *, app: App, scope: str, at: datetime) -> Issued:
    access, renew = f"fsa_{secrets.token_urlsafe(32)}", ""
    if "refresh_token" in app.grant_types:
        renew = f"fsr_{secrets.token_urlsafe(32)}"
    Token.objects.create(
        connection=connection, access_hash=digest(access), refresh_hash=digest(renew) if renew else None,
        scope=scope, made_at=at, access_until=min(at + ACCESS_LIFE, connection.ends_at),
    )  # fmt: skip
    return Issued(access=access, refresh=renew, scope=scope)
