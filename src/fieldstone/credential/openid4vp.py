"""OpenID for Verifiable Presentations 1.0: a verifier's signed question, and a holder's answer to it.

The verifier is named by a DID (client identifier prefix `decentralized_identifier`, section 5.9.3) and signs what it
asks, so that the holder knows who asks; the answer is posted to it (`direct_post`, section 8.2). Sending is others'
work: values go in and come out.

A verifier::

    claims = build_request(did=key.controller, response_uri=…, query=query, nonce=…, state=…, at=…, ends=…, name=…)
    token = sign_request(claims, key=key)  # application/oauth-authz-req+jwt, at the request_uri
    result = verify_answer(vp_token, query=query, nonce=…, client_id=…, resolver=…, at=…)
    result.faults, result.presented

A holder::

    request = read_request(token, client_id=…, resolver=…, at=…)
    found = dcql.answer(request.query, [held(document, …), …])
    vp_token = {"part": [present(document, request=request, key=key, at=…)]}
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fieldstone.credential import checks, dcql, jwt, methods, sd_jwt
from fieldstone.credential.contexts import KNOWN, Contexts
from fieldstone.credential.dcql import JWT_VC, LDP_VC, SD_JWT, Fault, Held, Part, Place, Query
from fieldstone.credential.errors import ParseError, ProofError
from fieldstone.credential.jsontext import check_tree
from fieldstone.credential.keys import Signer
from fieldstone.credential.policy import Policy
from fieldstone.credential.presentations import (
    PresentationReport,
    build_presentation,
    sign_presentation,
    sign_presentation_jwt,
    verify_presentation,
)
from fieldstone.credential.report import Check, Outcome, Report, Verdict
from fieldstone.credential.resolver import Once, Resolver

PREFIX: Final = "decentralized_identifier:"
REQUEST_TYPE: Final = "oauth-authz-req+jwt"
ANYBODY: Final = "https://self-issued.me/v2"
"""The audience of a request whose wallet is not known beforehand (section 5.8)."""
FORMATS: Final[Mapping[str, Any]] = {
    LDP_VC: {
        "proof_type_values": ["DataIntegrityProof", "Ed25519Signature2020"],
        "cryptosuite_values": ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"],
    },
    JWT_VC: {"alg_values": ["EdDSA", "ES256", "ES384"]},
    SD_JWT: {"sd-jwt_alg_values": ["EdDSA", "ES256", "ES384"], "kb-jwt_alg_values": ["EdDSA", "ES256", "ES384"]},
}
"""What this verifier reads, as `vp_formats_supported`."""
_SIGNED: Final = frozenset({"proof", "key", "signature", "controller"})
"""The checks that say who signed: without each of them passed, an issuer is only what the document says of itself."""
_SAFE: Final = re.compile(r"[A-Za-z0-9._~-]{1,500}")
_URL: Final = re.compile(r"https?://[\x21-\x7e]{1,2000}")


# --- the question -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """A verifier's question as a holder's software read it; `did` signed it. `name` is what it calls itself."""

    client_id: str
    did: str
    response_uri: str
    response_mode: str
    nonce: str
    state: str | None
    query: Query
    name: str
    metadata: Mapping[str, Any]


def build_request(
    *, did: str, response_uri: str, query: Query, nonce: str, state: str, at: datetime, ends: datetime, name: str = ""
) -> dict[str, Any]:
    """The claims of a request object (section 5). `nonce` and `state` are fresh secrets of at least 128 bits."""
    return {
        "aud": ANYBODY,
        "iat": int(at.timestamp()),
        "exp": int(ends.timestamp()),
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "client_id": PREFIX + did,
        "response_uri": response_uri,
        "nonce": nonce,
        "state": state,
        "dcql_query": query.to_json(),
        "client_metadata": {**({"client_name": name} if name else {}), "vp_formats_supported": dict(FORMATS)},
    }


def sign_request(claims: Mapping[str, Any], *, key: Signer) -> str:
    """The request object as a compact JWT; raises ProofError where the key is not that of the DID that asks."""
    if claims.get("client_id") != PREFIX + key.controller:
        raise ProofError("wrong_controller", "The key does not belong to the one who asks.")
    return jwt.write({"typ": REQUEST_TYPE, "kid": key.id}, claims, key)


def read_request(text: str, *, client_id: str, resolver: Resolver, at: datetime) -> Request:
    """A request object that was fetched for `client_id`, its signature checked (sections 5.8 to 5.10).

    Raises ParseError or ProofError (`bad_request`, `unknown_client`, …), KeyFormatError, Missing, Unreachable.
    """
    token = jwt.read(text)
    claims = token.claims
    check_tree(claims)
    kind = jwt.check_head(token, frozenset({REQUEST_TYPE}))
    if token.header.get("typ") != REQUEST_TYPE:
        raise _bad("The request is not a request object.")
    if claims.get("client_id") != client_id:
        raise _bad("The request names another client than its link.")
    if not client_id.startswith(PREFIX + "did:"):
        raise ProofError("unknown_client", "We answer only those who sign with a DID of theirs.")
    did, kid = client_id.removeprefix(PREFIX), token.header.get("kid")
    if not isinstance(kid, str) or kid.partition("#")[0] != did:
        raise ProofError("wrong_controller", "The request is not signed by the one whom it names.")
    method = methods.find(kid, resolver)
    if method.controller != did or method.key.kind != kind or (method.revoked is not None and method.revoked <= at):
        raise ProofError("wrong_controller", "The key is not one that the asker signs with.")
    if not jwt.signature_matches(token, method.key):
        raise ProofError("bad_signature", "The request was changed after it was signed.")
    _check_claims(claims, at)
    metadata = claims.get("client_metadata", {})
    name = metadata.get("client_name") if isinstance(metadata, Mapping) else None
    return Request(
        client_id=client_id,
        did=did,
        response_uri=claims["response_uri"],
        response_mode=claims["response_mode"],
        nonce=claims["nonce"],
        state=claims.get("state"),
        query=dcql.parse(claims.get("dcql_query")),
        name=_line(name)[:200] if isinstance(name, str) else "",
        metadata=metadata if isinstance(metadata, Mapping) else {},
    )


def _line(text: str) -> str:
    """One line without control signs and halves of signs, which no screen shows and no database keeps."""
    clean = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text)
    return " ".join(clean.split())


def _check_claims(claims: Mapping[str, Any], at: datetime) -> None:
    audience, start, end = claims.get("aud"), jwt.moment(claims.get("nbf")), jwt.moment(claims.get("exp"))
    if ANYBODY not in (audience if isinstance(audience, list) else [audience]):
        raise _bad("The request is meant for another wallet.")
    if ("exp" in claims and (end is None or end <= at)) or ("nbf" in claims and (start is None or start > at)):
        raise ProofError("expired", "The request is not for now.")
    if claims.get("response_type") != "vp_token" or claims.get("response_mode") != "direct_post":
        raise _bad("The request wants an answer of a kind that we do not give.")
    if "redirect_uri" in claims or "scope" in claims or "transaction_data" in claims:
        raise _bad("The request asks for more than we know how to answer.")
    for name, form in (("response_uri", _URL), ("nonce", _SAFE), ("state", _SAFE)):
        value = claims.get(name)
        if name == "state" and value is None:
            continue
        if not isinstance(value, str) or form.fullmatch(value) is None:
            raise _bad(f"The request's {name} cannot be used.")


def _bad(detail: str) -> ParseError:
    return ParseError("bad_request", detail)


# --- the holder's answer ------------------------------------------------------------------------------


def held(credential: Mapping[str, Any] | str, *, id: str = "", bound: bool = False, contexts: Contexts = KNOWN) -> Held:
    """A signed credential (a document, a compact JWT or an SD-JWT) as a query sees it; raises ParseError."""
    if isinstance(credential, str) and sd_jwt.looks_like_sd_jwt(credential):
        return _held_parts(sd_jwt.read(credential), id=id, bound=bound)
    if isinstance(credential, str):
        document, form = jwt.read(credential).credential, JWT_VC
    else:
        document, form = dict(credential), LDP_VC
    return Held(id, form, document, types=dcql.expanded_types(document, contexts), bound=bound)


def _held_parts(token: sd_jwt.SdJwt, *, id: str, bound: bool) -> Held:
    return Held(id, SD_JWT, token.claims, vct=str(token.token.claims.get("vct", "")), bound=bound)


def present(
    credential: Mapping[str, Any] | str,
    *,
    request: Request,
    key: Signer,
    at: datetime,
    places: Sequence[Place] = (),
) -> dict[str, Any] | str:
    """One credential in a presentation that its holder signs for this request (appendix B).

    `places` are the claims of an SD-JWT to disclose, as `dcql.Match` names them. Raises ParseError, ProofError.
    """
    if isinstance(credential, str) and sd_jwt.looks_like_sd_jwt(credential):
        shown = sd_jwt.present(credential, places)
        return sd_jwt.bind(shown, key=key, nonce=request.nonce, audience=request.client_id, at=at)
    document = build_presentation([credential], holder=key.controller)
    if isinstance(credential, str):
        return sign_presentation_jwt(document, key=key, challenge=request.nonce, domain=request.client_id)
    return sign_presentation(document, key=key, created=at, challenge=request.nonce, domain=request.client_id)


# --- the verifier's check -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Presented:
    """One credential that was shown: the part it answers, itself as it was signed (an SD-JWT with what was disclosed,
    without its holder's proof), the checks of its presentation (none where there is none around it), its report."""

    part: str
    signed: dict[str, Any] | str
    checks: tuple[Check, ...]
    credential: Report
    held: Held

    @property
    def bound(self) -> bool:
        """Whether its holder has just proved to hold the key that the credential names."""
        return self.held.bound


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """What came, and every reason not to take it. Without faults it is what was asked for, signed by its issuer, and
    nothing in it is false; `verdict` says whether everything could be checked, too."""

    presented: tuple[Presented, ...]
    faults: tuple[Fault, ...]

    @property
    def verdict(self) -> Verdict:
        """As for a credential, over the whole answer."""
        if self.faults:
            return Verdict.NOT_VERIFIED
        if any(each.credential.verdict is not Verdict.VERIFIED for each in self.presented):
            return Verdict.COULD_NOT_TELL
        return Verdict.VERIFIED


def verify_answer(
    vp_token: Any,
    *,
    query: Query,
    nonce: str,
    client_id: str,
    resolver: Resolver,
    at: datetime,
    policy: Policy | None = None,
    contexts: Contexts = KNOWN,
) -> AnswerReport:
    """Check a `vp_token` (parsed JSON) against what was asked (section 8.6).

    Every presentation must be made for this nonce and this client identifier by the holder whom its one credential
    names, unless its part does without; a credential that names a holder's key is never taken without that proof.
    Raises CredentialError only where `at` has no time zone.
    """
    try:
        answers = dcql.read_answer(query, vp_token)
    except ParseError as error:
        return AnswerReport((), (Fault("", error.code, error.detail),))
    presented: list[Presented] = []
    faults: list[Fault] = []
    resolver = Once(resolver)  # what may be asked is counted over the whole answer
    for name, items in answers.items():
        part = query.part(name)
        assert part is not None, "read_answer lets in no other"
        for item in items:
            one = _Reading(part, nonce, client_id, resolver, at, policy, contexts).read(item)
            faults += one if isinstance(one, list) else _problems(one)
            presented += [] if isinstance(one, list) else [one]
    if not faults:
        shown = {name: [each.held for each in presented if each.part == name] for name in answers}
        faults = dcql.faults(query, shown)
    return AnswerReport(tuple(presented), tuple(faults))


def _problems(one: Presented) -> list[Fault]:
    """The first check of the credential that failed, or that left open who signed it; its presentation was checked
    before it was read."""
    found = [
        Fault(one.part, check.code, check.detail)
        for check in one.credential.checks
        if check.outcome is Outcome.FAILED or (check.name in _SIGNED and check.outcome is not Outcome.PASSED)
    ]
    if not found and one.credential.check("signature") is None:
        found = [Fault(one.part, "not_signed", "We could not read who signed it.")]
    return found[:1]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading one presentation needs."""

    part: Part
    nonce: str
    client_id: str
    resolver: Resolver
    at: datetime
    policy: Policy | None
    contexts: Contexts

    def read(self, item: str | dict[str, Any]) -> Presented | list[Fault]:
        """The presentation with its credential, or why it cannot be one."""
        if self.part.format == SD_JWT and isinstance(item, str):
            return self._parts(item)
        if self.part.format not in (LDP_VC, JWT_VC) or isinstance(item, str) is not (self.part.format == JWT_VC):
            return self._fault("wrong_format", "It is not in the format that was asked for.")
        return self._bound(item) if self.part.bound else self._bare(item)

    def _bound(self, item: str | dict[str, Any]) -> Presented | list[Fault]:
        """A presentation that its holder signed."""
        report: PresentationReport = verify_presentation(
            item, resolver=self.resolver, at=self.at, challenge=self.nonce, domain=self.client_id,
            policy=self.policy, contexts=self.contexts,
        )  # fmt: skip
        broken = [check for check in report.checks if check.outcome is not Outcome.PASSED]
        if broken:
            return self._fault(broken[0].code, broken[0].detail)
        if len(report.credentials) != 1:
            return self._fault("not_one", "A presentation must hold the one credential that was asked for.")
        inner = report.credentials[0]
        recipient = inner.check("recipient")
        if inner.verdict is not Verdict.NOT_VERIFIED and (recipient is None or recipient.code != "holder_proved"):
            return self._fault("of_another", "The credential is about someone other than the one who shows it.")
        held = (report.document or {}).get("verifiableCredential")
        signed: Any = held[0] if isinstance(held, list) else held
        if isinstance(item, str):
            signed = str(signed["id"]).removeprefix(checks.ENVELOPES["EnvelopedVerifiableCredential"])
        return self._presented(signed, report.checks, inner, bound=True)

    def _parts(self, item: str) -> Presented | list[Fault]:
        """An SD-JWT, with its holder's key binding unless it does without."""
        asked = (self.nonce, self.client_id) if self.part.bound else (None, None)
        inner = checks.verify(
            item, resolver=self.resolver, at=self.at, policy=self.policy, contexts=self.contexts,
            challenge=asked[0], domain=asked[1],
        )  # fmt: skip
        try:
            token = sd_jwt.read(item)
        except ParseError as error:
            return self._fault(error.code, error.detail)
        if token.token.type != SD_JWT:
            return self._fault("wrong_format", "It is not in the format that was asked for.")
        if not self.part.bound and "cnf" in token.token.claims:
            return self._fault("needs_holder", "This credential names its holder's key, who must sign to show it.")
        held = _held_parts(token, id="", bound=self.part.bound)
        return Presented(self.part.id, token.text, (), inner, held)

    def _bare(self, item: str | dict[str, Any]) -> Presented | list[Fault]:
        """A credential by itself."""
        inner = checks.verify(item, resolver=self.resolver, at=self.at, policy=self.policy, contexts=self.contexts)
        subject = (inner.document or {}).get("credentialSubject")
        named = subject.get("id") if isinstance(subject, dict) else None
        if isinstance(named, str) and named.startswith("did:"):
            return self._fault("needs_holder", "This credential names its holder's key, who must sign to show it.")
        return self._presented(item, (), inner, bound=False)

    def _presented(
        self, signed: dict[str, Any] | str, checked: tuple[Check, ...], inner: Report, *, bound: bool
    ) -> Presented:
        document = inner.document or {}
        types = dcql.expanded_types(document, self.contexts)
        held = Held("", self.part.format, document, types=types, bound=bound)
        return Presented(self.part.id, signed, checked, inner, held)

    def _fault(self, code: str, detail: str) -> list[Fault]:
        return [Fault(self.part.id, code, detail)]
