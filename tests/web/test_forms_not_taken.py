"""A form without its cookie, and the language that stays chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core import mail
from django.test import Client

from fieldstone.server import web
from fieldstone.server.people.models import User
from tests.cast import Cast


@pytest.mark.parametrize(
    ("language", "words", "cookie"),
    [("en", "This form was not taken", "Allow cookies"), ("es", "Este formulario no se recibió", "Permita las cookies")],
)
def test_a_browser_without_cookies_is_told_what_to_do(db: None, language: str, words: str, cookie: str) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Accept-Language": language})
    page = strict.post("/check/", {"text": "{}"})
    assert page.status_code == 403
    shown = page.content.decode()
    assert words in shown and cookie in shown and "<main" in shown and "CSRF" not in shown
    assert page.headers["Content-Language"] == language


def test_an_old_form_is_told_to_load_again(db: None) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    strict.get("/check/")
    page = strict.post("/check/", {"text": "{}", "csrfmiddlewaretoken": "x" * 64})
    assert page.status_code == 403
    assert "Load the page again" in page.content.decode() and "Allow cookies" not in page.content.decode()


def test_a_program_gets_the_same_in_json(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/check/", {"text": "{}"}, headers={"Accept": "application/json"})
    assert answer.status_code == 403 and "Open the page again" in answer.json()["problems"][0]["message"]


def test_the_language_switch_changes_the_account_and_its_mail(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.learner)
    User.objects.filter(pk=cast.learner.pk).update(language="en")
    client.post("/language/", {"language": "es", "next": "/account/"})
    assert User.objects.get(pk=cast.learner.pk).language == "es"
    client.post("/language/", {"language": "xx", "next": "/account/"})
    client.get("/language/", {"language": "en"})
    assert User.objects.get(pk=cast.learner.pk).language == "es"


def test_changing_the_account_in_spanish_stays_spanish(cast: Cast) -> None:
    User.objects.filter(pk=cast.learner.pk).update(language="en")
    client = Client()
    client.cookies["django_language"] = "es"
    client.force_login(cast.learner)  # chose Spanish before signing in; the account still says English
    page = client.get("/account/").content.decode()
    assert 'value="es" selected' in page
    client.post("/account/", {"name": "Ana", "language": "es", "phone": "", "area": ""})
    assert 'lang="es"' in client.get("/account/").content.decode()


def test_somebody_not_signed_in_may_choose_too(db: None) -> None:
    client = Client()
    client.post("/language/", {"language": "es", "next": "/"})
    assert client.cookies["django_language"].value == "es" and not mail.outbox


def test_no_page_hides_where_its_forms_come_from() -> None:
    """Without a Referer or an Origin no browser's form is taken; the header keeps it from other sites already."""
    pages = list(Path(str(web.__file__)).parent.rglob("*.html"))
    assert len(pages) > 100
    assert [page.name for page in pages if "no-referrer" in page.read_text()] == []
