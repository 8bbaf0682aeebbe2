"""The official files themselves, as far as they are at hand: how many rows each gives, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldstone.server.reference.importers import IMPORTERS, Notes, Source, choose
from fieldstone.server.reference.importers.own import elements, occupations
from fieldstone.server.reference.rules import MERGED, published_codes

LABOR = "labour"
EXPECTED = {
    "onet_29_0_text": ("onet", "29.0", {
        "Occupation": 1016, "Element": 68, "Rating": 59754, "TechnologySkill": 32470, "TaskStatement": 18796,
    }, 4921),
    "oews_2025_national_state_nonmetro.csv.gz": ("oews", "May 2025", {"Area": 190, "Wage": 86776}, 0),
    "bls_projections_2022_32_table_1_7.csv": ("projections", "2022–2032", {"Projection": 1113}, 0),
    "bls_projections_2022_32_table_1_10.csv": ("projections", "2022–2032", {"Projection": 1113}, 0),
    "RUCC2023.csv": ("rucc", "2023", {"County": 3233}, 2),
    "ipeds_hd2023.csv": ("institutions", "2023", {"Institution": 6163}, 0),
    "carnegie_2021_msi_flags.csv": ("carnegie", "2021", {"InstitutionFlag": 3939}, 0),
    "cip2020_soc2018.csv": ("cip-soc", "CIP 2020, SOC 2018", {"CipSoc": 5903}, 194),
}  # fmt: skip


def read(kind: str, path: Path) -> tuple[dict[str, list[tuple[object, ...]]], Notes]:
    notes, source = Notes(), Source(path)
    tables: dict[str, list[tuple[object, ...]]] = {}
    for table, values in choose(kind, source).read(source, notes):
        tables.setdefault(table, []).append(values)
    return tables, notes


@pytest.mark.parametrize("name", EXPECTED)
def test_rows_of_an_official_file(shared: Path, name: str) -> None:
    kind, version, counts, dropped = EXPECTED[name]
    tables, notes = read(kind, shared / LABOR / name)
    assert {table: len(tables[table]) for table in counts} == counts
    assert (notes.version, sum(notes.dropped.values())) == (version, dropped)


def test_every_occupation_with_ratings_has_figures_but_for_soldiers_fishers_and_legislators(shared: Path) -> None:
    """Codes of O*NET lead to a row of OEWS and of the projections, by themselves or merged (SOC 2018)."""
    onet, _ = read("onet", shared / LABOR / "onet_29_0_text")
    oews, _ = read("oews", shared / LABOR / "oews_2025_national_state_nonmetro.csv.gz")
    projections, _ = read("projections", shared / LABOR / "bls_projections_2022_32_table_1_7.csv")
    socs = {str(row[1]) for row in onet["Occupation"]}
    paid = {row[1] for row in oews["Wage"]}
    expected = {row[0] for row in projections["Projection"]}
    assert {soc for soc in socs if not paid & set(published_codes(soc))} - {"45-3031", "11-1031"} == {
        soc for soc in socs if soc.startswith("55-")
    }
    assert {soc for soc in socs if not expected & set(published_codes(soc))} == {
        soc for soc in socs if soc.startswith("55-")
    }
    assert set(MERGED.values()) <= paid & expected
    assert not set(MERGED) & paid and not set(MERGED) & expected


def test_our_own_words_are_for_codes_that_exist(shared: Path) -> None:
    onet, _ = read("onet", shared / LABOR / "onet_29_0_text")
    assert set(occupations()) <= {row[0] for row in onet["Occupation"]}
    assert set(elements()) == {row[0] for row in onet["Element"]}
    assert all(row[3] for row in onet["Element"])


def test_no_word_of_a_description_or_task_is_shipped(shared: Path) -> None:
    """Four words in a row of a task or a description stand nowhere in what we wrote; titles and names do."""
    folder = Path(IMPORTERS["onet"].__file__).parents[1] / "starter"  # type: ignore[attr-defined]
    ours = " ".join(o.es + " " + " ".join(o.also_en) for o in occupations().values())
    hints = [e.hints_en.split() for e in elements().values()]
    assert (folder / "onet.jsonl").exists() and ours
    tasks = (shared / LABOR / "onet_29_0_text" / "Task Statements.txt").read_text(encoding="utf-8").casefold()
    found = [" ".join(words[i : i + 4]) for words in hints for i in range(len(words) - 3)]
    assert found and not [phrase for phrase in found if phrase in tasks]
