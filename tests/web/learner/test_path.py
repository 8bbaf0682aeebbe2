"""The learner's way from start to status, as a browser without script walks it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fieldstone.server.assessment.models import Review
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.catalog.models import MicroCredential
from fieldstone.server.evidence.models import Answer, Artifact, Enrollment, Submission
from fieldstone.server.journeys.confirm_decision import award
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways.models import Stack
from fieldstone.server.people.models import User
from fieldstone.server.recognition import actions as recognition
from fieldstone.server.recognition.models import Claim, Promise
from tests.cast import Cast, make_version, text
from tests.web.learner.helpers import REFLECTION, SETTING, begin, complete


def test_from_start_to_received(client: Client, cast: Cast) -> None:
    enrollment = begin(client, cast)
    answer = client.post(f"/path/{enrollment.pk}/send/", complete(client, enrollment))
    assert (answer.status_code, answer["Location"]) == (302, f"/path/{enrollment.pk}/status/"), answer.content.decode()
    sent = Submission.objects.get()
    assert sent.content["answers"] == {"setting": SETTING, "reflection": REFLECTION}
    assert sent.content["artifacts"] == {"notes": [str(Artifact.objects.get().pk)]}
    assert sent.content["permission"] is True
    assert sent.review.state == "checking"
    page = client.get(answer["Location"]).content.decode()
    assert sent.code in page
    assert "December 14, 2026" in page or "Answer by" in page or "Respuesta" in page
    assert client.get("/path/").status_code == 200
    assert Answer.objects.count() == 2


def test_starting_shows_a_page_first_and_twice_is_once(client: Client, cast: Cast) -> None:
    assert client.get("/m/home/observing/start/")["Location"].startswith("/sign-in/")
    client.force_login(cast.learner)
    assert client.get("/m/home/observing/start/").status_code == 200
    for _twice in range(2):
        answer = client.post("/m/home/observing/start/", {"key": "k"})
    enrollment = Enrollment.objects.get()
    assert answer["Location"] == f"/path/{enrollment.pk}/"
    assert client.get("/m/home/observing/start/")["Location"] == f"/path/{enrollment.pk}/"
    assert client.get("/m/home/nothing/start/").status_code == 404
    assert client.post("/m/nowhere/observing/start/").status_code == 404


def test_what_is_retired_or_a_draft_is_not_started(client: Client, cast: Cast, at: datetime) -> None:
    client.force_login(cast.learner)
    make_version(cast.home.program, at, slug="unpublished", published=False)
    assert client.post("/m/home/unpublished/start/", {}).status_code == 404
    cast.home.micro_credential.retired_at = at
    cast.home.micro_credential.save()
    assert client.post("/m/home/observing/start/", {}).status_code == 422


def test_putting_aside_and_taking_up(client: Client, cast: Cast) -> None:
    enrollment = begin(client, cast)
    client.post(f"/path/{enrollment.pk}/leave/")
    assert "Put aside" in client.get("/path/").content.decode()
    assert "put this aside" in client.get(f"/path/{enrollment.pk}/").content.decode()
    assert client.post(f"/path/{enrollment.pk}/return/")["Location"] == f"/path/{enrollment.pk}/"
    assert "Put aside" not in client.get("/path/").content.decode()


def stack_of(cast: Cast, at: datetime, *members: MicroCredential) -> Stack:
    """A published stack of the home institution: 30 hours, and each of these."""
    tree = {
        "at_least": 1 + len(members),
        "of": [
            {"hours": {"total": 30, "minimum_per_area": {"cda_7": 10}}},
            *({"hold": {"credential": str(member.pk)}} for member in members),
        ],
    }
    body = {"title": text("Ready for the CDA"), "summary": text("S"), "can_do": text("c"), "hours": 30, "tree": tree}
    version = pathways.create(program=cast.home.program, body=body, by=cast.home.author, at=at, slug="cda")
    pathways.publish(version=version, by=cast.home.author, at=at)
    return version.stack


def test_my_path_shows_the_wall_the_promises_and_the_credentials(client: Client, cast: Cast, at: datetime) -> None:
    more = [make_version(cast.home.program, at, slug=f"m{i}").micro_credential for i in range(3)]
    stack = stack_of(cast, at, cast.home.micro_credential, *more)
    for target in ({"stack": stack}, {"micro_credential": cast.home.micro_credential}, {"micro_credential": more[0]}):
        recognition.promise(
            organization=cast.away.organization, kind="interview", headline=text(f"Interview {next(iter(target))} {len(target)}"),
            terms=text("Within two weeks."), amount="", answer_days=14, starts_on=date(2020, 1, 1), ends_on=None,
            by=cast.away.recognizer, at=at, **target,
        )  # fmt: skip
    work = begin(client, cast)
    assert client.post("/s/home/cda/follow/").status_code == 302
    assert client.post("/s/home/nothing/follow/").status_code == 404
    html = client.get("/path/").content.decode()
    assert "0 of 4 stones set" in html
    assert "Next step" in html
    assert html.count("You still need") == 3
    client.post(f"/path/{work.pk}/send/", complete(client, work))
    html = client.get("/path/").content.decode()
    assert "15 more in review" in html
    assert "See what it asks for" in html
    award_all(Submission.objects.get(), cast.home.first, at)
    html = client.get("/path/").content.decode()
    assert "1 of 4 stones set" in html
    assert ">15</span> of 30 hours counted" in html
    assert html.count("Ask for it") == 1
    held = client.get("/credentials/").content.decode()
    award = Award.objects.get()
    assert award.code in held and f"/credentials/{award.pk}/" in held
    moving = client.get(f"/credentials/{award.pk}/").content.decode()
    for copy in ("credential.json", "badge.png", "certificate.pdf"):
        assert f"/c/{award.code}/{copy}" in moving
    assert client.post(f"/credentials/{award.pk}/audience/", {"audience": "public"}).status_code == 302
    award.refresh_from_db()
    assert award.audience == "public"
    assert client.post(f"/credentials/{award.pk}/audience/", {"audience": "nobody"}).status_code == 422
    mine = Promise.objects.get(micro_credential=cast.home.micro_credential)
    address = f"/credentials/{award.pk}/claim/{mine.pk}/"
    assert client.get(address).status_code == 200
    for _twice in range(2):
        assert client.post(address, {"key": "k" * 20, "note": "Call me"}).status_code == 302
    assert Claim.objects.count() == 1
    assert "You asked. The answer is due" in client.get("/path/").content.decode()
    other = Promise.objects.get(stack=stack)
    assert client.get(f"/credentials/{award.pk}/claim/{other.pk}/").status_code == 404
    client.force_login(cast.other_learner)
    assert client.get(address).status_code == 404
    assert client.post(f"/credentials/{award.pk}/audience/", {"audience": "private"}).status_code == 404
    assert award.code not in client.get("/credentials/").content.decode()
    client.force_login(cast.learner)
    awards.withdraw(award=award, reason="Signed by mistake", by=cast.home.issuer, at=at)
    assert "Signed by mistake" in client.get("/credentials/").content.decode()
    assert client.post("/s/home/cda/unfollow/").status_code == 302
    assert client.post("/s/home/nothing/unfollow/").status_code == 404
    assert "stones set" not in client.get("/path/").content.decode()


def award_all(sent: Submission, by: User, at: datetime) -> None:
    """Decide that everything is demonstrated, and issue."""
    levels = {c.id: "demonstrated" for c in sent.enrollment.version.parsed.criteria}
    result = {"levels": levels, "comments": [], "assessors": 2}
    Review.objects.filter(submission=sent).update(
        state="decided", outcome="demonstrated", decided_at=at, decided_by=by.pk, result=result
    )
    award(review=Review.objects.get(submission=sent), by=by, at=at)


def test_a_first_visit_says_where_to_begin(client: Client, cast: Cast) -> None:
    client.force_login(cast.stranger)
    assert "Your wall starts with one stone" in client.get("/path/").content.decode()
    assert "Your wall starts with one stone" in client.get("/credentials/").content.decode()


def test_a_credential_that_waits_for_a_name_says_so(client: Client, cast: Cast, at: datetime) -> None:
    cast.learner.name = ""
    cast.learner.save()
    work = begin(client, cast)
    client.post(f"/path/{work.pk}/send/", complete(client, work))
    Review.objects.update(
        state="decided", outcome="demonstrated", decided_at=at, decided_by=cast.home.first.pk,
        result={"levels": {"describes": "demonstrated", "links": "demonstrated"}},
    )  # fmt: skip
    assert "waits for your name" in client.get(f"/path/{work.pk}/status/").content.decode()
    assert client.get("/path/").status_code == 200


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_the_number_of_queries_does_not_grow_with_what_was_begun(client: Client, cast: Cast, at: datetime) -> None:
    client.force_login(cast.learner)
    counts: dict[str, list[int]] = {"/path/": [], "/credentials/": []}
    for size in (2, 5):
        for i in range(size):
            version = make_version(cast.home.program, at, slug=f"s{size}-{i}")
            client.post(f"/m/home/{version.micro_credential.slug}/start/", {"key": f"{size}-{i}"})
            work = Enrollment.objects.get(version=version)
            client.post(f"/path/{work.pk}/send/", complete(client, work))
            if i:
                award_all(work.submissions.get(), cast.home.first, at)
        for url in counts:
            counts[url].append(queries_of(client, url))
    assert all(few == many for few, many in counts.values()), counts
    assert counts["/path/"][0] <= 20, counts
    work = begin(client, cast)
    assert queries_of(client, f"/path/{work.pk}/") <= 16
