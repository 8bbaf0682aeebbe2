"""Offers, tokens and deliveries: what each step refuses, what stays, and what ends with what."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction

from fieldstone import credential as c
from fieldstone.server.assessment.models import Review
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award, Copy
from fieldstone.server.awards.rules import Holder
from fieldstone.server.delivery import actions, queries, rules
from fieldstone.server.delivery.models import (
    SpentNonce,
    WalletDelivery,
    WalletGrant,
    WalletOffer,
    WalletRequest,
    WalletToken,
)
from fieldstone.server.delivery.rules import Wrong
from fieldstone.server.journeys import confirm_decision
from fieldstone.server.journeys import fill_wallet as journey
from fieldstone.server.journeys.delete_account import delete_account
from fieldstone.server.journeys.export_person import held_on, write_export
from fieldstone.server.ledger.models import Entry
from fieldstone.server.pathways.models import StackVersion
from tests.awards.makers import ensure_key, make_enrollment, make_review
from tests.cast import Cast, make_cast
from tests.delivery.kit import CHALLENGE, VERIFIER, earned
from tests.pathways.makers import hold, make_stack, some_of

BACK = "https://wallet.example/back"
KEY = c.SigningKey.from_seed(bytes(range(32)))
HOLDER = Holder(KEY.controller, KEY.public.jwk())


@pytest.fixture
def award(cast: Cast, at: datetime) -> Award:
    return earned(cast, at)


def make_offer(award: Award, at: datetime, *, form: str = "ldp", key: str = "") -> WalletOffer:
    assert award.learner is not None
    return journey.offer(learner=award.learner, award=award, form=form, key=key or str(uuid4()), at=at)


def digits(offer: WalletOffer) -> str:
    return rules.tx_code(settings.SECRET_KEY, offer.pk)


def redeem(offer: WalletOffer, at: datetime, **more: Any) -> actions.Tokens:
    return actions.redeem_offer(offer=offer, digits=digits(offer), details=None, at=at, **more)


def asked(**changes: Any) -> rules.Asked:
    given = {
        "client_id": "their-wallet", "redirect_uri": BACK, "state": "", "challenge": CHALLENGE, "kind": "m.observing",
        "configurations": ("m.observing.ldp",), "by_details": False, "issuer_state": "",
    }  # fmt: skip
    return rules.Asked(**{**given, **changes})


def refused(what: Callable[[], Any]) -> str:
    with pytest.raises(Wrong) as error:
        what()
    return error.value.error


def verbs() -> list[str]:
    return list(Entry.objects.filter(verb__startswith="delivery.").order_by("id").values_list("verb", flat=True))


# --- offers ---------------------------------------------------------------------------------------------


def test_the_same_form_posted_twice_is_one_offer(award: Award, at: datetime) -> None:
    assert make_offer(award, at, key="same-key") == make_offer(award, at, key="same-key")
    assert verbs() == ["delivery.offered"]


def test_a_new_offer_ends_the_one_before(award: Award, at: datetime) -> None:
    first, second = make_offer(award, at), make_offer(award, at)
    assert list(queries.live_offers(at)) == [second]
    assert refused(lambda: redeem(first, at)) == "invalid_grant"


def test_a_form_that_we_do_not_make(award: Award, at: datetime) -> None:
    with pytest.raises(actions.NoSuchForm):
        make_offer(award, at, form="mso_mdoc")


def test_nothing_is_offered_of_what_does_not_stand(award: Award, cast: Cast, at: datetime) -> None:
    awards.suspend(award=award, reason="A look.", by=None, at=at)
    with pytest.raises(journey.NothingToGive):
        make_offer(Award.objects.get(pk=award.pk), at)
    idle = make_enrollment(cast.other_learner, cast.home.version, at)
    with pytest.raises(journey.NothingToGive):
        journey.offer(learner=cast.other_learner, enrollment=idle, form="ldp", key=str(uuid4()), at=at)


def test_tries_are_counted_and_run_out(award: Award, at: datetime) -> None:
    offer = make_offer(award, at)
    code = rules.derive(settings.SECRET_KEY, "code", offer.pk)
    home = award.organization
    for _try in range(rules.TRIES):
        assert actions.count_try(organization=home, code=code, at=at) == offer
    assert refused(lambda: actions.count_try(organization=home, code=code, at=at)) == "invalid_grant"


def test_a_code_is_one_issuers_and_has_its_time(award: Award, cast: Cast, at: datetime) -> None:
    offer = make_offer(award, at)
    code = rules.derive(settings.SECRET_KEY, "code", offer.pk)
    for organization, moment in (
        (cast.away.organization, at),
        (award.organization, at + rules.OFFER_LIFE),
    ):
        assert refused(lambda o=organization, m=moment: actions.count_try(organization=o, code=code, at=m))
    assert refused(lambda: redeem(offer, at + rules.OFFER_LIFE)) == "invalid_grant"


def test_wrong_digits(award: Award, at: datetime) -> None:
    offer = make_offer(award, at)
    wrong = f"{(int(digits(offer)) + 1) % 1_000_000:06d}"
    for typed in (wrong, "", "١٢٣٤٥٦", digits(offer) + "0"):
        assert refused(
            lambda t=typed: actions.redeem_offer(offer=offer, digits=t, details=None, at=at)
        ) == "invalid_grant"
    assert WalletGrant.objects.count() == 0


def test_no_secret_is_kept(award: Award, at: datetime) -> None:
    offer = make_offer(award, at)
    tokens = redeem(offer, at)
    _row, notification = actions.deliver(grant=tokens.grant, configuration="m.observing.ldp", holders=[], at=at)
    transaction_ = actions.defer(grant=tokens.grant, configuration="m.observing.ldp", holders=[], at=at)
    uri = actions.push(organization=award.organization, parameters={"client_id": "x"}, at=at)
    derived = [rules.derive(settings.SECRET_KEY, name, offer.pk) for name in ("code", "state", "reference")]
    told = {tokens.access, notification, transaction_, uri.rpartition(":")[2], digits(offer), *derived}
    with connection.cursor() as cursor:
        for model in (WalletOffer, WalletGrant, WalletToken, WalletDelivery, WalletRequest, Entry):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            kept = repr(cursor.fetchall())
            assert not [secret for secret in told if secret in kept], model


# --- codes of the page ----------------------------------------------------------------------------------


def allow(award: Award, at: datetime, **changes: Any) -> str:
    assert award.learner is not None
    return journey.allow(
        learner=award.learner, organization=award.organization, asked=asked(**changes), pushed=None, key=str(uuid4()), at=at
    )


def code_tokens(award: Award, code: str, at: datetime, **changes: Any) -> actions.Tokens:
    given = {
        "grant_type": "authorization_code", "code": code, "client_id": "their-wallet", "redirect_uri": BACK,
        "code_verifier": VERIFIER, **changes,
    }  # fmt: skip
    return journey.tokens(organization=award.organization, given=given, at=at)


def test_a_code_for_her_yes(award: Award, at: datetime) -> None:
    tokens = code_tokens(award, allow(award, at), at)
    assert (tokens.grant.client_id, tokens.refresh, tokens.grant.award) == ("their-wallet", "", award)
    assert queries.grant_by_token(award.organization, tokens.access, at) == tokens.grant
    assert queries.grant_by_token(award.organization, tokens.access, at + rules.ACCESS_LIFE) is None


def test_attack_a_code_in_other_hands(award: Award, cast: Cast, at: datetime) -> None:
    for changes in (
        {"client_id": "another"},
        {"redirect_uri": BACK + "2"},
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"authorization_details": "x"},
        {"tx_code": "123456"},
    ):
        code = allow(award, at)
        assert refused(lambda c=code, ch=changes: code_tokens(award, c, at, **ch))
    code = allow(award, at)
    assert refused(lambda: code_tokens(award, code, at + rules.CODE_LIFE)) == "invalid_grant"
    other = {"grant_type": "authorization_code", "code": code}
    assert refused(lambda: journey.tokens(organization=cast.away.organization, given=other, at=at)) == "invalid_grant"
    assert refused(lambda: code_tokens(award, "unknown", at)) == "invalid_grant"


def test_attack_a_code_used_twice_ends_what_the_first_use_gave(award: Award, at: datetime) -> None:
    code = allow(award, at)
    tokens = code_tokens(award, code, at)
    assert refused(lambda: code_tokens(award, code, at)) == "invalid_grant"
    assert queries.grant_by_token(award.organization, tokens.access, at) is None
    assert verbs()[-1] == "delivery.ended"


def test_grant_types_that_we_do_not_know(award: Award, at: datetime) -> None:
    for given in ({}, {"grant_type": "password"}, {"grant_type": "client_credentials"}):
        error = refused(lambda g=given: journey.tokens(organization=award.organization, given=g, at=at))
        assert error == "unsupported_grant_type"
    for given in ({}, {"pre-authorized_code": "x"}):
        whole = {"grant_type": rules.PRE_AUTHORIZED, **given}
        error = refused(lambda g=whole: journey.tokens(organization=award.organization, given=g, at=at))
        assert error == "invalid_request"


def test_a_question_is_answered_once(award: Award, at: datetime) -> None:
    assert award.learner is not None
    home = award.organization
    uri = actions.push(organization=home, parameters={"client_id": "x"}, at=at)
    pushed = queries.pushed(home, uri, at)
    assert pushed is not None
    assert queries.pushed(home, uri, at + rules.REQUEST_LIFE) is None
    one = {"learner": award.learner, "organization": home, "asked": asked(), "pushed": pushed, "key": "1", "at": at}
    journey.allow(**one)
    for again in ({}, {"key": "2"}):
        with pytest.raises(actions.Answered):
            journey.allow(**{**one, **again})
    assert queries.pushed(home, uri, at) is None
    actions.push(organization=home, parameters={}, at=at + rules.REQUEST_LIFE + timedelta(seconds=1))
    assert WalletRequest.objects.count() == 1, "old ones are cleared away"


def test_an_offer_answered_on_the_page_is_used_up(award: Award, at: datetime) -> None:
    offer = make_offer(award, at)
    state = rules.derive(settings.SECRET_KEY, "state", offer.pk)
    allow(award, at, issuer_state=state)
    offer.refresh_from_db()
    assert offer.redeemed_at == at
    assert WalletGrant.objects.get().offer == offer
    assert refused(lambda: redeem(offer, at)) == "invalid_grant"
    with pytest.raises(actions.Answered):
        actions.allow(
            learner=award.learner, organization=award.organization, award=award, enrollment=None, asked=asked(),
            offer=offer, pushed=None, key="3", at=at,
        )  # fmt: skip


def test_attack_somebody_elses_offer_slipped_into_a_request(award: Award, cast: Cast, at: datetime) -> None:
    """`issuer_state` may come from anybody: hers is given, and the other's offer stays as it is."""
    other = confirm_decision.award(
        review=make_review(cast.other_learner, cast.home.version, at), by=cast.home.approver, at=at
    )
    offer = make_offer(other, at)
    allow(award, at, issuer_state=rules.derive(settings.SECRET_KEY, "state", offer.pk))
    grant = WalletGrant.objects.get()
    assert (grant.learner, grant.award, grant.offer) == (award.learner, award, None)
    offer.refresh_from_db()
    assert offer.redeemed_at is None


def test_who_has_nothing_gives_nothing(award: Award, cast: Cast, at: datetime) -> None:
    for learner, kind in ((cast.stranger, "m.observing"), (cast.learner, "s.none"), (cast.learner, "m.none")):
        with pytest.raises(journey.NothingToGive):
            journey.allow(
                learner=learner, organization=cast.home.organization, asked=asked(kind=kind), pushed=None, key="4", at=at
            )


def test_what_an_authorization_is_about(award: Award, cast: Cast, at: datetime) -> None:
    home, learner = cast.home.organization, cast.learner
    awards.suspend(award=award, reason="A look.", by=None, at=at)
    assert journey.candidates(learner, home, "m.observing", None, at) == (None, award.review.submission.enrollment)
    idle = make_enrollment(cast.stranger, cast.home.version, at)
    assert journey.candidates(cast.stranger, home, "m.observing", None, at) == (None, None)
    assert not journey.is_coming(idle)


def test_a_stack_goes_into_a_wallet_too(award: Award, cast: Cast, at: datetime) -> None:
    tree = some_of(1, hold(cast.home.version), label="One")
    stack = make_stack(cast.home.program, tree, at, by=cast.home.author).stack
    version = StackVersion.objects.get(stack=stack)
    Award.objects.filter(pk=award.pk).update(
        micro_credential=None, version=None, review=None, stack_id=stack.pk, stack_version_id=version.pk
    )
    award = Award.objects.get(pk=award.pk)
    assert journey.kind_of(award) == f"s.{stack.slug}"
    assert journey.candidates(cast.learner, cast.home.organization, f"s.{stack.slug}", None, at) == (award, None)
    names = [kind.id for kind in journey.kinds(cast.home.organization)]
    assert names == ["m.observing", f"s.{stack.slug}"]
    offer = make_offer(award, at)
    assert offer.configurations == [f"s.{stack.slug}.ldp"]


# --- credentials ----------------------------------------------------------------------------------------


def want(grant: WalletGrant, at: datetime, **body: Any) -> journey.Answer:
    return journey.request(grant=grant, body=body or {"credential_configuration_id": "m.observing.ldp"}, at=at)


def test_a_wallet_gets_nothing_of_what_was_withdrawn(award: Award, at: datetime) -> None:
    grant = redeem(make_offer(award, at), at).grant
    awards.withdraw(award=award, reason="A mistake.", by=None, at=at)
    assert refused(lambda: want(grant, at)) == "credential_request_denied"
    with pytest.raises(awards.NotStanding):
        awards.copy(award=award, form="jwt_vc_json", by=None, at=at)


def test_a_stopped_wallet_gets_nothing_more(award: Award, at: datetime) -> None:
    tokens = redeem(make_offer(award, at), at)
    actions.end(grant=tokens.grant, by=award.learner, at=at)
    actions.end(grant=tokens.grant, by=award.learner, at=at)
    assert verbs().count("delivery.ended") == 1
    assert refused(lambda: want(tokens.grant, at)) == "invalid_token"
    with pytest.raises(rules.BadToken):
        journey.granted(award.organization, tokens.access, at)
    assert tokens.refresh == ""


def test_a_nonce_is_used_up_only_with_what_it_paid_for(award: Award, at: datetime) -> None:
    actions.spend(nonce="one", at=at)
    assert refused(lambda: actions.spend(nonce="one", at=at)) == "invalid_nonce"
    later = at + rules.NONCE_LIFE + rules.SKEW + timedelta(seconds=1)
    actions.spend(nonce="two", at=later)
    assert SpentNonce.objects.count() == 1, "old ones are cleared away"


def test_a_copy_is_made_once_and_never_changed(award: Award, at: datetime) -> None:
    first = awards.copy(award=award, form="jwt_vc_json", holder=HOLDER, by=None, at=at)
    assert awards.copy(award=award, form="jwt_vc_json", holder=HOLDER, by=None, at=at + timedelta(days=1)) == first
    awards.copy(award=award, form="jwt_vc_json", by=None, at=at)
    assert Copy.objects.count() == 2
    assert awards.copy(award=award, form="ldp_vc", by=None, at=at) == award.document.body
    with pytest.raises(DatabaseError, match="never rewritten"), transaction.atomic():
        Copy.objects.update(body="x")


def test_copies_are_signed_by_the_awards_own_issuer_after_a_new_key(award: Award, cast: Cast, at: datetime) -> None:
    key = ensure_key(organization=cast.home.organization, at=at)
    awards.rotate_key(organization=cast.home.organization, current=key, by=cast.home.issuer, at=at)
    text = awards.copy(award=award, form="ldp_vc", holder=HOLDER, by=None, at=at)
    assert c.loads(text)["issuer"]["id"] == award.signing_key.did
    assert c.verify(text.encode(), resolver=c.Offline(), at=at).verdict != c.Verdict.NOT_VERIFIED


def test_everything_ends_with_the_account(award: Award, cast: Cast, at: datetime, tmp_path: Any) -> None:
    tokens = redeem(make_offer(award, at, form="ldp"), at)
    want(tokens.grant, at)
    awards.copy(award=award, form="jwt_vc_json", holder=HOLDER, by=None, at=at)
    make_offer(award, at)
    (line,) = held_on(cast.learner)["wallets"]
    assert line["fetched"][0]["form"] == "m.observing.ldp"
    with (tmp_path / "all.zip").open("wb") as out:
        write_export(user=cast.learner, at=at, out=out)
    delete_account(user=cast.learner, at=at)
    for model in (WalletOffer, WalletGrant, WalletToken, WalletDelivery, Copy):
        assert model.objects.count() == 0, model
    assert verbs()[-1] == "delivery.forgotten"


# --- what comes later -----------------------------------------------------------------------------------


@pytest.fixture
def review(cast: Cast, at: datetime) -> Review:
    return make_review(cast.learner, cast.home.version, at, outcome="")


def soon(review: Review, at: datetime) -> actions.Tokens:
    work = review.submission.enrollment
    return redeem(journey.offer(learner=work.learner, enrollment=work, form="ldp", key=str(uuid4()), at=at), at)


def test_a_decision_is_waited_for(review: Review, at: datetime) -> None:
    tokens = soon(review, at)
    assert tokens.refresh
    text = want(tokens.grant, at).transaction
    assert journey.deferred(grant=tokens.grant, text=text, at=at).transaction == text
    Review.objects.filter(pk=review.pk).update(
        state="decided", outcome="demonstrated", decided_at=at, decided_by=review.submission.enrollment.learner_id,
        result={"levels": dict.fromkeys(review.submission.criteria, "demonstrated"), "assessors": 2},
    )  # fmt: skip
    review.refresh_from_db()
    award = confirm_decision.award(review=review, by=None, at=at)
    got = journey.deferred(grant=tokens.grant, text=text, at=at)
    assert (got.credentials, got.notification) == ((award.document.body,), "")
    assert refused(lambda: journey.deferred(grant=tokens.grant, text=text, at=at)) == "invalid_transaction_id"
    row = WalletDelivery.objects.get()
    assert refused(lambda: actions.deliver_later(row=row, at=at)) == "invalid_transaction_id"
    again = actions.refresh(organization=review.organization, token=tokens.refresh, client_id="", at=at)
    assert again.refresh == "", "nothing is left to wait for"


def test_work_that_was_put_aside_will_not_come(review: Review, at: datetime) -> None:
    tokens = soon(review, at)
    text = want(tokens.grant, at).transaction
    work = review.submission.enrollment
    work.left_at = at
    work.save()
    assert refused(lambda: journey.deferred(grant=tokens.grant, text=text, at=at)) == "credential_request_denied"


def test_attack_a_refresh_token_used_twice(review: Review, at: datetime) -> None:
    tokens = soon(review, at)
    home = review.organization
    given = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
    assert refused(lambda: actions.refresh(organization=home, token=tokens.refresh, client_id="x", at=at))
    new = journey.tokens(organization=home, given=given, at=at)
    assert refused(lambda: journey.tokens(organization=home, given=given, at=at)) == "invalid_grant"
    assert queries.grant_by_token(home, new.access, at) is None
    assert refused(lambda: actions.refresh(organization=home, token=new.refresh, client_id="", at=at))


def test_a_note_is_about_ones_own_delivery(award: Award, at: datetime) -> None:
    grant = redeem(make_offer(award, at), at).grant
    got = want(grant, at)
    other = redeem(make_offer(award, at), at).grant
    said: dict[str, Any] = {"notification": got.notification, "at": at}
    assert refused(lambda: actions.note(grant=other, event="credential_accepted", **said)) == "invalid_notification_id"
    assert refused(lambda: actions.note(grant=grant, event="stolen", **said)) == "invalid_notification_request"
    for event in ("credential_accepted", "credential_accepted", "credential_deleted"):
        actions.note(grant=grant, event=event, **said)
    assert verbs().count("delivery.noted") == 2


# --- many at once ---------------------------------------------------------------------------------------


def test_attack_a_code_is_not_guessed_at(award: Award, at: datetime) -> None:
    code = allow(award, at)
    assert refused(lambda: code_tokens(award, code, at, code_verifier="x" * 43)) == "invalid_grant"
    assert refused(lambda: code_tokens(award, code, at)) == "invalid_grant"
    assert WalletGrant.objects.get().ended_at == at


def test_one_page_sent_twice_at_the_same_moment_is_one_offer(
    award: Award, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, first = rules.configuration, []

    def meanwhile(kind: str, form: str) -> str:
        monkeypatch.setattr(rules, "configuration", plain)
        first.append(make_offer(award, at, key="the same page"))
        return plain(kind, form)

    monkeypatch.setattr(rules, "configuration", meanwhile)
    assert make_offer(award, at, key="the same page") == first[0]
    assert WalletOffer.objects.get().ended_at is None


@pytest.fixture
def _threads(transactional_db: None) -> Iterator[None]:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():  # type: ignore[attr-defined]
        pytest.skip("an in-memory SQLite is one connection: set FIELDSTONE_TEST_SQLITE to a file, or use PostgreSQL")
    yield


def at_once(*tasks: Callable[[], Any]) -> tuple[list[Any], list[str]]:
    """Results, and the words of those that were refused."""
    start = threading.Barrier(len(tasks))
    done: list[Any] = []
    words: list[str] = []

    def run(task: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            done.append(task())
        except Wrong as wrong:
            words.append(wrong.error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return done, words


@pytest.mark.usefixtures("_threads")
def test_of_many_redemptions_at_once_one_wins(at: datetime) -> None:
    award = earned(make_cast(at), at)
    offer = make_offer(award, at)
    won, lost = at_once(*[lambda: redeem(offer, at)] * 4)
    assert (len(won), lost) == (1, ["invalid_grant"] * 3)
    code = allow(award, at)
    won, lost = at_once(*[lambda: code_tokens(award, code, at)] * 4)
    assert (len(won), lost) == (1, ["invalid_grant"] * 3)
    won, lost = at_once(*[lambda: actions.spend(nonce="n", at=at)] * 4)
    assert (len(won), lost) == (1, ["invalid_nonce"] * 3)
    copies, _lost = at_once(*[lambda: awards.copy(award=award, form="jwt_vc_json", holder=HOLDER, by=None, at=at)] * 4)
    assert len(copies) == 4
    assert len(set(copies)) == Copy.objects.count() == 1
