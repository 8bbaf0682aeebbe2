"""The score sheet in a real browser: keys, keeping by itself, no way to lose a word, and it passes axe."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from fieldstone.server.assessment import actions
from fieldstone.server.assessment.models import Score, Seat
from tests.assessment.kit import scoring
from tests.cast import Cast, make_cast

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def sheet(transactional_db: None) -> tuple[Cast, Seat, str]:
    """An assessor with one seat, and her session."""
    at = timezone.now()
    cast = make_cast(at)
    review = scoring(cast.learner, cast.home, at)
    seat = actions.take(seat=Seat.objects.get(review=review, kind="first"), by=cast.home.first, at=at)
    client = Client()
    client.force_login(cast.home.first)
    return cast, seat, client.cookies[settings.SESSION_COOKIE_NAME].value


def opened(chromium: Any, live_server: Any, session: str, path: str, width: int = 1280, **options: Any) -> Any:
    context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"{live_server.url}/o/home/assess/{path}")
    return page


def test_keys_score_and_the_sheet_keeps_itself(chromium: Any, live_server: Any, sheet: tuple[Cast, Seat, str]) -> None:
    _cast, seat, session = sheet
    page = opened(chromium, live_server, session, f"score/{seat.pk}/")
    page.keyboard.press("n")
    page.keyboard.press("1")
    page.keyboard.press("j")
    page.keyboard.press("d")
    page.locator(".card.now textarea").fill("d and j are letters here")
    page.locator("#count", has_text="2 of 2").wait_for()
    page.wait_for_timeout(1800)
    kept = {s.criterion: s for s in Score.objects.filter(seat=seat)}
    assert kept["describes"].level == "not_yet" and kept["describes"].phrases[0]["en"] == "Say which note shows this."
    assert (kept["links"].level, kept["links"].comment) == ("demonstrated", "d and j are letters here")
    page.reload()
    assert page.locator("input[name=level-describes]:checked").get_attribute("value") == "not_yet"
    page.get_by_role("button", name="Turn keys off").click()
    page.wait_for_selector("#keys-off:not([hidden])")
    page.keyboard.press("u")
    assert page.locator("input[value=cannot_tell]:checked").count() == 0
    page.get_by_role("button", name="Hand in my scores").click()
    page.wait_for_url("**/assess/")
    assert Seat.objects.get(pk=seat.pk).scored_at is not None and page.complaints == []
    page.context.close()


def test_a_lost_line_is_said_and_tried_again(chromium: Any, live_server: Any, sheet: tuple[Cast, Seat, str]) -> None:
    _cast, seat, session = sheet
    page = opened(chromium, live_server, session, f"score/{seat.pk}/")
    page.context.set_offline(True)
    page.locator("input[name=level-links]").first.check()
    page.locator("#kept", has_text="Not kept yet").wait_for()
    page.context.set_offline(False)
    page.locator("#kept", has_text="Scores kept").wait_for(timeout=15000)
    assert Score.objects.get(seat=seat).criterion == "links"
    page.context.close()


def test_it_works_without_script(chromium: Any, live_server: Any, sheet: tuple[Cast, Seat, str]) -> None:
    _cast, seat, session = sheet
    page = opened(chromium, live_server, session, f"score/{seat.pk}/", java_script_enabled=False)
    for name in ("describes", "links"):
        page.locator(f"input[name=level-{name}][value=demonstrated]").check()
    page.get_by_role("button", name="Hand in my scores").click()
    assert "Handed in" in page.content() and Seat.objects.get(pk=seat.pk).scored_at is not None
    page.context.close()


@pytest.mark.once("a browser judges pages that are the same words and shapes on every database")
@pytest.mark.parametrize(("width", "scheme", "locale"), [(320, "light", "es"), (1280, "dark", "en-US")])
def test_the_screens_pass_axe_and_fit(
    chromium: Any, live_server: Any, sheet: tuple[Cast, Seat, str], width: int, scheme: str, locale: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    _cast, seat, session = sheet
    for path in ("", f"score/{seat.pk}/", "calibrate/", "agreement/", "phrases/", "give-back/"):
        page = opened(chromium, live_server, session, path, width, color_scheme=scheme, locale=locale)
        result = Axe().run(page).response
        assert [(path, v["id"], [n["html"] for n in v["nodes"]]) for v in result["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.complaints == []
        page.context.close()
