"""The style page in a real browser: accessible at three widths in both themes, nothing wider than the screen."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.once("a browser judges pages that are the same words and shapes on every database"),
    pytest.mark.django_db(transaction=True),
]


@pytest.mark.parametrize(("width", "scheme", "locale"), [(320, "light", "es"), (360, "dark", "en-US"), (1280, "light", "en-US"), (1280, "dark", "es")])
def test_the_style_page_passes_axe_and_fits(chromium: Any, live_server: Any, width: int, scheme: str, locale: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, locale=locale)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{live_server.url}/style/")
    result = Axe().run(page).response
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in result["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []  # the content policy refused nothing
    context.close()


def test_targets_are_at_least_44_pixels_high(chromium: Any, live_server: Any) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    page.goto(f"{live_server.url}/style/")
    small = page.evaluate(
        """() => [...document.querySelectorAll('.btn, summary, .level, .phrase, input:not([type=checkbox],[type=radio],[type=hidden]), select, nav a, .who button, .foot a, .check')]
        .map(e => [e.className || e.tagName, Math.round(e.getBoundingClientRect().height)]).filter(([, h]) => h && h < 44)"""
    )
    assert small == []
    page.close()
