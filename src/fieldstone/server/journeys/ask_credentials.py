"""A recognizer asks somebody for credentials: the query is made, signed with its key, and kept behind a secret link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.rules import achievement_url
from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import Organization, User
from fieldstone.server.recognition import queries as recognition
from fieldstone.server.wallets import actions, rules
from fieldstone.server.wallets.models import Request


def wanted(kind: str, pk: UUID) -> rules.Asked | None:
    """A published micro-credential ("m") or stack ("s") as a thing to ask for, in all its versions."""
    target = recognition.target(kind, pk)
    if target is None:
        return None
    if kind == "s":
        versions = list(StackVersion.objects.filter(stack=pk, published_at__isnull=False).values_list("pk", flat=True))
    else:
        rows = Version.objects.filter(micro_credential=pk, published_at__isnull=False)
        versions = list(rows.values_list("pk", flat=True))
    return rules.Asked(
        kind=kind,
        id=str(pk),
        title=target.title,
        issuer=str(target.organization.pk),
        issuer_name=target.organization.full_name,
        achievements=[achievement_url(settings.BASE_URL, version) for version in versions],
    )


@transaction.atomic
def ask_credentials(
    *, organization: Organization, asked: Sequence[rules.Asked], needs_all: bool, purpose: str, keep_days: int,
    open_days: int, by: User, at: datetime, key: str,
) -> Request:  # fmt: skip
    """Make a request with a fresh link, nonce and state. The same form twice is one request. Raises Refused."""
    purpose = " ".join(purpose.replace("\x00", "").split())
    problems = rules.ask_problems(count=len(asked), purpose=purpose, keep_days=keep_days, open_days=open_days)
    if problems:
        raise Refused(problems)
    query = rules.query(asked, needs_all=needs_all)
    token, nonce, state = (actions.secret() for _ in range(3))
    ends = at + timedelta(days=open_days)
    client_id, body = awards.sign_request(
        organization=organization, response_uri=rules.response_uri(settings.BASE_URL, token), query=query,
        nonce=nonce, state=state, ends=ends, by=by, at=at,
    )  # fmt: skip
    return actions.ask(
        organization=organization, asked=asked, needs_all=needs_all, query=query.to_json(), purpose=purpose,
        keep_days=keep_days, token=token, nonce=nonce, state=state, client_id=client_id, body=body, ends_at=ends,
        by=by, at=at, key=key,
    )  # fmt: skip
