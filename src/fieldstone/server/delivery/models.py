"""Tables. Issuing (OpenID4VCI): offers, what wallets were allowed, what they fetched. No secret stands here in the
clear: codes of offers are derived when they are shown, every other one is kept as its SHA-256."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fieldstone.server.awards.models import Award
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.ledger.models import Row
from fieldstone.server.people.models import Organization, User


class WalletThing(Row):
    """One credential of one learner: an award, or work whose award is still to come.

    `kind` names the credential in the issuer's metadata; `configurations` are the forms of it that were allowed.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    learner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="%(class)ss")
    award = models.ForeignKey(Award, on_delete=models.CASCADE, null=True, related_name="%(class)ss")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=100)
    configurations = models.JSONField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class WalletOffer(WalletThing):
    """A learner's offer to one wallet: short, once, a few tries. Its codes are derived from its id."""

    key = models.CharField(max_length=160, unique=True)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    redeemed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(award__isnull=False, enrollment=None) | Q(award=None, enrollment__isnull=False),
                name="wallet_offer_of_one_thing",
            )
        ]


class WalletGrant(WalletThing):
    """What a learner allowed one wallet. `client_id` is empty for a wallet that came with a scanned offer."""

    offer = models.OneToOneField(WalletOffer, on_delete=models.SET_NULL, null=True, related_name="grant")
    client_id = models.CharField(max_length=300, blank=True)
    redirect_uri = models.CharField(max_length=1000, blank=True)
    by_details = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(award__isnull=False, enrollment=None) | Q(award=None, enrollment__isnull=False),
                name="wallet_grant_of_one_thing",
            )
        ]


class WalletToken(Row):
    """An authorization code, access token or refresh token, as its SHA-256. Codes and refresh tokens work once."""

    grant = models.ForeignKey(WalletGrant, on_delete=models.CASCADE, related_name="tokens")
    use = models.CharField(max_length=7, choices=[(u, u) for u in ("code", "access", "refresh")])
    sha256 = models.CharField(max_length=64, unique=True)
    challenge = models.CharField(max_length=43, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class WalletDelivery(Row):
    """What a wallet asked for and got, at once or later, and what it said of it."""

    grant = models.ForeignKey(WalletGrant, on_delete=models.CASCADE, related_name="deliveries")
    configuration = models.CharField(max_length=120)
    holders = models.JSONField(default=list)
    transaction = models.CharField(max_length=64, null=True, unique=True)
    notification = models.CharField(max_length=64, null=True, unique=True)
    asked_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    event = models.CharField(max_length=20, blank=True)
    event_at = models.DateTimeField(null=True)


class WalletRequest(Row):
    """What a wallet pushed before it sent the learner here (RFC 9126), under the SHA-256 of its address."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64, unique=True)
    parameters = models.JSONField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)


class SpentNonce(models.Model):
    """A nonce that was used; kept until it would have ended anyway."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)
