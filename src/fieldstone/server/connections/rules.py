"""What an app may ask for and how: OAuth 2.0 as Open Badges 3.0 profiles it (section 7), as pure functions.

One grant (authorization code), one way to prove who fetches it (PKCE with S256), one way for an app to say who it is
(its secret in a Basic header). Everything else is refused.
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus, urlencode, urlsplit, urlunsplit

from fieldstone.server.ledger.kept import digest

_OB = "https://purl.imsglobal.org/spec/ob/v3p0/scope/"
CREDENTIALS_READ = f"{_OB}credential.readonly"
CREDENTIALS_WRITE = f"{_OB}credential.upsert"
PROFILE_READ = f"{_OB}profile.readonly"
PROFILE_WRITE = f"{_OB}profile.update"
OFFLINE = "offline_access"
"""Asked for by apps that refresh their tokens (as the examples of the standard do). It opens nothing by itself."""
PERMISSIONS = (CREDENTIALS_READ, CREDENTIALS_WRITE, PROFILE_READ, PROFILE_WRITE)
SCOPES = (*PERMISSIONS, OFFLINE)
ENDINGS = ("learner", "app", "replaced", "replay")
"""Why a connection ended: she disconnected it, the app gave its token back, she connected the app anew, or a code or
refresh token was shown a second time."""

CODE_LIFE = timedelta(minutes=10)
ACCESS_LIFE = timedelta(hours=1)
CONNECTION_LIFE = timedelta(days=180)
UNFINISHED_LIFE = timedelta(days=2)
"""How long an app is kept that nobody ever connected."""

GRANTS = ("authorization_code", "refresh_token")


class OAuthError(Exception):
    """A refusal in the words of RFC 6749 and RFC 7591: `error` is the code, `description` is for developers."""

    def __init__(self, error: str, description: str) -> None:
        self.error, self.description = error, description
        super().__init__(f"{error}: {description}")


# --- an app registers ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Metadata:
    """What an app says of itself. All addresses are https and on one host."""

    name: str
    uri: str
    logo_uri: str
    tos_uri: str
    policy_uri: str
    software_id: str
    software_version: str
    redirect_uris: tuple[str, ...]
    scope: tuple[str, ...]
    grant_types: tuple[str, ...]
    contacts: tuple[str, ...]


def parse_metadata(body: object) -> Metadata:
    """Read a registration request (Open Badges 3.0 section 7.1.1.2). Raises OAuthError; unknown members are ignored."""
    if not isinstance(body, dict):
        raise OAuthError("invalid_client_metadata", "The request must be a JSON object.")
    method = body.get("token_endpoint_auth_method", "client_secret_basic")
    if method != "client_secret_basic":
        raise OAuthError("invalid_client_metadata", "token_endpoint_auth_method must be client_secret_basic.")
    grants = _words(body, "grant_types", GRANTS[:1], most=2)
    if "authorization_code" not in grants or not set(grants) <= set(GRANTS):
        raise OAuthError("invalid_client_metadata", "grant_types must be authorization_code, and refresh_token or not.")
    if _words(body, "response_types", ("code",), most=1) != ("code",):
        raise OAuthError("invalid_client_metadata", "response_types must be code.")
    scope = tuple(word for word in SCOPES if word in _text(body, "scope", 2000).split())
    if not set(scope) & set(PERMISSIONS):
        raise OAuthError("invalid_client_metadata", "scope names nothing that is offered here.")
    parsed = Metadata(
        name=_text(body, "client_name", 100),
        uri=_address(body.get("client_uri"), "client_uri"),
        logo_uri=_address(body.get("logo_uri"), "logo_uri"),
        tos_uri=_address(body.get("tos_uri"), "tos_uri"),
        policy_uri=_address(body.get("policy_uri"), "policy_uri"),
        software_id=_text(body, "software_id", 200),
        software_version=_text(body, "software_version", 200),
        redirect_uris=_redirects(body.get("redirect_uris")),
        scope=scope,
        grant_types=grants,
        contacts=_words(body, "contacts", (), most=5),
    )
    addresses = (parsed.uri, parsed.logo_uri, parsed.tos_uri, parsed.policy_uri)
    if len({urlsplit(address).hostname for address in (*addresses, *parsed.redirect_uris)}) != 1:
        raise OAuthError("invalid_client_metadata", "All addresses must have the same host name.")
    return parsed


def _redirects(given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not 1 <= len(given) <= 10:
        raise OAuthError("invalid_redirect_uri", "redirect_uris must be a list of one to ten addresses.")
    return tuple(dict.fromkeys(_address(one, "redirect_uris", "invalid_redirect_uri") for one in given))


def _address(given: object, member: str, error: str = "invalid_client_metadata") -> str:
    """An https address with a name for its host, without user, fragment, or signs that mean something elsewhere."""
    host = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
    rest = r"(?::[0-9]{1,5})?(?:/[!$%&'()*+,./0-9:;=@A-Z_a-z~-]*)?(?:\?[!$%&'()*+,./0-9:;=?@A-Z_a-z~-]*)?"
    if isinstance(given, str) and len(given) <= 500 and re.fullmatch(rf"https://{host}{rest}", given):
        return given
    raise OAuthError(error, f"{member} must be an https address on a named host, without fragment.")


def _text(body: Mapping[str, Any], member: str, most: int) -> str:
    """A required line of text: no control or invisible signs, which could make one name look like another."""
    given = body.get(member)
    if isinstance(given, str):
        tidy = " ".join(given.split())
        if 1 <= len(tidy) <= most and not any(unicodedata.category(sign).startswith("C") for sign in tidy):
            return tidy
    raise OAuthError("invalid_client_metadata", f"{member} must be a text of 1 to {most} signs.")


def _words(body: Mapping[str, Any], member: str, default: tuple[str, ...], *, most: int) -> tuple[str, ...]:
    given = body.get(member)
    if given is None:
        return default
    if isinstance(given, list) and len(given) <= most:
        return tuple(dict.fromkeys(_text({member: one}, member, 200) for one in given))
    raise OAuthError("invalid_client_metadata", f"{member} must be a list of at most {most} texts.")


# --- a learner is asked -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What an app asks a learner for, once it is known who asks and where the answer goes."""

    redirect_uri: str
    scope: tuple[str, ...]
    state: str
    challenge: str


def one(params: Mapping[str, Sequence[str]], name: str) -> str:
    """The value of a parameter, "" if it is missing. Raises OAuthError if it stands there twice (RFC 6749, 3.1)."""
    values = params.get(name, ())
    if len(values) > 1:
        raise OAuthError("invalid_request", f"{name} stands there more than once.")
    return values[0] if values else ""


def parse_request(params: Mapping[str, Sequence[str]], *, redirect_uri: str, offered: Iterable[str]) -> Asked:
    """Read the rest of an authorization request, whose app and `redirect_uri` are known by now. Raises OAuthError.

    `offered` is the scope that the app registered: it never gets more than that.
    """
    if one(params, "response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type must be code.")
    challenge = one(params, "code_challenge")
    if one(params, "code_challenge_method") != "S256" or not re.fullmatch(r"[A-Za-z0-9_-]{43}", challenge):
        raise OAuthError("invalid_request", "A code_challenge with code_challenge_method=S256 is required.")
    state = one(params, "state")
    if not re.fullmatch(r"[\x20-\x7e]{1,1000}", state):
        raise OAuthError("invalid_request", "A state of printable ASCII is required.")
    wanted = one(params, "scope").split()
    if not set(wanted) <= set(offered) or not set(wanted) & set(PERMISSIONS):
        raise OAuthError("invalid_scope", "scope must name what the app registered, and nothing else.")
    return Asked(redirect_uri, tuple(word for word in SCOPES if word in wanted), state, challenge)


def granted(asked: Asked, kept: Iterable[str]) -> tuple[str, ...]:
    """What a learner allows of what was asked; `kept` are the permissions that she left on. () if that is nothing."""
    kept = set(kept)
    left = tuple(word for word in asked.scope if word in kept or word == OFFLINE)
    return left if set(left) & set(PERMISSIONS) else ()


def with_answer(redirect_uri: str, answer: Mapping[str, str]) -> str:
    """The app's address with the answer in its query."""
    parts = urlsplit(redirect_uri)
    query = "&".join(part for part in (parts.query, urlencode(answer)) if part)
    return urlunsplit(parts._replace(query=query))


def origin(address: str) -> str:
    """Scheme, host and port of an address: what a browser asks permission for."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


# --- an app fetches its tokens ------------------------------------------------------------------------


def matches(secret: str, kept: str) -> bool:
    """Whether a secret is the one whose digest is kept, in the same time either way."""
    return hmac.compare_digest(digest(secret), kept)


def narrowed(wanted: str, granted: Iterable[str]) -> tuple[str, ...]:
    """The scope of a refreshed token: what was granted, or the part of it that is asked for. Raises OAuthError."""
    granted = tuple(granted)
    if not wanted.split():
        return granted
    if not set(wanted.split()) <= set(granted):
        raise OAuthError("invalid_scope", "A refreshed token never opens more than the learner allowed.")
    return tuple(word for word in granted if word in wanted.split())


def basic(header: str) -> tuple[str, str] | None:
    """`client_id` and `client_secret` of an Authorization header (RFC 6749, section 2.3.1); None if it holds none."""
    kind, _space, given = header.partition(" ")
    if kind.lower() != "basic" or len(given) > 1000:
        return None
    try:
        name, colon, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except ValueError:  # not base64, not ASCII, not UTF-8
        return None
    return (unquote_plus(name), unquote_plus(secret)) if colon else None


def bearer(header: str) -> str | None:
    """The token of an Authorization header (RFC 6750, section 2.1); None if it holds none."""
    found = re.fullmatch(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/=-]{1,200})", header.strip())
    return found[1] if found else None
