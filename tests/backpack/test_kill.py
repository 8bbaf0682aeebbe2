"""`kill -9` of the worker in the middle of a list: exactly one credential for each row, and nothing left behind."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.house import House, own_database

PEOPLE = int(os.environ.get("FIELDSTONE_SUBMISSIONS", "24")) * 6
KILLS = int(os.environ.get("FIELDSTONE_KILLS", "6"))
pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house of its own, on the kind of database that the suite runs on."""
    with own_database() as database:
        house = House(tmp_path / "data", database)
        try:
            yield house
        finally:
            house.close()


def test_every_row_once_however_often_the_worker_dies(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.run("tests.backpack.stage", "set", str(PEOPLE))
    house.worker = ["tests.backpack.stage", "work"]
    chance = random.Random(20261123)
    met, found = 0, {}

    def look() -> dict[str, Any]:
        now: dict[str, Any] = json.loads(house.run("tests.backpack.stage", "look"))
        return now

    def said() -> int:
        log = house.data / "worker.log"
        return log.read_text(errors="replace").count("row\n") if log.exists() else 0

    for _kill in range(KILLS):
        house.start("worker")
        wanted, until = said() + chance.randint(1, PEOPLE // (KILLS + 2)), time.monotonic() + 60
        while said() < wanted and time.monotonic() < until:
            time.sleep(0.02)
        house.kill("worker")
        found = look()
        done = PEOPLE - found["rows"].get("waiting", 0)
        met += 0 < done < PEOPLE
        assert found["awards"] == found["documents"] == found["slots"] == found["links"] == done, "whole rows only"
    house.start("worker")
    until = time.monotonic() + 120
    while time.monotonic() < until and (found["state"] != "done" or found["open"]):
        time.sleep(0.5)
        found = look()
    assert (found["state"], found["rows"], found["open"]) == ("done", {"issued": PEOPLE}, 0)
    assert found["awards"] == found["awards_of_rows"] == found["documents"] == found["slots"] == PEOPLE
    assert found["links"] == found["link_addresses"] == PEOPLE
    assert met, "no kill met the list at work"
    with capsys.disabled():
        print(f"\nkill -9: {KILLS} times, {met} of them in the middle of a list of {PEOPLE}: {found['awards']} awards")
