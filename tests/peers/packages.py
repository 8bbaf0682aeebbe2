"""The npm packages of peers: kept where FIELDSTONE_NPM_CACHE says, else installed afresh for each run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.interop import install


def folder(name: str, fresh: pytest.TempPathFactory) -> Path:
    """The scripts of tests/peers/NAME with the packages of their lock; skips where npm cannot, and says why."""
    kept = os.environ.get("FIELDSTONE_NPM_CACHE")
    place = Path(kept) / name if kept else fresh.mktemp(name)
    try:
        return install.npm(Path(__file__).parent / name, place)
    except install.NotInstalled as why:
        pytest.skip(f"The peer is not here: {why}")
