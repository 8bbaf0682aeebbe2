"""Pages for everybody: sign in, the way to one's work, and what is held on a person."""

from __future__ import annotations

import base64
import uuid
from urllib.parse import urlencode

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import crypto, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_GET, require_http_methods
from django.views.i18n import set_language

from fieldstone.server.journeys.write_name import change_profile
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.people import actions, queries
from fieldstone.server.people.models import User
from fieldstone.server.web.shared.access import now, person, signed_in
from fieldstone.server.web.shared.middleware import translated
from fieldstone.server.web.shared.rate import limit

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
DEMO_SALT = "fieldstone.demo"
CLASSROOM = 60
"""Sign-ins in ten minutes from one address: a class or a library shares one. A printed code is too long to guess."""
FIRST_PAGE = {
    "assess": "assessor:queue",
    "lead": "lead:overview",
    "recognize": "employer:promises",
    "author": "author:micro_credentials",
    "issue": "issuer:list",
    "coach": "coach:learners",
    "administer": "admin:members",
}
"""Where an area's work begins, in the order in which a person's first area is chosen."""


def _next(request: HttpRequest) -> str:
    """The address to go on to, only on this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return ""


def _enter(request: HttpRequest, user: User) -> HttpResponseRedirect:
    """Open a session in the person's language and send her on."""
    onward = _next(request)
    login(request, user, backend=BACKEND)
    answer = redirect(onward or "shared:home")
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, max_age=settings.SESSION_COOKIE_AGE, samesite="Lax")
    return answer


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Ask for an e-mail address and mail a code. Known or not, the answer is the same."""
    if request.user.is_authenticated:
        return redirect(_next(request) or "shared:home")
    context = {"next": _next(request), "email": request.POST.get("email", "")[:254]}
    if request.method == "GET":
        return render(request, "shared/sign_in.html", context)
    limit(request, "sign-in", times=CLASSROOM, seconds=600)
    limit(request, "sign-in-to", times=6, seconds=600, of=context["email"].strip().lower() or "nobody")
    try:
        user = actions.welcome(email=context["email"], language=translation.get_language() or "en", at=now())
    except Refused as refused:
        problems = [{"field": p.field, "message": translated(p)} for p in refused.problems]
        return render(request, "shared/sign_in.html", {**context, "problems": problems}, status=422)
    LoginCodeVerificationProcess.initiate(request=request, user=user, email=user.email)
    onward = f"?{urlencode({'next': context['next']})}" if context["next"] else ""
    return redirect(reverse("account_confirm_login_code") + onward)


@require_http_methods(["GET", "POST"])
def sign_in_paper(request: HttpRequest) -> HttpResponseBase:
    """Sign in with a code on paper."""
    context = {"next": _next(request), "code": request.POST.get("code", "")[:40]}
    if request.method == "GET":
        return render(request, "shared/sign_in_paper.html", context)
    limit(request, "paper", times=CLASSROOM, seconds=600)
    try:
        user = actions.use_printed_code(code=context["code"], at=now())
    except Refused as refused:
        problems = [{"field": p.field, "message": translated(p)} for p in refused.problems]
        return render(request, "shared/sign_in_paper.html", {**context, "problems": problems}, status=422)
    return _enter(request, user)


def demo_token(user: User) -> str:
    """The last part of a demonstration's sign-in link."""
    name = base64.urlsafe_b64encode(user.pk.bytes).decode().rstrip("=")
    return name + crypto.salted_hmac(DEMO_SALT, name, algorithm="sha256").hexdigest()[:12]


@require_GET
def demo_in(request: HttpRequest, token: str) -> HttpResponseBase:
    """A demonstration's sign-in link: only where the demonstration runs, only for invented people."""
    if not settings.DEMO:
        raise Http404
    try:
        pk = uuid.UUID(bytes=base64.urlsafe_b64decode(f"{token[:22]}=="))
    except ValueError:
        raise Http404 from None
    user = User.objects.filter(pk=pk, is_synthetic=True, is_active=True).first()
    if user is None or not crypto.constant_time_compare(token, demo_token(user)):
        raise Http404
    return _enter(request, user)


@require_GET
@signed_in
def home(request: HttpRequest) -> HttpResponseBase:
    """Send everybody to where her work is; somebody with several places chooses."""
    open_places = queries.places(person(request))
    if not open_places:
        return redirect("learner:path")
    pages = [
        [
            (area, reverse(name, args=[place.organization.slug]))
            for area, name in FIRST_PAGE.items()
            if area in place.areas
        ]
        for place in open_places
    ]
    if len(pages) == 1 and len(pages[0]) == 1:
        return redirect(pages[0][0][1])
    choices = [{"place": place, "pages": rows} for place, rows in zip(open_places, pages, strict=True)]
    return render(request, "shared/home.html", {"choices": choices})


@require_http_methods(["GET", "POST"])
@signed_in
def account(request: HttpRequest) -> HttpResponseBase:
    """Name, language, phone: what a person says of herself."""
    user = person(request)
    languages = [("en", "English"), ("es", "Español")]
    assesses = any("assess" in place.areas for place in queries.places(user))
    if request.method == "GET":
        form = {f: getattr(user, f) for f in ("name", "phone", "area", "keys_on", "hints_on")}
        form["language"] = _spoken()  # what she reads now, also where she chose it before she signed in
        return render(request, "shared/account.html", {"form": form, "languages": languages, "assesses": assesses})
    words = {f: request.POST.get(f, "") for f in ("name", "language", "phone", "area")}
    keys_on = "keys_on" in request.POST if assesses else user.keys_on
    hints_on = "hints_on" in request.POST
    form = {**words, "keys_on": keys_on, "hints_on": hints_on}
    try:
        change_profile(user=user, keys_on=keys_on, at=now(), **words)
    except Refused as refused:
        problems = [{"field": p.field, "message": translated(p)} for p in refused.problems]
        context = {
            "form": form,
            "languages": languages,
            "assesses": assesses,
            "problems": problems,
            "errors": {p["field"]: p["message"] for p in problems},
        }
        return render(request, "shared/account.html", context, status=422)
    actions.change_hints(user=user, on=hints_on, at=now())
    answer = redirect("shared:account")
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, words["language"], max_age=settings.SESSION_COOKIE_AGE, samesite="Lax"
    )
    messages.success(request, _("Your account is changed."))
    return answer


def _spoken() -> str:
    """The language of the page: en or es."""
    return "es" if (translation.get_language() or "en").startswith("es") else "en"


def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Change the language of the pages; of somebody signed in also that of the account, so that mail follows."""
    wanted = request.POST.get("language", "")
    if request.method == "POST" and wanted in dict(settings.LANGUAGES) and isinstance(request.user, User):
        actions.choose_language(user=request.user, language=wanted, at=now())
    return set_language(request)


@requires_csrf_token
def form_not_taken(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its cookie, or from another site: what to do, in plain words. Programs get JSON."""
    if request.headers.get("Accept", "").startswith("application/json"):
        words = _("We could not tell that this form came from you. Open the page again and send it once more.")
        return JsonResponse({"problems": [{"field": "", "message": words}]}, status=403)
    return render(request, "shared/form_not_taken.html", {"no_cookie": reason == REASON_NO_CSRF_COOKIE}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing here, and where to go."""
    return render(request, "shared/not_found.html", status=404)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """You are known here but have no role for this page."""
    return render(request, "shared/denied.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request could not be read."""
    return render(request, "shared/bad_request.html", status=400)
