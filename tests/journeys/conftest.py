"""The demonstration as it runs on a box."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.house import House, own_database


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
