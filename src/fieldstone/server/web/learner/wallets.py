"""Adding a credential to a wallet: the offer with its code, the wallets that have a copy, and a wallet's question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fieldstone.server.awards import queries as awarded
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.rules import Text
from fieldstone.server.delivery import actions, queries, rules
from fieldstone.server.delivery.models import WalletGrant, WalletOffer, WalletRequest
from fieldstone.server.evidence import queries as evidence
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.journeys import fill_wallet as journey
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people.models import Organization
from fieldstone.server.web.learner import holdings
from fieldstone.server.web.learner.common import own_award
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.forms import again, told
from fieldstone.server.web.shared.qr import qr

SAID = {
    "credential_accepted": "kept",
    "credential_deleted": "deleted",
    "credential_failure": "failed",
}


@dataclass(frozen=True)
class Wallet:
    """One wallet of the list: its name, since when, and how it stands."""

    grant: WalletGrant
    name: str
    state: str
    fetched_at: datetime | None


def _wallets(grants: list[WalletGrant]) -> list[Wallet]:
    rows = []
    for grant in grants:
        deliveries = list(grant.deliveries.all())
        got = [row for row in deliveries if row.delivered_at is not None]
        state = "waits" if deliveries else "nothing"
        if got:
            state = SAID.get(got[0].event, "fetched")
        name = rules.redirect_target(grant.redirect_uri) or ""
        rows.append(Wallet(grant, name, state, got[0].delivered_at if got else None))
    return rows


def _form(request: HttpRequest) -> str:
    """The form of the copy that the page asked for."""
    form = request.POST.get("form", "ldp")
    return f"{form}.key" if request.POST.get("bound") == "1" else form


def _key(request: HttpRequest) -> str:
    key = request.POST.get("key", "")
    if not 8 <= len(key) <= 100 or "\x00" in key:
        raise BadRequest("key")
    return key


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def award_wallets(request: HttpRequest, award: UUID) -> HttpResponseBase:
    """Add an award to a wallet, and see which wallets have a copy."""
    found = own_award(request, award)
    grants = queries.grants_of(person(request), award=found)
    context = {
        "award": found,
        "title": awarded.title(found),
        "organization": found.organization,
        "ready": journey.holds(found, now()),
        "back": reverse("learner:share_or_move", args=[found.pk]),
    }
    return _page(request, context, grants, found, None)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def work_wallets(request: HttpRequest, enrollment: UUID) -> HttpResponseBase:
    """Offer to a wallet what is still in review: the wallet gets it once the decision is made."""
    found = evidence.enrollment_for(person(request), enrollment)
    if found is None:
        raise Http404
    grants = queries.grants_of(person(request), enrollment=found)
    context = {
        "enrollment": found,
        "title": found.version.definition["title"],
        "organization": found.version.micro_credential.organization,
        "ready": journey.is_coming(found),
        "back": reverse("learner:status", args=[found.pk]),
    }
    return _page(request, context, grants, None, found)


def _page(
    request: HttpRequest,
    context: dict[str, Any],
    grants: list[WalletGrant],
    award: Award | None,
    enrollment: Enrollment | None,
) -> HttpResponseBase:
    context |= {"wallets": _wallets(grants), "key": new_id(), "form": "ldp", "forms": _choices()}
    if request.method == "GET":
        return render(request, "learner/wallets.html", context)
    try:
        made = journey.offer(
            learner=person(request), award=award, enrollment=enrollment, form=_form(request), key=_key(request),
            at=now(),
        )  # fmt: skip
    except Refused as refused:
        return again(request, "learner/wallets.html", context, refused)
    return redirect("learner:wallet_offer", made.pk)


def _choices() -> list[tuple[str, str, str]]:
    """The forms that a person may choose: value, name, what it is for."""
    words = {
        "ldp": (_("The signed file as it is"), _("An Open Badge. Most wallets for learners read it.")),
        "jwt": (_("A signed token (JWT)"), _("For wallets made for companies and governments.")),
        "sd-jwt": (_("A token that can hide parts (SD-JWT)"), _("For wallets of the European kind.")),
    }
    return [(form, *words[form]) for form in words if form in rules.FORMS]


@never_cache
@require_GET
@signed_in
def wallet_offer(request: HttpRequest, offer: UUID) -> HttpResponseBase:
    """The code to scan and the six digits, for as long as the offer lives."""
    found = queries.offer_of(person(request), offer)
    if found is None:
        raise Http404
    at = now()
    live = queries.live_offers(at).filter(pk=found.pk).exists()
    context: dict[str, Any] = {"offer": found, "live": live, "at": at, "title": _title(found), "back": _back(found)}
    if live:
        uri = _reference(found)
        link = rules.offer_link(uri)
        digits = rules.tx_code(settings.SECRET_KEY, found.pk)
        context |= {
            "link": link,
            "uri": uri,
            "qr": qr(link),
            "digits": f"{digits[:3]} {digits[3:]}",
        }
    return render(request, "learner/wallet_offer.html", context)


def _reference(offer: WalletOffer) -> str:
    reference = rules.derive(settings.SECRET_KEY, "reference", offer.pk)
    return settings.BASE_URL + reverse("api:vci_offer", args=[offer.organization.slug, reference])


def _title(offer: WalletOffer) -> Text:
    if offer.award is not None:
        return awarded.title(offer.award)
    assert offer.enrollment is not None
    title: Text = offer.enrollment.version.definition["title"]
    return title


def _back(offer: WalletOffer) -> str:
    if offer.award_id is not None:
        return reverse("learner:wallet", args=[offer.award_id])
    return reverse("learner:wallet_soon", args=[offer.enrollment_id])


@require_POST
@signed_in
def wallet_end(request: HttpRequest, grant: UUID) -> HttpResponseBase:
    """A wallet gets nothing more."""
    found = queries.grant_of(person(request), grant)
    if found is None:
        raise Http404
    actions.end(grant=found, by=person(request), at=now())
    messages.success(request, _("Stopped. That wallet gets nothing more from here."))
    name = "learner:wallet" if found.award_id else "learner:wallet_soon"
    return redirect(name, found.award_id or found.enrollment_id)


# --- a wallet asks --------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def wallet_consent(request: HttpRequest, org: str) -> HttpResponseBase:
    """A wallet asks for a credential (OpenID4VCI 1.0 section 5): what, to whom, yes or no.

    Nothing leads away from here by itself, since any program may name any address: the person presses a button first.
    """
    organization = Organization.objects.filter(slug=org).first()
    if organization is None:
        raise Http404
    at = now()
    issuer = rules.issuer_id(settings.BASE_URL, organization.slug)
    given: dict[str, str] = {}
    try:
        given, pushed = _given(request, organization, at)
        asked = rules.read_request(given, issuer=issuer, known=[kind.id for kind in journey.kinds(organization)])
    except rules.Wrong as wrong:
        return _bad_question(request, organization, given, wrong)
    offered = journey.offered_by(asked, organization, at)
    award, enrollment = journey.candidates(person(request), organization, asked.kind, offered, at)
    answer = {"state": asked.state, "iss": issuer}
    context = {
        "organization": organization,
        "award": award,
        "held": holdings.read_one(person(request), award.pk, at=at, base_url=settings.BASE_URL) if award else None,
        "enrollment": enrollment,
        "title": awarded.title(award) if award else enrollment.version.definition["title"] if enrollment else {},
        "target": rules.redirect_target(asked.redirect_uri),
        "key": new_id(),
        "asked": asked,
        "bound": any(rules.form_of(name).bound for name in asked.configurations),
        "no": rules.answer_to(asked.redirect_uri, {"error": "access_denied", **answer}),
    }
    response: HttpResponse = render(request, "learner/wallet_consent.html", context)
    if request.method == "POST":
        if request.POST.get("answer") != "yes":
            return _lead_to(str(context["no"]))
        try:
            code = journey.allow(
                learner=person(request), organization=organization, asked=asked, pushed=pushed, key=_key(request), at=at
            )
        except Refused as refused:
            response = render(
                request, "learner/wallet_consent.html", {**context, **told(refused)}, status=refused.status
            )
        else:
            return _lead_to(rules.answer_to(asked.redirect_uri, {"code": code, **answer}))
    source = rules.redirect_source(asked.redirect_uri)
    lets_go = csp_update({"form-action": [source]})(lambda _request: response)
    return lets_go(request)


def _given(
    request: HttpRequest, organization: Organization, at: datetime
) -> tuple[dict[str, str], WalletRequest | None]:
    """The parameters of the question, from the address or pushed before. Raises Wrong."""
    lists = dict(request.GET.lists())
    if any(len(values) != 1 or len(values[0]) > 20_000 or "\x00" in values[0] for values in lists.values()):
        raise rules.Wrong("invalid_request", "A parameter is there twice, is too long, or cannot be read.")
    given = {name: values[0] for name, values in lists.items() if values[0]}
    uri = given.get("request_uri")
    if uri is None:
        return given, None
    pushed = queries.pushed(organization, uri, at)
    if pushed is None or pushed.parameters.get("client_id") != given.get("client_id"):
        raise rules.Wrong("invalid_request_uri", "The request_uri is unknown, was used, or has ended.")
    return dict(pushed.parameters), pushed


def _bad_question(
    request: HttpRequest, organization: Organization, given: dict[str, str], wrong: rules.Wrong
) -> HttpResponse:
    """The question cannot be understood. A way back is offered, never taken by itself."""
    uri = given.get("redirect_uri", "")
    back = {"error": wrong.error, "error_description": wrong.sentence, "state": given.get("state", "")}
    context = {
        "organization": organization,
        "wrong": wrong,
        "no": rules.answer_to(uri, back) if rules.redirect_target(uri) else "",
    }
    return render(request, "learner/wallet_question.html", context, status=400)


def _lead_to(address: str) -> HttpResponse:
    """Back to the wallet, whose address may have a scheme of its own."""
    response = HttpResponse(status=303)
    response["Location"] = address
    return response
