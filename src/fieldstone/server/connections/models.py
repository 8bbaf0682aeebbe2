"""Apps, a learner's consent to one, and the keys that follow from it. No key is kept, only what it hashes to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fieldstone.server.connections.rules import ENDINGS
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import User


class App(Row):
    """A program that registered itself (RFC 7591). Its id is its `client_id`; nothing it says of itself is proven
    but the host of its addresses."""

    secret_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    uri = models.URLField(max_length=500)
    logo_uri = models.URLField(max_length=500)
    tos_uri = models.URLField(max_length=500)
    policy_uri = models.URLField(max_length=500)
    software_id = models.CharField(max_length=200)
    software_version = models.CharField(max_length=200)
    redirect_uris = models.JSONField()
    scope = models.TextField()
    grant_types = models.JSONField()
    contacts = models.JSONField(default=list)
    registered_at = models.DateTimeField()


class Connection(Row):
    """A learner's consent to one app, from the moment the app fetched its first tokens."""

    app = models.ForeignKey(App, on_delete=models.PROTECT, related_name="connections")
    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="connections")
    scope = models.TextField()
    allowed_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=10, blank=True, choices=[(word, word) for word in ENDINGS])

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["app", "learner"], condition=Q(ended_at=None), name="connection_one_live"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_why="") | Q(ended_at__isnull=False, ended_why__in=ENDINGS),
                name="connection_ended_with_reason",
            ),
        ]


class Code(Row):
    """What the browser carries back to the app: good once, for ten minutes, for one address and one challenge."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="codes")
    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64, unique=True)
    redirect_uri = models.TextField()
    challenge = models.CharField(max_length=43)
    scope = models.TextField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, null=True, blank=True, related_name="codes")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(connection=None) | Q(used_at__isnull=False), name="code_connects_when_used"
            )
        ]


class Token(Row):
    """A pair of tokens. A refresh token that was used stays here, so that a second use is noticed."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="tokens")
    access_hash = models.CharField(max_length=64, unique=True)
    refresh_hash = models.CharField(max_length=64, unique=True, null=True)
    scope = models.TextField()
    made_at = models.DateTimeField()
    access_until = models.DateTimeField()
    refreshed_at = models.DateTimeField(null=True, blank=True)
