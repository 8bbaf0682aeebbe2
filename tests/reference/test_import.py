"""Official files become releases: whole or not at all, each once, versions side by side."""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from fieldstone.server.ledger.models import Entry
from fieldstone.server.reference import actions, starter
from fieldstone.server.reference.actions import load, load_starter, make_current
from fieldstone.server.reference.importers import IMPORTERS, BadFile, Notes
from fieldstone.server.reference.models import (
    Area,
    CipSoc,
    County,
    CountyArea,
    Element,
    Institution,
    InstitutionFlag,
    Occupation,
    Projection,
    Rating,
    Release,
    RemoteWork,
    SearchText,
    TaskStatement,
    TechnologySkill,
    Wage,
)
from tests.journeys.house import own_database
from tests.reference import files

TABLES = (
    Area, CipSoc, County, CountyArea, Element, Institution, InstitutionFlag, Occupation, Projection, Rating,
    RemoteWork, SearchText, TaskStatement, TechnologySkill, Wage, Release,
)  # fmt: skip


def counts() -> list[int]:
    return [table.objects.count() for table in TABLES]


def rucc(folder: Path, text: str = files.RUCC_WIDE, name: str = "rucc.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.django_db
def test_a_file_becomes_the_current_release_once(tmp_path: Path, at: datetime) -> None:
    by = uuid4()
    first = load(kind="rucc", path=rucc(tmp_path), by=by, at=at)
    again = load(kind="rucc", path=rucc(tmp_path, name="copy.csv"), by=None, at=at + timedelta(days=1))
    assert (first.new, again.new) == (True, False)
    assert first.release == again.release == Release.objects.current("rucc")
    assert (str(first.release), first.release.rows, first.release.imported_at) == ("rucc 2023", 2, at)
    assert first.release.report == {"rows": {"County": 2}, "dropped": [], "remarks": []}
    assert list(County.objects.values_list("fips", "rucc", "metro")) == [("13051", 2, True), ("13109", 6, False)]
    entries = Entry.objects.filter(verb__startswith="reference.").order_by("id")
    assert [(entry.verb, entry.by) for entry in entries] == [("reference.imported", by), ("reference.current", by)]


@pytest.mark.django_db
def test_attack_the_same_file_in_two_windows_at_once(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one import reads, another one of the same file ends: it is loaded once, and both are told so."""
    path = rucc(tmp_path)
    stage, others = actions.stage, []

    def meanwhile(*given: object) -> None:
        stage(*given)  # type: ignore[arg-type]  # passed on as it came
        monkeypatch.setattr(actions, "stage", stage)
        others.append(load(kind="rucc", path=path, by=None, at=at))

    monkeypatch.setattr(actions, "stage", meanwhile)
    mine = load(kind="rucc", path=path, by=None, at=at)
    assert [other.new for other in others] == [True] and not mine.new
    assert mine.release == others[0].release and Release.objects.get().is_current


@pytest.mark.django_db
def test_versions_stand_side_by_side_and_one_is_current(tmp_path: Path, at: datetime) -> None:
    old = load(kind="rucc", path=rucc(tmp_path, files.RUCC_WIDE.replace("_2023", "_2013"), "old.csv"), by=None, at=at)
    new = load(kind="rucc", path=rucc(tmp_path), by=None, at=at)
    other = load(kind="rucc", path=rucc(tmp_path, files.RUCC_LONG, "b.csv"), by=None, at=at, keep_current=True, version="x")
    assert [r.version for r in (old.release, new.release, other.release)] == ["2013", "2023", "x"]
    assert Release.objects.get(is_current=True) == new.release
    assert County.objects.filter(release=old.release).count() == 2
    assert load(kind="rucc", path=tmp_path / "old.csv", by=None, at=at, keep_current=True).release == old.release
    assert Release.objects.get(is_current=True) == new.release
    back = load(kind="rucc", path=tmp_path / "old.csv", by=None, at=at)
    assert not back.new and Release.objects.get(is_current=True) == old.release
    assert not make_current(release=old.release, by=None, at=at)
    assert Entry.objects.filter(verb="reference.current").last().data["before"] == "2023"  # type: ignore[union-attr]


@pytest.mark.django_db
def test_every_kind_is_loaded(tmp_path: Path, at: datetime) -> None:
    from tests.reference.test_importers import every_kind

    for kind, path in every_kind(tmp_path).items():
        loaded = load(kind=kind, path=path, by=None, at=at)
        assert loaded.release.is_current and loaded.release.rows == sum(
            n for table, n in loaded.release.report["rows"].items() if table in IMPORTERS[kind].TABLES
        )
    assert load(kind="oews", path=tmp_path / "1.csv", by=None, at=at).release.version == "of 2026-11-23"
    assert RemoteWork.objects.count() == 0
    assert all(n > 0 for table, n in zip(TABLES, counts(), strict=True) if table is not RemoteWork)


def bad_files(folder: Path) -> dict[str, tuple[str, Path, str]]:
    """name -> kind, path, what the answer says."""
    packed = gzip.compress(files.OEWS.encode() * 50)
    (folder / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    (folder / "utf16.csv").write_bytes(files.RUCC_WIDE.encode("utf-16"))
    (folder / "mixed.csv").write_bytes((files.RUCC_LONG + "35013,NM,Do").encode() + b"\xf1a,RUCC_2023,3\n")
    whole = files.zipped(folder / "whole.zip", {name: text * 40 for name, text in files.ONET.items()}).read_bytes()
    (folder / "cut.zip").write_bytes(whole[: len(whole) // 2])
    wide = files.OEWS.replace("Georgia,2", "G" * 400 + ",2")
    (folder / "wide.csv").write_text(wide)
    unordered = files.OEWS.replace("9.00,10.25,12.00", "19.00,10.25,12.00", 1)
    (folder / "unordered.csv").write_text(unordered)
    return {
        "cut gz": ("oews", folder / "cut.csv.gz", "damaged or was cut off"),
        "cut zip": ("onet", folder / "cut.zip", "does not end like one"),
        "utf-16": ("rucc", folder / "utf16.csv", "does not look like"),
        "mixed": ("rucc", folder / "mixed.csv", "line 8, column 12: UTF-8"),
        "wrong kind": ("oews", rucc(folder), "use `fieldstone import rucc`"),
        "empty": ("rucc", rucc(folder, files.RUCC_WIDE.split("\n")[0] + "\n", "empty.csv"), "no row that can be used"),
        "unordered": ("oews", folder / "unordered.csv", "the tables refuse"),
        "missing": ("oews", folder / "nothing.csv", "There is no file"),
        "no kind": ("weather", folder / "wide.csv", "There is no kind weather"),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["cut gz", "cut zip", "utf-16", "mixed", "wrong kind", "empty", "unordered", "missing", "no kind"]
)
def test_a_bad_file_changes_nothing(tmp_path: Path, at: datetime, name: str) -> None:
    load(kind="oews", path=rucc(tmp_path, files.OEWS, "oews_2025.csv"), by=None, at=at)
    before, entries = counts(), Entry.objects.count()
    current = Release.objects.current("oews")
    kind, path, message = bad_files(tmp_path)[name]
    with pytest.raises(BadFile, match=message):
        load(kind=kind, path=path, by=None, at=at)
    assert counts() == before and Entry.objects.count() == entries
    assert Release.objects.current("oews") == current


def cut(data: bytes) -> bytes:
    """A file that ends in the first cell of its last line."""
    lines = data.rstrip().split(b"\n")
    return b"\n".join([*lines[:-1], lines[-1][:3]])


def misread(data: bytes) -> bytes:
    """A file with a letter of UTF-8 in the last line but one and a letter of Windows in the last."""
    lines = data.rstrip().split(b"\n")
    for number, letter in ((-2, "é".encode()), (-1, "ñ".encode("cp1252"))):
        lines[number] = re.sub(rb"([A-Za-z]{3,})", lambda word, more=letter: word[1] + more, lines[number], count=1)
    return b"\n".join([*lines, b""])


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut": (cut, "cut off|is damaged"),
    "mis-encoded": (misread, "UTF-8|encoding"),
    "UTF-16": (lambda data: data.decode().encode("utf-16"), "UTF-16|does not look like|is missing"),
    "not the file": (lambda data: b"name,pet\nAda,cat\n", "does not look like|is missing|no column"),
    "nothing": (lambda data: b"", "is empty|does not look like|is missing"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["onet", "oews", "areas", "projections", "rucc", "institutions", "carnegie", "cip-soc"])
@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_file_of_any_kind_changes_nothing_and_says_why(
    tmp_path: Path, at: datetime, kind: str, what: str
) -> None:
    from tests.reference.test_importers import every_kind

    path = every_kind(tmp_path)[kind]
    load(kind=kind, path=path, by=None, at=at)
    before, entries = counts(), Entry.objects.count()
    bend, told = DAMAGE[what]
    bad = path / "Skills.txt" if path.is_dir() else path
    bad.write_bytes(bend(bad.read_bytes()))
    with pytest.raises(BadFile, match=told):
        load(kind=kind, path=path, by=None, at=at, version="newer")
    assert counts() == before and Entry.objects.count() == entries


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "name"),
    [("oews", "oews_2025_national_state_nonmetro.csv.gz"), ("projections", "bls_projections_2022_32_table_1_7.csv"),
     ("projections", "bls_projections_2022_32_table_1_10.csv"), ("rucc", "RUCC2023.csv"),
     ("institutions", "ipeds_hd2023.csv"), ("carnegie", "carnegie_2021_msi_flags.csv"), ("cip-soc", "cip2020_soc2018.csv")],
)  # fmt: skip
def test_an_official_file_of_which_a_part_came_changes_nothing(
    shared: Path, tmp_path: Path, at: datetime, kind: str, name: str
) -> None:
    """The first 40,000 bytes of the file as it was published, ending in the first cell of a line."""
    data = (shared / "labour" / name).read_bytes()[:40_000]
    path = tmp_path / name
    path.write_bytes(data if name.endswith(".gz") else cut(data))
    with pytest.raises(BadFile, match=r"cut off|is damaged"):
        load(kind=kind, path=path, by=None, at=at)
    assert counts() == [0] * len(TABLES) and not Entry.objects.filter(verb__startswith="reference.").exists()


KILLED = """
import os, signal, sys
import django
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from fieldstone.server.reference import bulk
from fieldstone.server.reference.actions import load
bulk.BATCH = 100
written = []
plain = bulk.Insert._write
def write(self):
    plain(self)
    written.append(1)
    if len(written) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
bulk.Insert._write = write
load(kind="rucc", path=Path(sys.argv[1]), by=None, at=datetime.now(UTC))
"""
COUNTED = """
import django
django.setup()
from fieldstone.server.reference.models import County, Release
current = Release.objects.current("rucc")
print(current.version, Release.objects.filter(kind="rucc").count(), County.objects.count() == current.rows)
"""


@pytest.fixture
def database() -> Iterator[str]:
    """A database of the test's own, on the kind that the suite runs on."""
    with own_database() as name:
        yield name


def test_killed_in_the_middle_the_old_release_stays(tmp_path: Path, database: str) -> None:
    environment = {**os.environ, "FIELDSTONE_DATA": str(tmp_path / "data"), "PYTHONPATH": os.pathsep.join(sys.path),
                   "DJANGO_SETTINGS_MODULE": "fieldstone.server.config.settings",
                   "FIELDSTONE_DATABASE_URL": database}  # fmt: skip

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=300)

    assert run("-m", "django", "setup").returncode == 0
    lines = [f"{n:05d},GA,County {n},{n},{n % 9 + 1},x" for n in range(1, 1001)]
    many = rucc(tmp_path, "\n".join(["FIPS,State,County_Name,Population_2020,RUCC_2023,Description", *lines]) + "\n")
    assert run("-c", KILLED, str(many)).returncode == -signal.SIGKILL
    assert run("-c", COUNTED).stdout.split() == ["starter", "1", "True"]


# --- starter facts ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_starter_facts_are_loaded_once(at: datetime) -> None:
    made = load_starter(by=None, at=at)
    assert [release.kind for release in made] == list(starter.KINDS)
    assert all(release.is_current and release.version == "starter" and release.rows for release in made)
    before = counts()
    assert load_starter(by=None, at=at) == []
    assert counts() == before
    assert "CC BY 4.0" in made[0].report["remarks"][0]


@pytest.mark.django_db
def test_an_official_file_stands_over_the_starter_facts(tmp_path: Path, at: datetime) -> None:
    load_starter(by=None, at=at)
    official = load(kind="rucc", path=rucc(tmp_path), by=None, at=at).release
    assert Release.objects.current("rucc") == official
    Release.objects.filter(kind="rucc", version="starter").update(sha256="0" * 64)
    made = load_starter(by=None, at=at)
    assert [(release.kind, release.is_current) for release in made] == [("rucc", False)]
    assert Release.objects.current("rucc") == official
    assert Release.objects.filter(kind="rucc", version="starter").count() == 1


@pytest.mark.django_db
def test_newer_starter_facts_take_the_place_of_older_ones(at: datetime) -> None:
    old = {release.kind: release for release in load_starter(by=None, at=at)}
    Release.objects.filter(kind="onet").update(sha256="0" * 64)
    texts = SearchText.objects.count()
    (new,) = load_starter(by=None, at=at)
    assert new.kind == "onet" and new.is_current and new != old["onet"]
    assert SearchText.objects.count() == texts


def test_starter_facts_are_small_and_hold_no_sentence_of_others() -> None:
    folder = Path(starter.__file__).parent
    assert sum(p.stat().st_size for p in folder.iterdir() if p.suffix in (".jsonl", ".csv")) < 400_000
    assert sum(p.stat().st_size for p in folder.iterdir() if p.suffix == ".gz") < 300_000
    for kind in starter.KINDS:
        for table, values in starter.read(kind, Notes()):
            assert table in IMPORTERS[kind].TABLES and len(values) == len(IMPORTERS[kind].TABLES[table])
            lines = [line for value in values if isinstance(value, str) for line in value.splitlines()]
            assert not any(line.count(" ") > 60 if table == "PlacePage" else line.count(" ") > 25 for line in lines)
            assert table not in ("TaskStatement", "TechnologySkill")


def test_starter_facts_are_those_of_the_official_files(shared: Path) -> None:
    from fieldstone.server.reference.starter.make import FILES, rows

    for kind in ("projections", "rucc", "areas"):
        assert "\n".join(rows(kind, shared / "labour" / FILES[kind])) + "\n" == starter.text(kind)


# --- the command --------------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("import", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_prints_its_report(tmp_path: Path) -> None:
    path = str(rucc(tmp_path, files.RUCC_LONG))
    said = run("rucc", path)
    assert "rucc 2023: 2 rows in " in said and "pages show it now" in said
    assert "1  left out. The county has no code" in said and "rucc.csv, line 7: Rose Island" in said
    assert "This file is loaded already: rucc 2023; pages show it now." in run("rucc", path)
    other = str(rucc(tmp_path, files.RUCC_WIDE, "b.csv"))
    assert "rucc mine: 2 rows" in run("rucc", other, "--keep-current", "--as", "mine")
    assert "pages still show another version" in run("rucc", other, "--keep-current")
    listed = run("--list").splitlines()
    assert [line[:1] for line in listed] == ["*", " "]


@pytest.mark.django_db
def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Name a kind and a file"):
        run("rucc")
    with pytest.raises(CommandError, match="use `fieldstone import rucc`"):
        run("oews", str(rucc(tmp_path)))
    folder = files.onet_folder(tmp_path / "onet")
    assert "Work Context.txt is not there" in run("onet", str(folder))


@pytest.mark.django_db
def test_a_version_is_forgotten_when_pages_do_not_show_it(tmp_path: Path) -> None:
    run("rucc", str(rucc(tmp_path)))
    with pytest.raises(CommandError, match="Pages show rucc 2023 now"):
        run("rucc", "--forget", "2023")
    with pytest.raises(CommandError, match="There is no rucc 1999"):
        run("rucc", "--forget", "1999")
    run("rucc", str(rucc(tmp_path, files.RUCC_LONG, "b.csv")), "--as", "later")
    assert "rucc 2023 is deleted, with its 2 rows." in run("rucc", "--forget", "2023")
    assert [release.version for release in Release.objects.all()] == ["later"] and County.objects.count() == 2
    assert Entry.objects.filter(verb="reference.forgotten").count() == 1


def test_the_bar_fills(capsys: pytest.CaptureFixture[str]) -> None:
    from importlib import import_module

    bar = import_module("fieldstone.server.management.commands.import").Bar(0.0)
    for share in (0.0, 0.004, 0.5, 1.0):
        bar(share)
    shown = capsys.readouterr().err
    assert shown.count("\r") == 3 and shown.endswith("s\n") and "100 % read" in shown
