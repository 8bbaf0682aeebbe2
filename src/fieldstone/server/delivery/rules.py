"""Issuing to wallets, decided from plain values: OpenID for Verifiable Credential Issuance 1.0 and the parts of
OAuth 2.0 that it needs. Secrets, moments and random bytes are arguments."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit
from uuid import UUID

from fieldstone import credential
from fieldstone.credential import multibase
from fieldstone.credential.contexts import CREDENTIALS_V2, OPEN_BADGES
from fieldstone.credential.sd_jwt_vc import VCTS
from fieldstone.server.ledger.problems import Refused

OFFER_LIFE: Final = timedelta(minutes=10)
TRIES: Final = 5
CODE_LIFE: Final = timedelta(minutes=1)
REQUEST_LIFE: Final = timedelta(minutes=15)
ACCESS_LIFE: Final = timedelta(minutes=5)
REFRESH_LIFE: Final = timedelta(days=90)
NONCE_LIFE: Final = timedelta(minutes=5)
SKEW: Final = timedelta(minutes=1)
INTERVAL: Final = timedelta(hours=1)
BATCH: Final = 10
PRE_AUTHORIZED: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
REQUEST_URI: Final = "urn:ietf:params:oauth:request_uri:"
GRANTS: Final = (PRE_AUTHORIZED, "authorization_code", "refresh_token")
EVENTS: Final = ("credential_failure", "credential_accepted", "credential_deleted")
"""In the order in which one may follow another."""
KEYS: Final = 50
"""The most copies that one permission gives, each for a key of the wallet."""
PARAMETERS: Final = frozenset(
    [
        "authorization_details", "client_id", "code_challenge", "code_challenge_method", "issuer_state",
        "redirect_uri", "resource", "response_type", "scope", "state",
    ]
)  # fmt: skip
"""Those of an authorization request that are read; others are not kept."""
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_NAME: Final = re.compile(r"[\x21-\x7e]{1,300}")
_REDIRECT: Final = re.compile(r"([a-z][a-z0-9+.-]{1,40}):[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]{1,900}")
_HOST: Final = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[::1\])(?::[0-9]{1,5})?")
_NO_APP: Final = frozenset(
    [
        "about",
        "blob",
        "data",
        "file",
        "filesystem",
        "ftp",
        "intent",
        "jar",
        "javascript",
        "mailto",
        "sms",
        "tel",
        "vbscript",
        "view-source",
        "ws",
        "wss",
    ]
)
"""Schemes that no wallet answers to, or that a browser would act on by itself."""


class Wrong(Refused):
    """A refusal in the words of the standard: `error` for the program, a sentence in English for its makers."""

    def __init__(self, error: str, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.error, self.sentence, self.status = error, sentence, status


class BadToken(Wrong):
    """The access token is missing, unknown, ended, or another issuer's (RFC 6750 section 3.1)."""

    def __init__(self) -> None:
        super().__init__("invalid_token", "The access token is unknown here, or it has ended.", 401)


# --- forms ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """One way to write and sign a credential; `bound` ties the copy to a key of the wallet."""

    format: str
    bound: bool


FORMS: Final[Mapping[str, Form]] = {
    "ldp": Form("ldp_vc", False),
    "ldp.key": Form("ldp_vc", True),
    "jwt": Form("jwt_vc_json", False),
    "jwt.key": Form("jwt_vc_json", True),
    "sd-jwt": Form("dc+sd-jwt", False),
    "sd-jwt.key": Form("dc+sd-jwt", True),
}
"""Suffix of a configuration's name to its form. The first is the very file that was signed at the award."""


def configuration(kind: str, form: str) -> str:
    """The name of a configuration in the issuer's metadata."""
    return f"{kind}.{form}"


def take_apart(name: str) -> tuple[str, Form] | None:
    """The kind and form of a configuration's name; None where it cannot be one."""
    for suffix, form in FORMS.items():
        kind = name.removesuffix(f".{suffix}")
        if kind != name and re.fullmatch(r"[ms]\.[-a-zA-Z0-9_]{1,80}", kind):
            return kind, form
    return None


def form_of(name: str) -> Form:
    """The form of a configuration that is known to be one."""
    parts = take_apart(name)
    assert parts is not None, name
    return parts[1]


# --- secrets --------------------------------------------------------------------------------------------


def _mac(secret: str, purpose: str, data: bytes) -> bytes:
    key = hashlib.sha256(f"fieldstone/delivery/1/{purpose}/{secret}".encode()).digest()
    return hmac.new(key, data, hashlib.sha256).digest()


def derive(secret: str, purpose: str, row: UUID) -> str:
    """A code that only this installation can make for a row: 48 signs, of which 160 bits are a MAC."""
    return multibase.base64url_encode(row.bytes + _mac(secret, purpose, row.bytes)[:20])


def derived_from(secret: str, purpose: str, text: str) -> UUID | None:
    """The row that a derived code is for; None for any other text."""
    try:
        data = multibase.base64url_decode(text) if len(text) == 48 else b""
    except credential.CredentialError:
        return None
    if len(data) != 36 or not hmac.compare_digest(data[16:], _mac(secret, purpose, data[:16])[:20]):
        return None
    return UUID(bytes=data[:16])


def tx_code(secret: str, row: UUID) -> str:
    """The six digits that the page shows beside an offer."""
    return f"{int.from_bytes(_mac(secret, 'tx_code', row.bytes)[:8], 'big') % 1_000_000:06d}"


def make_nonce(secret: str, issuer: str, at: datetime, random: bytes) -> str:
    """A fresh challenge of this issuer: its last second, random bytes, and a MAC over both."""
    data = int((at + NONCE_LIFE).timestamp()).to_bytes(6, "big") + random
    return multibase.base64url_encode(data + _mac(secret, f"nonce/{issuer}", data)[:16])


def nonce_ends(secret: str, issuer: str, nonce: str) -> datetime | None:
    """When a challenge of this issuer ends; None for what is not one."""
    try:
        data = multibase.base64url_decode(nonce) if len(nonce) <= 100 else b""
    except credential.CredentialError:
        return None
    head, mac = data[:-16], data[-16:]
    if len(head) < 6 or not hmac.compare_digest(mac, _mac(secret, f"nonce/{issuer}", head)[:16]):
        return None
    return datetime.fromtimestamp(int.from_bytes(head[:6], "big"), UTC)


# --- addresses and metadata -----------------------------------------------------------------------------


def issuer_id(base_url: str, slug: str) -> str:
    """The Credential Issuer Identifier of an organization, which is its authorization server's name too."""
    return f"{base_url}/o/{slug}"


def endpoint(issuer: str, name: str) -> str:
    """One of the addresses that software asks."""
    return f"{issuer}/openid4vci/{name}"


@dataclass(frozen=True)
class Kind:
    """One credential that an organization gives: a micro-credential (`m.slug`) or a stack (`s.slug`)."""

    id: str
    name: Mapping[str, str]
    summary: Mapping[str, str]
    picture: str


def _display(kind: Kind) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "locale": language,
            "description": kind.summary.get(language, ""),
            "logo": {"uri": kind.picture, "alt_text": name},
        }
        for language, name in kind.name.items()
        if name
    ]


_TYPES: Final = ["VerifiableCredential", "OpenBadgeCredential"]
_ALGORITHMS: Final = ("EdDSA", "Ed25519", "ES256", "ES384")
_METHODS: Final = ("did:key", "did:jwk", "jwk")
_PROFILES: Final[Mapping[str, Mapping[str, Any]]] = {
    "ldp_vc": {
        "credential_signing_alg_values_supported": ["eddsa-rdfc-2022"],
        "credential_definition": {"@context": [CREDENTIALS_V2, OPEN_BADGES], "type": _TYPES},
    },
    "jwt_vc_json": {
        "credential_signing_alg_values_supported": ["EdDSA"],
        "credential_definition": {"type": _TYPES},
    },
    "dc+sd-jwt": {"credential_signing_alg_values_supported": ["EdDSA"], "vct": VCTS["achievement"]},
}


def _supported(kind: Kind, name: str, form: Form) -> dict[str, Any]:
    body: dict[str, Any] = {"format": form.format, "scope": name, **_PROFILES[form.format]}
    if form.bound:
        body["cryptographic_binding_methods_supported"] = list(_METHODS)
        body["proof_types_supported"] = {"jwt": {"proof_signing_alg_values_supported": list(_ALGORITHMS)}}
    return {**body, "credential_metadata": {"display": _display(kind)}}


def issuer_metadata(issuer: str, name: str, kinds: Iterable[Kind], *, languages: Sequence[str]) -> dict[str, Any]:
    """The Credential Issuer Metadata (section 12.2.4)."""
    return {
        "credential_issuer": issuer,
        "credential_endpoint": endpoint(issuer, "credential"),
        "nonce_endpoint": endpoint(issuer, "nonce"),
        "deferred_credential_endpoint": endpoint(issuer, "deferred"),
        "notification_endpoint": endpoint(issuer, "notification"),
        "batch_credential_issuance": {"batch_size": BATCH},
        "display": [{"name": name, "locale": language} for language in languages],
        "credential_configurations_supported": {
            configuration(kind.id, suffix): _supported(kind, configuration(kind.id, suffix), form)
            for kind in kinds
            for suffix, form in FORMS.items()
        },
    }


def server_metadata(issuer: str, *, languages: Sequence[str]) -> dict[str, Any]:
    """The authorization server's metadata (RFC 8414; section 12.3). Wallets are public clients without registration."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/wallet/",
        "token_endpoint": endpoint(issuer, "token"),
        "pushed_authorization_request_endpoint": endpoint(issuer, "par"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANTS),
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_details_types_supported": ["openid_credential"],
        "authorization_response_iss_parameter_supported": True,
        "pre-authorized_grant_anonymous_access_supported": True,
        "ui_locales_supported": list(languages),
    }


# --- offers ---------------------------------------------------------------------------------------------


def offer_object(issuer: str, configurations: Sequence[str], *, code: str, state: str, hint: str) -> dict[str, Any]:
    """A Credential Offer (section 4.1.1): both ways to answer it; `hint` says where the six digits stand."""
    return {
        "credential_issuer": issuer,
        "credential_configuration_ids": list(configurations),
        "grants": {
            "authorization_code": {"issuer_state": state},
            PRE_AUTHORIZED: {
                "pre-authorized_code": code,
                "tx_code": {"input_mode": "numeric", "length": 6, "description": hint},
            },
        },
    }


def offer_link(uri: str) -> str:
    """The link that opens a wallet with an offer by reference (section 4.1.3)."""
    return f"openid-credential-offer://?credential_offer_uri={quote(uri, safe='')}"


# --- what a wallet asks for -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """An authorization request, read. All configurations are of one kind."""

    client_id: str
    redirect_uri: str
    state: str
    challenge: str
    kind: str
    configurations: tuple[str, ...]
    by_details: bool
    issuer_state: str


def read_request(given: Mapping[str, str], *, issuer: str, known: Iterable[str]) -> Asked:
    """Read an authorization request (section 5.1; RFC 6749, 7636, 8707, 9396); raises Wrong.

    `known` are the kinds of the issuer. A redirect address or client that cannot be trusted to be one is refused
    before anything else.
    """
    client, redirect = given.get("client_id", ""), given.get("redirect_uri", "")
    if not _NAME.fullmatch(client):
        raise Wrong("invalid_request", "client_id is missing, too long, or not plain ASCII.")
    if redirect_target(redirect) is None:
        raise Wrong("invalid_request", "redirect_uri must be https, a loopback address, or the scheme of an app.")
    if given.get("response_type") != "code":
        raise Wrong("unsupported_response_type", "response_type must be code.")
    if given.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(given.get("code_challenge", "")):
        raise Wrong("invalid_request", "A code_challenge with the method S256 is needed.")
    if given.get("resource", issuer) != issuer:
        raise Wrong("invalid_target", "resource must be this credential issuer.")
    details = read_details(given["authorization_details"]) if "authorization_details" in given else None
    wanted = details if details is not None else given.get("scope", "").split(" ")
    kinds = set(known)
    found = [name for name in dict.fromkeys(wanted) if (parts := take_apart(name)) and parts[0] in kinds]
    if not found or (details is not None and len(found) != len(set(details))):
        word = "invalid_scope" if details is None else "invalid_authorization_details"
        raise Wrong(word, "Name a credential configuration of this issuer.")
    chosen = {parts[0] for name in found if (parts := take_apart(name))}
    if len(chosen) != 1:
        raise Wrong("invalid_scope", "Ask for one credential at a time, in as many forms as needed.")
    return Asked(
        client_id=client,
        redirect_uri=redirect,
        state=given.get("state", ""),
        challenge=given["code_challenge"],
        kind=chosen.pop(),
        configurations=tuple(found),
        by_details=details is not None,
        issuer_state=given.get("issuer_state", ""),
    )


def read_details(text: str) -> list[str]:
    """The configurations that `authorization_details` names (section 5.1.1); raises Wrong."""
    refusal = Wrong("invalid_authorization_details", "authorization_details must be a list of openid_credential.")
    try:
        listed = credential.loads(text, max_bytes=20_000)
    except credential.CredentialError:
        raise refusal from None
    if not isinstance(listed, list) or not listed:
        raise refusal
    names = []
    for item in listed:
        name = item.get("credential_configuration_id") if isinstance(item, dict) else None
        if not isinstance(name, str) or item.get("type") != "openid_credential":
            raise refusal
        names.append(name)
    return names


def narrowed(allowed: Sequence[str], details: str | None) -> tuple[list[str], bool]:
    """What a token request's `authorization_details` leaves of what was allowed; raises Wrong for more."""
    if details is None:
        return list(allowed), False
    wanted = list(dict.fromkeys(read_details(details)))
    if not set(wanted) <= set(allowed):
        raise Wrong("invalid_authorization_details", "authorization_details asks for more than was allowed.")
    return wanted, True


def redirect_target(uri: str) -> str | None:
    """Where a redirect address leads, for a person (host, or scheme of an app); None for one that we refuse."""
    found = _REDIRECT.fullmatch(uri)
    if found is None:
        return None
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme in ("https", "http"):
        good = _HOST.fullmatch(parts.netloc) and (parts.scheme == "https" or host in ("127.0.0.1", "::1", "localhost"))
        return host if good else None
    return None if parts.scheme in _NO_APP else f"{parts.scheme}:"


def redirect_source(uri: str) -> str:
    """The same for a content security policy: scheme and host, or the scheme of an app."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("https", "http") else f"{parts.scheme}:"


def answer_to(uri: str, answer: Mapping[str, str]) -> str:
    """The redirect address with an authorization response added (RFC 6749 section 4.1.2)."""
    parts = urlsplit(uri)
    query = parse_qsl(parts.query, keep_blank_values=True) + [(name, value) for name, value in answer.items() if value]
    made = urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))
    empty = f"{parts.scheme}://"  # an app's address without a host, which the standard library writes without slashes
    return made.replace(f"{parts.scheme}:", empty, 1) if uri.startswith(empty) and not made.startswith(empty) else made


def identifier(name: str, thing: UUID) -> str:
    """The credential identifier of one learner's credential in one form."""
    return f"{name}:{thing}"


def which(request: Mapping[str, Any], *, allowed: Sequence[str], by_details: bool, thing: UUID) -> str:
    """The configuration that a Credential Request asks for (section 8.2); raises Wrong."""
    named, identified = request.get("credential_configuration_id"), request.get("credential_identifier")
    if (named is None) == (identified is None):
        raise Wrong("invalid_credential_request", "Send either credential_configuration_id or credential_identifier.")
    if by_details:
        found = {identifier(name, thing): name for name in allowed}.get(str(identified))
        if identified is None:
            raise Wrong("invalid_credential_request", "The token came with credential_identifiers: send one of them.")
        if found is None:
            raise Wrong("unknown_credential_identifier", "The credential_identifier is not one of this token's.")
        return found
    if identified is not None:
        raise Wrong("unknown_credential_identifier", "The token came without identifiers: send a configuration's id.")
    if named not in allowed:
        raise Wrong("unknown_credential_configuration", "The access token is not for this configuration.")
    return str(named)
