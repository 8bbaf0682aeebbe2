"""On phones, 360 px wide: a learner logs hours, her supervisor signs by the link, the stack completes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from fieldstone.server.awards.models import Award
from fieldstone.server.journeys import confirm_decision
from fieldstone.server.journeys.tasks import HANDLERS
from fieldstone.server.ledger.models import Task
from fieldstone.server.pathways import actions as pathways
from tests.awards.makers import make_review
from tests.cast import Cast, make_cast
from tests.conftest import NOW
from tests.pathways.makers import all_of, hold, make_stack
from tests.web.thumbs import THUMB
from tests.workplace.makers import make_form
from tests.workplace.test_stacks import hours_part, review_part

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast_here(live_server: Any, transactional_db: None, settings: Any) -> Cast:
    settings.BASE_URL = live_server.url
    cast = make_cast(NOW)
    cast.learner.language = "en"
    cast.learner.save()
    version = make_form(cast.home.program, NOW)
    tree = all_of(hold(cast.home.version), review_part(version), hours_part(version), label="Three")
    stack = make_stack(cast.home.program, tree, NOW)
    pathways.follow(learner=cast.learner, stack=stack.stack, at=NOW)
    confirm_decision.award(review=make_review(cast.learner, cast.home.version, NOW), by=cast.home.approver, at=NOW)
    return cast


@pytest.fixture
def phones(live_server: Any, cast_here: Cast, chromium: Any) -> Iterator[tuple[Any, Any]]:
    """The learner's phone, signed in, and the supervisor's, in Spanish and without an account."""
    client = Client()
    client.force_login(cast_here.learner)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    hers = chromium.new_context(viewport={"width": 360, "height": 760}, locale="en-US")
    hers.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    theirs = chromium.new_context(viewport={"width": 360, "height": 760}, locale="es-MX")
    yield hers.new_page(), theirs.new_page()
    hers.close()
    theirs.close()


def sound(page: Any, name: str) -> None:
    """No sideways scrolling, nothing lower than a thumb, and nothing that axe finds."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
    assert page.evaluate(THUMB) == [], name
    found = Axe().run(page).response["violations"]
    assert found == [], (name, [(v["id"], v["nodes"][0]["html"]) for v in found])


def deliver() -> str:
    """What the worker does; the address in the newest mail to the supervisor."""
    for task in Task.objects.filter(handler="mail_supervisor", done_at=None).select_related("entry"):
        HANDLERS[task.handler](task.entry, timezone.now())
    lines = mail.outbox[-1].body.split()
    return next(line for line in lines if "/work/" in line)


def test_hours_are_logged_signed_and_complete_the_stack(phones: tuple[Any, Any], live_server: Any) -> None:
    hers, theirs = phones
    hers.goto(f"{live_server.url}/path/")
    hers.click("text=Positive review at work: Farm crew >> nth=-1")
    sound(hers, "1-start")
    hers.get_by_label("Job", exact=True).check()
    hers.fill("#employer", "Two Coves Farm")
    hers.fill("#supervisor_name", "Marisol Vega")
    hers.fill("#supervisor_email", "sam@farm.example.org")
    hers.fill("#starts_on", (timezone.localdate() - timedelta(days=9)).isoformat())
    hers.click("button:text('Begin')")
    assert "This is your own name" in hers.inner_text("main")
    hers.fill("#supervisor_name", "Sam Ledger")
    hers.click("button:text('Begin')")
    for n, hours in enumerate(("8", "7:30", "1")):
        hers.fill("#day", (timezone.localdate() - timedelta(days=n + 1)).isoformat())
        hers.fill("#hours", hours)
        hers.fill("#text", f"Graded oysters, day {n + 1}.")
        hers.click("button:text('Log these hours')")
        assert "Received." in hers.inner_text("main")
    sound(hers, "2-logged")
    hers.click("button:text('Mail the link')")
    assert "on its way to sam@farm.example.org" in hers.inner_text("main")

    theirs.goto(deliver())
    assert "¿Qué vio usted?" in theirs.inner_text("main") and "16.5 horas" in theirs.inner_text("main")
    sound(theirs, "3-supervisor")
    theirs.check("li.entry:nth-child(1) >> text=No está bien")
    theirs.fill("li.entry:nth-child(1) input[name^=reason]", "Ese día no estuvo.")
    theirs.click("button:text('Firmar estas horas')")
    assert "Escriba su nombre completo" in theirs.inner_text("#problems")
    assert theirs.input_value("li.entry:nth-child(1) input[name^=reason]") == "Ese día no estuvo."
    sound(theirs, "4-supervisor-name-missing")
    theirs.fill("#hours_name", "Sam Ledger")
    theirs.click("button:text('Firmar estas horas')")
    theirs.check(".asked .card:nth-of-type(1) .yes")
    theirs.click("button:text('Guardar para después')")
    theirs.goto(theirs.url)
    assert theirs.is_checked("#answer-0")
    theirs.check(".asked .card:nth-of-type(2) .yes")
    theirs.fill("#words", "Llega temprano.")
    theirs.fill("#name", "Sam Ledger")
    theirs.click("button:text('Firmar y enviar')")
    assert "Su evaluación está firmada" in theirs.inner_text("main")
    sound(theirs, "5-supervisor-signed")
    assert not Award.objects.filter(stack_id__isnull=False).exists()

    hers.reload()
    hers.click("text=Correct or take back")
    assert "Ese día no estuvo." in hers.inner_text("main")
    sound(hers, "6-came-back")
    hers.fill("#hours", "0,5")
    hers.click("button:text('Keep the correction')")
    theirs.goto(theirs.url)
    theirs.fill("#hours_name", "Sam Ledger")
    theirs.click("button:text('Firmar estas horas')")
    made = Award.objects.get(stack_id__isnull=False)
    assert made.learner is not None and "Sam" not in made.document.body
    hers.goto(f"{live_server.url}/path/")
    assert "The flat stone is set." in hers.inner_text("main") and "16 of 16 hours countersigned" in hers.inner_text("main")
    sound(hers, "7-path")
    hers.click("section:has-text('Your workplace') >> text=Two Coves Farm")
    assert "Llega temprano." in hers.inner_text("main")
    sound(hers, "8-reviewed")


def test_a_code_to_scan(phones: tuple[Any, Any], live_server: Any) -> None:
    hers, theirs = phones
    hers.goto(f"{live_server.url}/path/")
    hers.click("text=Hours at work, countersigned >> nth=-1")
    hers.fill("#employer", "My home")
    hers.fill("#supervisor_name", "Ines Parent")
    hers.check("text=Self-employed")
    hers.click("button:text('Begin')")
    hers.click("text=Show a code to scan")
    hers.click("button:text('Make a code to scan')")
    sound(hers, "9-hand")
    theirs.goto(hers.inner_text("p.code").strip())
    assert "Ines Parent" in theirs.inner_text("main")
    theirs.click("text=Yo no superviso este trabajo")
    sound(theirs, "10-not-me")
    theirs.click("button:text('Sí, no soy yo')")
    hers.goto(hers.url.replace("hand/", ""))
    assert "Write who supervises you" in hers.inner_text("main")
    sound(hers, "11-wrong-person")
