"""What signs: the only door to the signing keys, which no other module passes."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from fieldstone import credential
from fieldstone.server.awards import keys, rules
from fieldstone.server.awards.actions.problems import KeysAway
from fieldstone.server.awards.models import SigningKey
from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import Organization, User


def active_key(organization: Organization, at: datetime) -> tuple[SigningKey, credential.Signer]:
    """The key with which an organization signs now, made when there is none. Raises KeysAway."""
    row = SigningKey.objects.filter(organization=organization, retired_at=None).first()
    if row is None:
        row = new_key(organization, at)
    return row, open_key(row)


def newest_under(organization: UUID, did: str) -> SigningKey | None:
    """The newest key left under a DID: a did:web keeps its name when keys rotate, a did:key does not."""
    rows = SigningKey.objects.filter(organization_id=organization, did=did, removed_at=None)
    return rows.order_by("-made_at", "-id").first()


def signed(document: dict[str, Any], key: credential.Signer, at: datetime) -> str:
    """The signed document as it is stored; the suite is that of the key's kind."""
    suite = "eddsa-rdfc-2022" if key.kind == "Ed25519" else "ecdsa-rdfc-2019"
    return credential.dumps(credential.sign(document, key=key, created=at, suite=suite)).decode()


def new_key(organization: Organization, at: datetime) -> SigningKey:
    """A key from the first keeper. Raises KeysAway, and Refused where it is in use: the environment holds only what was
    put there."""
    did = rules.did_web(settings.BASE_URL, organization.slug) if settings.PUBLIC_HTTPS else None
    try:
        made = _keepers().make(organization.pk, kind=settings.KEY_KIND, did=did)
    except keys.CannotOpen as error:
        raise KeysAway from error
    if SigningKey.objects.filter(public_multibase=made.public).exists():
        raise Refused(_("The place for keys gave a key that is in use already. Put a new one there first."))
    row = SigningKey.objects.create(
        organization=organization,
        did=made.did,
        public_multibase=made.public,
        sealed_private=made.reference,
        made_at=at,
    )
    ledger.record(
        verb="awards.key_made", subject=row, by=None, at=at, organization=organization.pk,
        data={"did": row.did, "public": row.public_multibase},
    )  # fmt: skip
    return row


def open_key(row: SigningKey) -> credential.Signer:
    """What signs with a key of the table. Raises KeysAway, then and when it signs."""
    try:
        key = _keepers().signer(_kept(row))
    except keys.CannotOpen as error:
        raise KeysAway from error
    return replace(key, ask=partial(_ask, key)) if isinstance(key, credential.RemoteKey) else key


def _ask(key: credential.RemoteKey, data: bytes) -> bytes:
    try:
        return key.sign(data)
    except (keys.CannotOpen, credential.CredentialError) as error:
        raise KeysAway from error


def _kept(row: SigningKey) -> keys.Kept:
    return keys.Kept(row.organization_id, row.public_multibase, row.did, bytes(row.sealed_private))


def _keepers() -> keys.Keepers:
    return keys.keepers(
        settings.KEYS, secret=settings.KEY_ENCRYPTION_SECRET, password=settings.KEY_PASSWORD, environment=os.environ
    )


def holder_key(learner: User) -> credential.SigningKey:
    """The key that this site keeps for a learner without a wallet, made anew each time it is asked for."""
    return keys.holder(learner.pk, secret=settings.KEY_ENCRYPTION_SECRET)


@transaction.atomic
def reseal_keys(*, old_secret: str, at: datetime) -> tuple[int, int]:
    """Seal every key of the table under this installation's secret, which were sealed under an older one.

    Gives how many were sealed anew, and how many were already. All or none: raises `keys.CannotOpen` (as Refused) where
    one opens under neither secret.
    """
    keepers, done, already = _keepers(), 0, 0
    for row in SigningKey.objects.select_for_update().order_by("pk"):
        kept = _kept(row)
        if not keepers.is_sealed(kept):
            continue
        try:
            sealed = keys.reseal(
                kept.reference, organization=kept.organization, public=kept.public, old=old_secret,
                new=settings.KEY_ENCRYPTION_SECRET,
            )  # fmt: skip
        except keys.CannotOpen:
            raise Refused(_("A key opens under neither secret. Nothing was changed.")) from None
        if sealed is None:
            already += 1
            continue
        SigningKey.objects.filter(pk=row.pk).update(sealed_private=sealed)
        ledger.record(verb="awards.key_resealed", subject=row, by=None, at=at, organization=row.organization_id)
        done += 1
    return done, already


def keys_work() -> bool:
    """Whether keys can be had: one sealed for the question, and the newest that is kept, which signs where it is."""
    probe = credential.generate_key()
    whose = UUID(int=1)
    sealed = keys.seal(probe, organization=whose, secret=settings.KEY_ENCRYPTION_SECRET)
    try:
        keys.unseal(
            sealed, organization=whose, public=probe.public.multikey(), did=probe.controller,
            secret=settings.KEY_ENCRYPTION_SECRET,
        )  # fmt: skip
        newest = SigningKey.objects.filter(removed_at=None).order_by("-made_at").first()
        if newest is not None:
            open_key(newest).sign(b"fieldstone: does this key work?")
    except (keys.CannotOpen, KeysAway):
        return False
    return True
