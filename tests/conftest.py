"""Fixtures for every test. The database is SQLite unless FIELDSTONE_DATABASE_URL names PostgreSQL.

Where FIELDSTONE_TEST_AGAIN is set, the suite has already run whole on another database: what opens none, and what says
with the mark `once` why the kind of database changes nothing, is left out, counted and named in the summary.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("FIELDSTONE_DATA", tempfile.mkdtemp(prefix="fieldstone-test-"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

from tests.cast import Cast, make_cast

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def shared_data() -> Path:
    """The folder of outside test data, or a skip that says where it was looked for."""
    folder = Path(os.environ.get("FIELDSTONE_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no outside test data at {folder} (set FIELDSTONE_SHARED)")
    return folder


LEFT_OUT: Counter[str] = Counter()
"""How many tests were left out of this run, by the reason."""


def once(item: pytest.Item) -> str:
    """Why a test has the same answer on every kind of database, or "".

    pytest-django refuses the database to a test that asks for none of its fixtures; processes of a test's own have
    theirs from `own_database`.
    """
    mark = item.get_closest_marker("once")
    if mark is not None:
        return str(mark.args[0])
    fixtures = set(getattr(item, "fixturenames", ()))
    opens = fixtures & {"db", "transactional_db", "live_server", "house", "fair", "database"}
    if opens or item.get_closest_marker("django_db"):
        return ""
    return "they open no database"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what need not run again."""
    if not os.environ.get("FIELDSTONE_TEST_AGAIN"):
        return
    reasons = {item: once(item) for item in items}
    LEFT_OUT.update(filter(None, reasons.values()))
    items[:] = [item for item in items if not reasons[item]]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Each process tells the first one what it left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = dict(LEFT_OUT)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """All processes leave out the same."""
    for why, count in node.workeroutput.get("left_out", {}).items():
        LEFT_OUT[why] = count


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many were left out, and why."""
    for why, count in sorted(LEFT_OUT.items()):
        terminalreporter.write_line(f"{count} tests not run again: {why}")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The outside test data."""
    return shared_data()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """SQLite empties tables with DELETE between live-server tests: take that one guard out of the test database.

    tests/ledger/test_guards.py puts it back where it is tested.
    """
    from django.core.management import call_command
    from django.db import connection

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        call_command("createcachetable", verbosity=0)
        if connection.vendor == "sqlite":
            connection.cursor().execute("DROP TRIGGER IF EXISTS fieldstone_entry_no_delete")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for every test that needs a browser; a skip that says so where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )  # fmt: skip
        yield started
        started.close()


@pytest.fixture
def at() -> datetime:
    """The moment at which tests happen: Monday, November 23, 2026, 15:00 UTC."""
    return NOW


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast: two institutions and everybody who works or learns there."""
    return make_cast(NOW)


def files_in(folder: Path, storages: dict[str, Any]) -> dict[str, Any]:
    """The settings that keep evidence and mail in a folder."""
    local = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder / "files"}}
    return {
        "MEDIA_ROOT": folder / "files",
        "STORAGES": {**storages, "default": local},
        "EMAIL_FILE_PATH": folder / "mail",
    }


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    """Every test has its own folder for evidence and mail."""
    for name, value in files_in(tmp_path, settings.STORAGES).items():
        setattr(settings, name, value)
