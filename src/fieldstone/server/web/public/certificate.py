"""The certificate: one sheet of paper made from the signed bytes, with a code that leads to the check.

Tagged PDF (PDF/UA-1), Letter or A4. Made once for each document, paper and language, and kept in the storage.
"""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import PurePosixPath

import segno
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from fieldstone.server.awards import checking
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import certificates_of, page_url
from fieldstone.server.ledger.problems import Refused
from fieldstone.server.web.public import story
from fieldstone.server.web.shared.stones import GLYPHS, logo_svg, stone_svg
from fieldstone.server.web.shared.walls import strip_svg

SIZES = ("11.5", "10", "8.5", "7.5")
"""Type sizes in points, tried in this order."""
LAYOUT = 4
"""Grows with each change to the sheet, so that kept ones are made anew."""


class NoPrinter(Refused):
    """This machine lacks Pango, which sets the type of a sheet; everything else works without it."""

    status = 503


def pdf(award: Award, *, paper: str, language: str, at: datetime) -> bytes:
    """The sheet as a PDF, from the storage or made now. `language` is active already."""
    name = PurePosixPath(certificates_of(award.sha256), f"{paper}-{language}-{LAYOUT}.pdf")
    if default_storage.exists(str(name)):
        with default_storage.open(str(name)) as file:
            kept: bytes = file.read()
            return kept
    data = make(award, paper=paper, language=language, at=at)
    default_storage.save(str(name), ContentFile(data))
    return data


def make(award: Award, *, paper: str, language: str, at: datetime) -> bytes:
    """The sheet as a PDF, made now. It asks for nothing but what is inside it. Raises NoPrinter."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError:
        raise NoPrinter(_("This site cannot make certificates on paper yet. Save the signed file instead.")) from None
    inside = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
    content = _content(award, paper=paper, language=language, at=at)
    for size in SIZES:  # long words make the type smaller until all stands on one sheet
        page = render_to_string("public/certificate.html", {**content, "size": size})
        sheet = HTML(string=page, url_fetcher=inside).render(pdf_variant="pdf/ua-1", pdf_tags=True)
        if len(sheet.pages) == 1:
            break
    made: bytes = sheet.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    return made


def _content(award: Award, *, paper: str, language: str, at: datetime) -> dict[str, object]:
    data = award.document.body.encode()
    told = story.tell(checking.check(data, at=at), award=award, size=len(data), at=at)
    address = page_url(settings.BASE_URL, award.code)
    look = told.look or story.look_of(award)
    stone = stone_svg(
        str(look.id),
        level=look.level,
        glyph=look.glyph if look.glyph in GLYPHS else "book",
        family=look.family,
        standalone=True,
        size="180",
    )
    return {
        "story": told,
        "award": award,
        "organization": award.organization,
        "paper": paper,
        "language": language,
        "hours": _hours(award),
        "stone": _picture(stone),
        "logo": _picture(logo_svg(standalone=True)),
        "strip": _picture(strip_svg(award.code)),
        "qr": _qr(address),
        "address": address.removeprefix("https://").removeprefix("http://").rstrip("/"),
        "demo": settings.DEMO or award.organization.is_synthetic,
    }


def _hours(award: Award) -> str:
    """What it counts for, in hours."""
    if award.version is None:
        stack = story.definition_of(award)
        return _("%(n)s hours") % {"n": stack.hours} if stack and stack.hours else ""
    clock = award.version.parsed.clock_hours
    if clock:
        return _("%(n)s clock hours") % {"n": sum(clock.values())}
    return _("%(n)s hours of work") % {"n": award.version.parsed.notional_hours}


def _picture(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _qr(address: str) -> str:
    """The address as a QR code with its quiet zone, medium error correction."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=4, scale=4, encode_minimal=False))
