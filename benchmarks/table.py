"""A table: `fieldstone issue` in a process of its own, beside bare signatures and files of the same bytes.

Part of `python -m benchmarks.credential`.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Case, megabytes
from fieldstone import credential as c

PEER = "Ed25519 and a file of the same bytes, for each row"


def cases(achievement: c.Achievement, rows: int) -> Iterator[Case]:
    """Rows of a CSV, signed with eddsa-rdfc-2022 and written, in processor time, and how much memory that took."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        out = folder / "out"
        _prepare(folder, achievement, rows)
        files = ["--achievement", "a.json", "--recipients", "p.csv", "--key", "key", "--out", "out"]
        seconds, peak = _run("issue", *files, "--issuer-name", "Plains College", folder=folder)
        written = [entry for entry in os.scandir(out) if entry.name.endswith(".json") and entry.name != "batch.json"]
        if len(written) != rows:
            raise SystemExit(f"{len(written)} credentials were written for {rows} rows.")
        size = written[0].stat().st_size
        alone = _alone(folder / "alone", rows, size)
    yield Case("fieldstone issue, rows of a table", rows / seconds, "/s", PEER, rows / alone, peak)
    yield Case(f"fieldstone issue, {rows} rows", seconds, "s", PEER, alone, peak)


def _prepare(folder: Path, achievement: c.Achievement, rows: int) -> None:
    issuer = c.Profile(id="did:key:z", name="x")
    when = c.parse_timestamp("2026-03-02T12:00:00Z")
    document = c.build(c.Credential(id="urn:x:y", issuer=issuer, name="x", achievement=achievement, valid_from=when))
    (folder / "a.json").write_text(json.dumps(document["credentialSubject"]["achievement"]))
    with (folder / "p.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["name", "email", "narrative", "awarded"])
        for number in range(rows):
            table.writerow(
                [
                    f"Ana Peña {number}",
                    f"ana{number}@example.org",
                    f"Built {100 + number % 900} feet of fence along the creek and explained each brace.",
                    "2026-03-01",
                ]
            )
    _run("keys", "new", "--out", "key", "--no-password", folder=folder)


# A small process of its own, because a child's memory begins with that of the process which starts it.
_WATCH = """
import json, os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(child.pid, 0)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss]))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def _run(*arguments: str, folder: Path) -> tuple[float, float]:
    """Processor seconds and peak memory (MB) of a `fieldstone` command."""
    command = [sys.executable, "-c", _WATCH, sys.executable, "-m", "fieldstone", *arguments]
    paths = {**os.environ, "PYTHONPATH": str(Path(c.__file__).parents[2])}
    done = subprocess.run(command, cwd=folder, env=paths, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"fieldstone {arguments[0]} stopped: {done.stderr[-1000:]}")
    seconds, peak = json.loads(done.stdout)
    return seconds, megabytes(peak)


def _alone(folder: Path, rows: int, size: int) -> float:
    """Processor seconds for as many signatures over 64 bytes, and as many files of `size` bytes."""
    key, data = c.generate_key(), b"x" * (size - 64)
    folder.mkdir()
    started = time.process_time()
    for number in range(rows):
        (folder / f"{number}.json").write_bytes(data + key.sign(b"m" * 64))
    return time.process_time() - started
