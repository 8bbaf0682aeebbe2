"""OAuth from outside: authlib walks the whole way against a running server; then those who mean harm."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.core.cache import cache
from django.db import connection as database
from django.test import Client

from fieldstone.server.api import oauth
from fieldstone.server.awards import actions as awards
from fieldstone.server.connections import rules
from fieldstone.server.connections.models import App, Code, Connection, Token
from fieldstone.server.ledger.kept import digest
from fieldstone.server.people.models import User
from tests.api.kit import CREDENTIALS, nobody_answers, official
from tests.awards.makers import make_review
from tests.backpack.makers import signed
from tests.cast import Cast, make_cast
from tests.conftest import NOW
from tests.connections.kit import BACK, CHALLENGE, VERIFIER, connect, make_app, metadata
from tests.web.forms import Form, forms_of

AUTHORIZE, TOKEN, REGISTER, REVOKE = "/oauth/authorize", "/oauth/token", "/oauth/register", "/oauth/revoke"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """No network, no counts from other tests."""
    nobody_answers(monkeypatch)
    cache.clear()


# --- a whole life, by a client that somebody else wrote


class Browser:
    """A learner's browser: signed in, follows a link, presses a button, and stops where it would leave the site."""

    def __init__(self, learner: User) -> None:
        client = Client()
        client.force_login(learner)
        self.session = requests.Session()
        self.session.cookies.set("sessionid", client.cookies["sessionid"].value)

    def answer(self, url: str, button: str) -> str:
        """Where the browser is sent after the learner pressed `button`."""
        page = self.session.get(url)
        assert page.status_code == 200, page.text
        (form,) = (form for form in forms_of(page.text, url) if "code_challenge" in form.fields)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token
        permissions = [("allow", scope) for scope in form.fields["allow"].options]
        hidden = [(name, one.value) for name, one in form.fields.items() if one.kind == "hidden"]
        body = [*hidden, *permissions, ("answer", button), ("csrfmiddlewaretoken", token[1])]
        answer = self.session.post(url, data=body, headers={"Referer": url}, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]


@pytest.mark.django_db(transaction=True)
def test_authlib_discovers_registers_connects_reads_adds_refreshes_and_revokes(
    live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # this test's server speaks http on this machine
    settings.BASE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    cast = make_cast(NOW)
    award = awards.issue(review=make_review(cast.learner, cast.home.version, NOW), by=None, at=NOW)

    description = requests.get(f"{live_server.url}/ims/ob/v3p0/discovery").json()
    base = description["servers"][0]["url"]
    scheme = description["components"]["securitySchemes"]["OAuth2ACG"]
    flow = scheme["flows"]["authorizationCode"]
    server = requests.get(f"{live_server.url}/.well-known/oauth-authorization-server").json()
    assert server["issuer"] == live_server.url
    assert (server["registration_endpoint"], server["token_endpoint"]) == (
        scheme["x-imssf-registrationUrl"],
        flow["tokenUrl"],
    )

    app = requests.post(
        scheme["x-imssf-registrationUrl"], json=metadata(scope=" ".join([*flow["scopes"], "offline_access"]))
    )
    assert app.status_code == 201
    known = app.json()
    session = OAuth2Session(
        known["client_id"], known["client_secret"], scope=known["scope"], redirect_uri=known["redirect_uris"][0],
        code_challenge_method="S256", token_endpoint_auth_method=known["token_endpoint_auth_method"],
        revocation_endpoint_auth_method="client_secret_basic",
    )  # fmt: skip
    verifier = generate_token(48)
    url, state = session.create_authorization_url(flow["authorizationUrl"], code_verifier=verifier)
    assert create_s256_code_challenge(verifier) in url
    back = Browser(cast.learner).answer(url, "allow")
    told = parse_qs(urlsplit(back).query)
    assert back.startswith(f"{BACK}?") and told["state"] == [state] and told["iss"] == [server["issuer"]]
    assert told["scope"] == [known["scope"]]

    tokens = session.fetch_token(flow["tokenUrl"], authorization_response=back, state=state, code_verifier=verifier)
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 3600, known["scope"])

    listed = session.get(f"{base}/credentials")
    official("getopenbadgecredentialsresponse", listed.json())
    assert award.document.body.encode() in listed.content
    added = session.post(f"{base}/credentials", data=signed(), headers={"Content-Type": "application/json"})
    assert (added.status_code, added.content) == (201, signed())
    assert session.get(f"{base}/credentials").headers["X-Total-Count"] == "2"
    assert session.get(f"{base}/profile").json()["name"] == cast.learner.name

    first = tokens["access_token"]
    renewed = session.refresh_token(flow["refreshUrl"])
    assert renewed["access_token"] != first and renewed["refresh_token"] != tokens["refresh_token"]
    assert session.get(f"{base}/profile").status_code == 200

    gone = session.revoke_token(
        server["revocation_endpoint"], token=renewed["refresh_token"], token_type_hint="refresh_token"
    )
    assert gone.status_code == 200
    assert (
        requests.get(f"{base}/profile", headers={"Authorization": f"Bearer {renewed['access_token']}"}).status_code
        == 401
    )
    with pytest.raises(Exception, match="invalid_grant"):
        session.refresh_token(flow["refreshUrl"], refresh_token=renewed["refresh_token"])

    denied = Browser(cast.learner).answer(
        session.create_authorization_url(flow["authorizationUrl"], code_verifier=verifier)[0], "deny"
    )
    assert parse_qs(urlsplit(denied).query)["error"] == ["access_denied"]


@pytest.mark.django_db(transaction=True)
def test_attack_one_code_or_token_shown_by_two_at_the_same_moment(live_server: Any, settings: Any) -> None:
    """Whatever the two get, neither keeps it: the second showing ends the first one's tokens."""
    cast = make_cast(NOW)
    at = datetime.now(tz=NOW.tzinfo)
    app = make_app(at)
    secret = "s" * 43
    App.objects.update(secret_hash=digest(secret))
    issued = connect(app, cast.learner, at)
    answers: list[int] = []

    def show() -> None:
        form = {"grant_type": "refresh_token", "refresh_token": issued.refresh}
        answers.append(requests.post(f"{live_server.url}{TOKEN}", data=form, auth=(str(app.pk), secret)).status_code)

    threads = [threading.Thread(target=show) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) in ([200, 400], [400, 400])
    assert Connection.objects.get().ended_why == "replay"
    database.close()


# --- registering


def register(**changes: Any) -> Any:
    return Client().post(REGISTER, metadata(**changes), content_type="application/json")


def test_a_registration_comes_back_whole(db: None) -> None:
    answer = register(contacts=["help@wallet.example"], jwks_uri="https://wallet.example/jwks")
    body = answer.json()
    assert answer.status_code == 201 and "no-store" in answer.headers["Cache-Control"]
    sent = metadata(contacts=["help@wallet.example"])
    assert {name: body[name] for name in sent} == sent
    assert set(body) - set(sent) == {"client_id", "client_secret", "client_id_issued_at", "client_secret_expires_at"}
    assert body["client_secret_expires_at"] == 0 and len(body["client_secret"]) >= 43
    assert register().json()["client_id"] != body["client_id"]


@pytest.mark.parametrize(
    "back", ["javascript:alert(1)", "http://wallet.example/back", "https://evil.example/", "data:,x"]
)
def test_attack_a_client_that_registers_where_answers_must_not_go(db: None, back: str) -> None:
    answer = register(redirect_uris=[back])
    assert answer.status_code == 400 and answer.json()["error"] in ("invalid_redirect_uri", "invalid_client_metadata")
    assert not App.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b"[" * 9000,
        b'{"client_name": "a", "client_name": "b"}',
        b'{"client_name": "\\ud800"}',
    ],
)
def test_bodies_that_are_no_registration(db: None, body: bytes) -> None:
    answer = Client().generic("POST", REGISTER, body, CONTENT_TYPE="application/json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


def test_attack_a_huge_registration(db: None) -> None:
    for body in (b'{"client_name": "' + b"x" * 30_000 + b'"}', b" " * 3_000_000):
        answer = Client().generic("POST", REGISTER, body, CONTENT_TYPE="application/json")
        assert answer.status_code in (400, 413) and "error" in answer.json()
    assert register(redirect_uris=[f"{BACK}?{n}" for n in range(11)]).status_code == 400
    assert register(software_id="x" * 201).status_code == 400
    assert Client().post(REGISTER, metadata()).json()["error"] == "invalid_client_metadata"
    assert not App.objects.exists()


def test_attack_registering_without_end(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "REGISTRATIONS_PER_HOUR", 2)
    assert [register().status_code for _ in range(3)] == [201, 201, 429]
    assert App.objects.count() == 2
    assert register().headers["Retry-After"] == "600"


def test_attack_asking_for_tokens_without_end(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "TOKENS_PER_MINUTE", 2)
    guess = {"Authorization": "Basic Z3Vlc3M6Z3Vlc3M="}
    answers = [Client().post(TOKEN, headers=guess) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert answers[2].json()["error"] == "temporarily_unavailable"


# --- asking the learner


@pytest.fixture
def app(db: None, at: datetime) -> App:
    return make_app(at)


def question(app: App | None = None, **changes: str | None) -> str:
    asked = {
        "client_id": str(app.pk) if app else None, "redirect_uri": BACK, "response_type": "code", "scope": app.scope if app else "",
        "state": "s/1", "code_challenge": CHALLENGE, "code_challenge_method": "S256", **changes,
    }  # fmt: skip
    return f"{AUTHORIZE}?{urlencode({name: value for name, value in asked.items() if value is not None})}"


def signed_in(user: User, **more: Any) -> Client:
    client = Client(**more)
    client.force_login(user)
    return client


def consent(client: Client, url: str) -> tuple[Any, Form]:
    page = client.get(url)
    assert page.status_code == 200
    (form,) = (form for form in forms_of(page.content.decode(), url) if "code_challenge" in form.fields)
    return page, form


def body_of(form: Form, *allow: str, answer: str = "allow") -> dict[str, Any]:
    hidden = {name: one.value for name, one in form.fields.items() if one.kind == "hidden"}
    return {**hidden, "allow": list(allow), "answer": answer}


def test_the_page_says_who_asks_for_what_and_until_when(cast: Cast, app: App) -> None:
    page, form = consent(signed_in(cast.learner), question(app))
    text = page.content.decode()
    for words in ("Pebble Wallet", "wallet.example", "Read your credentials", "Change your name and phone", "Until "):
        assert words in text
    for link in (app.uri, app.policy_uri, app.tos_uri):
        assert f'href="{link}" rel="noopener noreferrer nofollow"' in text
    assert form.fields["allow"].options == list(rules.PERMISSIONS)
    assert "no-store" in page.headers["Cache-Control"] or "no-cache" in page.headers["Cache-Control"]
    less, form = consent(
        signed_in(cast.learner), question(make_app(cast.learner.joined_at, grant_types=None, scope=rules.PROFILE_READ))
    )
    assert form.fields["allow"].options == [rules.PROFILE_READ]
    assert "For one hour" in less.content.decode()


def test_the_page_speaks_spanish(cast: Cast, app: App) -> None:
    page = signed_in(cast.learner).get(question(app), headers={"Accept-Language": "es"})
    assert "Leer sus credenciales" in page.content.decode()


def test_somebody_who_is_not_signed_in_comes_back_to_the_question(app: App, cast: Cast) -> None:
    """Also through the mailed code, whose page has to carry the whole question along."""
    answer = Client().get(question(app))
    assert answer.status_code == 302
    (ahead,) = parse_qs(urlsplit(answer.headers["Location"]).query)["next"]
    assert ahead == question(app)
    client = Client()
    sent = client.post("/sign-in/", {"email": cast.learner.email, "next": ahead})
    assert parse_qs(urlsplit(sent.headers["Location"]).query)["next"] == [ahead]
    assert urlencode({"next": ahead})[5:60] in client.get(sent.headers["Location"]).content.decode().replace(
        "&amp;", "&"
    ) or (ahead.replace("&", "&amp;") in client.get(sent.headers["Location"]).content.decode())


def test_the_learner_takes_a_permission_away(cast: Cast, app: App) -> None:
    client = signed_in(cast.learner)
    _page, form = consent(client, question(app))
    answer = client.post(AUTHORIZE, body_of(form, rules.CREDENTIALS_READ))
    told = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert told["scope"] == f"{rules.CREDENTIALS_READ} offline_access" and told["state"] == "s/1"
    assert Code.objects.get().scope == told["scope"]
    nothing = client.post(AUTHORIZE, body_of(form))
    assert (
        nothing.status_code == 422
        and 'href="#allow"' in nothing.content.decode()
        and 'id="allow"' in nothing.content.decode()
    )
    other = client.post(AUTHORIZE, body_of(form, rules.PROFILE_READ))  # the same page, another answer
    assert other.status_code == 409


def test_attack_a_permission_that_was_not_asked_for(cast: Cast, app: App) -> None:
    client = signed_in(cast.learner)
    _page, form = consent(client, question(app, scope=rules.PROFILE_READ))
    assert client.post(AUTHORIZE, body_of(form, *rules.SCOPES)).status_code == 302
    assert Code.objects.get().scope == rules.PROFILE_READ
    narrow = make_app(cast.learner.joined_at, scope=rules.PROFILE_READ)
    wrong = client.get(question(narrow, scope=" ".join(rules.SCOPES)))
    assert wrong.status_code == 400 and "invalid_scope" in wrong.content.decode()


@pytest.mark.parametrize(
    "back",
    [BACK + "/", BACK + "?x=1", BACK + "#x", BACK.replace("https", "http"), BACK.replace("wallet.", "evil.wallet."), "", None,
     "https://wallet.example", BACK.upper(), "https://wallet.example/back/../other", "https://evil.example/", "javascript:alert(1)"],
)  # fmt: skip
def test_attack_a_redirect_that_is_not_exactly_the_registered_one(cast: Cast, app: App, back: str | None) -> None:
    client = signed_in(cast.learner)
    answer = client.get(question(app, redirect_uri=back))
    assert answer.status_code == 404 and "Location" not in answer.headers
    assert 'href="https://' not in answer.content.decode()
    _page, form = consent(client, question(app))
    posted = client.post(AUTHORIZE, {**body_of(form, *rules.PERMISSIONS), "redirect_uri": back or ""})
    assert posted.status_code == 404 and not Code.objects.exists()


@pytest.mark.parametrize("client_id", ["", "x", "00000000-0000-7000-8000-000000000000", "\x00", None])
def test_an_app_that_is_not_known(cast: Cast, app: App, client_id: str | None) -> None:
    assert signed_in(cast.learner).get(question(app, client_id=client_id)).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [{"code_challenge": None, "code_challenge_method": None}, {"code_challenge_method": "plain"}, {"code_challenge_method": None},
     {"response_type": "token"}, {"scope": "openid"}, {"scope": "offline_access"}, {"state": None}, {"state": "\r\nx: y"}],
)  # fmt: skip
def test_attack_a_link_that_sends_people_away(cast: Cast, app: App, changes: dict[str, str | None]) -> None:
    """A wrong request is told here; a registered address does not make this site an open redirector (RFC 9700, 4.11.2)."""
    answer = signed_in(cast.learner).get(question(app, **changes))
    assert answer.status_code == 400 and "Location" not in answer.headers
    text = answer.content.decode()
    assert f'href="{BACK}?error=' in text and "\r" not in text.split('href="https://wallet')[1][:400]


def test_a_parameter_twice(cast: Cast, app: App) -> None:
    client = signed_in(cast.learner)
    assert client.get(question(app) + "&scope=x").status_code == 400
    assert client.get(question(app) + f"&client_id={app.pk}").status_code == 404
    assert client.get(question(app) + "&redirect_uri=https://evil.example/").status_code == 404


def test_attack_a_form_from_another_site_says_yes(cast: Cast, app: App) -> None:
    """Without the page's token nothing is allowed (CSRF at consent)."""
    client = signed_in(cast.learner, enforce_csrf_checks=True)
    _page, form = consent(client, question(app))
    for extra in ({}, {"csrfmiddlewaretoken": "x" * 64}):
        assert client.post(AUTHORIZE, {**body_of(form, *rules.PERMISSIONS), **extra}).status_code == 403
    assert client.get(question(app) + "&answer=allow").status_code == 200
    assert not Code.objects.exists()


def test_attack_the_question_in_a_frame(cast: Cast, app: App) -> None:
    """No page of another site can lay itself over the buttons (clickjacking)."""
    page, _form = consent(signed_in(cast.learner), question(app))
    assert page.headers["X-Frame-Options"] == "DENY"
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://wallet.example" in policy and "script-src 'self'" in policy


def test_attack_a_name_that_is_a_script(cast: Cast, at: datetime) -> None:
    app = make_app(at, client_name="<script>alert(1)</script>")
    page, _form = consent(signed_in(cast.learner), question(app))
    assert "<script>alert(1)" not in page.content.decode()


# --- fetching tokens


def fetch(app: App, at: datetime, **changes: Any) -> Any:
    App.objects.filter(pk=app.pk).update(secret_hash=digest("secret"))
    given = {"grant_type": "refresh_token", "other": "ignored", **changes}
    return Client().post(
        changes.pop("_to", TOKEN), urlencode({k: v for k, v in given.items() if v is not None and k != "_to"}, doseq=True),
        content_type="application/x-www-form-urlencoded", headers={"Authorization": basic(app)},
    )  # fmt: skip


def basic(app: App, secret: str = "secret") -> str:
    return requests.auth._basic_auth_str(str(app.pk), secret)  # type: ignore[no-any-return]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch, at: datetime) -> Iterator[list[datetime]]:
    """The moment of the token endpoint; a test may move it."""
    moment = [at]
    monkeypatch.setattr(oauth, "now", lambda: moment[0])
    yield moment


def code_of(app: App, learner: User) -> str:
    client = signed_in(learner)
    _page, form = consent(client, question(app))
    return dict(
        parse_qsl(urlsplit(client.post(AUTHORIZE, body_of(form, *rules.PERMISSIONS)).headers["Location"]).query)
    )["code"]


def redeem(app: App, at: datetime, code: str, **changes: Any) -> Any:
    return fetch(
        app,
        at,
        **{
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            **changes,
        },
    )


def error(answer: Any) -> str:
    assert answer.status_code in (400, 401), answer.content
    assert "no-store" in answer.headers["Cache-Control"]
    return str(answer.json()["error"])


def test_attack_a_code_replayed(cast: Cast, app: App, at: datetime) -> None:
    code = code_of(app, cast.learner)
    tokens = redeem(app, at, code).json()
    read = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert Client().get(CREDENTIALS, headers=read).status_code == 200
    assert error(redeem(app, at, code)) == "invalid_grant"
    assert Client().get(CREDENTIALS, headers=read).status_code == 401
    assert error(fetch(app, at, refresh_token=tokens["refresh_token"])) == "invalid_grant"


@pytest.mark.parametrize("verifier", [None, "", "w" * 43, CHALLENGE, "v" * 44, "\x00" * 43])
def test_attack_a_code_without_its_verifier(cast: Cast, app: App, at: datetime, verifier: str | None) -> None:
    assert error(redeem(app, at, code_of(app, cast.learner), code_verifier=verifier)) == "invalid_grant"
    assert not Token.objects.exists()


def test_attack_a_code_for_another_address_or_by_another_app(cast: Cast, app: App, at: datetime) -> None:
    thief = make_app(at)
    code = code_of(app, cast.learner)
    assert error(redeem(thief, at, code)) == "invalid_grant"
    assert error(redeem(app, at, code, redirect_uri="https://wallet.example/other")) == "invalid_grant"
    assert not Token.objects.exists()


def test_attack_a_stale_refresh_token_ends_the_family(cast: Cast, app: App, at: datetime, now: list[datetime]) -> None:
    first = connect(app, cast.learner, at)
    second = fetch(app, at, refresh_token=first.refresh).json()
    now[0] += timedelta(minutes=5)
    assert error(fetch(app, at, refresh_token=first.refresh)) == "invalid_grant"
    assert error(fetch(app, at, refresh_token=second["refresh_token"])) == "invalid_grant"
    assert Connection.objects.get().ended_why == "replay"


def test_attack_a_refresh_for_more_than_was_allowed(cast: Cast, app: App, at: datetime, now: list[datetime]) -> None:
    first = connect(app, cast.learner, at, rules.PROFILE_READ)
    assert error(fetch(app, at, refresh_token=first.refresh, scope=rules.PROFILE_WRITE)) == "invalid_scope"


@pytest.mark.parametrize("secret", ["", "wrong", "secret2"])
def test_attack_an_app_with_the_wrong_secret(cast: Cast, app: App, at: datetime, secret: str) -> None:
    fetch(app, at)
    for path in (TOKEN, REVOKE):
        answer = Client().post(
            path,
            "token=x",
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": basic(app, secret)},
        )
        assert (answer.status_code, error(answer)) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_attack_the_secret_in_the_form(app: App, at: datetime) -> None:
    fetch(app, at)
    form = urlencode(
        {"client_id": app.pk, "client_secret": "secret", "grant_type": "refresh_token", "refresh_token": "x"}
    )
    assert error(Client().post(TOKEN, form, content_type="application/x-www-form-urlencoded")) == "invalid_client"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grant_type": None}, "unsupported_grant_type"), ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"), ({"grant_type": ["refresh_token"] * 2}, "invalid_request"),
        ({"refresh_token": None}, "invalid_grant"), ({"refresh_token": "\x00"}, "invalid_grant"), ({"refresh_token": "x" * 9999}, "invalid_grant"),
        ({"grant_type": "authorization_code"}, "invalid_grant"), ({"grant_type": "authorization_code", "code": ["a", "b"]}, "invalid_request"),
    ],
)  # fmt: skip
def test_wrong_token_requests(app: App, at: datetime, changes: dict[str, Any], expected: str) -> None:
    assert error(fetch(app, at, **changes)) == expected


def test_a_grant_that_the_app_did_not_register_for(at: datetime, db: None) -> None:
    assert error(fetch(make_app(at, grant_types=["authorization_code"]), at)) == "unauthorized_client"


def test_forms_only(app: App, at: datetime) -> None:
    fetch(app, at)
    for kind, data in (("application/json", "{}"), ("multipart/form-data; boundary=x", "--x--"), ("text/plain", "a=b")):
        answer = Client().generic("POST", TOKEN, data, CONTENT_TYPE=kind, headers={"Authorization": basic(app)})
        assert error(answer) == "invalid_request"
    big = Client().generic(
        "POST",
        TOKEN,
        b"a=" + b"x" * 3_000_000,
        CONTENT_TYPE="application/x-www-form-urlencoded",
        headers={"Authorization": basic(app)},
    )
    assert big.status_code == 413
    many = Client().generic(
        "POST",
        TOKEN,
        b"&".join(b"a%d=1" % n for n in range(5000)),
        CONTENT_TYPE="application/x-www-form-urlencoded",
        headers={"Authorization": basic(app)},
    )
    assert error(many) == "invalid_request"
    for method in ("GET", "PUT", "DELETE"):
        answer = Client().generic(method, TOKEN)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_giving_tokens_back(cast: Cast, app: App, at: datetime, now: list[datetime]) -> None:
    issued = connect(app, cast.learner, at)
    assert error(fetch(app, at, _to=REVOKE)) == "invalid_request"
    assert error(fetch(app, at, _to=REVOKE, token="x", token_type_hint="id_token")) == "unsupported_token_type"
    assert fetch(app, at, _to=REVOKE, token="unknown").status_code == 200
    assert fetch(app, at, _to=REVOKE, token=issued.access, token_type_hint="access_token").content == b""
    assert Connection.objects.get().ended_at is None
    assert fetch(app, at, _to=REVOKE, token=issued.refresh).status_code == 200
    assert Connection.objects.get().ended_why == "app"


# --- what she has connected


def test_connected_apps_and_disconnecting(cast: Cast, app: App, django_assert_max_num_queries: Any) -> None:
    at = datetime.now(tz=NOW.tzinfo)
    client = signed_in(cast.learner)
    assert "None. When an app" in client.get("/account/apps/").content.decode()
    for n in range(5):
        connect(make_app(at, client_name=f"Wallet {n}"), cast.learner, at, rules.PROFILE_READ, key=f"k{n}")
    other = connect(app, cast.other_learner, at)
    with django_assert_max_num_queries(6):
        page = client.get("/account/apps/").content.decode()
    assert all(f"Disconnect Wallet {n}" in page for n in range(5)) and "Pebble" not in page
    assert page.count("Read your name") == 5 and "Read your credentials" not in page
    row = Connection.objects.get(app__name="Wallet 3")
    answer = client.post(f"/account/apps/{row.pk}/disconnect/", follow=True)
    assert (
        "Wallet 3 is disconnected" in answer.content.decode() and "Disconnect Wallet 3" not in answer.content.decode()
    )
    theirs = Connection.objects.get(learner=cast.other_learner)
    assert client.post(f"/account/apps/{theirs.pk}/disconnect/").status_code == 404
    assert Client().get(CREDENTIALS, headers={"Authorization": f"Bearer {other.access}"}).status_code == 200
