"""Database queries of the pages that people open: `python -m benchmarks.pages --data DIR` on a demonstration's folder.

Opens each page twice as the person whose work it is, in one process, and prints the ten that asked the database most
often: queries and milliseconds of the second visit. Counts, not a promise about time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path


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
    rows = sorted(measured(json.loads(listing.read_text())), key=lambda r: (-r[1], r[0]))[:10]
    for name, queries, milliseconds in rows:
        if options.json:
            print(json.dumps({"name": name, "value": queries, "unit": "queries", "ms": round(milliseconds)}))
        else:
            print(f"{queries:4d} queries {milliseconds:6.0f} ms  {name}")
    return 0


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
        ("", ["/", "/?q=child", "/stacks/", f"/m/{house}/observing-and-recording-behavior/", f"/s/{house}/cda/",
              f"/c/{award.code}/" if award else "/check/", "/check/"]),
        ("learner", ["/path/", "/credentials/", "/path/promises/", "/account/data/"]
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
                started = time.perf_counter()
                answer = client.get(path)
                spent = 1000 * (time.perf_counter() - started)
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
            found.append((f"{role or 'anybody'} {path}", len(asked), spent))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
