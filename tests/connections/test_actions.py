"""Connections: made once, ended for good, and never opened twice by the same code or token."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from fieldstone.server.connections import actions, queries, rules
from fieldstone.server.connections.models import App, Code, Connection, Token
from fieldstone.server.connections.rules import OAuthError
from fieldstone.server.journeys.delete_account import delete_account
from fieldstone.server.journeys.export_person import held_on
from fieldstone.server.journeys.tasks import HANDLERS
from fieldstone.server.ledger.kept import proves
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.ledger.problems import Conflict
from tests.cast import Cast
from tests.connections.kit import BACK, VERIFIER, asked, connect, make_app, make_code, metadata, redeem

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def app(db: None, at: datetime) -> App:
    return make_app(at)


def living(access: str, at: datetime) -> bool:
    return queries.bearer(access, at=at) is not None


def test_an_app_registers(db: None, at: datetime) -> None:
    app, secret = actions.register(metadata=rules.parse_metadata(metadata()), at=at)
    assert rules.matches(secret, app.secret_hash) and secret not in str(App.objects.values())
    assert queries.app(str(app.pk)) == app
    for other in ("", "x", str(uuid4()), f"{{{app.pk}}}", str(app.pk).upper() + " "):
        assert queries.app(other) is None
    task = Task.objects.get(handler="forget_app")
    assert task.run_after == at + 2 * DAY


def test_an_app_that_nobody_connects_is_forgotten(cast: Cast, at: datetime) -> None:
    never, used = make_app(at), make_app(at)
    make_code(never, cast.learner, at, key="never redeemed")
    connect(used, cast.learner, at)
    for entry in Entry.objects.filter(verb="connections.registered"):
        HANDLERS["forget_app"](entry, at + DAY)
    assert App.objects.count() == 2
    for _twice in range(2):
        for entry in Entry.objects.filter(verb="connections.registered"):
            HANDLERS["forget_app"](entry, at + 2 * DAY)
    assert list(App.objects.all()) == [used]
    assert Code.objects.count() == 1


def test_consent_and_the_first_tokens(app: App, cast: Cast, at: datetime) -> None:
    issued = connect(app, cast.learner, at, rules.CREDENTIALS_READ)
    token = queries.bearer(issued.access, at=at)
    assert token is not None and token.connection.learner == cast.learner
    assert (token.scope, issued.scope) == (rules.CREDENTIALS_READ, rules.CREDENTIALS_READ)
    assert living(issued.access, at + HOUR - DAY / 86400) and not living(issued.access, at + HOUR)
    assert not living(issued.refresh, at) and not living("", at)
    verbs = [*Entry.objects.filter(verb__startswith="connections").values_list("verb", flat=True)]
    assert verbs == ["connections.registered", "connections.allowed", "connections.connected"]


def test_nothing_that_opens_a_door_is_kept(app: App, cast: Cast, at: datetime) -> None:
    code = make_code(app, cast.learner, at)
    issued = redeem(app, code, at)
    assert issued is not None
    kept = str([*Code.objects.values(), *Token.objects.values(), *Entry.objects.values()])
    assert code not in kept and issued.access not in kept and issued.refresh not in kept


def test_an_app_that_did_not_register_for_it_gets_no_refresh_token(cast: Cast, at: datetime) -> None:
    app = make_app(at, grant_types=["authorization_code"])
    first, second = connect(app, cast.learner, at), connect(app, cast.other_learner, at)
    assert first.refresh == second.refresh == ""
    assert living(first.access, at) and living(second.access, at)


def test_the_same_answer_twice_is_one_code(app: App, cast: Cast, at: datetime) -> None:
    assert make_code(app, cast.learner, at) == make_code(app, cast.learner, at)
    assert Code.objects.count() == 1
    assert make_code(app, cast.other_learner, at) != make_code(app, cast.learner, at, key="key-2")
    with pytest.raises(Conflict):
        make_code(app, cast.learner, at, rules.PROFILE_READ)


def test_old_codes_are_swept(app: App, cast: Cast, at: datetime) -> None:
    make_code(app, cast.learner, at)
    make_code(app, cast.learner, at + 2 * DAY, key="key-2")
    assert Code.objects.count() == 1


def test_attack_a_code_shown_twice_ends_what_came_of_it(app: App, cast: Cast, at: datetime) -> None:
    code = make_code(app, cast.learner, at)
    issued = redeem(app, code, at)
    assert issued is not None and living(issued.access, at)
    assert redeem(app, code, at) is None
    assert not living(issued.access, at)
    assert actions.refresh(app=app, token=issued.refresh, wanted="", at=at) is None
    assert Connection.objects.get().ended_why == "replay"
    assert redeem(app, code, at) is None


def test_attack_a_code_of_another_app(app: App, cast: Cast, at: datetime) -> None:
    """It gets nothing, and takes nothing from the app whose code it is."""
    thief = make_app(at, client_name="Thief")
    code = make_code(app, cast.learner, at)
    assert redeem(thief, code, at) is None
    issued = redeem(app, code, at)
    assert issued is not None
    assert redeem(thief, code, at) is None
    assert living(issued.access, at)


@pytest.mark.parametrize(
    "changes",
    [
        {"verifier": ""},
        {"verifier": "w" * 43},
        {"redirect_uri": ""},
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": BACK.upper()},
    ],
)
def test_attack_a_code_without_its_proof_or_address(
    app: App, cast: Cast, at: datetime, changes: dict[str, str]
) -> None:
    """Also the right proof comes too late after a wrong one: a code is good for one try."""
    code = make_code(app, cast.learner, at)
    assert redeem(app, code, at, **changes) is None
    assert redeem(app, code, at) is None
    assert not Connection.objects.exists()


def test_a_code_grows_old(app: App, cast: Cast, at: datetime) -> None:
    code = make_code(app, cast.learner, at)
    assert redeem(app, code, at + timedelta(minutes=10)) is None
    assert redeem(app, "unknown", at) is None


def test_a_code_of_somebody_who_left(app: App, cast: Cast, at: datetime) -> None:
    code = make_code(app, cast.learner, at)
    type(cast.learner).objects.filter(pk=cast.learner.pk).update(is_active=False)
    assert redeem(app, code, at) is None


def test_connecting_anew_ends_the_older_connection(app: App, cast: Cast, at: datetime) -> None:
    first = connect(app, cast.learner, at)
    other = connect(app, cast.other_learner, at)
    second = connect(app, cast.learner, at, key="key-2")
    assert not living(first.access, at) and living(second.access, at) and living(other.access, at)
    assert Connection.objects.get(ended_at=at).ended_why == "replaced"


def test_refresh_rotates(app: App, cast: Cast, at: datetime) -> None:
    first = connect(app, cast.learner, at, rules.CREDENTIALS_READ, rules.PROFILE_READ)
    later = at + 2 * HOUR
    second = actions.refresh(app=app, token=first.refresh, wanted=rules.PROFILE_READ, at=later)
    assert second is not None and second.scope == rules.PROFILE_READ
    assert second.refresh not in ("", first.refresh) and living(second.access, later)
    third = actions.refresh(app=app, token=second.refresh, wanted="", at=later)
    assert third is not None and third.scope == f"{rules.CREDENTIALS_READ} {rules.PROFILE_READ}"


def test_attack_a_refresh_token_used_twice_ends_the_whole_family(app: App, cast: Cast, at: datetime) -> None:
    first = connect(app, cast.learner, at)
    second = actions.refresh(app=app, token=first.refresh, wanted="", at=at)
    assert second is not None
    assert actions.refresh(app=app, token=first.refresh, wanted="", at=at) is None
    assert not living(second.access, at)
    assert actions.refresh(app=app, token=second.refresh, wanted="", at=at) is None
    assert Connection.objects.get().ended_why == "replay"


def test_attack_a_refresh_token_of_another_app(app: App, cast: Cast, at: datetime) -> None:
    issued = connect(app, cast.learner, at)
    thief = make_app(at)
    assert actions.refresh(app=thief, token=issued.refresh, wanted="", at=at) is None
    actions.revoke(app=thief, token=issued.refresh, at=at)
    actions.revoke(app=thief, token=issued.access, at=at)
    assert living(issued.access, at)
    assert actions.refresh(app=app, token=issued.access, wanted="", at=at) is None


def test_attack_a_refresh_that_asks_for_more(app: App, cast: Cast, at: datetime) -> None:
    """Refused, and the token is still good for what was allowed."""
    issued = connect(app, cast.learner, at, rules.CREDENTIALS_READ)
    with pytest.raises(OAuthError):
        actions.refresh(app=app, token=issued.refresh, wanted=rules.CREDENTIALS_WRITE, at=at)
    assert actions.refresh(app=app, token=issued.refresh, wanted="", at=at) is not None


def test_a_connection_ends_by_itself(app: App, cast: Cast, at: datetime) -> None:
    issued = connect(app, cast.learner, at)
    last = at + rules.CONNECTION_LIFE
    assert list(queries.of_learner(cast.learner, at=last - HOUR))
    late = actions.refresh(app=app, token=issued.refresh, wanted="", at=last - HOUR / 2)
    assert late is not None and living(late.access, last - HOUR / 4) and not living(late.access, last)
    assert actions.refresh(app=app, token=late.refresh, wanted="", at=last) is None
    assert not list(queries.of_learner(cast.learner, at=last))


def test_used_refresh_tokens_are_swept_after_a_month(app: App, cast: Cast, at: datetime) -> None:
    issued = connect(app, cast.learner, at)
    for day in (1, 2, 40):
        issued = actions.refresh(app=app, token=issued.refresh, wanted="", at=at + day * DAY)  # type: ignore[assignment]
        assert issued is not None
    assert Token.objects.count() == 2


def test_an_app_gives_tokens_back(app: App, cast: Cast, at: datetime) -> None:
    issued = connect(app, cast.learner, at)
    actions.revoke(app=app, token=issued.access, at=at)
    assert not living(issued.access, at)
    second = actions.refresh(app=app, token=issued.refresh, wanted="", at=at)
    assert second is not None and living(second.access, at)
    actions.revoke(app=app, token=second.refresh, at=at)
    assert not living(second.access, at)
    assert Connection.objects.get().ended_why == "app"
    actions.revoke(app=app, token="unknown", at=at)


def test_a_learner_disconnects(app: App, cast: Cast, at: datetime) -> None:
    issued = connect(app, cast.learner, at)
    (row,) = queries.of_learner(cast.learner, at=at)
    assert row.fetched_at == at  # type: ignore[attr-defined]
    for _twice in range(2):
        actions.disconnect(connection=row, by=cast.learner, at=at)
    assert not living(issued.access, at) and not list(queries.of_learner(cast.learner, at=at))
    assert Entry.objects.filter(verb="connections.ended").count() == 1


def test_connections_go_with_the_account_and_into_the_export(app: App, cast: Cast, at: datetime) -> None:
    issued = connect(app, cast.learner, at)
    code = make_code(app, cast.learner, at, key="key-2")
    (row,) = held_on(cast.learner)["apps"]
    assert (row["app__name"], row["allowed_at"]) == ("Pebble Wallet", at)
    delete_account(user=cast.learner, at=at)
    assert not living(issued.access, at) and redeem(app, code, at) is None
    assert not Connection.objects.exists() and not Token.objects.exists() and not Code.objects.exists()


def test_the_database_holds_the_rules(app: App, cast: Cast, at: datetime) -> None:
    connect(app, cast.learner, at)
    row = Connection.objects.get()
    for wrong in ({"ended_at": at}, {"ended_why": "app"}, {"ended_at": at, "ended_why": "whim"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Connection.objects.filter(pk=row.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Connection.objects.create(app=app, learner=cast.learner, scope="", allowed_at=at, ends_at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Code.objects.update(used_at=None)


def test_the_kit_asks_as_the_page_does() -> None:
    assert asked().redirect_uri == BACK and proves(VERIFIER, asked().challenge)
