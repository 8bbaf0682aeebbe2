"""Every address, walked as nobody, as strangers, as the other institution, as the wrong role, as the right person."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from fieldstone.server.awards.models import Award
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.people.models import Membership
from fieldstone.server.people.rules import may
from tests.cast import ROLES
from tests.web.addresses import ADDRESSES, Address, address_of, patterns
from tests.web.walker import Walker, walker_of
from tests.web.world import SECRET, World, private_ids

MACHINE = ((), (400, 401))
"""What software gets that does not say who it is; a session does not count there."""


def body_of(line: Address) -> dict[str, str]:
    """Something to post that looks like a form."""
    return {"key": str(new_id()), "end": "1"}


def secrets_of(world: World, *, staff: bool) -> set[str]:
    """Names, words and ids that only the home institution may read."""
    learner = world.cast.learner
    words = {SECRET, learner.name, learner.email or "", *private_ids(world)}
    if staff:
        words |= {getattr(world.cast.home, attribute).name for attribute in ROLES}
    return words


def test_every_address_is_in_the_table_and_no_other() -> None:
    known = {name for name, _pattern in patterns()}
    assert known - set(ADDRESSES) == set(), "new addresses: add a line for each to tests/web/addresses.py"
    assert set(ADDRESSES) - known == set(), "addresses that are gone"
    assert {line.access for line in ADDRESSES.values()} <= {"public", "door", "self", "own", "inside", "link", "machine"}


def test_nobody_reads_only_what_is_public(world: World) -> None:
    walker = Walker(None)
    words = secrets_of(world, staff=True)
    for name, line in ADDRESSES.items():
        url = address_of(name, world)
        for method in ("GET", "POST"):
            answer = walker.ask(method, url, body_of(line) if method == "POST" else None)
            if line.access in ("self", "own", "inside"):
                walker.expect(method, url, answer, {302, 401, 405})
                if answer.status_code == 302 and not answer.headers["Location"].startswith(settings.LOGIN_URL):
                    walker.wrong.append(f"{method} {url}: leads to {answer.headers['Location']}")
            elif method == "GET":
                walker.expect(method, url, answer, {line.get})
            else:
                walker.expect(method, url, answer, {200, 302, 400, 404, 405, 422, *MACHINE[line.access == "machine"]})
            if line.access != "link":
                walker.reads_nothing_of(url, answer, set() if line.shows else words)
    assert not walker.wrong, "\n".join(walker.wrong)


@pytest.mark.parametrize("who", ["stranger", "away_staff", "other_learner"])
def test_people_from_elsewhere_find_nothing(world: World, who: str) -> None:
    """A stranger with an account, a member of the other institution with every role, another learner of this one."""
    walker = Walker(world.person(who))
    member = who == "other_learner"
    words = secrets_of(world, staff=not member)
    for name, line in ADDRESSES.items():
        url = address_of(name, world)
        for method in ("GET", "POST"):
            if method == "POST" and line.access in ("self", "door", "public", "link"):
                continue  # her own business
            if name in ("account_logout", "account_confirm_login_code"):
                continue
            answer = walker.ask(method, url, body_of(line) if method == "POST" else None)
            if line.access == "own":
                walker.expect(method, url, answer, {404, 405} | ({403} if name in ("learner:draft", "learner:files") else set()))
            elif line.access == "inside":
                walker.expect(method, url, answer, {403, 405} if member else {404, 405})
            elif line.access != "door":
                walker.expect(method, url, answer, {200, 302, 404, 405} if line.access == "self" else {line.get, 405, *MACHINE[line.access == "machine"]})
            if line.access != "link":
                walker.reads_nothing_of(url, answer, {w for w in words if not (line.shows and w == world.cast.learner.name)})
    assert not walker.wrong, "\n".join(walker.wrong)


def test_rows_of_one_institution_are_not_found_through_the_address_of_another(world: World) -> None:
    """`/o/away/…` with the home institution's ids, asked by somebody who may do everything in away."""
    walker = Walker(world.away_staff)
    words = secrets_of(world, staff=True)
    asked = 0
    for name, pattern in patterns():
        line = ADDRESSES[name]
        if line.access != "inside" or not set(pattern.pattern.converters) - {"org", "number", "kind", "name", "part", "target", "framework"}:
            continue
        url = address_of(name, world, org="away")
        for method in ("GET", "POST"):
            answer = walker.ask(method, url, body_of(line) if method == "POST" else None)
            walker.expect(method, url, answer, {404, 405})
            walker.reads_nothing_of(url, answer, words)
            asked += answer.status_code == 404
    assert not walker.wrong, "\n".join(walker.wrong)
    assert asked


@pytest.mark.parametrize("who", list(ROLES))
def test_members_enter_only_where_their_role_leads(world: World, who: str) -> None:
    user = world.person(f"home.{who}")
    roles = set(Membership.objects.filter(user=user).values_list("role", flat=True))
    walker = Walker(user)
    for name, line in ADDRESSES.items():
        if line.access not in ("inside", "own"):
            continue
        url = address_of(name, world)
        for method in ("GET", "POST"):
            if line.access == "own":
                seated = name == "learner:artifact"
                answer = walker.ask(method, url, body_of(line) if method == "POST" else None)
                walker.expect(method, url, answer, {404, 405, *({200} if seated else ()), *({403} if name in ("learner:draft", "learner:files") else ())})
            elif not any(may(area, roles) for area in line.area.split(" or ")):
                answer = walker.ask(method, url, body_of(line) if method == "POST" else None)
                walker.expect(method, url, answer, {403, 405})
                if line.area not in ("author", "assess"):
                    walker.reads_nothing_of(url, answer, {SECRET})
            elif method == "GET":
                answer = walker.ask(method, url)
                walker.expect(method, url, answer, {line.get, 302, 404})
    assert not walker.wrong, "\n".join(walker.wrong)


def found(world: World, name: str) -> Any:
    """What the right person gets at an address, asked for once in a world."""
    if name not in world.kept:
        walker = walker_of(world, name)
        world.kept[name] = walker.ask("GET", address_of(name, world))
        assert not walker.wrong, walker.wrong
    return world.kept[name]


def test_the_right_person_gets_every_page_and_reading_writes_nothing(world: World) -> None:
    for name, line in ADDRESSES.items():
        walker = walker_of(world, name)
        url = address_of(name, world)
        answer = found(world, name)
        walker.expect("GET", url, answer, {line.get})
        assert not walker.wrong, walker.wrong
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.status_code == 200:
            assert b"<main" in answer.walked, name
            marked = answer.walked.partition(b"<main")[0].count(b'aria-current="page"')
            assert marked <= 1, f"{name}: {marked} sections are marked as the open one"
            spanish = walker.ask("GET", url, headers={"Accept-Language": "es"})
            assert spanish.status_code == 200, name
            assert not walker.wrong, walker.wrong


def test_every_page_carries_the_policy_that_keeps_scripts_out(world: World) -> None:
    for name in ADDRESSES:
        answer = found(world, name)
        policy = answer.headers.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy, (name, policy)
        assert "unsafe-inline" not in policy, name
        assert answer.headers.get("X-Content-Type-Options") == "nosniff", name


def test_a_credential_that_its_holder_keeps_to_herself_has_no_pages_for_others(world: World) -> None:
    names = [name for name, _pattern in patterns() if name.startswith("public:") and "/c/" in address_of(name, world)]
    assert len(names) >= 5
    Award.objects.filter(pk=world.things["award"]).update(audience="private")
    for who in ("nobody", "stranger", "home.first", "home.administrator"):
        walker = Walker(None if who == "nobody" else world.person(who))
        for name in names:
            url = address_of(name, world)
            answer = walker.ask("GET", url)
            walker.expect("GET", url, answer, {404})
            walker.reads_nothing_of(url, answer, secrets_of(world, staff=False))
        assert not walker.wrong, walker.wrong
    walker = Walker(world.cast.learner)
    for name in names:
        assert walker.ask("GET", address_of(name, world)).status_code == 200, name
    assert not walker.wrong, walker.wrong
