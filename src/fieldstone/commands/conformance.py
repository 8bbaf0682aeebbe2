"""`fieldstone conformance --port N [--tls]`: the HTTP contract that public conformance suites talk to.

A workbench, never the public API: it signs whatever it is given with keys made at start, lets documents bring contexts
of their own, and puts its own did:key in the place of foreign issuers. It listens on the loopback address only.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import random
import re
import ssl
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fieldstone.credential import (
    Check,
    Contexts,
    CredentialError,
    Offline,
    Outcome,
    Unreachable,
    add_proof,
    attached,
    build_list,
    data_model,
    derive,
    dumps,
    generate_key,
    loads,
    sign,
    sign_jwt,
    sign_selective,
    verify,
    verify_presentation,
)
from fieldstone.credential.contexts import CREDENTIALS_V1, CREDENTIALS_V2, DID, MULTIKEY, PINNED, pinned
from fieldstone.credential.did import is_did, resolve_offline
from fieldstone.credential.errors import KeyFormatError
from fieldstone.credential.jsonld import to_quads
from fieldstone.credential.multibase import decode
from fieldstone.credential.proofs import MAX_PROOFS

LARGEST: Final = 4 * 1024 * 1024
# The namespace of the standards' examples, which suites use for words of their own.
EXAMPLES: Final = "https://www.w3.org/ns/credentials/examples/v2"
EXAMPLE_WORDS: Final = {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
# The same address answered otherwise while the standard was a draft (its Candidate Recommendation names the sha256
# 24a18c90…); suites still state these digests of that draft, whose bytes we do not keep.
DRAFT_DIGESTS: Final = frozenset(
    {
        (CREDENTIALS_V2, "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"),
        (CREDENTIALS_V2, "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"),
    }
)
RESOLUTION: Final = "https://w3id.org/did-resolution/v1"
# Kinds of keys that the did:key method knows but keeps for experiments (section 3.1.1 of its specification).
EXPERIMENTAL_KEYS: Final = frozenset({"Ed25519VerificationKey2018", "X25519KeyAgreementKey2019"})
DATA_INTEGRITY_CONTEXT: Final = "https://w3id.org/security/data-integrity/v2"
# prefix -> the kind of key, the suite or form
VARIANTS: Final = {
    "": ("Ed25519", "eddsa-rdfc-2022"),
    "/eddsa-rdfc-2022": ("Ed25519", "eddsa-rdfc-2022"),
    "/eddsa-jcs-2022": ("Ed25519", "eddsa-jcs-2022"),
    "/status": ("Ed25519", "eddsa-rdfc-2022"),
    "/ecdsa-rdfc-2019/p256": ("P-256", "ecdsa-rdfc-2019"),
    "/ecdsa-rdfc-2019/p384": ("P-384", "ecdsa-rdfc-2019"),
    "/ecdsa-jcs-2019/p256": ("P-256", "ecdsa-jcs-2019"),
    "/ecdsa-jcs-2019/p384": ("P-384", "ecdsa-jcs-2019"),
    "/ecdsa-sd-2023": ("P-256", "ecdsa-sd-2023"),
    "/jwt": ("P-256", "jwt"),
}
Answer = tuple[int, Any]


class Refused(Exception):
    """What was asked for is wrong: answered with 400 and these words."""


class Bench:
    """Keys, status list and answers of one run. Everything here is forgotten when the command ends."""

    def __init__(self, address: str, clock: Callable[[], datetime]) -> None:
        self.address, self.clock = address, clock
        self.contexts = Contexts({EXAMPLES: EXAMPLE_WORDS}, inline=True)
        self.keys = {kind: generate_key(kind) for kind in ("Ed25519", "P-256", "P-384")}
        self.slots = random.SystemRandom().sample(range(131_072), 4096)

    def post(self, path: str, body: Any) -> Answer:
        """Answer a POST; raises Refused or CredentialError."""
        if not isinstance(body, dict):
            raise Refused("The body must be a JSON object.")
        options = body.get("options", {})
        if not isinstance(options, dict):
            raise Refused("options must be an object.")
        for prefix in VARIANTS:
            if path == f"{prefix}/credentials/issue":
                return 201, self.issue(prefix, body.get("credential"), options)
            if path == f"{prefix}/credentials/verify":
                return self.verify(body.get("verifiableCredential"))
            if path == f"{prefix}/presentations/verify":
                return self.verify_presentation(body.get("verifiablePresentation"), options)
            if path == f"{prefix}/credentials/derive":
                return 201, self.derive(body.get("verifiableCredential"), options)
        return 404, {"error": "There is nothing here."}

    def get(self, path: str) -> Answer:
        """Answer a GET."""
        path, _, query = path.partition("?")
        if path.startswith("/identifiers/"):
            asked = {name: values[-1] for name, values in parse_qs(query).items()}
            return resolve(unquote(path.removeprefix("/identifiers/")), key_format=asked.get("publicKeyFormat"))
        if path in {"/status/revocation", "/status/suspension"}:
            return 200, self.status_list(path.rpartition("/")[2])
        return 404, {"error": "There is nothing here."}

    def issue(self, prefix: str, credential: Any, options: Mapping[str, Any]) -> Any:
        """The bare secured credential."""
        if not isinstance(credential, dict):
            raise Refused("credential must be an object.")
        kind, suite = VARIANTS[prefix]
        key = self.keys[kind]
        issuer = credential.get("issuer")
        if isinstance(issuer, dict) and data_model.is_address(issuer.get("id")):
            issuer = {**issuer, "id": key.controller}
        elif data_model.is_address(issuer):
            issuer = key.controller
        document = {**credential, "issuer": issuer}
        listed = document.get("@context")
        if isinstance(listed, list) and listed[:1] == [CREDENTIALS_V1] and suite != "jwt":
            # the proof's own words are not in the context of data model 1.1
            document["@context"] = [*listed, *({DATA_INTEGRITY_CONTEXT} - {x for x in listed if isinstance(x, str)})]
        if prefix == "/status":
            document["credentialStatus"] = self.status_entry()
        found = data_model.problems(document, self.contexts)
        if found:
            raise Refused(" ".join(found[:5]))
        self._resources_ok(document)
        bare = {name: value for name, value in document.items() if name != "proof"}
        to_quads(bare, self.contexts)
        at = self.clock()
        if suite == "jwt":
            if "proof" in document:
                raise Refused("The credential already has a proof.")
            return {
                "@context": CREDENTIALS_V2,
                "id": f"data:application/vc+jwt,{sign_jwt(document, key=key)}",
                "type": "EnvelopedVerifiableCredential",
            }
        if suite == "ecdsa-sd-2023":
            pointers = options.get("mandatoryPointers", ["/issuer"])
            if not isinstance(pointers, list):
                raise Refused("mandatoryPointers must be an array.")
            return sign_selective(document, key=key, created=at, mandatory=pointers, contexts=self.contexts)
        if "proof" in document:
            before = options.get("previousProof", [])
            before = before if isinstance(before, list) else [before]
            return add_proof(document, key=key, created=at, suite=suite, previous=before, contexts=self.contexts)
        return sign(document, key=key, created=at, suite=suite, contexts=self.contexts)

    def verify(self, credential: Any) -> Answer:
        """200 where every needed check passed, else 400 with the checks."""
        if not isinstance(credential, dict):
            raise Refused("verifiableCredential must be an object.")
        self._proofs_ok(credential)
        report = verify(credential, resolver=self, at=self.clock(), contexts=self.contexts, any_kind=True)
        to_quads({n: v for n, v in (report.document or {}).items() if n != "proof"}, self.contexts)
        return _answer(_good(report.checks), report.to_json())

    def verify_presentation(self, presentation: Any, options: Mapping[str, Any]) -> Answer:
        """As for credentials; unsigned presentations pass with the credentials in them."""
        if not isinstance(presentation, dict):
            raise Refused("verifiablePresentation must be an object.")
        self._proofs_ok(presentation)
        signed = "proof" in presentation or "EnvelopedVerifiablePresentation" in _listed(presentation.get("type"))
        report = verify_presentation(
            presentation,
            resolver=self,
            at=self.clock(),
            challenge=options.get("challenge") if signed else None,
            domain=options.get("domain") if signed else None,
            signed=False,
            contexts=self.contexts,
            any_kind=True,
        )
        lists = [report.checks, *(item.checks for item in report.credentials)]
        return _answer(all(_good(checks) for checks in lists), report.to_json())

    def derive(self, credential: Any, options: Mapping[str, Any]) -> Any:
        """What a holder shows."""
        pointers = options.get("selectivePointers", [])
        if not isinstance(credential, dict) or not isinstance(pointers, list):
            raise Refused("verifiableCredential must be an object, and selectivePointers an array.")
        return derive(credential, show=pointers, contexts=self.contexts)

    def status_entry(self) -> dict[str, str]:
        """The next slot, in an order made by chance."""
        index = str(self.slots.pop())
        url = f"{self.address}/status/revocation"
        return {
            "id": f"{url}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": index,
            "statusListCredential": url,
        }

    def status_list(self, purpose: str) -> dict[str, Any]:
        """A list on which nothing is set, signed anew."""
        key, at = self.keys["Ed25519"], self.clock()
        url = f"{self.address}/status/{purpose}"
        document = build_list(url=url, issuer=key.controller, purpose=purpose, positions=(), valid_from=at)
        return sign(document, key=key, created=at)

    # As a resolver: nothing is asked outside; its own status lists are answered here.

    def did(self, did: str) -> dict[str, Any]:
        return Offline().did(did)

    def fetch(self, url: str) -> bytes:
        if url in PINNED:
            return pinned(url)
        for purpose in ("revocation", "suspension"):
            if url == f"{self.address}/status/{purpose}":
                return dumps(self.status_list(purpose))
        raise Unreachable(f"{url} is not asked.")

    def _resources_ok(self, document: Mapping[str, Any]) -> None:
        """What is issued states no digest that we can see to be wrong."""
        found = [
            item
            for item in attached.files(document)
            if not {(item.get("id"), item.get(name)) for name in ("digestSRI", "digestMultibase")} & DRAFT_DIGESTS
        ]
        if attached.check_files(found, self).outcome is Outcome.FAILED:
            raise Refused("relatedResource states a digest that is not the file's.")

    def _proofs_ok(self, document: Mapping[str, Any]) -> None:
        """Every proof must be one that can be checked, and its own addresses absolute."""
        if "proof" not in document:
            return
        found = _listed(document["proof"])
        if not found or len(found) > MAX_PROOFS or not all(isinstance(proof, dict) for proof in found):
            raise Refused("proof must be an object, or several.")
        for proof in found:
            for name in ("id", "verificationMethod"):
                if name in proof and not data_model.is_address(proof[name]):
                    raise Refused(f"The proof's {name} must be an absolute address.")


def resolve(address: str, *, key_format: str | None = None) -> Answer:
    """A DID-resolution envelope for a did:key or did:jwk, or a dereferenced key for a DID URL.

    `key_format` is the kind of key that was asked for; we give Multikeys.
    """
    identifier, _, fragment = address.partition("#")
    if "#" in address and not fragment:
        return _unresolved("didDereferencingMetadata", "invalidDidUrl")
    if re.search(r"[/?]", identifier):
        return _unresolved("didDereferencingMetadata", "invalidDidUrl")
    if not is_did(identifier):
        return _unresolved("didResolutionMetadata", "invalidDid")
    if not identifier.startswith(("did:key:", "did:jwk:")):
        return _unresolved("didResolutionMetadata", "methodNotSupported")
    if key_format not in {None, "Multikey"}:
        error = "invalidPublicKeyType" if key_format in EXPERIMENTAL_KEYS else "unsupportedPublicKeyType"
        return _unresolved("didDereferencingMetadata" if fragment else "didResolutionMetadata", error)
    try:
        document = resolve_offline(identifier) or {}
    except KeyFormatError as error:
        return _unresolved("didResolutionMetadata", _key_fault(identifier, error))
    if not fragment:
        return 200, _resolved(document, "didResolutionMetadata", {})
    for method in document["verificationMethod"]:
        if method["id"] == address:
            found = {"@context": [DID, MULTIKEY], **method}
            return 200, _resolved(found, "didDereferencingMetadata", {})
    return _unresolved("didDereferencingMetadata", "invalidDidUrl")


def _key_fault(identifier: str, error: KeyFormatError) -> str:
    """The resolution error's name for a key that cannot be read."""
    if error.code == "unknown_key_kind":
        return "unsupportedPublicKeyType"
    try:
        decode(identifier.removeprefix("did:key:"))
    except KeyFormatError:
        return "invalidDid"
    return "invalidPublicKeyLength"


def _unresolved(where: str, error: str) -> Answer:
    return 400, _resolved({}, where, {"error": error})


def _resolved(document: Mapping[str, Any], where: str, metadata: Mapping[str, str]) -> dict[str, Any]:
    return {"@context": RESOLUTION, "didDocument": document, "didDocumentMetadata": {}, where: metadata}


def _good(checks: Iterable[Check]) -> bool:
    """Whether all needed checks passed. Suites invent issuers, so whose keys are whose may stay open."""
    foreign = {"issuer_unreachable", "issuer_has_no_keys"}
    return all(
        check.outcome is Outcome.PASSED or (check.outcome is Outcome.COULD_NOT_TELL and check.code in foreign)
        for check in checks
        if check.needed or check.outcome is Outcome.FAILED
    )


def _answer(good: bool, report: Mapping[str, Any]) -> Answer:
    if good:
        return 200, {"verified": True}
    return 400, {"verified": False, "errors": _faults(report)}


def _faults(report: Mapping[str, Any]) -> list[str]:
    checks = [*report["checks"], *(check for item in report.get("credentials", ()) for check in item["checks"])]
    return [
        f"{check['number']} {check['name']}: {check['detail']}"
        for check in checks
        if check["outcome"] != Outcome.PASSED
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class Handler(BaseHTTPRequestHandler):
    """JSON over HTTP; faults of a request are 400 with JSON, never 500."""

    bench: Bench
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(*self.bench.get(self.path))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST:
            self.close_connection = True
            self._answer(413, {"error": "The body needs a length, and may not be larger than 4 MiB."})
            return
        try:
            self._answer(*self.bench.post(self.path.partition("?")[0], loads(self.rfile.read(int(length)))))
        except (CredentialError, Refused) as error:
            self._answer(400, {"verified": False, "error": str(error)})

    def _answer(self, code: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: Any) -> None:
        return


def serve(port: int, *, tls: bool, clock: Callable[[], datetime]) -> ThreadingHTTPServer:
    """The server, bound to the loopback address and ready; port 0 takes a free one."""

    class Here(Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Here)
    scheme = "https" if tls else "http"
    Here.bench = Bench(f"{scheme}://localhost:{server.server_address[1]}", clock)
    if tls:
        server.socket = _tls(clock()).wrap_socket(server.socket, server_side=True)
    return server


def _tls(at: datetime) -> ssl.SSLContext:
    """A certificate for localhost, of its own making, for one day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    places = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(places), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "both.pem"
        path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(path)
    return context


def run(arguments: list[str], at: datetime) -> int:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(
        prog="fieldstone conformance",
        description="Answer public conformance suites on this machine. For nothing else: it signs all it is given.",
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls", action="store_true", help="https, with a certificate of its own for localhost")
    options = parser.parse_args(arguments)
    try:
        server = serve(options.port, tls=options.tls, clock=lambda: datetime.now(UTC))  # noqa: TID251 # a server outlives `at`
    except OSError as error:
        print(f"fieldstone conformance: port {options.port}: {error.strerror}", file=sys.stderr)
        return 2
    with server:
        print(f"Listening on {'https' if options.tls else 'http'}://localhost:{server.server_address[1]}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0
