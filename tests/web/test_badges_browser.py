"""On a phone in a real browser: a badge comes from elsewhere by its file, and a credential is claimed by a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from fieldstone import credential as c
from fieldstone.credential.baked import bake
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards import checking
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import Listed
from fieldstone.server.backpack import actions
from fieldstone.server.backpack.models import Brought
from fieldstone.server.net import NetResolver
from fieldstone.server.net.door import Door
from fieldstone.server.web.shared.access import now
from tests.backpack.makers import PNG, signed, unsigned_change
from tests.cast import Cast, make_cast
from tests.conftest import NOW

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def cast(live_server: Any, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast, in a world where nobody outside answers."""

    def nobody(host: str, port: int) -> list[str]:
        raise OSError

    monkeypatch.setattr(checking, "WORLD", NetResolver(Door(look_up=nobody), local=checking.Own(), ttl=0))
    return make_cast(NOW)


@pytest.fixture
def phone(live_server: Any, cast: Cast, chromium: Any) -> Iterator[Callable[[str], Any]]:
    """A page of a phone, 360 px wide, that speaks a language. No script on it may break."""
    opened, problems = [], []

    def pick_up(locale: str) -> Any:
        opened.append(chromium.new_context(viewport={"width": 360, "height": 760}, locale=locale))
        page = opened[-1].new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield pick_up
    for context in opened:
        context.close()
    assert problems == []


def shows(page: Any, found: str) -> None:
    """A page has come with this on it, and is no wider than the phone."""
    page.wait_for_selector(found, timeout=5000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url


def bring(page: Any, path: Path, data: bytes) -> None:
    path.write_bytes(data)
    page.set_input_files("input[type=file][name=file]", path)
    page.click("text=Bring it")


def test_a_badge_from_elsewhere_is_brought_by_its_file_and_checked(
    phone: Callable[[str], Any], live_server: Any, cast: Cast, tmp_path: Path
) -> None:
    client = Client()
    client.force_login(cast.learner)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page = phone("en-US")
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/credentials/")
    page.click("text=Bring a badge from elsewhere")
    bring(page, tmp_path / "notes.json", b'{"a": "shopping list"}')
    shows(page, "#problems >> text=no badge in this")
    hers = signed(identities=(c.Identity.of_name(cast.learner.name),))
    bring(page, tmp_path / "food safety.png", bake(PNG, hers))
    shows(page, "h1:has-text('Food safety')")
    assert "we do not know who issued it" in page.inner_text(".verdict")
    page.locator("img[width='120']").scroll_into_view_if_needed(timeout=5000)
    page.wait_for_function("document.querySelector('img[width=\"120\"]').naturalWidth === 1", timeout=5000)
    assert page.locator(".how").count() == len(Brought.objects.get().checks) >= 8
    with page.expect_download() as download:
        page.click("text=Download the file")
    assert download.value.path().read_bytes() == bake(PNG, hers)
    page.goto(f"{live_server.url}/credentials/bring/")
    bring(page, tmp_path / "changed.json", unsigned_change(signed("Knots")))
    shows(page, "h1:has-text('Knots')")
    assert "we do not know who issued it" not in page.inner_text(".verdict")
    assert dict(Brought.objects.values_list("title", "verdict")) == {"Food safety": "verified", "Knots": "not_verified"}


def test_a_credential_is_claimed_by_a_link_without_an_account(
    phone: Callable[[str], Any], live_server: Any, cast: Cast
) -> None:
    award, _new = awards.issue_listed(
        version=cast.home.version, learner=None, name="Ana Ejemplo", said=Listed("Lo hizo.", None, 1), valid_until=None,
        by=cast.home.issuer, at=now(),
    )  # fmt: skip
    made = actions.make_pickup(
        award=award, name="Ana Ejemplo", email="ana@example.org", language="es", by=None, at=now()
    )
    page = phone("es-MX")
    page.goto(f"{live_server.url}/pickup/{actions.pickup_token(made)}/")
    shows(page, "html[lang=es] >> text=Ana Ejemplo")
    page.click("text=Leerla y ver su comprobación")
    shows(page, f"text={award.code}")
    page.go_back()
    assert Award.objects.get().learner is None
    page.click("text=Hacerla mía")
    shows(page, "text=Ya es suya")
    (sent,) = mail.outbox
    code = re.search(r"\b[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}\b", sent.body)
    assert sent.to == ["ana@example.org"] and code, sent.body
    page.fill("#id_code", code[0])
    page.click("main button.btn")
    shows(page, "h1:has-text('Compartir o llevar')")
    holder = Award.objects.get().learner
    assert holder is not None and (holder.name, holder.email, holder.language) == ("Ana Ejemplo", "ana@example.org", "es")
    page.goto(f"{live_server.url}/pickup/{actions.pickup_token(made)}/")
    shows(page, "h1:has-text('Ya se recogió')")
