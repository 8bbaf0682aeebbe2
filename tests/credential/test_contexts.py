"""The shipped contexts: unmodified, and the same as the published ones."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import Path

import pytest

from fieldstone.credential.contexts import KNOWN, PINNED, Contexts
from fieldstone.credential.errors import JsonLdError
from tests.credential.shared import DATA, needs_data

# Packages print these with other white space or member order than the published file; the content is the same.
SAME_CONTENT = {
    "credentials-v1.jsonld",
    "did-v1.jsonld",
    "ob-v3p0-context.json",
    "ob-v3p0-context-3.0.1.json",
    "ob-v3p0-context-3.0.2.json",
    "ob-v3p0-extensions.json",
}
# Published contexts that no registry package carries and no check of ours needs.
NOT_SHIPPED = {
    "https://w3id.org/security/jwk/v1",
    "https://purl.imsglobal.org/spec/clr/v2p0/context.json",
    "https://w3id.org/openbadges/v2",
}


def _manifest() -> dict[str, dict[str, str]]:
    rows = json.loads((DATA / "contexts" / "manifest.json").read_text())
    return {row["url"]: row for row in rows}


@needs_data
def test_every_shipped_context_is_the_published_one() -> None:
    manifest = _manifest()
    assert manifest.keys() - PINNED.keys() == NOT_SHIPPED
    for url, (name, digest) in PINNED.items():
        shipped = (files("fieldstone.credential.contexts") / name).read_bytes()
        published = (DATA / "contexts" / manifest[url]["file"]).read_bytes()
        assert hashlib.sha256(shipped).hexdigest() == digest
        assert hashlib.sha256(published).hexdigest() == manifest[url]["sha256"]
        assert json.loads(shipped) == json.loads(published), name
        assert (digest == manifest[url]["sha256"]) == (name not in SAME_CONTENT), name


def test_notice_names_every_shipped_context() -> None:
    notice = (Path(__file__).parents[2] / "NOTICE").read_text()
    for name, _ in PINNED.values():
        assert name in notice


def test_an_unknown_context_is_an_error() -> None:
    assert "https://example.org/c" not in KNOWN
    with pytest.raises(JsonLdError) as caught:
        KNOWN.document("https://example.org/c")
    assert caught.value.code == "unknown_context"


def test_a_changed_copy_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {"https://example.org/c": ("credentials-v2.jsonld", "0" * 64)}
    monkeypatch.setattr("fieldstone.credential.contexts.PINNED", changed)
    with pytest.raises(JsonLdError) as caught:
        Contexts().document("https://example.org/c")
    assert caught.value.code == "changed_context"
