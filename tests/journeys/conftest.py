"""A browser for the journeys, and the demonstration as it runs on a box."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.house import House, own_database

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for all journeys; a skip that says so where there is none."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )  # fmt: skip
        yield started
        started.close()


@pytest.fixture(scope="session")
def fair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, dict[str, Any]]]:
    """The demonstration with its named people, served with its worker; and what `fieldstone demo --json` printed."""
    with own_database() as database:
        house = House(tmp_path_factory.mktemp("fair") / "data", database)
        try:
            listing = json.loads(house.run("fieldstone", "demo", "--no-serve", "--json", "--learners", "0"))
            house.start("web")
            house.start("worker")
            yield house, listing
        finally:
            house.close()
