"""Run inside a house's own processes: `set N` brings and starts a list of N people, `look` counts what is there,
`work` is the worker with a short lease. The first two print JSON."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import django


def set_stage(people: int) -> dict[str, Any]:
    """The cast, a program that takes lists, and a list that is confirmed."""
    from django.core.management import call_command

    from fieldstone.server.backpack import actions
    from fieldstone.server.catalog import actions as catalog
    from fieldstone.server.catalog.models import Version
    from tests.cast import make_cast

    call_command("setup")
    at = datetime.now(UTC)
    home = make_cast(at).home
    catalog.allow_lists(program=home.program, policy="one", by=home.administrator, at=at)
    rows = "".join(f"Person {n},person{n}@example.org,Did number {n}.\n" for n in range(people))
    batch = actions.bring_list(
        version=Version.objects.get(pk=home.version.pk), file_name="list.csv",
        data=f"name,email,narrative\n{rows}".encode(), by=home.issuer, at=at,
    )  # fmt: skip
    actions.start_list(batch=batch, by=home.issuer, at=at)
    return {"batch": str(batch.pk)}


def look() -> dict[str, Any]:
    """What the tables hold."""
    from fieldstone.server.awards.models import Award, SignedDocument, StatusSlot
    from fieldstone.server.backpack.models import Batch, BatchRow, Pickup
    from fieldstone.server.ledger.models import Task

    return {
        "state": Batch.objects.get().state,
        "rows": dict(Counter(BatchRow.objects.values_list("state", flat=True))),
        "awards": Award.objects.count(),
        "awards_of_rows": len(set(BatchRow.objects.exclude(award=None).values_list("award_id", flat=True))),
        "documents": SignedDocument.objects.count(),
        "slots": StatusSlot.objects.count(),
        "links": Pickup.objects.count(),
        "link_addresses": len(set(Pickup.objects.values_list("email", flat=True))),
        "open": Task.objects.filter(done_at=None, run_after__lte=datetime.now(UTC))
        .exclude(handler="mail_pickup")
        .count(),
    }


if __name__ == "__main__":
    django.setup()
    what, *more = sys.argv[1:]
    if what == "work":
        from fieldstone.server.awards import actions as awards
        from fieldstone.server.journeys import award_list
        from fieldstone.server.management import worker

        worker.LEASE = timedelta(seconds=2)  # so that what a killed worker held is taken up again soon
        award_list.award_list.__kwdefaults__["rows"] = 40  # several whiles, so that kills meet their seams too
        sign = awards.issue_listed

        def slowly(**facts: Any) -> Any:
            made = sign(**facts)
            print("row", flush=True)
            time.sleep(0.06)  # inside the row's transaction, where a kill must leave nothing
            return made

        awards.issue_listed = slowly  # type: ignore[assignment]
        worker.run()
        sys.exit()
    print(json.dumps({"set": lambda: set_stage(int(more[0])), "look": look}[what]()))
