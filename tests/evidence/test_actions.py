"""Every write of evidence: nothing lost, nothing twice, nobody else's."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldstone.server.evidence import actions, queries
from fieldstone.server.evidence.actions import Draft, Typed
from fieldstone.server.evidence.models import Answer, Artifact, Blob, Enrollment, KeptCopy, Submission
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.people.models import User
from tests.cast import Cast, make_version
from tests.evidence import files

BOTH = ("describes", "links")


@pytest.fixture
def work(cast: Cast, at: datetime) -> Enrollment:
    """The learner's work on the home institution's micro-credential."""
    return actions.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=at)


def save(work: Enrollment, at: datetime, key: str | None = None, **typed: Typed) -> dict[str, actions.Saved]:
    return actions.save(enrollment=work, draft=Draft(answers=typed), by=work.learner, at=at, key=key)


def text_of(work: Enrollment, part: str = "setting") -> str:
    return Answer.objects.get(enrollment=work, part=part).text


def attach(work: Enrollment, at: datetime, data: bytes | None = None, key: str | None = None, name: str = "a.jpg") -> Artifact:
    return actions.attach(
        enrollment=work, part="notes", file=io.BytesIO(data or files.jpeg()), name=name, by=work.learner, at=at, key=key
    )


def complete(work: Enrollment, at: datetime) -> None:
    words = Typed("one two three four five six", 0)
    actions.save(
        enrollment=work, draft=Draft(answers={"setting": words, "reflection": words}, permission=True), by=work.learner, at=at
    )
    attach(work, at)


def verbs() -> list[str]:
    return list(Entry.objects.values_list("verb", flat=True))


# --- start, leave, come back ---------------------------------------------------------------------------


def test_starting_pins_the_version_and_twice_is_once(cast: Cast, at: datetime, work: Enrollment) -> None:
    again = actions.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=at, key="other")
    assert again == work
    assert work.version == cast.home.version
    assert verbs() == ["evidence.started"]


def test_after_years_and_a_new_version_she_is_where_she_was(cast: Cast, at: datetime, work: Enrollment) -> None:
    save(work, at, setting=Typed("my words", 0))
    actions.leave(enrollment=work, by=cast.learner, at=at)
    assert actions.leave(enrollment=work, by=cast.learner, at=at).left_at == at
    later = at + timedelta(days=1500)
    type(cast.home.version).objects.filter(pk=cast.home.version.pk).update(superseded_at=later)
    cast.home.micro_credential.retired_at = later
    cast.home.micro_credential.save()
    back = actions.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=later)
    assert (back, back.left_at, back.version) == (work, None, cast.home.version)
    assert text_of(back) == "my words"


def test_coming_back_twice_is_once(work: Enrollment, at: datetime) -> None:
    actions.leave(enrollment=work, by=work.learner, at=at)
    assert actions.come_back(enrollment=work, by=work.learner, at=at).left_at is None
    assert actions.come_back(enrollment=work, by=work.learner, at=at).left_at is None
    assert verbs().count("evidence.returned") == 1


def test_typing_takes_the_work_up_again(work: Enrollment, at: datetime) -> None:
    actions.leave(enrollment=work, by=work.learner, at=at)
    save(work, at, setting=Typed("words", 0))
    work.refresh_from_db()
    assert work.left_at is None


def test_nobody_new_starts_what_is_retired(cast: Cast, at: datetime) -> None:
    cast.home.micro_credential.retired_at = at
    cast.home.micro_credential.save()
    with pytest.raises(actions.NotOffered):
        actions.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=at)


def test_two_starts_at_once_are_one(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    first = actions.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=at)
    real = Enrollment.objects.filter
    seen: list[int] = []

    def blind(*args: Any, **kwargs: Any) -> Any:
        seen.append(1)
        return real(*args, **kwargs) if len(seen) > 1 else Blind(real(*args, **kwargs))

    class Blind:
        """The other request's row is not visible yet at the first look."""

        def __init__(self, rows: Any) -> None:
            self.rows = rows

        def filter(self, **kwargs: Any) -> Any:
            return self.rows.none()

        def order_by(self, *names: str) -> Any:
            return self.rows.none()

        def get(self, **kwargs: Any) -> Any:
            return self.rows.get(**kwargs)

    monkeypatch.setattr(Enrollment.objects, "filter", blind)
    assert actions.start(micro_credential=cast.home.micro_credential, by=cast.learner, at=at) == first


# --- words ---------------------------------------------------------------------------------------------


def test_a_save_answers_with_the_new_revision(work: Enrollment, at: datetime) -> None:
    assert save(work, at, setting=Typed("a", 0)) == {"setting": actions.Saved(1)}
    assert save(work, at, setting=Typed("a b", 1)) == {"setting": actions.Saved(2)}
    assert save(work, at, setting=Typed("a b", 2)) == {"setting": actions.Saved(2)}
    assert save(work, at, setting=Typed("", 2)) == {"setting": actions.Saved(3)}


def test_two_tabs_never_cost_a_word(work: Enrollment, at: datetime) -> None:
    save(work, at, setting=Typed("start", 0))
    save(work, at, setting=Typed("the phone's words", 1))
    lost = save(work, at, setting=Typed("the library's words", 1))["setting"]
    assert lost.copy
    assert lost.revision == 2
    assert text_of(work) == "the phone's words"
    assert KeptCopy.objects.get().text == "the library's words"
    more = save(work, at, setting=Typed("the library's words and more", 2, lost.copy))["setting"]
    assert more.copy == lost.copy
    assert KeptCopy.objects.get().text == "the library's words and more"


@pytest.mark.parametrize(
    ("keep", "goes_on"), [("answer", "ours"), ("copy", "theirs"), ("both", "ours\n\ntheirs")]
)
def test_she_chooses_and_the_other_wording_stays_in_the_record(work: Enrollment, at: datetime, keep: str, goes_on: str) -> None:
    save(work, at, setting=Typed("ours", 0))
    copy_id = save(work, at, setting=Typed("theirs", 0))["setting"].copy
    copy = KeptCopy.objects.get(pk=copy_id)
    answer = actions.settle(copy=copy, keep=keep, by=work.learner, at=at)
    assert answer.text == text_of(work) == goes_on
    assert {"ours", "theirs"} <= {text_of(work), *KeptCopy.objects.values_list("text", flat=True)} or keep == "both"
    assert queries.waiting_copies(work) == {}
    with pytest.raises(actions.Settled):
        actions.settle(copy=copy, keep=keep, by=work.learner, at=at)
    assert save(work, at, setting=Typed("typed on in the other tab", 0, copy_id))["setting"].copy not in (None, copy_id)


def test_the_same_request_twice_writes_once(work: Enrollment, at: datetime) -> None:
    first = save(work, at, "key-1", setting=Typed("a", 0))
    save(work, at, "key-2", setting=Typed("a b", 1))
    assert save(work, at, "key-1", setting=Typed("a", 0)) == first
    assert text_of(work) == "a b"
    assert KeptCopy.objects.count() == 0


def test_the_same_request_twice_that_lost_a_race_is_one_copy(work: Enrollment, at: datetime) -> None:
    save(work, at, setting=Typed("ours", 0))
    first = save(work, at, "key", setting=Typed("theirs", 0))
    assert save(work, at, "key", setting=Typed("theirs", 0)) == first
    assert KeptCopy.objects.count() == 1


def test_a_key_used_again_for_other_words_loses_none(work: Enrollment, at: datetime) -> None:
    save(work, at, "key", setting=Typed("first", 0))
    save(work, at, "key", setting=Typed("second", 0))
    assert {text_of(work), KeptCopy.objects.get().text} == {"first", "second"}


def test_boxes_and_captions_are_kept(work: Enrollment, at: datetime, cast: Cast) -> None:
    mine = attach(work, at)
    theirs = actions.start(micro_credential=cast.home.micro_credential, by=cast.other_learner, at=at)
    other = attach(theirs, at)
    draft = Draft(permission=True, prior_learning=True, captions={mine.pk: " Running   record ", other.pk: "taken"})
    actions.save(enrollment=work, draft=draft, by=work.learner, at=at)
    work.refresh_from_db()
    assert (work.permission_at, work.prior_learning) == (at, True)
    titles = dict(Artifact.objects.values_list("pk", "title"))
    assert titles == {mine.pk: "Running record", other.pk: "a"}
    later = at + timedelta(days=1)
    draft = Draft(permission=True, captions={mine.pk: "  "})
    actions.save(enrollment=work, draft=draft, by=work.learner, at=later)
    work.refresh_from_db()
    assert (work.permission_at, work.prior_learning, work.touched_at) == (at, True, later)
    actions.save(enrollment=work, draft=Draft(permission=False, prior_learning=False), by=work.learner, at=later)
    work.refresh_from_db()
    assert (work.permission_at, work.prior_learning) == (None, False)


@pytest.mark.parametrize("part", ["notes", "nothing", "", "describes"])
def test_words_for_no_question_are_refused_and_nothing_is_written(work: Enrollment, at: datetime, part: str) -> None:
    with pytest.raises(actions.NoSuchPart):
        save(work, at, **{"setting": Typed("a", 0), part: Typed("b", 0)})
    assert Answer.objects.count() == 0


def test_words_beyond_the_limit_are_refused_by_name(work: Enrollment, at: datetime) -> None:
    with pytest.raises(actions.TooLong) as caught:
        save(work, at, setting=Typed("x" * 40_001, 0), reflection=Typed("fine", 0))
    assert [p.field for p in caught.value.problems] == ["parts.setting"]


def test_words_that_hold_the_stored_ones_replace_them_without_a_question(work: Enrollment, at: datetime) -> None:
    save(work, at, setting=Typed("a", 0))
    assert save(work, at, setting=Typed("a b", 0)) == {"setting": actions.Saved(2)}
    assert queries.waiting_copies(work) == {}
    assert KeptCopy.objects.get().text == "a"
    save(work, at, setting=Typed("", 2))
    save(work, at, setting=Typed("c", 1))
    assert (text_of(work), KeptCopy.objects.count()) == ("c", 1)


Step = tuple[int, str, bool]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.text("ab \n", max_size=6), st.booleans()), max_size=12))
def test_no_sequence_of_saves_loses_words(work: Enrollment, at: datetime, steps: list[Step]) -> None:
    """Three screens type, reload, or repeat themselves in any order; each believes only what it was told.

    Words may disappear only from a screen on which she went on typing, or under words that hold them.
    """
    KeptCopy.objects.filter(answer__enrollment=work).delete()
    Answer.objects.filter(enrollment=work).delete()
    screens: list[tuple[int, UUID | None]] = [(0, None)] * 3
    newest: dict[int, str] = {}
    for screen, text, reload in steps:
        if reload:
            answer = Answer.objects.filter(enrollment=work).first()
            screens[screen] = (answer.revision if answer else 0, None)
            if answer is not None and newest.get(screen) == answer.text:
                newest.pop(screen)  # she saw these words on the page and goes on from them
        base, copy = screens[screen]
        saved = save(work, at, setting=Typed(text, base, copy))["setting"]
        screens[screen] = (saved.revision, saved.copy)
        newest[screen] = text
        held = [a.text for a in Answer.objects.filter(enrollment=work)]
        held += KeptCopy.objects.filter(answer__enrollment=work).values_list("text", flat=True)
        seen_over = {s for s in newest if s != screen and not saved.copy and base == saved.revision - 1 and screens[s][0] == base}
        for other, words in newest.items():
            if other in seen_over:
                continue
            assert any(words in kept for kept in held) or not words.strip(), (other, words, held)
        for other in seen_over:
            newest.pop(other)


# --- files and links -----------------------------------------------------------------------------------


def test_a_file_becomes_one_row_however_often_it_is_sent(work: Enrollment, at: datetime) -> None:
    first = attach(work, at, key="k")
    assert attach(work, at, key="k") == first
    assert attach(work, at) != first
    assert Blob.objects.count() == 1
    assert first.title == "a"
    assert verbs().count("evidence.added") == 2


def test_the_same_key_of_two_learners_is_two_rows(work: Enrollment, at: datetime, cast: Cast) -> None:
    other = actions.start(micro_credential=cast.home.micro_credential, by=cast.other_learner, at=at)
    assert attach(work, at, key="k") != attach(other, at, key="k")


def test_a_request_that_crosses_itself_is_one_row(work: Enrollment, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    real = actions.take_in

    def slow(*args: Any, **kwargs: Any) -> Any:
        stored = real(*args, **kwargs)
        monkeypatch.setattr(actions, "take_in", real)
        attach(work, at, key="k")
        return stored

    monkeypatch.setattr(actions, "take_in", slow)
    attach(work, at, key="k")
    assert Artifact.objects.count() == 1


def test_a_part_holds_only_so_many(work: Enrollment, at: datetime) -> None:
    held = [attach(work, at) for _i in range(6)]
    with pytest.raises(actions.TooMany, match="holds 6"):
        attach(work, at)
    actions.remove(artifact=held[0], by=work.learner, at=at)
    attach(work, at)
    with pytest.raises(actions.TooMany):
        actions.put_back(artifact=held[0], by=work.learner, at=at)


def test_a_part_for_one_says_so(cast: Cast, at: datetime) -> None:
    from tests.cast import definition

    part = {**definition()["artifacts"][0], "max": 1}
    version = make_version(cast.home.program, at, slug="one", artifacts=[part])
    work = actions.start(micro_credential=version.micro_credential, by=cast.learner, at=at)
    attach(work, at)
    with pytest.raises(actions.TooMany, match="Remove it first"):
        attach(work, at)


@pytest.mark.parametrize("part", ["setting", "nothing", "reflection"])
def test_files_go_only_where_files_are_asked_for(work: Enrollment, at: datetime, part: str) -> None:
    with pytest.raises(actions.NoSuchPart):
        actions.attach(enrollment=work, part=part, file=io.BytesIO(files.jpeg()), name="a", by=work.learner, at=at)


def test_a_link_is_kept_with_its_words(work: Enrollment, at: datetime) -> None:
    def link(url: str, title: str = "") -> Artifact:
        return actions.attach_link(enrollment=work, part="notes", url=url, title=title, by=work.learner, at=at)

    assert link(" https://example.org/a ", "Our  album").title == "Our album"
    assert link("https://example.org/b").title == "https://example.org/b"
    with pytest.raises(actions.LinkRefused):
        link("javascript:alert(1)")


def test_a_link_is_refused_where_files_are_asked_for(cast: Cast, at: datetime) -> None:
    from tests.cast import definition

    part = {**definition()["artifacts"][0], "kinds": ["photo"]}
    version = make_version(cast.home.program, at, slug="photos", artifacts=[part])
    work = actions.start(micro_credential=version.micro_credential, by=cast.learner, at=at)
    with pytest.raises(actions.LinkRefused, match="not for links"):
        actions.attach_link(enrollment=work, part="notes", url="https://example.org", title="", by=work.learner, at=at)


def test_removing_can_be_undone(work: Enrollment, at: datetime) -> None:
    one = attach(work, at)
    assert actions.remove(artifact=one, by=work.learner, at=at).removed_at == at
    assert actions.remove(artifact=one, by=work.learner, at=at + timedelta(1)).removed_at == at
    assert actions.put_back(artifact=one, by=work.learner, at=at).removed_at is None
    assert actions.put_back(artifact=one, by=work.learner, at=at).removed_at is None
    assert verbs().count("evidence.removed") == verbs().count("evidence.put_back") == 1


def test_evidence_with_children_is_never_public(work: Enrollment, at: datetime) -> None:
    one = attach(work, at)
    with pytest.raises(actions.NotPublic):
        actions.publish(artifact=one, public=True, by=work.learner, at=at)
    Artifact.objects.filter(pk=one.pk).update(is_public=True)
    assert queries.public_artifact(one.pk) is None
    assert actions.publish(artifact=one, public=False, by=work.learner, at=at).is_public is False


def test_evidence_without_children_is_public_when_she_says_so(cast: Cast, at: datetime) -> None:
    version = make_version(cast.home.program, at, slug="adults", children="none")
    work = actions.start(micro_credential=version.micro_credential, by=cast.learner, at=at)
    one = attach(work, at)
    assert queries.public_artifact(one.pk) is None
    for _again in range(2):
        assert actions.publish(artifact=one, public=True, by=work.learner, at=at).is_public
    assert verbs().count("evidence.published") == 1
    assert queries.public_artifact(one.pk) == one
    actions.remove(artifact=one, by=work.learner, at=at)
    assert queries.public_artifact(one.pk) is None
    actions.put_back(artifact=one, by=work.learner, at=at)
    assert queries.public_artifact(one.pk) is None


# --- submit --------------------------------------------------------------------------------------------


def submit(work: Enrollment, at: datetime, key: str | None = None, criteria: tuple[str, ...] = BOTH) -> Submission:
    return actions.submit(enrollment=work, criteria=criteria, by=work.learner, at=at, key=key)


def test_what_is_sent_is_what_was_there(work: Enrollment, at: datetime) -> None:
    complete(work, at)
    gone = attach(work, at)
    actions.remove(artifact=gone, by=work.learner, at=at)
    sent = submit(work, at, "k")
    kept = Artifact.objects.get(removed_at=None)
    assert sent.content == {
        "answers": {"setting": "one two three four five six", "reflection": "one two three four five six"},
        "artifacts": {"notes": [str(kept.pk)]},
        "permission": True,
    }
    assert (sent.number, sent.criteria) == (1, list(BOTH))
    assert submit(work, at, "k") == sent
    assert Task.objects.filter(entry__verb="evidence.submitted").values_list("handler", flat=True).get() == "mail_received"


def test_a_second_try_gets_the_next_number(work: Enrollment, at: datetime) -> None:
    complete(work, at)
    first = submit(work, at, "a")
    second = submit(work, at, "b", ("links",))
    assert [first.number, second.number] == [1, 2]
    assert first.code != second.code
    with pytest.raises(IntegrityError):
        Submission.objects.create(enrollment=work, number=2, content={}, criteria=[], sent_at=at, code=uuid4().hex[:12])


def test_an_incomplete_draft_is_not_sent(work: Enrollment, at: datetime) -> None:
    with pytest.raises(actions.NotComplete) as caught:
        submit(work, at)
    assert [p.field for p in caught.value.problems] == ["parts.setting", "parts.notes", "parts.reflection", "permission"]
    assert Submission.objects.count() == 0


def test_there_is_nothing_to_send_when_all_is_demonstrated(work: Enrollment, at: datetime) -> None:
    complete(work, at)
    with pytest.raises(actions.NothingToSend):
        submit(work, at, criteria=())


# --- who may read --------------------------------------------------------------------------------------


def test_files_are_seen_by_their_owner_and_by_who_judges_them(work: Enrollment, at: datetime, cast: Cast) -> None:
    from fieldstone.server.assessment.actions import open_review
    from fieldstone.server.assessment.models import Seat

    complete(work, at)
    kept = Artifact.objects.get()
    later = attach(work, at)
    people: list[User] = [cast.learner, cast.home.first, cast.home.administrator, cast.stranger]

    def who(artifact: Artifact) -> list[bool]:
        return [queries.artifact_for(user, artifact.pk) is not None for user in people]

    assert who(kept) == [True, False, False, False]
    actions.remove(artifact=later, by=cast.learner, at=at)
    sent = submit(work, at)
    review = open_review(submission=sent, by=cast.learner, at=at)
    seat, _made = Seat.objects.get_or_create(review=review, kind="first")
    Seat.objects.filter(pk=seat.pk).update(assessor=cast.home.first, claimed_at=at)
    assert who(kept) == [True, True, False, False]
    assert who(later) == [True, False, False, False]
    assert queries.artifact_in(sent, kept.pk) == kept
    assert queries.artifact_in(sent, later.pk) is None
    assert queries.artifact_for(cast.learner, uuid4()) is None
