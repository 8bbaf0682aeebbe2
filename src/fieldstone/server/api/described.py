"""OpenAPI: what this site answers to other software, kept by hand in `openapi/*.json` and held true by tests.

Each file has `tags`, `paths` and `components` of one part. A new address under `server/api` needs a line in one of
them, or a file of its own. Addresses of this installation are put in here.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from fieldstone.server.connections import rules

FOLDER = Path(__file__).with_name("openapi")
VERSION = "1.0"
"""Of what is described here; a change that breaks an app raises the first number."""
BADGES = "/ims/ob/v3p0"
SCOPE_WORDS = {
    rules.CREDENTIALS_READ: "Permission to read the learner's credentials.",
    rules.CREDENTIALS_WRITE: "Permission to add credentials, and to replace them.",
    rules.PROFILE_READ: "Permission to read the learner's name, e-mail address and phone.",
    rules.PROFILE_WRITE: "Permission to change the learner's name and phone.",
}


@cache
def _parts() -> dict[str, Any]:
    whole: dict[str, Any] = {"tags": [], "paths": {}, "components": {"schemas": {}, "securitySchemes": {}}}
    for path in sorted(FOLDER.glob("*.json")):
        part = json.loads(path.read_text(encoding="utf-8"))
        whole["tags"] += part["tags"]
        whole["paths"] |= part["paths"]
        for kind, named in part.get("components", {}).items():
            whole["components"].setdefault(kind, {}).update(named)
    return whole


def _here(name: str) -> str:
    return f"{settings.BASE_URL}{reverse(name)}"


def _security() -> dict[str, Any]:
    """How an app gets a token, with 1EdTech's further members (sections 6.3 and 7.1.1.1)."""
    return {
        "type": "oauth2",
        "description": "OAuth 2.0 Authorization Code Grant authorization, with PKCE (S256)",
        "x-imssf-name": settings.SITE_NAME,
        "x-imssf-privacyPolicyUrl": settings.PRIVACY_URL,
        "x-imssf-termsOfServiceUrl": settings.TERMS_URL,
        "x-imssf-registrationUrl": _here("api:register"),
        "flows": {
            "authorizationCode": {
                "authorizationUrl": _here("learner:authorize"),
                "tokenUrl": _here("api:token"),
                "refreshUrl": _here("api:token"),
                "scopes": SCOPE_WORDS,
            }
        },
    }


def _info(title: str) -> dict[str, Any]:
    return {
        "title": title,
        "version": VERSION,
        "termsOfService": settings.TERMS_URL,
        "x-imssf-privacyPolicyUrl": settings.PRIVACY_URL,
        "x-imssf-image": f"{settings.BASE_URL}{settings.STATIC_URL}fieldstone/icon.svg",
    }


def everything() -> dict[str, Any]:
    """Every address for software, as one OpenAPI document."""
    parts = _parts()
    schemes = {**parts["components"]["securitySchemes"], "OAuth2ACG": _security()}
    return {
        "openapi": "3.0.3",
        "info": _info(settings.SITE_NAME),
        "servers": [{"url": settings.BASE_URL}],
        "tags": parts["tags"],
        "paths": parts["paths"],
        "components": {**parts["components"], "securitySchemes": schemes},
    }


def service_description() -> dict[str, Any]:
    """The Open Badges API alone, as 1EdTech's service description document: paths under `{base}/ims/ob/v3p0`."""
    parts = _parts()
    paths = {name.removeprefix(BADGES): path for name, path in parts["paths"].items() if name.startswith(BADGES)}
    schemas = parts["components"]["schemas"]
    used = _used(paths, schemas)
    return {
        "openapi": "3.0.1",
        "info": _info(settings.SITE_NAME),
        "servers": [{"url": f"{settings.BASE_URL}{BADGES}"}],
        "tags": [tag for tag in parts["tags"] if tag["name"].startswith("Open Badges")],
        "paths": paths,
        "components": {
            "securitySchemes": {"OAuth2ACG": _security()},
            "schemas": {name: schema for name, schema in schemas.items() if name in used},
        },
    }


def _used(value: Any, schemas: dict[str, Any]) -> set[str]:
    """The names of the schemas that a part of the document points to, and those that these point to."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            name = str(here.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in schemas and name not in found:
                found.add(name)
                waiting.append(schemas[name])
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here
    return found
