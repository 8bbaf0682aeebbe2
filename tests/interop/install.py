"""Getting other people's packages from the registries, each into a folder of its own, by locks with hashes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


class NotInstalled(Exception):
    """Why a peer's packages are not there."""


def cache(name: str) -> Path:
    """A folder that is kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fieldstone" / name


def npm(source: Path, folder: Path) -> Path:
    """The scripts of `source` in `folder`, with the packages of its lock; raises NotInstalled."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise NotInstalled("node and npm are not on this machine")
    folder.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    _once(
        folder,
        (source / "package-lock.json").read_text(),
        ["npm", "ci", "--prefer-offline", "--fetch-retries=0", "--fetch-timeout=30000"],
    )
    return folder


def pip(source: Path, folder: Path) -> Path:
    """A Python in an environment of its own, with the packages of `source`'s lock; raises NotInstalled."""
    python = folder / "bin" / "python"
    if not python.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _run([sys.executable, "-m", "venv", str(folder)], folder)
    lock = source / "requirements.lock"
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    _once(folder, lock.read_text(), [*command, "-r", str(lock)])
    return python


def _once(folder: Path, lock: str, command: list[str]) -> None:
    """Install, unless the same lock was installed there before."""
    stamp = folder / "installed.json"
    if not stamp.is_file() or stamp.read_text() != lock:
        _run(command, folder)
        stamp.write_text(lock)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotInstalled(f"its packages could not be installed: {done.stderr.strip().splitlines()[-1:]}")
