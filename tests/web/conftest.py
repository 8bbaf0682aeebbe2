"""The world of the walks over every address: made once for a module, and as new for each of its tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from tests.cast import make_cast
from tests.conftest import NOW, files_in
from tests.web.world import World, make_world


@pytest.fixture(scope="module")
def first_world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, Path]]:
    """One of everything and the folder with its files, in a transaction that is undone after the module's last test."""
    folder = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock():
        held = transaction.atomic()
        held.__enter__()
        try:
            with override_settings(**files_in(folder, site.STORAGES)):
                made = make_world(make_cast(NOW), NOW)
        except BaseException:
            transaction.set_rollback(True)
            held.__exit__(None, None, None)
            raise
    yield made, folder
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        held.__exit__(None, None, None)


@pytest.fixture
def world(first_world: tuple[World, Path], db: None, tmp_path: Path) -> World:
    """One of everything. Its objects and files are this test's own; `kept` holds what the module's walks may share."""
    made, folder = first_world
    cache.clear()
    shutil.copytree(folder / "files", tmp_path / "files", dirs_exist_ok=True)
    return replace(deepcopy(replace(made, kept={})), kept=made.kept)
