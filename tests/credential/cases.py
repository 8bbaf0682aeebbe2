"""One realistic credential, used by many tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fieldstone import credential as c

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY = c.SigningKey.from_seed(bytes(range(32)))
LIST_URL = "https://college.example/status/1"
LEVELS = tuple(
    c.RubricLevel(id=f"urn:uuid:00000000-0000-4000-8000-00000000000{n}", name=name, level=name, points=str(n))
    for n, name in enumerate(("Not yet", "Meets", "Exceeds"))
)
CRITERION = c.ResultDescription(
    id="urn:uuid:00000000-0000-4000-8000-000000000010",
    name="Plans the job safely",
    levels=LEVELS,
    required_level=LEVELS[1].id,
)
ACHIEVEMENT = c.Achievement(
    id="https://college.example/achievements/fence",
    name="Builds a stock fence",
    description="Can plan and build a stock fence that stands up to weather and animals.",
    criteria=c.Criteria(narrative="Plan, build and check one fence of at least 100 feet."),
    alignments=(
        c.Alignment(
            target_name="Agricultural equipment operators",
            target_url="https://www.onetonline.org/link/summary/45-2091.00",
            target_code="45-2091.00",
            target_framework="O*NET",
            target_type="ceterms:Credential",
        ),
    ),
    result_descriptions=(CRITERION,),
    tags=("fence", "ranch"),
    in_language="en-US",
    version="1",
)
CREDENTIAL = c.Credential(
    id="urn:uuid:00000000-0000-4000-8000-000000000099",
    issuer=c.Profile(id=KEY.controller, name="Plains College", url="https://college.example"),
    name="Builds a stock fence",
    achievement=ACHIEVEMENT,
    valid_from=datetime(2026, 3, 1, tzinfo=UTC),
    valid_until=datetime(2029, 3, 1, tzinfo=UTC),
    awarded=datetime(2026, 2, 27, tzinfo=UTC),
    identities=(c.Identity.of_name("Ana Reyes"), c.Identity.of_email("ana@example.org", salt="9f2c")),
    results=(c.Result(result_description=CRITERION.id, achieved_level=LEVELS[2].id),),
    evidence=(c.Evidence(id="https://college.example/evidence/7", name="Photos and plan", genre="Portfolio"),),
    status=(c.StatusEntry(list_url=LIST_URL, index=94567),),
)


def signed(**changes: Any) -> dict[str, Any]:
    return c.sign(c.build(replace(CREDENTIAL, **changes)), key=KEY, created=AT)
