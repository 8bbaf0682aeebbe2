"""The owner of a home child-care near Savannah looks for work on her phone, and takes a plan along on paper."""

from __future__ import annotations

import io
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.conf import settings
from django.test import Client

from fieldstone.server.pathways.models import Aim
from tests.cast import make_cast
from tests.conftest import NOW
from tests.web.thumbs import THUMB
from tests.web.town import Town, make_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("FIELDSTONE_SHOTS")


@pytest.fixture
def town(live_server: Any, transactional_db: None) -> Town:
    return make_town(make_cast(NOW), NOW)


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def phone(request: Any, live_server: Any, town: Town, chromium: Any) -> Iterator[Any]:
    """Her phone, signed in."""
    client = Client()
    client.force_login(town.owner)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(
        viewport={"width": 360, "height": 760}, locale="en-US", base_url=live_server.url,
        java_script_enabled=request.param,
    )  # fmt: skip
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.scripted = request.param
    yield page
    context.close()


def look(page: Any, name: str) -> None:
    """Nothing is wider than the screen or lower than a thumb, and axe has nothing to say."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"jobs-{name}.png"), full_page=True)
    if page.scripted:
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found] == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert page.evaluate(THUMB) == [], name


def said(page: Any) -> str:
    return " ".join(page.inner_text("main").split())


def test_from_a_county_to_a_plan_on_paper_in_spanish(phone: Any, town: Town) -> None:
    page = phone
    page.goto("/")
    look(page, "explore")
    page.get_by_role("link", name="All jobs, and how near you are").click()
    page.get_by_label("Near (town, ZIP code or county)").fill("Bryan County, GA")
    page.get_by_label("What you earn an hour").fill("$12,50")
    page.get_by_label("I work for myself").check()
    page.get_by_label("Hours a week you can study").fill("6")
    page.get_by_role("button", name="Show jobs").click()
    assert "Write cents after a point, not a comma" in said(page)
    look(page, "mend")
    assert page.get_by_label("Near (town, ZIP code or county)").input_value() == "Bryan County, GA"
    page.get_by_label("What you earn an hour").fill("$12.50")
    page.get_by_role("button", name="Show jobs").click()

    words = said(page)
    assert "Jobs near Bryan County, GA" in words and "$13.47 an hour, $0.97 more than you earn now" in words
    assert "2 credentials away" in words and "About 21,040 jobs" in words
    assert "May 2025, U.S. Bureau of Labor Statistics" in words and "Georgia" in words
    look(page, "jobs")
    aim = Aim.objects.get(learner=town.owner)
    assert (aim.county, aim.wage_cents, aim.own_business, aim.hours_a_week) == ("13029", 1250, True, 6)

    page.get_by_role("link", name="Childcare Workers").click()
    words = said(page)
    assert "153,100 in the nation" in words and "A quarter earn less than" in words
    shown = page.get_by_role("row", name="Active Listening").inner_text()
    assert "3.5" in shown and "Talking with families" in shown and "nothing" in shown
    missing = page.get_by_role("row", name="Speaking").inner_text()
    assert "nothing yet" in missing and "of the job" in missing
    look(page, "job")

    page.get_by_role("link", name="Make a plan").click()
    page.get_by_text("Change this plan").click()
    page.get_by_label("The earliest day").check()
    page.get_by_role("button", name="Plan again").click()
    assert "Leads to “Ready for child care”" in said(page)
    assert page.get_by_role("link", name="Start the first one").is_visible()
    look(page, "plan")
    page.get_by_role("button", name="Español").click()
    words = said(page)
    assert "Su plan: Personal de cuidado infantil" in words and "Semana por semana" in words
    look(page, "plan-es")

    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Planear de nuevo").is_visible()
    paper = page.pdf(format="Letter")
    if SHOTS:
        Path(SHOTS, "jobs-plan-es.pdf").write_bytes(paper)
    pages = pypdf.PdfReader(io.BytesIO(paper)).pages
    printed = unicodedata.normalize("NFKC", " ".join(" ".join(sheet.extract_text() for sheet in pages).split()))
    assert len(pages) <= 2
    for words in ("Su plan: Personal de cuidado infantil", "Semana 1, desde el", "Palabras claras, ", "Un lugar seguro"):
        assert words in printed, words
    assert "$25" in printed and "Al final queda hecho" in printed
    assert "Planear de nuevo" not in printed and "Explorar" not in printed
