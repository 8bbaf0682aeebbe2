"""Checking credentials: the page of an award, its files, and the page where anybody checks anything."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.html import escape
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fieldstone import credential
from fieldstone.credential.baked import bake
from fieldstone.server.awards import checking
from fieldstone.server.awards import queries as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import page_url, pick
from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger.ids import fold_code
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.pathways.rules import parse as parse_stack
from fieldstone.server.web.public import card, certificate, story
from fieldstone.server.web.shared.access import now
from fieldstone.server.web.shared.rate import limit
from fieldstone.server.web.shared.stones import GLYPHS, family_of, stone_svg
from fieldstone.server.web.shared.uploads import too_large

CREDENTIAL_TYPE = "application/vc+ld+json"
INLINE = {"image/jpeg", "image/png", "image/webp"}
"""Kinds of evidence that a browser may show; everything else is a download."""


def _award(request: HttpRequest, code: str) -> Award:
    """The award of a code with its document, for its holder and for whom she lets see it. Raises Http404."""
    award = awards.by_code(code)
    if award is None or not hasattr(award, "document"):
        raise Http404
    mine = request.user.is_authenticated and award.learner_id == request.user.pk
    if award.audience == "private" and not mine:
        raise Http404
    return award


@require_safe
def credential_page(request: HttpRequest, code: str) -> HttpResponseBase:
    """The public page of an award: verdict, plain words, who says so, numbered checks."""
    award = _award(request, code)
    if code != award.code:
        return redirect("public:credential", code=award.code)
    at = now()
    data = award.document.body.encode()
    told = story.tell(checking.check(data, at=at), award=award, size=len(data), at=at)
    mine = request.user.is_authenticated and award.learner_id == request.user.pk
    newer = awards.newest(award)
    return render(
        request,
        "public/credential.html",
        {
            "story": told,
            "newer": newer if newer != award and newer.revoked_at is None else None,
            "open_newer": mine or newer.audience != "private",
            "at": at,
            "award": award,
            "mine": mine,
            "page_url": page_url(settings.BASE_URL, award.code),
            "record": awards.public_record(award) is not None,
            "linkedin": _linkedin(award, told) if mine and told.verdict.css == "good" else "",
        },
    )


def _linkedin(award: Award, told: story.Story) -> str:
    """The address that opens LinkedIn's form for a new certification, filled."""
    fields = {
        "startTask": "CERTIFICATION_NAME",
        "name": pick(told.title, get_language() or "en"),
        "organizationName": award.organization.full_name,
        "issueYear": award.issued_at.year,
        "issueMonth": award.issued_at.month,
        "certUrl": page_url(settings.BASE_URL, award.code),
        "certId": award.code,
    }
    if award.valid_until:
        fields |= {"expirationYear": award.valid_until.year, "expirationMonth": award.valid_until.month}
    return f"https://www.linkedin.com/profile/add?{urlencode(fields)}"


@require_safe
def credential_file(request: HttpRequest, code: str) -> HttpResponse:
    """The signed bytes, as they were signed."""
    award = _award(request, code)
    response = HttpResponse(award.document.body.encode(), content_type=CREDENTIAL_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{award.code}.json"'
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def record_file(request: HttpRequest, code: str) -> HttpResponse:
    """A stack's learner record, as it was signed. Others get it while nothing in it is private."""
    award = _award(request, code)
    mine = request.user.is_authenticated and award.learner_id == request.user.pk
    body = awards.learner_record(award) if mine else awards.public_record(award)
    if body is None:
        raise Http404
    response = HttpResponse(body.encode(), content_type=CREDENTIAL_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{award.code}-record.json"'
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def certificate_file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The certificate on one sheet, as a tagged PDF; `?paper=a4` for A4. A credential that does not hold has none."""
    award = _award(request, code)
    at = now()
    if awards.state_of(award, at) != "valid":
        return redirect("public:credential", code=award.code)
    paper = "a4" if request.GET.get("paper", "").lower() == "a4" else "letter"
    language = "es" if (get_language() or "en").startswith("es") else "en"
    with override(language):
        data = certificate.pdf(award, paper=paper, language=language, at=at)
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{award.code}.pdf"'
    return response


@require_safe
def badge(request: HttpRequest, code: str) -> HttpResponse:
    """The stone as a picture that carries the signed credential inside (Open Badges 3.0 section 5.3.2)."""
    award = _award(request, code)
    look = story.look_of(award)
    picture = _stone(look, pick(awards.title(award), get_language() or "en"))
    inside = (
        '<openbadges:credential xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">'
        f"{escape(award.document.body)}</openbadges:credential>"
    )
    head, rest = picture.split(">", 1)
    response = HttpResponse(f"{head}>{inside}{rest}", content_type="image/svg+xml")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def badge_png(request: HttpRequest, code: str) -> HttpResponse:
    """The same as a PNG, for programs that take no SVG (Open Badges 3.0 section 5.3.1)."""
    award = _award(request, code)
    picture = card.png(story.look_of(award), width=600, height=600, margin=40)
    response = HttpResponse(bake(picture, award.document.body), content_type="image/png")
    response["Content-Disposition"] = f'attachment; filename="{award.code}.png"'
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def older_badge(request: HttpRequest, code: str, ending: str) -> HttpResponse:
    """The stone with the award's 2.0 form inside, as `png` or `svg`, for backpacks that read nothing newer."""
    award = _award(request, code)
    found = awards.older_form(award)
    if found is None or not found[1] or ending not in ("png", "svg"):
        raise Http404
    look = story.look_of(award)
    if ending == "png":
        picture = card.png(look, width=600, height=600, margin=40)
    else:
        picture = _stone(look, pick(awards.title(award), get_language() or "en")).encode()
    kind = "image/png" if ending == "png" else "image/svg+xml"
    response = HttpResponse(bake(picture, found[0], version="2.0"), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{award.code}-2.0.{ending}"'
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def card_picture(request: HttpRequest, code: str) -> HttpResponse:
    """The picture that other sites show beside a link to the page."""
    response = HttpResponse(card.png(story.look_of(_award(request, code))), content_type="image/png")
    response["Cache-Control"] = "public, max-age=86400"
    return response


def _stone(look: story.Look, label: str) -> str:
    return stone_svg(
        str(look.id),
        level=look.level,
        glyph=look.glyph if look.glyph in GLYPHS else "book",
        family=look.family,
        label=label,
        standalone=True,
    )


@require_safe
def stone_picture(request: HttpRequest, version: UUID) -> HttpResponse:
    """The stone of a published version of a micro-credential or stack: the `image` of its achievement."""
    look, title = None, ""
    for found in Version.objects.filter(pk=version, published_at__isnull=False).select_related(
        "micro_credential__organization"
    ):
        owner = found.micro_credential
        family = owner.organization.family or family_of(str(owner.program_id))
        look = story.Look(owner.pk, found.parsed.level, found.parsed.glyph, family)
        title = pick(found.parsed.title, "en")
    for stacked in StackVersion.objects.filter(pk=version, published_at__isnull=False).select_related(
        "stack__organization"
    ):
        parsed = parse_stack(stacked.definition)[0]
        family = stacked.stack.organization.family or family_of(str(stacked.stack.organization_id))
        look = story.Look(stacked.stack_id, parsed.level, parsed.glyph, family)
        title = pick(parsed.title, "en")
    if look is None:
        raise Http404
    response = HttpResponse(_stone(look, title), content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=86400"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def evidence_file(request: HttpRequest, code: str, artifact: UUID) -> HttpResponseBase:
    """A file of evidence that its holder made public."""
    award = _award(request, code)
    found = awards.public_artifact(award, artifact)
    if found is None or found.blob is None:
        raise Http404
    shown = found.blob.media_type in INLINE
    response = FileResponse(
        default_storage.open(found.blob.path),
        as_attachment=not shown,
        filename=f"{award.code}-{found.pk}",
        content_type=found.blob.media_type if shown else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# --- anybody's credential -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponseBase:
    """Paste, upload or name the address of a credential, ours or anybody's, and read the report."""
    if request.method != "POST":
        return render(request, "public/check.html", {"typed": {}, "problems": []})
    limit(request, "check", times=settings.CHECKS_PER_MINUTE, seconds=60)
    at = now()
    typed = {name: request.POST.get(name, "").strip() for name in ("text", "url")}
    code, known = _code(typed["text"] or typed["url"])
    had_file = bool(request.FILES.get("file") or too_large(request))
    if known and not had_file and not (typed["text"] and typed["url"]):
        return redirect("public:credential", code=code)
    data, field, problem = _given(request, typed)
    if code and not problem:
        field, problem = "text", _("No credential has this code. Check each sign.")
    if problem:
        problems = [{"field": field, "message": problem}]
        again = {"typed": typed, "had_file": had_file, "problems": problems, "errors": {field: problem}}
        return render(request, "public/check.html", again, status=422)
    report = checking.check(data, at=at)
    award = _ours(report)
    context = {
        "story": story.tell(report, award=award, size=len(data), at=at),
        "at": at,
        "award": None,
        "mine": False,
        "checked": True,
    }
    return render(request, "public/credential.html", context)


def _code(text: str) -> tuple[str, bool]:
    """A code that was typed, or the code in an address of ours, and whether there is such an award."""
    path = text.removeprefix(settings.BASE_URL)
    found = re.fullmatch(r"/c/([^/]{1,40})/?(?:credential\.json)?", path) if path != text else None
    if not found and not re.fullmatch(r"[A-Za-z0-9 -]{12,20}", text):
        return "", False
    code = fold_code(found[1] if found else text)
    if len(code) != 14:
        return "", False
    return code, awards.by_code(code) is not None


def _given(request: HttpRequest, typed: dict[str, str]) -> tuple[bytes, str, str]:
    """The bytes to check, or the field and the problem."""
    upload = request.FILES.get("file")
    given = [name for name in ("text", "url") if typed[name]]
    if len(given) + (upload is not None or bool(too_large(request))) > 1:
        return b"", given[0], _("Give one thing only: a file, an address, or a text. Clear the others.")
    if upload is not None or too_large(request):
        if upload is None or (upload.size or 0) > checking.MAX_FILE:
            return b"", "file", _("This file is larger than any credential. The limit is 2 MB.")
        return upload.read(), "", ""
    if typed["text"]:
        data = typed["text"].encode()
        if len(data) > checking.MAX_BYTES:
            return b"", "text", _("This text is longer than any credential.")
        return data, "", ""
    if typed["url"]:
        if not re.fullmatch(r"https?://[^\s]{3,1000}", typed["url"]):
            return b"", "url", _("Give a web address that begins with https://.")
        try:
            return checking.WORLD.fetch(typed["url"]), "", ""
        except credential.CredentialError:
            return b"", "url", _("We could not open this address. Download the file there and upload it here.")
    return b"", "text", _("Paste a credential, choose its file, or give its address.")


def _ours(report: credential.Report) -> Award | None:
    """The award behind a document that one of our issuers signed, found by the code in its id."""
    signature, issuer = report.check("signature"), report.check("issuer")
    passed = credential.Outcome.PASSED
    if not (signature and issuer and signature.outcome == passed == issuer.outcome):
        return None
    identifier = str((report.document or {}).get("id", ""))
    found = re.fullmatch(r".*/c/([^/]+)/credential\.json", identifier)
    award = awards.by_code(found[1]) if found else None
    return award if award and award.signing_key.did == report.issuer_id else None
