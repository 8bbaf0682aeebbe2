"""A plan that begins at a workplace says how to begin: name the place, go on there, or whom to ask."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from fieldstone.server.pathways import actions as pathways
from fieldstone.server.people.models import Organization
from fieldstone.server.workplace import actions, queries
from fieldstone.server.workplace.models import FormVersion
from tests.cast import Cast, text
from tests.pathways.makers import all_of, make_stack
from tests.web.town import WORKER, Town, make_town
from tests.workplace.makers import make_form, place
from tests.workplace.test_stacks import hours_part, review_part

BEGINS = "It begins at work"


@pytest.fixture
def town(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(timezone, "now", lambda: at)
    Organization.objects.filter(pk=cast.home.organization.pk).update(email="places@home.example.org")
    return make_town(cast, at)


@pytest.fixture
def form(town: Town, at: datetime) -> FormVersion:
    return make_form(town.cast.home.program, at)


def plan(town: Town, at: datetime, client: Client, tree: dict[str, object], **headers: str) -> str:
    """The page of the plan for a stack with this tree."""
    stack = make_stack(town.cast.home.program, tree, at, occupations=[WORKER], title=text("Season", "Temporada"))
    return client.get(f"/jobs/{WORKER}/plan/?goal=stack:{stack.stack_id}", headers=headers).content.decode()


def said(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_visitor_is_led_to_naming_her_workplace(town: Town, form: FormVersion, at: datetime, client: Client) -> None:
    page = plan(town, at, client, all_of(hours_part(form)))
    url = f"/path/work/new/{form.form_id}/"
    assert BEGINS in page and f'href="{url}"' in page
    assert "you log your hours" in page
    assert "mailto:places@home.example.org" in page and town.cast.home.organization.full_name in said(page)
    answer = client.get(url)
    assert answer.status_code == 302 and url in answer.headers["Location"]
    client.force_login(town.owner)
    assert "Name your workplace" not in client.get(url).content.decode()
    assert client.get(url).status_code == 200


def test_whoever_began_goes_on_there(town: Town, form: FormVersion, at: datetime, client: Client) -> None:
    closed = place(form, town.owner, at)
    actions.close(placement=closed, reason="", set_aside=False, by=town.owner, at=at)
    mine = place(form, town.owner, at)
    client.force_login(town.owner)
    page = plan(town, at, client, all_of(hours_part(form)))
    assert f'href="/path/work/{mine.pk}/"' in page and "/path/work/new/" not in page and "mailto:" not in page
    other = Client()
    other.force_login(town.cast.other_learner)
    assert "/path/work/new/" in plan(town, at, other, all_of(hours_part(form)))


def test_a_review_is_said_in_its_own_words_and_in_spanish(town: Town, form: FormVersion, at: datetime, client: Client) -> None:
    tree = all_of(review_part(form))
    assert "signs what was seen" in plan(town, at, client, tree)
    words = said(plan(town, at, client, tree, **{"Accept-Language": "es"}))
    assert "Comienza en el trabajo" in words and "Decir dónde trabaja y comenzar" in words
    assert "¿Todavía no tiene un lugar de trabajo?" in words


def test_a_retired_form_is_a_beginning_only_for_who_began(town: Town, form: FormVersion, at: datetime, client: Client) -> None:
    mine = place(form, town.owner, at)
    stack = make_stack(town.cast.home.program, all_of(hours_part(form)), at, occupations=[WORKER])
    url = f"/jobs/{WORKER}/plan/?goal=stack:{stack.stack_id}"
    Organization.objects.filter(pk=town.cast.home.organization.pk).update(email="", url="https://home.example.org")
    assert 'href="https://home.example.org"' in client.get(url).content.decode()
    actions.retire_form(form=form.form, by=town.cast.home.author, at=at)
    assert "/path/work/new/" not in client.get(url).content.decode()
    assert queries.door(form.form_id, None) is None
    assert queries.door(form.form_id, town.cast.other_learner) is None
    assert queries.door(form.form_id, town.owner) == queries.Door(town.cast.home.organization, mine.pk)
    assert queries.door(form.pk, None) is None


def test_a_plan_that_begins_with_study_has_its_own_button(town: Town, form: FormVersion, at: datetime, client: Client) -> None:
    page = client.get(f"/jobs/{WORKER}/plan/?goal=stack:{town.stack.stack_id}").content.decode()
    assert BEGINS not in page and "Start the first one" in page
    client.force_login(town.owner)
    pathways.choose_job(learner=town.owner, code=WORKER, at=at)
    page = client.get(f"/jobs/{WORKER}/plan/?goal=stack:{town.stack.stack_id}").content.decode()
    assert 'href="/path/calendar/"' in page
def test_weeks_that_are_alike_are_said_once(town: Town, form: FormVersion, at: datetime, client: Client) -> None:
    words = said(plan(town, at, client, all_of(hours_part(form))))
    stretches = [(int(first), int(last)) for first, last in re.findall(r"Weeks (\d+) to (\d+), from", words)]
    singles = [int(number) for number in re.findall(r"Week (\d+), from", words)]
    assert stretches and stretches[0][0] == 1 and "hours each week" in words
    told = sorted([number for first, last in stretches for number in range(first, last + 1)] + singles)
    assert told == list(range(1, max(told) + 1))
    assert words.count("Done by the end:") == 1 and len(stretches) + len(singles) <= 2
    assert "If you work more, you are done sooner." in words
    assert "you are done sooner" not in said(client.get(f"/jobs/{WORKER}/plan/?goal=stack:{town.stack.stack_id}").content.decode())
