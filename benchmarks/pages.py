"""Database queries of the pages that people open: `python -m benchmarks.pages --data DIR` on a demonstration's folder.

Opens each page as the person whose work it is, in one process, and prints the pages about jobs with their milliseconds
(median of seven visits) beside the budget, then the ten pages that asked the database most often. Load O*NET and OEWS
into the folder first (`fieldstone import`), or only the starter facts are measured.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

JOB = "39-9011.00"
"""Childcare Workers, whom the first program leads to."""
BUDGET_MS = 100
"""What the pages of jobs may take at the median on the server, with all of O*NET and OEWS loaded."""


def main() -> int:
    """Measure and print; 2 when the folder holds no demonstration."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--data", required=True, help="a folder that `fieldstone demo --data DIR` filled")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    listing = Path(options.data) / "demo.json"
    if not listing.exists():
        print(f"{options.data} holds no demonstration; `fieldstone demo --no-serve` makes one.", file=sys.stderr)
        return 2
    os.environ["FIELDSTONE_DATA"] = options.data
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fieldstone.server.config.settings")
    import django

    django.setup()
    found = measured(json.loads(listing.read_text()))
    told_jobs(found, as_json=options.json)
    for name, queries, milliseconds in sorted(found, key=lambda r: (-r[1], r[0]))[:10]:
        if options.json:
            print(json.dumps({"name": name, "value": queries, "unit": "queries", "ms": round(milliseconds)}))
        else:
            print(f"{queries:4d} queries {milliseconds:6.0f} ms  {name}")
    return 0


def told_jobs(found: list[tuple[str, int, float]], *, as_json: bool) -> None:
    """Print each page about jobs beside its budget."""
    for name, _queries, spent in found:
        if "/jobs/" in name or "near=" in name or name == "anybody /":
            row = {"name": name, "value": round(spent, 1), "unit": "ms", "peer": "budget", "peer_value": BUDGET_MS,
                   "ratio": round(spent / BUDGET_MS, 2)}  # fmt: skip
            print(json.dumps(row) if as_json else f"{spent:6.1f} ms of {BUDGET_MS}  {name}")


def measured(listing: dict[str, list[dict[str, str]]]) -> list[tuple[str, int, float]]:
    """(page, queries, milliseconds) of every page below."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from fieldstone.server.evidence.models import Enrollment
    from fieldstone.server.people.models import User

    people: dict[str, User] = {}
    for row in listing["people"]:
        if row["program"] == listing["people"][0]["program"]:
            people.setdefault(row["role"], User.objects.get(pk=row["id"]))
    learner = people["learner"]
    work = Enrollment.objects.filter(learner=learner).order_by("-touched_at").first()
    award = learner.awards.first()
    house = people["lead"].memberships.filter(role="lead").get().organization.slug
    guest = people["recognizer"].memberships.filter(role="recognizer").get().organization.slug
    visits: list[tuple[str, list[str]]] = [
        ("", ["/", "/?q=child", "/?near=13029", "/jobs/?near=13029", f"/jobs/{JOB}/", f"/jobs/{JOB}/plan/"]),
        ("", ["/stacks/", f"/m/{house}/observing-and-recording-behavior/", f"/s/{house}/cda/",
              f"/c/{award.code}/" if award else "/check/", "/check/"]),
        ("learner", ["/path/", "/credentials/", "/path/promises/", "/account/data/", "/jobs/", f"/jobs/{JOB}/",
                     f"/jobs/{JOB}/plan/"]
         + ([f"/path/{work.pk}/", f"/path/{work.pk}/status/"] if work else [])),
        ("assessor", [f"/o/{house}/assess/", f"/o/{house}/assess/calibrate/", f"/o/{house}/assess/agreement/"]),
        ("author", [f"/o/{house}/author/", f"/o/{house}/author/stacks/", f"/o/{house}/author/shared/"]),
        ("issuer", [f"/o/{house}/issue/", f"/o/{house}/issue/keys/"]),
        ("lead", [f"/o/{house}/lead/", f"/o/{house}/lead/cohorts/"]),
        ("coach", [f"/o/{house}/coach/"]),
        ("administrator", [f"/o/{house}/admin/", f"/o/{house}/admin/record/"]),
        ("recognizer", [f"/o/{guest}/promises/", f"/o/{guest}/promises/claims/", f"/o/{guest}/promises/history/"]),
    ]  # fmt: skip
    found = []
    for role, paths in visits:
        client = Client(SERVER_NAME="127.0.0.1")
        if role:
            client.force_login(people[role])
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(path)
            count = len(asked)
            spent = statistics.median(_timed(client, path) for _again in range(7))
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
            found.append((f"{role or 'anybody'} {path}", count, spent))
    return found


def _timed(client: Any, path: str) -> float:
    started = time.perf_counter()
    client.get(path)
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    raise SystemExit(main())
