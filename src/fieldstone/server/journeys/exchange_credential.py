"""A learner's wallet app fetches one of her credentials (VC API exchange): it proves its key and gets the document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from fieldstone import credential
from fieldstone.credential import methods
from fieldstone.credential.report import Outcome
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import checking
from fieldstone.server.awards import queries as awarded
from fieldstone.server.awards.rules import Holder
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.net import Within
from fieldstone.server.wallets import actions, rules
from fieldstone.server.wallets.models import Exchange


class NotProved(Refused):
    """The wallet did not prove to hold the key that it names; `code` says why."""

    status = 400

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def still_open(exchange: Exchange, at: datetime) -> None:
    """Raises Gone where the link was used or has ended, or the credential is no longer in force."""
    if exchange.used_at is not None or exchange.ends_at <= at or awarded.state_of(exchange.award, at) != "valid":
        raise actions.Gone(_("This link is no longer open. Ask for a new one."))


def exchange_credential(
    *, exchange: Exchange, presentation: Mapping[str, Any], names_domain: bool, at: datetime
) -> dict[str, Any]:
    """The credential, for a wallet that signed our challenge. Raises Gone, NotProved.

    `names_domain`: the wallet was told our domain and must have signed it; where it was opened by the older link, which
    has no place for one, a domain is checked only if it is there.
    """
    still_open(exchange, at)
    if presentation.get("verifiableCredential"):
        raise NotProved("not_asked", "Only a holder's proof was asked for, without credentials.")
    proofs = presentation.get("proof")
    listed = proofs if isinstance(proofs, list) else [proofs]
    told = any("domain" in each for each in listed if isinstance(each, dict))
    report = credential.verify_presentation(
        presentation, resolver=Within(checking.WORLD), at=at, challenge=exchange.challenge,
        domain=rules.domain(settings.BASE_URL) if names_domain or told else None,
    )  # fmt: skip
    for check in report.checks:
        if check.outcome is not Outcome.PASSED:
            raise NotProved(check.code, check.detail)
    holder = (report.document or {}).get("holder")
    holder = holder.get("id") if isinstance(holder, Mapping) else holder
    if not isinstance(holder, str):
        raise NotProved("not_asked", "The presentation does not say who its holder is.")
    with transaction.atomic():
        actions.use_exchange(exchange=exchange, holder=holder, at=at)
        text = awards.copy(award=exchange.award, form="ldp_vc", holder=_key_of(holder, listed), by=None, at=at)
    document: dict[str, Any] = credential.loads(text.encode())
    return document


def _key_of(holder: str, proofs: list[Any]) -> Holder:
    """The key that just signed, to which the copy is tied."""
    method = methods.find(str(proofs[0]["verificationMethod"]), checking.WORLD)
    return Holder(holder, method.key.jwk())
