"""In a real browser, without script: an author ties a new micro-credential to O*NET and sees which gaps it closes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as live_settings
from django.test import Client

from fieldstone.server.reference import actions as reference
from tests.awards.makers import make_enrollment
from tests.cast import Cast, make_cast, make_person
from tests.conftest import NOW
from tests.web.thumbs import THUMB

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def here(live_server: Any, transactional_db: None) -> Cast:
    """The cast, the starter facts, and thirty people who began something."""
    cast = make_cast(NOW)
    reference.load_starter(by=None, at=NOW)
    for n in range(30):
        make_enrollment(make_person(f"Learner {n}", NOW), cast.home.version, NOW)
    return cast


@pytest.fixture
def desk(live_server: Any, here: Cast, chromium: Any) -> Iterator[Any]:
    """A browser in which the home institution's author is signed in; scripts are off."""
    client = Client()
    client.force_login(here.home.author)
    cookie = client.cookies[live_settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    context.add_cookies([{"name": live_settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_a_new_micro_credential_is_tied_and_its_gaps_are_seen(desk: Any, live_server: Any, at: datetime) -> None:
    page = desk
    page.goto(f"{live_server.url}/o/home/author/new/")
    page.fill('[name="title.en"]', "Listening to families")
    page.fill('[name="summary.en"]', "You listen to a family, ask questions, and write down what you agree on.")
    page.select_option('[name="program"]', index=0)
    page.locator("main form button.btn").first.click()
    page.locator('button[value="ties"]').click()
    assert page.locator("h1").inner_text() == "Ties to jobs and skills"

    suggested = page.locator("#suggested li", has_text="Active Listening")
    assert "Your text says:" in suggested.inner_text() and "listen" in suggested.inner_text()
    suggested.locator("select").select_option("4")
    suggested.locator("button").click()
    assert "shown at level 4 of 7" in page.locator("#ties").inner_text()

    page.fill("#q", "cuidado infantil")
    page.select_option("#kind", "occupation")
    page.locator("#find form button").first.click()
    page.locator("#find li", has_text="39-9011.00").locator("button").click()
    assert "Childcare Workers" in page.locator("#ties").inner_text()
    assert "Childcare Workers asks for level" in page.locator("#ties").inner_text()

    page.locator("#ties a.btn").click()
    lead = page.locator("p.lead").inner_text()
    assert "of what Childcare Workers asks" in lead and "goes from 0% to" in lead
    assert "It brings more than 20 of your learners nearer." in lead
    skills = page.locator("#skills table").inner_text()
    assert "Active Listening" in skills and "4.0" in skills and "more than 20" in skills

    adds, ties = page.url, page.url.replace("/adds/", "/ties/")
    page.goto(f"{live_server.url}/help/")
    page.locator("button", has_text="Español").first.click()
    page.goto(adds)
    assert page.locator("h1").inner_text() == "Qué aporta esto"
    assert "Acerca a más de 20 de las personas que estudian aquí." in page.locator("p.lead").inner_text()
    scripted = page.context.browser.new_context(viewport={"width": 360, "height": 740}, locale="es")
    scripted.add_cookies(page.context.cookies())
    sound = scripted.new_page()
    for address in (f"{ties}?q=familia", adds):
        sound.goto(address)
        assert sound.evaluate("document.documentElement.scrollWidth") <= 360, address
        assert sound.evaluate(THUMB) == [], address
        found = Axe().run(sound).response["violations"]
        assert found == [], (address, [(v["id"], v["nodes"][0]["html"]) for v in found])
    scripted.close()
