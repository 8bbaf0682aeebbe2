"""Official files become releases: whole or not at all, once, side by side."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from fieldstone.server.ledger.models import Entry
from fieldstone.server.reference.actions import load
from fieldstone.server.reference.importers import BadFile
from fieldstone.server.reference.models import County, Release

pytestmark = pytest.mark.django_db

RUCC = """FIPS,State,County_Name,Population_2020,RUCC_2023,Description,urban
13051,GA,Chatham County,295291,2,Metro,1
13109,GA,Evans County,10774,6,Nonmetro,0
"""


def test_a_file_becomes_the_current_release_once(tmp_path: Path, at: datetime) -> None:
    path = tmp_path / "rucc.csv"
    path.write_text(RUCC)
    first = load(kind="rucc", path=path, by=None, at=at)
    again = load(kind="rucc", path=path, by=None, at=at)
    assert (first.new, again.new) == (True, False)
    assert first.release == again.release == Release.objects.current("rucc")
    assert first.release.version == "2023"
    assert list(County.objects.values_list("fips", "rucc", "metro")) == [("13051", 2, True), ("13109", 6, False)]
    assert Entry.objects.filter(verb="reference.imported").count() == 1


def test_a_file_of_another_kind_changes_nothing(tmp_path: Path, at: datetime) -> None:
    path = tmp_path / "rucc.csv"
    path.write_text(RUCC)
    with pytest.raises(BadFile, match=r"looks like the USDA .*use `fieldstone import rucc`"):
        load(kind="oews", path=path, by=None, at=at)
    assert not Release.objects.exists()
