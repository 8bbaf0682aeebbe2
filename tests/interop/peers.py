"""The other side: who issues and verifies what, and how each is asked."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from fieldstone import credential as c
from tests.interop import formats, install
from tests.interop.formats import FORMATS, Format

HERE = Path(__file__).parent
DATA_INTEGRITY = tuple(form for form in FORMATS if "-20" in form.suite and not form.picture)
CREDENTIALS = tuple(form for form in DATA_INTEGRITY if not form.shown)
TOKENS = tuple(form for form in FORMATS if form.suite == "vc+jwt")
BADGE_TOKENS = tuple(form for form in FORMATS if form.suite == "Open Badges JWT" and not form.picture)
PICTURES = tuple(form for form in FORMATS if form.picture)
PARTS = tuple(form for form in FORMATS if form.suite == "dc+sd-jwt")
FIRST = FORMATS[0]
SHOWN = next(form for form in FORMATS if form.shown)
PARTLY = next(form for form in FORMATS if form.suite == "ecdsa-sd-2023")
OPENVC_HASH = next(form for form in FORMATS if (form.suite, form.kind) == ("ecdsa-rdfc-2019", "P-384"))
OPENVC_LEAVES_CONTEXT = tuple(form for form in FORMATS if "-jcs-" in form.suite)
Answer = dict[str, Any]
Ask = tuple[Format, str, bytes | None]  # format, "issue" or "verify", what to verify


@dataclass(frozen=True)
class Peer:
    """`run` answers each ask: {"data": …} (and "base") for what was issued, {"good": …, "why": …} for what was verified.

    `cannot` says why a format is not in `issues` or `verifies` although one might expect it.
    """

    name: str
    run: Callable[[Sequence[Ask]], list[Answer]]
    issues: tuple[Format, ...]
    verifies: tuple[Format, ...]
    cannot: dict[str, str] = field(default_factory=dict)


def in_a_process(prepare: Callable[[], list[str]]) -> Callable[[Sequence[Ask]], list[Answer]]:
    """Asks go through a file, answers come as JSON lines; `prepare` installs and gives the command."""

    def run(asks: Sequence[Ask]) -> list[Answer]:
        command = prepare()
        work = {"known": formats.known(), "jobs": [formats.job(form, act, data) for form, act, data in asks]}
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "work.json"
            path.write_text(json.dumps(work))
            done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False, timeout=600)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        if len(answers) != len(asks):
            raise RuntimeError(f"{command[-1]} stopped: {done.stderr.strip()[-1500:]}")
        return [{**answer, **({"data": answer["text"].encode()} if "text" in answer else {})} for answer in answers]

    return run


def in_here(
    issue: Callable[[Format], bytes], verify: Callable[[Format, bytes], None]
) -> Callable[[Sequence[Ask]], list[Answer]]:
    """A peer in Python, in our own environment; whatever it raises, it said no."""

    def one(form: Format, data: bytes | None) -> Answer:
        try:
            if data is None:
                return {"data": issue(form)}
            verify(form, data)
        except Exception as error:
            return {"good": False, "why": f"{type(error).__name__}: {error}"}
        return {"good": True}

    return lambda asks: [one(form, data) for form, _act, data in asks]


def npm(name: str) -> Callable[[Sequence[Ask]], list[Answer]]:
    def prepare() -> list[str]:
        folder = install.npm(HERE / "node", install.cache("interop-npm"))
        return ["node", str(folder / "peer.mjs"), name]

    return in_a_process(prepare)


def openvc() -> list[str]:
    return [str(install.pip(HERE / "python", install.cache("interop-python"))), str(HERE / "python" / "peer.py")]


def _pem(key: c.SigningKey) -> bytes:
    return key.secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def openbadgeslib_issues(form: Format) -> bytes:
    from openbadgeslib import ob3

    key = formats.THEIRS[form.kind]
    award = ob3.OpenBadgeCredential.from_vc_document(formats.document(form, key))
    algorithm = {"Ed25519": "EdDSA", "P-256": "ES256"}[form.kind]
    signer: Any = ob3.OB3LdpSigner(_pem(key)) if form.suite == FIRST.suite else ob3.OB3Signer(_pem(key), algorithm)
    if form.picture:
        into = signer.sign_into_png if form.picture == "png" else signer.sign_into_svg
        return bytes(into(award, formats.picture(form.picture)))
    made = signer.sign(award)
    return made.encode() if isinstance(made, str) else c.dumps(made)


def openbadgeslib_verifies(form: Format, data: bytes) -> None:
    from openbadgeslib import ob3

    if form.picture:
        extract = (
            ob3.OB3Verifier.extract_token_from_png if form.picture == "png" else ob3.OB3Verifier.extract_token_from_svg
        )
        data = extract(data).encode()
    if form.suite == FIRST.suite:
        ob3.OB3LdpVerifier().verify(data)
    else:
        ob3.OB3Verifier.for_issuer_did(formats.OURS[form.kind].controller).verify(data.decode())


def _jose(key: c.SigningKey, *, secret: bool) -> Any:
    from joserfc import jwk

    held = {"d": c.multibase.base64url_encode(key.seed())} if secret else {}
    return jwk.import_key({**key.public.jwk(), **held})


def joserfc_issues(form: Format) -> bytes:
    from joserfc import jwt

    key = formats.THEIRS[form.kind]
    bare = formats.document(form, key)
    typ = {"typ": "vc+jwt"} if form.suite == "vc+jwt" else {}
    head = {"alg": _algorithm(form), "kid": key.id, **typ}
    more = {} if typ else {"iss": key.controller, "jti": bare["id"]}
    return jwt.encode(head, {**bare, **more}, _jose(key, secret=True), algorithms=[head["alg"]]).encode()


def joserfc_verifies(form: Format, data: bytes) -> None:
    from joserfc import jwt

    token = jwt.decode(data.decode(), _jose(formats.OURS[form.kind], secret=False), algorithms=[_algorithm(form)])
    jwt.JWTClaimsRegistry().validate(token.claims)


def _algorithm(form: Format) -> str:
    return {"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384"}[form.kind]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


PEERS = (
    Peer("@digitalbazaar/vc 7.3.0", npm("digitalbazaar"), DATA_INTEGRITY, DATA_INTEGRITY),
    Peer(
        "verifier-core 1.0.0-beta.11",
        npm("verifier-core"),
        (),
        (FIRST,),
        {
            "issuing": "it only verifies",
            "other suites": "it knows eddsa-rdfc-2022 and Ed25519Signature2020",
            "presentations": "it takes only those signed for assertionMethod; the standard asks for authentication",
        },
    ),
    Peer("@sd-jwt/sd-jwt-vc 0.17.1", npm("sd-jwt-vc"), PARTS, PARTS),
    Peer(
        "openvc-core 1.37.0",
        in_a_process(openvc),
        tuple(
            form
            for form in (*DATA_INTEGRITY, *TOKENS, *PARTS)
            if form not in (*OPENVC_LEAVES_CONTEXT, OPENVC_HASH, PARTLY)
        ),
        tuple(form for form in (*DATA_INTEGRITY, *PARTS) if form != OPENVC_HASH),
        {
            "ecdsa-rdfc-2019 P-384": "it labels unnamed nodes with SHA-256, where the standard asks for SHA-384",
            "jcs suites, issuing": "it hashes @context into the proof's options and leaves it out of the proof",
            "ecdsa-sd-2023, issuing": "it cannot derive from a badge that has unnamed parts",
            "vc+jwt, verifying": "it reads tokens with a vc claim only, which vc+jwt forbids; it issues the same",
        },
    ),
    Peer(
        f"openbadgeslib {_version('openbadgeslib')}",
        in_here(openbadgeslib_issues, openbadgeslib_verifies),
        (FIRST, *BADGE_TOKENS, *PICTURES),
        (FIRST, *BADGE_TOKENS, *PICTURES),
        {"other suites": "it makes eddsa-rdfc-2022 only"},
    ),
    Peer(
        f"joserfc {_version('joserfc')}",
        in_here(joserfc_issues, joserfc_verifies),
        (*TOKENS, *BADGE_TOKENS),
        (*TOKENS, *BADGE_TOKENS),
        {"all else": "it knows signatures, not credentials"},
    ),
)
