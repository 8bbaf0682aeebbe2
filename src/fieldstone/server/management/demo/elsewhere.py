"""What came from elsewhere: badges that a learner brought, and a list of awards with links that wait. All invented."""

from __future__ import annotations

from datetime import datetime, timedelta

from fieldstone import credential
from fieldstone.credential.baked import bake
from fieldstone.server.backpack import actions as backpack
from fieldstone.server.backpack.models import Pickup
from fieldstone.server.catalog import actions as catalog
from fieldstone.server.catalog.models import Version
from fieldstone.server.journeys import bring_credential
from fieldstone.server.journeys.award_list import award_list
from fieldstone.server.journeys.pick_up import pick_up
from fieldstone.server.people.models import User

SEED = bytes(range(7, 39))
"""The key of an issuer that does not exist. It signs nothing but these."""
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><circle cx="48" cy="48" r="44" fill="#96502F"/>'
    '<path d="M28 50l14 14 28-32" fill="none" stroke="#FBF8F1" stroke-width="8"/></svg>'
)
PEOPLE = (
    "Amara Whitfield", "Beatriz Solano", "Calvin Drummond", "Delia Fontaine", "Ezra Holloway", "Frida Montes",
    "Gus Applewhite", "Hazel Brightwater", "Inez Carranza", "Jonah Tillery", "Kezia Rowland", "Lupe Arredondo",
)  # fmt: skip


def badges(*, learner: User, now: datetime) -> None:
    """Three badges: genuine and in her name, ended and for another address, and one that was changed."""
    key = credential.SigningKey.from_seed(SEED)

    def signed(name: str, about: str, days: int, identity: credential.Identity, valid: int | None = None) -> bytes:
        slug = name.lower().replace(" ", "-")
        given = now - timedelta(days=days)
        built = credential.build(
            credential.Credential(
                id=f"https://sample-school.example/badges/{slug}",
                issuer=credential.Profile(id=key.controller, name="Sample Night School (invented)"),
                name=name,
                achievement=credential.Achievement(
                    id=f"https://sample-school.example/{slug}",
                    name=name,
                    description=about,
                    criteria=credential.Criteria(narrative=about),
                ),
                valid_from=given,
                valid_until=given + timedelta(days=valid) if valid else None,
                identities=(identity,),
            )
        )
        return credential.dumps(credential.sign(built, key=key, created=given))

    hers = credential.Identity.of_name(learner.name)
    other = credential.Identity.of_email("an.old.address@example.org", salt="demo")
    genuine = signed("Food handling", "Keeps a small kitchen clean and its food safe.", 500, hers)
    ended = signed("First aid for children", "Helps a child until the ambulance comes.", 900, other, valid=730)
    changed = signed("Two languages", "Speaks with families in two languages.", 200, hers).replace(b"two", b"six", 1)
    at = now - timedelta(days=6)
    for data, source in ((genuine, "file"), (bake(PICTURE.encode(), ended), "file"), (changed, "text")):
        bring_credential.bring(learner=learner, data=data, source=source, at=at)


def awards(*, version: Version, office: dict[str, User], now: datetime) -> None:
    """A list that two people answered for: most links wait, some were used, one went to a wrong person."""
    at = now - timedelta(days=9)
    catalog.allow_lists(
        program=version.micro_credential.program, policy="two", by=office["administrator"], at=at - timedelta(days=1)
    )
    version = Version.objects.select_related("micro_credential__program", "micro_credential__organization").get(
        pk=version.pk
    )
    rows = "".join(
        f"{name},{name.split()[0].lower()}.demo@example.org,"
        f"Showed it at the spring workshop (invented); station {n} of 12.,{at.date() - timedelta(days=30)}\n"
        for n, name in enumerate(PEOPLE, start=1)
    )
    batch = backpack.bring_list(
        version=version, file_name="spring-workshop.csv", data=f"name,email,narrative,date\n{rows}".encode(),
        by=office["issuer"], at=at,
    )  # fmt: skip
    backpack.start_list(batch=batch, by=office["issuer"], at=at)
    backpack.start_list(batch=batch, by=office["administrator"], at=at + timedelta(hours=2))
    batch.refresh_from_db()
    award_list(batch=batch, at=at + timedelta(hours=2))
    links = list(Pickup.objects.filter(award__batch_rows__batch=batch).order_by("made_at", "id"))
    for n, pickup in enumerate(links[:5]):
        learner = pick_up(pickup=pickup, user=None, at=at + timedelta(days=1 + n))
        User.objects.filter(pk=learner.pk).update(is_synthetic=True)
    backpack.not_me(pickup=links[5], at=at + timedelta(days=3))
