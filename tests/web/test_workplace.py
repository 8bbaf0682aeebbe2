"""The screens of work at a workplace: learners, supervisors by a link, coaches, authors."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import Membership
from fieldstone.server.web.author import trees
from fieldstone.server.workplace import actions
from fieldstone.server.workplace.models import (
    FeedbackForm,
    FormVersion,
    HoursEntry,
    Placement,
    SupervisorLink,
    SupervisorReview,
)
from tests.cast import Cast, make_version
from tests.pathways.makers import all_of, hold, stack_body
from tests.web.test_author import press
from tests.workplace.makers import form_body, given, make_form

BODY = {
    "kind": "job", "employer": "Two Coves Farm", "supervisor_name": "Sam Ledger",
    "supervisor_email": "sam@farm.example.org", "supervisor_language": "es", "ends_on": "", "hours_planned": "240",
}  # fmt: skip


@pytest.fixture
def version(cast: Cast) -> FormVersion:
    return make_form(cast.home.program, timezone.now())


@pytest.fixture
def placement(cast: Cast, version: FormVersion) -> Placement:
    now = timezone.now()
    begun = given(starts_on=timezone.localdate() - timedelta(days=20), hours_planned=0)
    return actions.start(form=version.form, given=begun, by=cast.learner, at=now)


@pytest.fixture
def learner(client: Client, cast: Cast) -> Client:
    cache.clear()
    client.force_login(cast.learner)
    return client


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"Accept-Language": "en"})


def english(client: Client, path: str) -> str:
    answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode().split("<main")[1].split("</main")[0]


def entry(placement: Placement, hours: int = 4, key: str = "k", back: int = 1) -> HoursEntry:
    return actions.log(
        placement=placement, day=timezone.localdate() - timedelta(days=back), hours=Decimal(hours), text="Graded.",
        key=key, by=placement.learner, at=timezone.now(),
    )  # fmt: skip


def link(placement: Placement, *, by_hand: bool = False) -> tuple[SupervisorLink, str]:
    made = actions.make_link(placement=placement, by_hand=by_hand, by=placement.learner, at=timezone.now())
    return made, f"/work/{actions.link_token(made)}/"


# --- the learner ---------------------------------------------------------------------------------------


def test_a_placement_begins_and_is_mended(learner: Client, version: FormVersion, cast: Cast) -> None:
    page = f"/path/work/new/{version.form_id}/"
    assert "Does the work" in english(learner, page)
    today = timezone.localdate().isoformat()
    wrong = learner.post(page, {**BODY, "starts_on": "", "key": "a", "hours_planned": "many"})
    assert wrong.status_code == 422 and b"Two Coves Farm" in wrong.content
    assert learner.post(page, {**BODY, "starts_on": today}).status_code == 400
    for _twice in range(2):
        begun = learner.post(page, {**BODY, "starts_on": today, "key": "a"})
        assert begun.status_code == 302
    mine = Placement.objects.get()
    assert (mine.kind, mine.supervisor_language, mine.hours_planned) == ("job", "es", 240)
    assert "Two Coves Farm" in english(learner, page)
    change = f"/path/work/{mine.pk}/change/"
    assert 'value="Two Coves Farm"' in english(learner, change) and f'value="{today}"' in english(learner, change)
    assert learner.post(change, {**BODY, "starts_on": today, "employer": ""}).status_code == 422
    assert learner.post(change, {**BODY, "starts_on": today, "employer": "Three"}).status_code == 302
    mine.refresh_from_db()
    assert mine.employer == "Three"


def test_a_retired_form_opens_for_whoever_began(learner: Client, placement: Placement, cast: Cast) -> None:
    actions.retire_form(form=placement.form, by=cast.home.author, at=timezone.now())
    assert "Two Coves Farm" in english(learner, f"/path/work/new/{placement.form_id}/")
    learner.force_login(cast.stranger)
    assert learner.get(f"/path/work/new/{placement.form_id}/").status_code == 404


@pytest.mark.parametrize(
    ("day", "hours", "says"),
    [
        ("", "8", "Write the day"),
        ("tomorrow", "8", "Write the day"),
        ("2999-01-01", "8", "not come yet"),
        ("now", "25", "at most 24"),
        ("now", "-3", "at most 24"),
        ("now", "9" * 400, "as a number"),
        ("now", "\x00", "as a number"),
    ],
)
def test_attack_hours_that_cannot_be(learner: Client, placement: Placement, day: str, hours: str, says: str) -> None:
    body = {"day": timezone.localdate().isoformat() if day == "now" else day, "hours": hours, "text": "<b>x", "key": "k"}
    answer = learner.post(f"/path/work/{placement.pk}/hours/", body, headers={"Accept-Language": "en"})
    assert answer.status_code == 422 and says in answer.content.decode() and not HoursEntry.objects.exists()
    assert "<b>x" not in answer.content.decode()


def test_hours_are_logged_once_corrected_and_taken_back(learner: Client, placement: Placement) -> None:
    body = {"day": timezone.localdate().isoformat(), "hours": "7:30", "text": "Graded.", "key": "k"}
    for _twice in range(2):
        assert learner.post(f"/path/work/{placement.pk}/hours/", body).status_code == 302
    mine = HoursEntry.objects.get()
    page = f"/path/work/{placement.pk}/hours/{mine.pk}/"
    assert 'value="7.5"' in english(learner, page)
    assert learner.post(page, {**body, "hours": "30"}).status_code == 422
    assert learner.post(page, {**body, "hours": "3"}).status_code == 302
    assert "3 hours more are waiting." in english(learner, f"/path/work/{placement.pk}/")
    assert learner.post(page, {"do": "take_back"}).status_code == 302
    assert "You took these hours back." in english(learner, page)
    assert learner.get(f"/path/work/{placement.pk}/hours/{placement.pk}/").status_code == 404


def test_what_a_learner_sees_of_each_state(learner: Client, placement: Placement, cast: Cast) -> None:
    page = f"/path/work/{placement.pk}/"
    assert "Under way" in english(learner, page) and "No hours yet." in english(learner, page)
    assert learner.post(f"{page}mail/").status_code == 302
    assert "The supervisor has a link" in english(learner, page)
    SupervisorLink.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "The link is too old" in english(learner, page)
    assert learner.post(f"{page}close/", {"do": "close"}).status_code == 302
    assert "Open it again" in english(learner, page) and "Log these hours" not in english(learner, page)
    assert learner.post(f"{page}mail/").status_code == 409
    assert learner.post(f"{page}close/", {"do": "open"}).status_code == 302
    actions.close(placement=placement, reason="Nobody there.", set_aside=True, by=cast.home.coach, at=timezone.now())
    assert "Nobody there." in english(learner, page)
    assert learner.post(f"{page}close/", {"do": "open"}).status_code == 403


def test_a_code_to_scan_shows_only_a_link_that_was_handed_over(learner: Client, placement: Placement) -> None:
    page = f"/path/work/{placement.pk}/hand/"
    _made, url = link(placement)
    assert url not in english(learner, page), "the mailed link is the supervisor's alone"
    assert learner.post(page).status_code == 302
    handed = actions.link_token(SupervisorLink.objects.get(ended_at=None))
    assert f"/work/{handed}/" in english(learner, page)
    assert learner.post(page).status_code == 302
    assert SupervisorLink.objects.count() == 2, "sent twice by a browser, it is the link just made"
    for answer in (302, 409):
        SupervisorLink.objects.update(made_at=timezone.now() - timedelta(minutes=2))
        assert learner.post(page).status_code == answer


def test_no_code_where_the_program_mails(learner: Client, cast: Cast) -> None:
    version = make_form(cast.home.program, timezone.now(), by_hand=False)
    begun = given(starts_on=timezone.localdate())
    mine = actions.start(form=version.form, given=begun, by=cast.learner, at=timezone.now())
    assert "Make a code to scan" not in english(learner, f"/path/work/{mine.pk}/hand/")
    assert learner.post(f"/path/work/{mine.pk}/hand/").status_code == 403


def test_attack_a_link_that_the_coach_handed_over_is_not_shown_to_the_learner(
    learner: Client, cast: Cast
) -> None:
    """Where the program keeps links out of learners' hands, she could sign her own work by it in another browser."""
    version = make_form(cast.home.program, timezone.now(), by_hand=False)
    begun = given(starts_on=timezone.localdate())
    mine = actions.start(form=version.form, given=begun, by=cast.learner, at=timezone.now())
    handed = actions.make_link(placement=mine, by_hand=True, by=cast.home.coach, at=timezone.now())
    token = actions.link_token(handed)
    assert token not in learner.get(f"/path/work/{mine.pk}/hand/").content.decode()
    page = f"/o/home/coach/work/{mine.pk}/"
    Membership.objects.create(organization=cast.home.organization, user=cast.learner, role="coach", granted_at=timezone.now())
    assert token not in learner.get(page).content.decode(), "nor on the coach's page, where she is a coach herself"
    coach = Client()
    coach.force_login(cast.home.coach)
    assert token in coach.get(page).content.decode()


# --- the supervisor ------------------------------------------------------------------------------------


def answers(*rows: HoursEntry, **more: str) -> dict[str, str]:
    body = {"do": "hours", "hours_name": "Sam Ledger"}
    for row in rows:
        body |= {f"mark-{row.pk}": "right", f"revision-{row.pk}": str(row.revision)}
    return {**body, **more}


SIGN = {"do": "sign", "answer-0": "demonstrated", "answer-1": "demonstrated", "name": "Sam Ledger", "words": "Good."}


def test_a_supervisor_signs_and_comes_back(visitor: Client, placement: Placement) -> None:
    one, two = entry(placement), entry(placement, key="b", back=2)
    _made, url = link(placement)
    page = english(visitor, url)
    assert "Marisol Vega at Two Coves Farm" in page and "marisol.vega@example.org" not in page
    assert visitor.get(url)["X-Robots-Tag"] == "noindex, nofollow"
    refused = visitor.post(url, answers(one, two, **{f"mark-{two.pk}": "wrong"}))
    assert refused.status_code == 422 and f'id="reason-{two.pk}"' in refused.content.decode()
    later = answers(one, two, **{f"mark-{two.pk}": "later"})
    assert "is kept" in visitor.post(url, later, follow=True).content.decode()
    assert HoursEntry.objects.filter(countersigned_by="Sam Ledger").count() == 1
    assert "Keep for later" in visitor.post(url, {"do": "save", "answer-0": "not_yet"}, follow=True).content.decode()
    assert re.search(r'value="not_yet" checked', english(visitor, url))
    unsigned = visitor.post(url, {**SIGN, "answer-1": "", "name": ""})
    assert unsigned.status_code == 422 and "Good." in unsigned.content.decode()
    for _twice in range(2):
        assert "You signed on" in visitor.post(url, SIGN, follow=True).content.decode()
    review = SupervisorReview.objects.get()
    assert review.sha256 in english(visitor, url) and "Sign and send" not in english(visitor, url)
    assert "Countersign these hours" in english(visitor, url), "hours may follow the review"


def test_the_learner_is_told_when_all_is_signed(
    visitor: Client, learner: Client, version: FormVersion, cast: Cast
) -> None:
    begun = given(starts_on=timezone.localdate() - timedelta(days=20), hours_planned=8)
    placement = actions.start(form=version.form, given=begun, by=cast.learner, at=timezone.now())
    page, done = f"/path/work/{placement.pk}/", "There is nothing more to do here."
    one = entry(placement, hours=8)
    _made, url = link(placement)
    visitor.post(url, answers(one))
    assert done not in english(learner, page)
    visitor.post(url, SIGN)
    assert done in english(learner, page)
    entry(placement, key="b", back=2)
    assert done not in english(learner, page)


def test_hours_that_changed_meanwhile_are_read_again(visitor: Client, placement: Placement) -> None:
    mine = entry(placement)
    _made, url = link(placement)
    body = answers(mine)
    actions.correct(
        entry=mine, day=mine.day, hours=mine.hours + 9, text="More.", by=placement.learner, at=timezone.now()
    )
    assert "changed while you read" in visitor.post(url, body, follow=True).content.decode()
    assert not HoursEntry.objects.filter(countersigned_at__isnull=False).exists()


def test_many_lines_come_in_turns(visitor: Client, placement: Placement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldstone.server.web.employer.supervising.AT_ONCE", 1)
    entry(placement), entry(placement, key="b")
    assert "1 more line follows" in english(visitor, link(placement)[1])


def test_attack_links_of_others(visitor: Client, placement: Placement, learner: Client, cast: Cast) -> None:
    made, url = link(placement, by_hand=True)
    assert visitor.get("/work/" + "0" * 40 + "/").status_code == 404
    assert visitor.get("/work/" + "a" * 4000 + "/").status_code == 404
    assert visitor.post(url, {"do": "everything"}).status_code == 400
    own = learner.post(url, SIGN)
    assert own.status_code == 403 and not SupervisorReview.objects.exists()
    assert "You cannot sign your own work" in english(learner, url)
    theirs = entry(actions.start(form=placement.form, given=given(starts_on=timezone.localdate() - timedelta(9)),
                                 by=cast.other_learner, at=timezone.now()))  # fmt: skip
    assert visitor.post(url, answers(theirs)).status_code == 422
    assert visitor.post(url, {**SIGN, "name": "Marisol Vega"}).status_code == 422
    SupervisorLink.objects.filter(pk=made.pk).update(expires_at=timezone.now())
    for again in (visitor.get(url), visitor.post(url, SIGN), visitor.get(f"{url}not-me/")):
        assert again.status_code == 410 and b"Two Coves" not in again.content
    assert not SupervisorReview.objects.exists()


def test_attack_guessing_links(visitor: Client, placement: Placement) -> None:
    tries = [visitor.get(f"/work/{n:040x}/").status_code for n in range(32)]
    assert tries[0] == 404 and tries[-1] == 429


def test_the_old_link_shows_what_was_signed_by_it(visitor: Client, placement: Placement) -> None:
    made, url = link(placement)
    visitor.post(url, SIGN)
    SupervisorLink.objects.filter(pk=made.pk).update(ended_at=timezone.now())
    ended = visitor.get(url)
    assert ended.status_code == 410 and SupervisorReview.objects.get().sha256.encode() in ended.content


def test_i_am_not_the_supervisor(visitor: Client, placement: Placement, learner: Client) -> None:
    _made, url = link(placement)
    assert "Yes, it is not me" in english(visitor, f"{url}not-me/")
    assert visitor.post(f"{url}not-me/", {}).status_code == 400
    assert learner.post(f"{url}not-me/", {"do": "not_me"}).status_code == 403
    assert "The link has ended" in visitor.post(f"{url}not-me/", {"do": "not_me"}).content.decode()
    assert visitor.get(url).status_code == 410
    assert "Write who supervises you" in english(learner, f"/path/work/{placement.pk}/")


# --- the coach -----------------------------------------------------------------------------------------


def test_a_coach_finds_mails_closes_and_sets_aside(client: Client, cast: Cast, placement: Placement) -> None:
    client.force_login(cast.home.coach)
    entry(placement)
    listed = english(client, "/o/home/coach/work/?q=marisol")
    assert "Two Coves Farm" in listed and "4 hours" in listed and "Graded." not in listed
    assert "Two Coves" not in english(client, "/o/home/coach/work/?q=nobody")
    page = f"/o/home/coach/work/{placement.pk}/"
    assert "sam@farm.example.org" in english(client, page) and "Graded." not in english(client, page)
    assert client.post(page, {"do": "mail"}).status_code == 302
    assert client.post(page, {"do": "hand"}).status_code == 302
    made = SupervisorLink.objects.get(ended_at=None)
    assert actions.link_token(made) in english(client, page)
    Client(headers={"Accept-Language": "en"}).post(f"/work/{actions.link_token(made)}/", SIGN)
    assert "handed over, not mailed" in english(client, page) and "Good." not in english(client, page)
    assert client.post(page, {"do": "aside", "reason": ""}).status_code == 422
    assert client.post(page, {"do": "close"}).status_code == 302
    assert client.post(page, {"do": "aside", "reason": "Nobody there."}).status_code == 302
    assert "Nobody there." in english(client, page)
    assert client.post(page, {"do": "open"}).status_code == 302
    assert client.post(page, {"do": "dance"}).status_code == 400


# --- the author ----------------------------------------------------------------------------------------


@pytest.fixture
def author(client: Client, cast: Cast) -> Client:
    client.force_login(cast.home.author)
    return client


def form_fields(**changes: Any) -> dict[str, str]:
    flat: dict[str, str] = {}

    def spread(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                spread(inner, f"{path}.{name}" if path else name)
        elif isinstance(value, list):
            for n, inner in enumerate(value):
                spread(inner, f"{path}.{n}")
        elif value is not False:
            flat[path] = str(value)

    spread(form_body(**changes), "")
    return flat


def test_a_form_is_written_from_a_rubric(author: Client, cast: Cast) -> None:
    assert "No form yet" in english(author, "/o/home/author/work/")
    asked = english(author, f"/o/home/author/work/new/?rubric={cast.home.micro_credential.pk}")
    assert "Every note says what was seen." in asked
    assert "Every note" not in english(author, "/o/home/author/work/new/?rubric=nothing")
    body = {**form_fields(), "program": str(cast.home.program.pk), "key": "k"}
    assert author.post("/o/home/author/work/new/", {**body, "do": "add:criteria"}).status_code == 200
    assert author.post("/o/home/author/work/new/", {**body, "program": "", "do": "save"}).status_code == 422
    for _twice in range(2):
        assert author.post("/o/home/author/work/new/", {**body, "do": "save"}).status_code == 302
    form = FeedbackForm.objects.get()
    page = f"/o/home/author/work/{form.pk}/"
    assert "Wording 1" in english(author, page)
    assert author.post(page, {**form_fields(criteria=[]), "do": "save"}).status_code == 422
    assert author.post(page, {**form_fields(at_least=1, by_hand=False), "do": "save"}).status_code == 302
    newest = FormVersion.objects.get(superseded_at=None)
    assert (newest.number, newest.parsed.needed, newest.parsed.by_hand) == (2, 1, False)
    assert author.post(page, {"do": "retire"}).status_code == 302
    assert "put away" in english(author, "/o/home/author/work/")
    assert author.post(page, {"do": "restore"}).status_code == 302


def test_parts_at_work_in_the_tree_editor(author: Client, cast: Cast, version: FormVersion) -> None:
    other = make_form(cast.home.program, timezone.now(), title={"en": "Other form", "es": "Otro"})
    make_version(cast.home.program, timezone.now(), slug="more")
    draft = pathways.create(
        program=cast.home.program, body=stack_body(all_of(hold(cast.home.version))), by=cast.home.author,
        at=timezone.now(),
    )  # fmt: skip
    page = f"/o/home/author/stacks/{draft.stack_id}/edit/"
    assert "Add a positive review at work" in english(author, page)
    assert press(author, page, "review:tree").status_code == 302
    assert press(author, page, "work:tree").status_code == 302
    draft.refresh_from_db()
    review, hours = draft.definition["tree"]["of"][1:]
    assert review == {"hold": {"credential": f"review:{version.form_id}"}}
    assert hours["hours"]["among"] == [f"hours:{version.form_id}"] and draft.definition["tree"]["at_least"] == 3
    html = english(author, page)
    assert "Positive review at work: Farm crew" in html and "Other form" in html
    press(author, page, "save", **{
        "tree.of[1].hold.credential": f"review:{other.form_id}", "tree.of[2].hours.total": "480",
        "tree.of[2].hours.among": f"hours:{other.form_id}",
    })  # fmt: skip
    draft.refresh_from_db()
    assert draft.definition["tree"]["of"][1]["hold"]["credential"] == f"review:{other.form_id}"
    assert draft.definition["tree"]["of"][2]["hours"] == {
        "total": 480, "among": [f"hours:{other.form_id}"],
        "label": {"en": "Hours at work, countersigned", "es": "Horas de trabajo firmadas"},
    }  # fmt: skip
    assert "0 of 480 hours counted" in english(author, page)
    answer = press(author, page, "publish")
    draft.refresh_from_db()
    assert author.post(answer["Location"], {"revision": str(draft.revision)}).status_code == 302
    assert StackVersion.objects.current().filter(pk=draft.pk).exists()
    public = english(author, f"/s/home/{draft.stack.slug}/")
    assert "A supervisor signs by a link" in public and "480 hours" in public
    assert "What a supervisor is asked" in public and "Uses feedback, alone." in public


def test_a_tree_may_begin_with_work_and_needs_a_form(author: Client, cast: Cast) -> None:
    draft = pathways.create(
        program=cast.home.program, body=stack_body(None), by=cast.home.author, at=timezone.now()
    )
    page = f"/o/home/author/stacks/{draft.stack_id}/edit/"
    assert "Write a form for supervisors first" in english(author, page)
    assert trees.grow(None, "review:tree") == (None, "")
    assert trees.grow(None, "review:tree", ["f"]) == ({"hold": {"credential": "review:f"}}, "tree")
    gone = trees._at_work("review:018f0000-0000-7000-8000-000000000001", trees.Scene({}, [], {}, "", []))
    assert gone["forms"] == [("review:018f0000-0000-7000-8000-000000000001",) * 2]
