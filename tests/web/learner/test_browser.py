"""The draft script in a real browser: words and photos on a line that comes and goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from fieldstone.server.evidence.models import Answer, Artifact, Enrollment, KeptCopy
from tests.cast import make_cast
from tests.conftest import NOW
from tests.evidence import files
from tests.web.learner.helpers import begin

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def work(live_server: Any, transactional_db: None) -> Enrollment:
    """A learner who has started."""
    return begin(Client(), make_cast(NOW))


@pytest.fixture
def tab(live_server: Any, work: Enrollment, chromium: Any) -> Iterator[Any]:
    """Her signed-in phone, 360 px wide, on the evidence page."""
    client = Client()
    client.force_login(work.learner)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    phone = chromium.new_context(viewport={"width": 360, "height": 760}, locale="en-US")
    phone.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = phone.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(f"{live_server.url}/path/{work.pk}/")
    yield page
    assert page.problems == []
    phone.close()


def waits(page: Any, test: Any) -> None:
    """Until something is true on the server, five seconds at most."""
    for _try in range(50):
        if test():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen")


def text(part: str = "setting") -> str | None:
    return Answer.objects.filter(part=part).values_list("text", flat=True).first()


def held(page: Any) -> list[dict[str, Any]]:
    """What lies in the browser."""
    rows = page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('fieldstone:')).map(k => localStorage[k])")
    return [json.loads(row) for row in rows]


def test_words_save_themselves_and_leave_the_phone_when_they_arrived(tab: Any) -> None:
    tab.fill("#part-setting", "six children in my home")
    assert held(tab)[0]["text"] == "six children in my home"
    waits(tab, lambda: text() == "six children in my home")
    waits(tab, lambda: held(tab) == [])
    assert "Received" in tab.inner_text("#save-state")
    assert tab.inner_text("#part-setting-count").startswith("5 ")
    tab.fill("#part-setting", "six children in my home, and L.")
    tab.click("text=Save")
    tab.wait_for_load_state()
    assert text() == "six children in my home, and L."
    assert KeptCopy.objects.count() == 0


def test_without_a_line_nothing_is_lost_and_it_goes_when_one_comes(tab: Any) -> None:
    tab.context.set_offline(True)
    tab.fill("#part-setting", "written in the barn")
    tab.wait_for_selector("text=Waiting for a line")
    assert "Saved on this phone" in tab.inner_text("#save-state")
    assert text() is None
    tab.context.set_offline(False)
    waits(tab, lambda: text() == "written in the barn")
    waits(tab, lambda: held(tab) == [])


def leave_behind(page: Any, work: Enrollment, words: str, base: int = 0) -> None:
    """What a phone holds whose battery died before the line came back."""
    entry = {"part": "setting", "text": words, "base": base, "copy": "", "key": "left-behind-1"}
    slot = f"fieldstone:draft:{work.learner.pk}:{work.pk}:setting"
    page.evaluate("([slot, entry]) => localStorage.setItem(slot, entry)", [slot, json.dumps(entry)])


def test_words_left_on_the_phone_are_offered_again(tab: Any, live_server: Any, work: Enrollment) -> None:
    tab.goto(f"{live_server.url}/path/")
    leave_behind(tab, work, "before the battery died")
    tab.reload()
    assert tab.is_visible("#outbox")
    tab.click("#outbox a")
    tab.wait_for_selector("#draft-note:has-text('put back')")
    assert tab.input_value("#part-setting") == "before the battery died"
    waits(tab, lambda: text() == "before the battery died")
    waits(tab, lambda: held(tab) == [])
    tab.goto(f"{live_server.url}/path/")
    assert not tab.is_visible("#outbox")


def test_words_left_on_the_phone_never_replace_newer_ones(tab: Any, live_server: Any, work: Enrollment) -> None:
    Answer.objects.create(enrollment=work, part="setting", text="newer, from the library", revision=4, saved_at=NOW)
    leave_behind(tab, work, "before the battery died")
    tab.goto(f"{live_server.url}/path/{work.pk}/")
    tab.wait_for_selector("text=Both are kept: read both")
    assert tab.input_value("#part-setting") == "newer, from the library"
    assert (text(), KeptCopy.objects.get().text) == ("newer, from the library", "before the battery died")


def test_somebody_elses_words_on_the_same_phone_are_left_alone(tab: Any, live_server: Any, work: Enrollment) -> None:
    tab.evaluate("localStorage.setItem('fieldstone:draft:other:' + location.pathname.split('/')[2] + ':setting', '{}')")
    tab.reload()
    assert tab.input_value("#part-setting") == ""
    tab.goto(f"{live_server.url}/path/")
    assert not tab.is_visible("#outbox")
    assert len(held(tab)) == 1


def test_signed_out_the_draft_stays_and_is_offered_after_signing_in(tab: Any, live_server: Any, work: Enrollment) -> None:
    cookies = tab.context.cookies()
    tab.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    tab.fill("#part-setting", "typed after the session ended")
    tab.wait_for_selector("text=Sign in again to send")
    assert "/sign-in/?next=" in str(tab.get_attribute("#draft-note a", "href"))
    assert held(tab)[0]["text"] == "typed after the session ended"
    tab.context.add_cookies(cookies)
    tab.goto(f"{live_server.url}/path/{work.pk}/")
    waits(tab, lambda: text() == "typed after the session ended")


def test_two_phones_are_both_kept_and_the_page_says_so(tab: Any, work: Enrollment) -> None:
    Answer.objects.create(enrollment=work, part="setting", text="from the library", saved_at=NOW)
    tab.fill("#part-setting", "from the phone")
    tab.wait_for_selector("text=Both are kept: read both")
    tab.fill("#part-setting", "from the phone, and more")
    waits(tab, lambda: KeptCopy.objects.filter(text="from the phone, and more").count() == 1)
    assert (text(), KeptCopy.objects.count()) == ("from the library", 1)
    tab.click("#draft-note a")
    tab.wait_for_load_state()
    tab.click("button[value=copy]")
    tab.wait_for_load_state()
    assert tab.input_value("#part-setting") == "from the phone, and more"


def test_saving_at_once_after_typing_is_no_conflict(tab: Any) -> None:
    for words in ("one", "one two", "three"):
        tab.fill("#part-setting", words)
        tab.click("text=Save")
        tab.wait_for_load_state()
        assert tab.input_value("#part-setting") == words
    assert (text(), KeptCopy.objects.count()) == ("three", 0)


def test_a_photo_goes_by_itself_and_once(tab: Any, tmp_path: Path) -> None:
    photo = tmp_path / "notes one.jpg"
    photo.write_bytes(files.located())
    tab.set_input_files("#file-notes", str(photo))
    tab.wait_for_selector(".photo img")
    assert "notes one" in tab.inner_text(".photo h3")
    assert Artifact.objects.get().kind == "photo"
    tab.click(".photo >> text=Remove")
    tab.wait_for_load_state()
    assert Artifact.objects.get().removed_at is not None


def test_a_photo_waits_for_a_line(tab: Any, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(files.jpeg())
    tab.context.set_offline(True)
    tab.set_input_files("#file-notes", str(photo))
    tab.wait_for_selector(".photo >> text=On this phone only")
    tab.context.set_offline(False)
    tab.wait_for_selector(".photo img")
    assert Artifact.objects.count() == 1


def test_a_refused_file_says_why_on_its_card(tab: Any, tmp_path: Path) -> None:
    drawing = tmp_path / "drawing.jpg"
    drawing.write_bytes(files.SVG)
    tab.set_input_files("#file-notes", str(drawing))
    tab.wait_for_selector(".photo >> text=This kind of file is not kept")
    assert Artifact.objects.count() == 0


@pytest.mark.once("a browser judges pages that are the same words and shapes on every database")
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_the_pages_have_no_barriers(tab: Any, live_server: Any, work: Enrollment, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    tab.set_viewport_size({"width": width, "height": 800})
    for address in (f"/path/{work.pk}/", f"/path/{work.pk}/status/", "/path/", "/credentials/"):
        tab.goto(live_server.url + address)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        found = axe.Axe().run(tab).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == [], address
