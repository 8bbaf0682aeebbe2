"""Fixtures for every test. The database is SQLite unless FIELDSTONE_DATABASE_URL names PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
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


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: object) -> Iterator[None]:
    """Every test has its own folder for evidence and mail."""
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }
    settings.EMAIL_FILE_PATH = tmp_path / "mail"  # type: ignore[attr-defined]
    yield
