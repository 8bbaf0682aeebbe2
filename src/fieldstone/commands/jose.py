"""`fieldstone jose issue|verify --input F --key F --feature F [--sd PATHS] --output F`.

The command that the public conformance suite of VC-JOSE-COSE calls. A workbench, like `fieldstone conformance`: the key
comes in a file and is taken as the issuer's, and dates are not looked at; form, type and signature are.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fieldstone.commands.conformance import EXAMPLE_WORDS, EXAMPLES
from fieldstone.credential import Contexts, CredentialError, PublicKey, SigningKey, cose, data_model, jwt, sd_jwt
from fieldstone.credential.errors import KeyFormatError, ParseError, ProofError
from fieldstone.credential.jsontext import loads
from fieldstone.credential.multibase import base64_decode, base64url_decode

FORMS: Final = ("jose", "sdjwt", "cose")
CONTENTS: Final = {"credential": "vc", "presentation": "vp"}
# The members that VC Data Model 2.0 section 4 and 5 define, and the claims registered for JWTs.
_SHARED: Final = frozenset({"@context", "id", "type", "termsOfUse", *jwt.CLAIMS, "cnf", "nonce"})
MEMBERS: Final = {
    "vc": _SHARED
    | {"issuer", "validFrom", "validUntil", "credentialSubject", "credentialStatus", "credentialSchema", "name"}
    | {"description", "evidence", "refreshService", "relatedResource", "confidenceMethod", "renderMethod"},
    "vp": _SHARED | {"holder", "verifiableCredential"},
}
_ENVELOPE: Final = re.compile(r"data:application/vc\+(jwt|sd-jwt|cose;base64),[\x21-\x7e]+\s*")
_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d{1,6})\]")
_TYPES: Final = {"vc": jwt.CREDENTIAL_TYPES, "vp": jwt.PRESENTATION_TYPES}


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked: the content (`vc` or `vp`), its form, and what may be hidden."""

    content: str
    form: str
    hidden: tuple[str, ...]


def run(arguments: list[str], at: datetime) -> int:
    """Sign or check one file; the answer is JSON in another: result and data."""
    parser = argparse.ArgumentParser(
        prog="fieldstone jose", description="Sign or check one file for the conformance suite of VC-JOSE-COSE."
    )
    parser.add_argument("action", choices=("issue", "verify"))
    for name in ("input", "key", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True, metavar="FILE")
    parser.add_argument("--feature", required=True, metavar="NAME", help="such as credential_jose, presentation_cose")
    parser.add_argument("--sd", default="[]", metavar="JSON", help="paths that may be hidden, as a list")
    options = parser.parse_args(arguments)
    content, _, form = options.feature.partition("_")
    if content not in CONTENTS or form not in FORMS:
        return _answer(options.output, "indeterminate", f"We know no feature {options.feature}.", 2)
    try:
        text, key = options.input.read_text("utf-8"), loads(options.key.read_bytes())
        hidden = loads(options.sd)
        if not isinstance(key, dict) or not isinstance(hidden, list):
            raise ParseError("bad_input", "The key must be an object, and --sd a list.")
        task = Task(CONTENTS[content], form, tuple(str(path) for path in hidden))
        data = issue(text, key, task) if options.action == "issue" else verify(text, key, task)
    except (CredentialError, OSError, UnicodeDecodeError) as error:
        return _answer(options.output, "failure", str(error), 1)
    return _answer(options.output, "success", data, 0)


def issue(text: str, key: Mapping[str, Any], task: Task) -> str:
    """The document, secured with the `secretKeyJwk`; raises CredentialError."""
    document = loads(text)
    _check_document(document, task.content)
    signer = _signer(key)
    if task.form == "cose":
        return base64.b64encode(cose.write(task.content, document, signer)).decode()
    kind = "sd-jwt" if task.form == "sdjwt" else "jwt"
    head = {"typ": f"{task.content}+{kind}", "cty": task.content, "kid": signer.id}
    if task.form == "jose":
        return jwt.write(head, document, signer)
    payload, disclosures = sd_jwt.conceal(document, [_path(text) for text in task.hidden])
    return "~".join([jwt.write(head, payload, signer), *disclosures, ""])


def verify(text: str, key: Mapping[str, Any], task: Task) -> str:
    """The document that a token holds, as JSON; raises CredentialError where the `publicKeyJwk` did not secure it."""
    public = PublicKey.from_jwk(key.get("publicKeyJwk"))
    types = _TYPES[task.content]
    if task.form == "cose":
        token = cose.read(base64_decode(text))
        claims: Mapping[str, Any] = token.claims
    elif task.form == "sdjwt":
        parts = sd_jwt.read(text)
        token, claims, types = parts.token, parts.claims, frozenset({f"{task.content}+sd-jwt"})
    else:
        token = jwt.read(text)
        claims = token.claims
    if token.type in {"", "jwt"}:
        raise ProofError("bad_proof", "The token does not say what it is.")
    kind = jwt.check_form(token) if task.form == "jose" and task.content == "vc" else jwt.check_head(token, types)
    if kind != public.kind or not jwt.signature_matches(token, public):
        raise ProofError("wrong_signature", "The token was changed, or signed with another key.")
    _check_document(claims, task.content)
    return json.dumps({name: value for name, value in claims.items() if name not in jwt.CLAIMS}, ensure_ascii=False)


def _check_document(document: Any, content: str) -> None:
    """Its form, its members, and that a presentation holds nothing but secured credentials."""
    if not isinstance(document, Mapping):
        raise ParseError("not_object", "The document is not a JSON object.")
    contexts = Contexts({EXAMPLES: EXAMPLE_WORDS})
    problems = data_model.problems if content == "vc" else data_model.presentation_problems
    found = problems(document, contexts)
    found += [f"{name} is no member that we know." for name in document if name not in MEMBERS[content]]
    party, claim = document.get("issuer" if content == "vc" else "holder"), document.get("iss")
    if claim is not None and claim != (party.get("id") if isinstance(party, Mapping) else party):
        found.append("iss is not what the document says.")
    if content == "vp":
        inner = document.get("verifiableCredential", [])
        if not all(_is_envelope(item) for item in (inner if isinstance(inner, list) else [inner])):
            found.append("Each credential of a presentation must stand in an envelope.")
    if found:
        raise ProofError("wrong_shape", " ".join(found[:5]))


def _is_envelope(item: Any) -> bool:
    if not isinstance(item, Mapping) or item.get("type") != "EnvelopedVerifiableCredential":
        return False
    return _ENVELOPE.fullmatch(str(item.get("id"))) is not None


def _signer(key: Mapping[str, Any]) -> SigningKey:
    secret = key.get("secretKeyJwk")
    if not isinstance(secret, Mapping) or not isinstance(secret.get("d"), str):
        raise KeyFormatError("bad_key", "The file holds no secret JSON Web Key.")
    signer = SigningKey.from_seed(base64url_decode(secret["d"]), kind=str(secret.get("crv")))
    controller, _, fragment = str(key.get("id", signer.id)).partition("#")
    return signer.controlled_by(controller, fragment=fragment)


def _path(text: str) -> sd_jwt.Path:
    """`credentialSubject.phoneNumbers[0]` as a path."""
    return [name or int(place) for name, place in _STEP.findall(text)]


def _answer(file: Path, result: str, data: str, status: int) -> int:
    try:
        file.write_text(json.dumps({"result": result, "data": data}, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        print(f"jose: {file} could not be written: {error.strerror}", file=sys.stderr)
        return 2
    return status
