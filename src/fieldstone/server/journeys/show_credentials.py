"""Credentials are shown: what a wallet sent is checked and kept for its recognizer; a learner without a wallet answers
from her page over the same protocol, here or elsewhere (ADR 40).

Whoever has to be asked (issuers, their lists of withdrawals) is asked before the transaction opens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.db import transaction

from fieldstone import credential
from fieldstone.credential import dcql, openid4vp
from fieldstone.credential.baked import unbake
from fieldstone.credential.did import did_web_url
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import checking
from fieldstone.server.awards import queries as awarded
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import Holder, for_holder
from fieldstone.server.backpack.models import Brought
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.net import Within
from fieldstone.server.net.door import Door, FetchError
from fieldstone.server.people.models import User
from fieldstone.server.wallets import actions, queries, rules
from fieldstone.server.wallets.models import Reply, Request, Shown

DOOR = Door()
MAX_REQUEST = 200_000
"""The largest request object from elsewhere, in bytes."""
NEVER_SENT = frozenset(
    {"bad_url", "not_https", "credentials_in_url", "port_not_allowed", "unknown_host", "address_not_allowed"}
)
"""Reasons of the network door after which nothing can have arrived; after any other, an answer may have."""


class NotTaken(Refused):
    """What was shown is not what was asked for, or is not genuine; `code` and `detail` say which, for programs.

    Nothing was kept.
    """

    status = 400

    def __init__(self, fault: dcql.Fault) -> None:
        super().__init__(_("What was shown is not what was asked for, or is not genuine. Nothing was sent on."))
        self.code, self.detail = fault.code, fault.detail


class BadLink(Refused):
    """The link leads to no request that we can answer."""


# --- the recognizer's side ----------------------------------------------------------------------------


def receive(*, request: Request, vp_token: Any, via: str, at: datetime) -> Reply:
    """Check an answer and keep what was shown; one answer for each request. Raises Gone, NotTaken."""
    return actions.take(request=request, items=_checked(request, vp_token, at), via=via, at=at)


def _checked(request: Request, vp_token: Any, at: datetime) -> list[dict[str, Any]]:
    """What is kept of an answer, after every check of it."""
    _still_open(request, at)
    report = openid4vp.verify_answer(
        vp_token, query=dcql.parse(request.query), nonce=request.nonce, client_id=request.client_id,
        resolver=Within(checking.WORLD), at=at, policy=checking.OurIssuers(),
    )  # fmt: skip
    faults = report.faults or tuple(_by_others(request, report))
    if faults:
        raise NotTaken(faults[0])
    return [_kept(each) for each in report.presented]


def _still_open(request: Request, at: datetime) -> None:
    standing = rules.standing(
        ends_at=request.ends_at, closed_at=request.closed_at, replied=queries.reply_of(request) is not None,
        erased=False, at=at,
    )  # fmt: skip
    if standing != "waiting":
        raise actions.Gone(_("This link is no longer open. Ask for a new one."))


def _by_others(request: Request, report: openid4vp.AnswerReport) -> list[dcql.Fault]:
    """An achievement's address proves nothing: its issuer, who issues here, must have signed."""
    found = []
    for each in report.presented:
        issuer = awarded.issuer_of(each.credential.issuer_id) if _proved(each.credential) else None
        if issuer is None or str(issuer.pk) != request.asked[rules.asked_by(each.part)]["issuer"]:
            found.append(dcql.Fault(each.part, "other_issuer", "It was issued by somebody else."))
    return found


def _proved(report: credential.Report) -> bool:
    checks = [report.check(name) for name in ("key", "signature", "controller", "issuer")]
    return all(check is not None and check.outcome is credential.Outcome.PASSED for check in checks)


def _kept(each: openid4vp.Presented) -> dict[str, Any]:
    """What is kept of one credential: itself, word for word, and whether its holder proved to hold its key."""
    body = each.signed if isinstance(each.signed, str) else credential.dumps(each.signed).decode()
    return {"asked": rules.asked_by(each.part), "bound": each.bound, "body": body}


# --- the learner's side -------------------------------------------------------------------------------


Places = Sequence[dcql.Place]


@dataclass(frozen=True, eq=False)
class Holding:
    """A credential of hers that may be shown. `id` names it in a form; `award` is None for one from elsewhere."""

    id: str
    title: Mapping[str, str]
    issuer: str
    document: dict[str, Any] | str
    award: Award | None = None


@dataclass(frozen=True)
class Line:
    """One thing that is asked for, with those of hers that answer it, and what of each would be disclosed."""

    part: str
    needed: bool
    able: Mapping[Holding, Places]


@dataclass(frozen=True)
class Offer:
    """What she can say to a query; `satisfied` False means that something needed is not hers."""

    satisfied: bool
    lines: Sequence[Line]


def holdings(learner: User, *, at: datetime) -> list[Holding]:
    """Everything of hers that is in force: awarded here, and brought from elsewhere."""
    found = []
    for award in awarded.of_learner(learner):
        body = awarded.document(award)
        if body and awarded.state_of(award, at) == "valid":
            who = award.organization.full_name
            found.append(Holding(f"a-{award.pk}", awarded.title(award), who, _loads(body.encode()), award))
    for brought in Brought.objects.select_related("file").filter(learner=learner).exclude(verdict="not_verified"):
        data = bytes(brought.file.body)
        with suppress(credential.CredentialError):
            data = unbake(data)
        with suppress(credential.CredentialError, UnicodeDecodeError):
            document = _loads(data) if data.lstrip()[:1] == b"{" else data.decode().strip()
            openid4vp.held(document)
            found.append(Holding(f"b-{brought.pk}", {"en": brought.title}, brought.issuer_name, document))
    return found


def _loads(data: bytes) -> dict[str, Any]:
    document: dict[str, Any] = credential.loads(data)
    return document


def offer(learner: User, query: dcql.Query, *, at: datetime) -> Offer:
    """Which of hers answer a query. What was awarded here can be shown in each form, tied to the key that this site
    keeps for her; what is from elsewhere only as it is."""
    mine = {holding.id: holding for holding in holdings(learner, at=at)}
    holder = awards.holder_of(learner)
    found = dcql.answer(query, [held for each in mine.values() for held in _forms(each, holder)], as_bound=True)
    lines = [
        Line(part, needed, {mine[each.held.id]: each.places for each in found.matches[part]})
        for parts, needed in ((found.chosen, True), (found.optional, False))
        for part in parts
    ]
    return Offer(found.satisfied, lines)


def _forms(holding: Holding, holder: Holder) -> list[dcql.Held]:
    """A credential as queries see each form in which it can be shown; nothing is signed yet."""
    if holding.award is None or isinstance(holding.document, str):
        return [openid4vp.held(holding.document, id=holding.id)]
    found = []
    for whose in (holder, None):
        bare = for_holder(holding.document, whose)
        whole = openid4vp.held(bare, id=holding.id, bound=whose is not None)
        claims = credential.sd_jwt_claims(bare)
        found += [
            replace(whole, format=dcql.SD_JWT, claims=claims, types=frozenset(), vct=str(claims["vct"])),
            whole,
            replace(whole, format=dcql.JWT_VC),
        ]
    return found


def choose(found: Offer, picks: Mapping[str, str]) -> dict[str, Holding]:
    """What she said yes to, by part. `picks` names one of hers for each part, or nothing. Raises Refused."""
    chosen: dict[str, Holding] = {}
    for line in found.lines:
        named = [holding for holding in line.able if holding.id == picks.get(line.part)]
        if named:
            chosen[line.part] = named[0]
        elif line.needed:
            raise Refused(_("They ask for all of these. Without this one, nothing is shown."), line.part)
    if not chosen:
        raise Refused(_("You said no to everything, so nothing is shown. You can close this page."))
    return chosen


def _token(
    learner: User, asked: openid4vp.Request, found: Offer, chosen: Mapping[str, Holding], at: datetime
) -> dict[str, list[Any]]:
    """The `vp_token`: each chosen credential, signed by her key where that was asked for."""
    return {
        line.part: [_presented(learner, asked, line, chosen[line.part], at)]
        for line in found.lines
        if line.part in chosen
    }


def _presented(learner: User, asked: openid4vp.Request, line: Line, holding: Holding, at: datetime) -> Any:
    part, places = asked.query.part(line.part), line.able[holding]
    assert part is not None, "offers have only parts of the query"
    document = holding.document
    if holding.award is not None:
        holder = awards.holder_of(learner) if part.bound else None
        text = awards.copy(award=holding.award, form=part.format, holder=holder, by=learner, at=at)
        document = _loads(text.encode()) if part.format == dcql.LDP_VC else text
    if part.bound:
        return awards.present(learner=learner, document=document, places=places, request=asked, by=learner, at=at)
    if part.format == dcql.SD_JWT:
        return credential.present_sd_jwt(str(document), places)
    return document


def show(*, learner: User, request: Request, picks: Mapping[str, str], at: datetime) -> Shown:
    """She answers a recognizer here, from her page. Raises Refused, Gone, NotTaken."""
    _still_open(request, at)
    asked = read(request.body, client_id=request.client_id, at=at)
    found = offer(learner, asked.query, at=at)
    chosen = choose(found, picks)
    items = _checked(request, _token(learner, asked, found, chosen, at), at)
    with transaction.atomic():
        actions.take(request=request, items=items, via="fieldstone", at=at)
        return actions.remember(
            learner=learner, request=request, client_id=request.client_id, who=request.organization.full_name,
            purpose=request.purpose, titles=[each.title for each in chosen.values()], at=at,
        )  # fmt: skip


# --- recognizers elsewhere ----------------------------------------------------------------------------


def own_token(link: str) -> str:
    """The token of a request of this installation that a link leads to; empty for any other link."""
    address = _asked_at(link).get("request_uri", [link.strip()])[0]
    for start in (rules.request_uri(settings.BASE_URL, ""), rules.page_url(settings.BASE_URL, "").rstrip("/") + "/"):
        if address.startswith(start):
            return address.removeprefix(start).strip("/")
    return ""


def _asked_at(link: str) -> dict[str, list[str]]:
    """What a link says behind its question mark; nothing where it cannot be read."""
    try:
        return parse_qs(urlsplit(link.strip()[:8000]).query)
    except ValueError:
        return {}


def open_link(link: str, *, at: datetime) -> tuple[str, openid4vp.Request]:
    """The request object behind an `openid4vp://` or https link, as it was signed, and read. Raises BadLink."""
    given = _asked_at(link)
    client_id, address = given.get("client_id", [""])[0], given.get("request_uri", [""])[0]
    if not client_id or not address:
        raise BadLink(_("This is not a link that asks for credentials."), "link")
    try:
        page = DOOR.fetch(address, max_bytes=MAX_REQUEST, accept=f"application/{openid4vp.REQUEST_TYPE}")
        text = page.body.decode("ascii")
    except (FetchError, UnicodeDecodeError):
        raise BadLink(_("Whoever asks did not answer. Try again, or ask them for a new link."), "link") from None
    return text, read(text, client_id=client_id, at=at)


def read(text: str, *, client_id: str, at: datetime) -> openid4vp.Request:
    """A request object from elsewhere, its signature checked. Raises BadLink."""
    try:
        return openid4vp.read_request(text.strip(), client_id=client_id, resolver=Within(checking.WORLD), at=at)
    except credential.CredentialError as error:
        raise BadLink(_("We cannot be sure who asks, or cannot answer what they ask."), "link") from error


def who(request: openid4vp.Request) -> str:
    """Who asks, as far as it is proved: the host of a did:web, else the DID. A name is only what it says of itself."""
    if request.did.startswith("did:web:"):
        return urlsplit(did_web_url(request.did)).netloc
    return request.did


def show_elsewhere(
    *, learner: User, request: openid4vp.Request, picks: Mapping[str, str], at: datetime
) -> tuple[Shown, str]:
    """She answers a verifier elsewhere, once; returns her record of it, and where the verifier wants her to go on.

    Her record is written before anything leaves, and stays where it may have arrived. Raises Refused, BadLink, Gone.
    """
    found = offer(learner, request.query, at=at)
    chosen = choose(found, picks)
    token = _token(learner, request, found, chosen, at)
    row = actions.remember(
        learner=learner, request=None, client_id=request.client_id, who=who(request), purpose=request.name,
        titles=[each.title for each in chosen.values()], at=at, nonce=request.nonce,
    )  # fmt: skip
    form = {"vp_token": json.dumps(token), **({"state": request.state} if request.state else {})}
    try:
        answer = DOOR.post(
            request.response_uri, urlencode(form).encode(), content_type="application/x-www-form-urlencoded"
        )
    except FetchError as error:
        if error.code in NEVER_SENT:
            actions.not_sent(shown=row, at=at)
        raise BadLink(_("Whoever asks did not take the answer. Ask them for a new link."), "link") from None
    return row, _next(answer.body)


def _next(body: bytes) -> str:
    with suppress(credential.CredentialError):
        found = credential.loads(body)
        address = found.get("redirect_uri") if isinstance(found, dict) else None
        if isinstance(address, str) and address.startswith("https://") and len(address) < 2000:
            return address
    return ""
