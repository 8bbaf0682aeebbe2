"""Tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fieldstone.server.awards.models import Award
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import Organization, User
from fieldstone.server.wallets.rules import ERASED_WHY, MAX_KEEP_DAYS, VIAS


class Request(Row):
    """A recognizer asks one person for credentials (OpenID4VP). Whoever has the link may answer, once, until `ends_at`.

    `asked` are the things in words, `query` the same as DCQL, `body` the request object as it was signed. `token` is
    the secret of the link; `nonce` and `state` tie an answer to this question.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="requests")
    token = models.CharField(max_length=60, unique=True)
    purpose = models.CharField(max_length=500)
    asked = models.JSONField()
    needs_all = models.BooleanField(default=True)
    query = models.JSONField()
    client_id = models.CharField(max_length=330)
    nonce = models.CharField(max_length=60)
    state = models.CharField(max_length=60, unique=True)
    body = models.TextField()
    keep_days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(keep_days__gte=1, keep_days__lte=MAX_KEEP_DAYS), name="request_keeps"),
            models.CheckConstraint(condition=~Q(purpose=""), name="request_says_why"),
        ]


class Reply(Row):
    """What came in answer to a request. `items` hold the credentials, word for word, until they are erased.

    `receipt` is the secret address with which the person who answered can look at this and take it back.
    """

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="reply")
    receipt = models.CharField(max_length=60, unique=True)
    via = models.CharField(max_length=10, choices=[(v, v) for v in VIAS])
    came_at = models.DateTimeField()
    erase_at = models.DateTimeField()
    items = models.JSONField()
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_why = models.CharField(max_length=8, blank=True, choices=[(w, w) for w in ERASED_WHY])

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(erased_at=None, erased_why="") | Q(erased_at__isnull=False, erased_why__in=ERASED_WHY),
                name="reply_erased_whole",
            )
        ]


class Shown(Row):
    """A learner's own record of what she showed from her page, to whom and why. Recognizers never see it.

    `request` is set where the verifier is here; `client_id` names any other.
    """

    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shown")
    request = models.ForeignKey(Request, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    client_id = models.CharField(max_length=330)
    who = models.CharField(max_length=330)
    purpose = models.CharField(max_length=500, blank=True)
    titles = models.JSONField()
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request"], condition=Q(request__isnull=False), name="shown_once")
        ]


class Exchange(Row):
    """A link with which one wallet fetches one credential, once (VC API). `holder` is the DID that fetched it."""

    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="exchanges")
    token = models.CharField(max_length=60, unique=True)
    challenge = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    holder = models.CharField(max_length=400, blank=True)
