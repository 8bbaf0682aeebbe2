"""The coach's screens."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fieldstone.server.journeys import survey_stacks
from fieldstone.server.pathways.models import Nearness
from fieldstone.server.people import actions
from fieldstone.server.people.models import Membership, User
from tests.awards.makers import make_enrollment, make_review
from tests.cast import Cast, make_person, make_version
from tests.pathways.makers import all_of, hold, make_stack
from tests.recognition.makers import make_award


@pytest.fixture
def coach(client: Client, cast: Cast) -> Client:
    """Signed in as the home institution's coach."""
    cache.clear()
    client.force_login(cast.home.coach)
    return client


def page(client: Client, path: str = "") -> str:
    answer = client.get(f"/o/home/coach/{path}")
    assert answer.status_code == 200
    return answer.content.decode().split("<main")[1].split("</main")[0]


def test_the_list_begins_with_those_who_wait_longest(coach: Client, cast: Cast, at: datetime) -> None:
    assert "Nobody yet." in page(coach)
    now = timezone.now()
    make_enrollment(cast.learner, cast.home.version, now)
    make_enrollment(cast.other_learner, cast.home.version, now - timedelta(days=31))
    make_enrollment(cast.stranger, cast.away.version, now)
    html = page(coach)
    assert html.index("Other Learner") < html.index("Marisol Vega")
    assert "Stranger" not in html
    assert html.count("Quiet for 30 days") == 1 and "1 learner has a draft untouched for 30 days." in html
    make_review(cast.learner, cast.home.version, now, outcome="not_yet", number=3,
                enrollment=cast.learner.enrollments.get())  # fmt: skip
    assert "Three tries" in page(coach)


def test_searching_by_name_or_address(coach: Client, cast: Cast) -> None:
    for user in (cast.learner, cast.other_learner):
        make_enrollment(user, cast.home.version, timezone.now())
    html = page(coach, "?q=marisol")
    assert "Marisol Vega" in html and "Other Learner" not in html
    assert "Other Learner" in page(coach, "?q=OTHER.learner@")
    assert "Nobody" in page(coach, "?q=%00nothing")
    assert 'value="marisol"' in html and "1 word" not in html


def test_one_learner_without_words_or_photos(coach: Client, cast: Cast, at: datetime) -> None:
    make_award(cast.learner, cast.home.version, at)
    make_award(cast.learner, cast.away.version, at)
    html = page(coach, f"{cast.learner.pk}/")
    assert "Observing and recording behavior" in html and "Try 1 sent" in html and "Earned" in html
    assert html.count("Observing and recording behavior") == 2
    assert "I saw them share." not in html and "notes.example.org" not in html


def test_somebody_without_email_gets_a_code_once(coach: Client, cast: Cast) -> None:
    assert "Name, as it should stand on a credential" in page(coach, "add/")
    wrong = coach.post("/o/home/coach/add/", {"name": "<x>", "language": "es"})
    assert wrong.status_code == 422 and "&lt;x&gt;" in wrong.content.decode()
    assert coach.post("/o/home/coach/add/", {"name": "", "language": ""}).status_code == 422
    answer = coach.post("/o/home/coach/add/", {"name": "Ada Brook", "language": "es"})
    html = answer.content.decode()
    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    found = re.search(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b", html)
    assert found and "/sign-in/paper/" in html
    ada = User.objects.get(name="Ada Brook")
    again = coach.post(f"/o/home/coach/{ada.pk}/code/")
    assert found[0] not in again.content.decode()
    assert Client().post("/sign-in/paper/", {"code": found[0]}).status_code == 422
    assert coach.get(f"/o/home/coach/{ada.pk}/code/").status_code == 405


def test_an_account_with_an_address_gets_no_code_from_a_coach(coach: Client, cast: Cast, at: datetime) -> None:
    actions.grant_role(
        organization=cast.home.organization, user=cast.learner, role="learner", by=cast.home.administrator, at=at
    )
    html = page(coach, f"{cast.learner.pk}/")
    assert "Make a new code" not in html and "mailed to the address" in html
    assert coach.post(f"/o/home/coach/{cast.learner.pk}/code/").status_code == 403


def test_the_list_asks_a_fixed_number_of_questions(coach: Client, cast: Cast, at: datetime) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(coach)
        return len(asked)

    def more(n: int) -> None:
        for i in range(n):
            make_enrollment(make_person(f"More {uuid4().hex[:5]} {i}", at), cast.home.version, at)

    more(1)
    few = questions()
    more(6)
    assert questions() == few <= 10


@pytest.mark.parametrize("path", ["", "add/", "{u}/"])
def test_nobody_else_gets_in(client: Client, cast: Cast, at: datetime, path: str) -> None:
    make_enrollment(cast.learner, cast.home.version, at)
    address = "/o/home/coach/" + path.format(u=cast.learner.pk)
    assert client.get(address).headers["Location"].startswith("/sign-in/")
    for user, status in ((cast.stranger, 404), (cast.away.coach, 404), (cast.home.author, 403), (cast.home.lead, 200)):
        client.force_login(user)
        assert client.get(address).status_code == status
    client.force_login(cast.away.coach)
    if "{u}" in path:
        assert client.get(address.replace("/home/", "/away/")).status_code == 404
        assert client.post(address.replace("/home/", "/away/") + "code/").status_code == 404
    assert not Membership.objects.filter(role="learner").exists()


def test_who_is_one_micro_credential_away_from_a_stack(coach: Client, cast: Cast, at: datetime) -> None:
    assert "Nobody now." in page(coach)
    home = cast.home
    second = make_version(home.program, at, slug="second")
    make_stack(home.program, all_of(hold(home.version), hold(second)), at)
    make_stack(
        home.program, all_of(hold(home.version), hold(second), hold(make_version(home.program, at, slug="third"))), at
    )
    make_award(cast.learner, home.version, at)
    make_award(cast.stranger, home.version, at)
    survey_stacks.everybody(at=at)
    assert "/o/home/coach/almost/" in page(coach)
    almost = page(coach, "almost/")
    assert almost.count("Marisol Vega") == 1 and almost.count("<option") == 2
    assert f"/o/home/coach/{cast.learner.pk}/" in almost


def test_the_list_of_those_is_searched_and_paged(coach: Client, cast: Cast, at: datetime) -> None:
    home = cast.home
    second = make_version(home.program, at, slug="second")
    pair = make_stack(home.program, all_of(hold(home.version), hold(second)), at)
    other = make_stack(home.program, all_of(hold(home.version), hold(make_version(home.program, at, slug="third"))), at)

    def more(numbers: range) -> None:
        for number in numbers:
            make_award(make_person(f"Near {number:02}", at), home.version, at)
        survey_stacks.everybody(at=at)

    def questions(query: str = "") -> int:
        with CaptureQueriesContext(connection) as asked:
            page(coach, f"almost/{query}")
        return len(asked)

    more(range(2))
    few = questions()
    more(range(2, 33))
    assert questions() == questions("?page=2") == few <= 12
    first = page(coach, "almost/?stack=" + str(pair.pk))
    assert "33 lines" in first and "Page 1 of 2" in first and "Near 29" in first and "Near 30" not in first
    assert f"stack={pair.pk}&amp;page=2" in first and str(other.pk) in first
    assert "Near 32" in page(coach, f"almost/?stack={pair.pk}&page=2")
    assert "66 lines" in page(coach, "almost/?stack=" + str(uuid4()))  # one that nobody is near to: all of them
    found = page(coach, "almost/?q=near+07")
    assert "2 lines" in found and 'value="near 07"' in found
    assert "Nobody fits this search." in page(coach, "almost/?q=%00nobody")
    crowd = [User(name=f"Crowd {n:05}", joined_at=at) for n in range(10_000)]
    User.objects.bulk_create(crowd, batch_size=500)
    Membership.objects.bulk_create(
        [Membership(user=p, organization=home.organization, role="learner", granted_at=at) for p in crowd],
        batch_size=500,
    )
    Nearness.objects.bulk_create(
        [
            Nearness(learner=p, stack_version=pair, rank=1, left=1000, whole=2000, evaluated_at=at)
            for p in crowd
        ],
        batch_size=500,
    )
    assert questions() == questions("?page=300") == questions("?q=crowd+09999") == few
    assert "10066 lines" in page(coach, "almost/") and "1 line" in page(coach, "almost/?q=crowd+09999")
    client = Client()
    for user, status in ((cast.stranger, 404), (home.author, 403), (home.lead, 200)):
        client.force_login(user)
        assert client.get("/o/home/coach/almost/").status_code == status
