"""The OpenAPI document describes every address for software, no other, and what those really answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import jsonschema_rs
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from openapi_spec_validator import validate

from fieldstone.server.api import described
from fieldstone.server.awards import actions as awards
from fieldstone.server.connections import rules
from tests.api.kit import CREDENTIALS, PROFILE, Wallet, nobody_answers
from tests.awards.makers import ensure_key, make_review
from tests.backpack.makers import signed
from tests.cast import Cast
from tests.connections.kit import metadata

METHODS = {"get", "post", "put", "patch", "delete"}


def addresses() -> set[str]:
    """Every address whose view is in `server/api`, written as OpenAPI writes it."""

    def walk(resolver: URLResolver, before: str) -> Iterator[str]:
        for pattern in resolver.url_patterns:
            here = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, here)
            elif isinstance(pattern, URLPattern) and pattern.callback.__module__.startswith("fieldstone.server.api"):
                yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", here)

    return set(walk(get_resolver(), ""))


def test_every_address_for_software_is_described_and_no_other() -> None:
    described_here = set(described.everything()["paths"])
    assert addresses() - described_here == set(), "describe them in src/fieldstone/server/api/openapi/*.json"
    assert described_here - addresses() == set(), "described, and not there"


def test_both_documents_are_openapi() -> None:
    validate(described.everything())
    validate(described.service_description())
    names = [
        op["operationId"] for path in described.everything()["paths"].values() for m, op in path.items() if m in METHODS
    ]
    assert len(names) == len(set(names))


def test_the_service_description_has_what_the_standard_asks_for() -> None:
    """Open Badges 3.0 sections 6.3 and 7.1.1.1."""
    body = Client().get("/ims/ob/v3p0/discovery").json()
    assert body["openapi"].startswith("3.0.")
    assert set(body["paths"]) == {"/discovery", "/credentials", "/profile"}
    operations = {op["operationId"] for path in body["paths"].values() for op in path.values()}
    assert operations == {"getServiceDescription", "getCredentials", "upsertCredential", "getProfile", "putProfile"}
    assert body["servers"] == [{"url": "http://127.0.0.1:8000/ims/ob/v3p0"}]
    info, scheme = body["info"], body["components"]["securitySchemes"]["OAuth2ACG"]
    for url in (
        info["termsOfService"],
        info["x-imssf-privacyPolicyUrl"],
        info["x-imssf-image"],
        scheme["x-imssf-privacyPolicyUrl"],
        scheme["x-imssf-termsOfServiceUrl"],
    ):
        assert Client().get(url.removeprefix("http://127.0.0.1:8000")).status_code == 200, url
    assert info["title"] and scheme["x-imssf-name"]
    assert (scheme["type"], scheme["x-imssf-registrationUrl"]) == ("oauth2", "http://127.0.0.1:8000/oauth/register")
    flow = scheme["flows"]["authorizationCode"]
    assert set(flow["scopes"]) == set(rules.PERMISSIONS)
    assert flow["tokenUrl"] == flow["refreshUrl"] == "http://127.0.0.1:8000/oauth/token"
    assert flow["authorizationUrl"] == "http://127.0.0.1:8000/oauth/authorize"
    assert "DidDocument" not in body["components"]["schemas"]


def test_authorization_server_metadata() -> None:
    """RFC 8414 section 2, RFC 9207."""
    body = Client().get("/.well-known/oauth-authorization-server").json()
    assert body["issuer"] == "http://127.0.0.1:8000"
    assert body["code_challenge_methods_supported"] == ["S256"] and body["response_types_supported"] == ["code"]
    assert body["authorization_response_iss_parameter_supported"] is True
    for name in ("op_policy_uri", "op_tos_uri", "service_documentation"):
        assert Client().get(body[name].removeprefix("http://127.0.0.1:8000")).status_code == 200


# --- answers fit their schemas


def schema_of(path: str, method: str, status: int, kind: str) -> dict[str, Any]:
    """The schema that the document gives for an answer, with everything it points to."""
    whole = described.everything()
    response = whole["paths"][path][method]["responses"]
    content = (response.get(str(status)) or response["default"])["content"]
    return {**content[kind]["schema"], "components": whole["components"]}


def fits(path: str, method: str, answer: Any) -> None:
    kind = answer.headers["Content-Type"].partition(";")[0]
    validator = jsonschema_rs.Draft202012Validator(
        schema_of(path, method, answer.status_code, kind), validate_formats=True
    )
    wrong = next(validator.iter_errors(answer.json()), None)
    assert wrong is None, f"{method} {path}: {wrong}"


def test_answers_fit_their_schemas(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody_answers(monkeypatch)
    cache.clear()
    monkeypatch.setattr("fieldstone.server.api.badges.now", lambda: at)
    award = awards.issue(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    wallet = Wallet(cast.learner, at)
    client = Client()
    version, organization = cast.home.version.pk, cast.home.organization.pk
    asked = {
        ("/ims/ob/v3p0/credentials", "get"): [wallet.get(CREDENTIALS), wallet.get(f"{CREDENTIALS}?limit=x"), client.get(CREDENTIALS)],
        ("/ims/ob/v3p0/credentials", "post"): [wallet.ask("POST", CREDENTIALS, signed()), wallet.ask("POST", CREDENTIALS, "{}")],
        ("/ims/ob/v3p0/profile", "get"): [wallet.get(PROFILE), client.get(PROFILE)],
        ("/ims/ob/v3p0/profile", "put"): [wallet.ask("PUT", PROFILE, wallet.get(PROFILE).content), wallet.ask("PUT", PROFILE, "[]")],
        ("/ims/ob/v3p0/discovery", "get"): [client.get("/ims/ob/v3p0/discovery")],
        ("/openapi.json", "get"): [client.get("/openapi.json")],
        ("/.well-known/oauth-authorization-server", "get"): [client.get("/.well-known/oauth-authorization-server")],
        ("/oauth/register", "post"): [client.post("/oauth/register", m, content_type="application/json") for m in (metadata(), metadata(scope="x"))],
        ("/oauth/token", "post"): [client.post("/oauth/token"), client.post("/oauth/token", "a=b", content_type="application/x-www-form-urlencoded")],
        ("/oauth/revoke", "post"): [client.post("/oauth/revoke")],
        ("/healthz", "get"): [client.get("/healthz")],
        ("/status/{list_id}", "get"): [client.get(f"/status/{award.slots.get().list_id}")],
        ("/achievements/{version}", "get"): [client.get(f"/achievements/{version}"), client.get(f"/achievements/{version}", headers={"Accept": "application/ld+json"})],
        ("/issuers/{organization}", "get"): [client.get(f"/issuers/{organization}"), client.get(f"/issuers/{cast.away.organization.pk}", headers={"Accept": "application/ld+json"})],
    }  # fmt: skip
    for (path, method), answers in asked.items():
        for answer in answers:
            fits(path, method, answer)


def test_a_did_document_fits_its_schema(cast: Cast, at: datetime, settings: Any) -> None:
    settings.PUBLIC_HTTPS, settings.BASE_URL = True, "https://credentials.example.edu"
    ensure_key(organization=cast.home.organization, at=at)
    for accept in ("*/*", "application/did+json"):
        answer = Client().get("/o/home/did.json", headers={"Accept": accept})
        assert answer.headers["Content-Type"] == ("application/json" if accept == "*/*" else accept)
        fits("/o/{org}/did.json", "get", answer)
