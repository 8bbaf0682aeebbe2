"""Our side: one credential in every format that we speak, made, read, and with one letter changed."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from fieldstone import credential as c
from fieldstone.credential import multibase
from fieldstone.credential.baked import bake, unbake
from tests.credential.cases import CREDENTIAL

LATER = datetime(2099, 1, 1, tzinfo=UTC)  # peers use the machine's clock
ASKED = {"challenge": "c2f1-88", "domain": "https://employer.example"}
SECRET = {"Ed25519": b"\x80\x26", "P-256": b"\x86\x26", "P-384": b"\x87\x26"}
# What every part of a selectively shown badge needs to be a badge, and what its holder shows besides.
ALWAYS = (
    "/id", "/type", "/issuer", "/validFrom", "/validUntil", "/name",
    "/credentialSubject/type", "/credentialSubject/achievement",
)  # fmt: skip
SHOW = ("/credentialSubject/result",)
SHOWN_ID = "urn:fieldstone:shown"
LETTERS = (("stock fence", "stock fenca"), (SHOWN_ID, "urn:fieldstone:shawn"))


@dataclass(frozen=True)
class Format:
    """A way to secure, a kind of key, and what is secured: a credential, a presentation, or a picture."""

    suite: str
    kind: str = "Ed25519"
    shown: bool = False
    picture: str = ""

    @property
    def name(self) -> str:
        what = "presentation, " if self.shown else f"{self.picture.upper()}, " if self.picture else ""
        return f"{what}{self.suite} {self.kind}"


FORMATS = (
    *(Format(suite) for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022")),
    *(Format(suite, kind) for suite in ("ecdsa-rdfc-2019", "ecdsa-jcs-2019") for kind in ("P-256", "P-384")),
    Format("ecdsa-sd-2023", "P-256"),
    Format("eddsa-rdfc-2022", shown=True),
    *(Format("vc+jwt", kind) for kind in ("Ed25519", "P-256", "P-384")),
    *(Format("Open Badges JWT", kind) for kind in ("Ed25519", "P-256")),
    *(Format("dc+sd-jwt", kind) for kind in ("Ed25519", "P-256")),
    *(Format(suite, picture=p) for p in ("png", "svg") for suite in ("eddsa-rdfc-2022", "Open Badges JWT")),
)
HOLDER = c.SigningKey.from_seed(bytes(range(1, 33)), kind="P-256")
OURS = {
    kind: c.SigningKey.from_seed(b"7" * size, kind=kind)
    for kind, size in (("Ed25519", 32), ("P-256", 32), ("P-384", 48))
}
THEIRS = {
    kind: c.SigningKey.from_seed(b"9" * size, kind=kind)
    for kind, size in (("Ed25519", 32), ("P-256", 32), ("P-384", 48))
}


def picture(kind: str) -> bytes:
    """A plain PNG or SVG."""
    if kind == "svg":
        return b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    return file.getvalue()


def badge(issuer: str) -> dict[str, Any]:
    """The unsigned credential."""
    profile = replace(CREDENTIAL.issuer, id=issuer)
    return c.build(replace(CREDENTIAL, issuer=profile, status=(), valid_until=LATER))


def document(form: Format, key: c.SigningKey) -> dict[str, Any]:
    """What is to be secured."""
    if form.shown:
        held = c.sign(badge(OURS["Ed25519"].controller), key=OURS["Ed25519"], created=issued_at())
        return c.build_presentation([held], holder=key.controller, id=SHOWN_ID)
    if form.suite == "dc+sd-jwt":
        return c.sd_jwt_claims(badge(key.controller))
    return badge(key.controller)


def issue(form: Format) -> bytes:
    """It, secured by us."""
    key, now = OURS[form.kind], issued_at()
    bare = document(form, key)
    if form.picture:
        return bake(picture(form.picture), issue(replace(form, picture="")))
    if form.shown:
        return c.dumps(c.sign_presentation(bare, key=key, created=now, suite=form.suite, **ASKED))
    if form.suite in {"vc+jwt", "Open Badges JWT"}:
        return c.sign_jwt(bare, key=key, open_badges=form.suite != "vc+jwt").encode()
    if form.suite == "dc+sd-jwt":
        made = c.sign_sd_jwt(bare, key=key, disclosable=c.sd_jwt_paths(bare), holder=HOLDER.public)
        asked = {"nonce": ASKED["challenge"], "audience": ASKED["domain"]}
        return c.bind_sd_jwt(made, key=HOLDER, at=now, **asked).encode()
    if form.suite == "ecdsa-sd-2023":
        return c.dumps(c.derive(c.sign_selective(bare, key=key, created=now, mandatory=ALWAYS), show=SHOW))
    return c.dumps(c.sign(bare, key=key, created=now, suite=form.suite))


def check(form: Format, data: bytes) -> tuple[bool, str]:
    """Whether we call it genuine, and else the checks that did not pass."""
    try:
        text = unbake(data).decode()
    except c.CredentialError as error:
        return False, str(error)
    bound = ASKED if form.suite == "dc+sd-jwt" else {}
    if form.shown:
        shown = c.verify_presentation(text, resolver=c.Offline(), at=issued_at(), **ASKED)
        verdict, checks = shown.verdict, [*shown.checks, *(x for one in shown.credentials for x in one.checks)]
    else:
        report = c.verify(text, resolver=c.Offline(), at=issued_at(), **bound)
        verdict, checks = report.verdict, list(report.checks)
    bad = [f"{x.name} {x.code}: {x.detail}" for x in checks if x.outcome != "passed" and x.needed]
    return verdict == "verified", "; ".join(bad)


def changed(form: Format, data: bytes) -> bytes:
    """The same with one letter changed, in what was signed."""
    if form.picture:
        return bake(picture(form.picture), changed(replace(form, picture=""), unbake(data)))
    text = data.decode()
    if text.startswith("{"):
        return _other_letter(text).encode()
    token, *rest = text.split("~")
    head, body, signature = token.split(".")
    body = multibase.base64url_encode(_other_letter(multibase.base64url_decode(body).decode()).encode())
    return "~".join([f"{head}.{body}.{signature}", *rest]).encode()


def derived_again(base: dict[str, Any]) -> bytes:
    """What we derive from somebody else's base proof."""
    return c.dumps(c.derive(base, show=SHOW))


def job(form: Format, act: str, data: bytes | None = None) -> dict[str, Any]:
    """The work for a peer in a process of its own: to issue with THEIRS keys, or to verify what OURS signed."""
    key = (THEIRS if act == "issue" else OURS)[form.kind]
    public = key.public.multikey()
    common: dict[str, Any] = {
        "act": act,
        "suite": form.suite,
        "kind": form.kind,
        "shown": form.shown,
        "kid": key.id,
        **ASKED,
    }
    if data is not None:
        return {**common, "text": data.decode(), "jwk": key.public.jwk()}
    bare = document(form, key)
    if form.suite == "dc+sd-jwt":
        bare["cnf"] = {"jwk": HOLDER.public.jwk()}
    secret = {"d": multibase.base64url_encode(key.seed())}
    return {
        **common,
        "document": bare,
        "pointers": ALWAYS,
        "show": SHOW,
        "hidden": ["identifier"],
        "jwk": {**key.public.jwk(), **secret},
        "holder": {**HOLDER.public.jwk(), "d": multibase.base64url_encode(HOLDER.seed())},
        "key": {
            "@context": c.contexts.MULTIKEY, "type": "Multikey", "id": key.id, "controller": key.controller,
            "publicKeyMultibase": public, "secretKeyMultibase": multibase.encode(SECRET[form.kind] + key.seed()),
        },
    }  # fmt: skip


def known() -> dict[str, Any]:
    """Every document a peer may ask for: contexts, and the DIDs and keys of both sides."""
    found = {url: c.KNOWN.document(url) for url in c.contexts.PINNED}
    for key in (*OURS.values(), *THEIRS.values()):
        resolved = c.did.resolve_offline(key.controller)
        assert resolved is not None
        found[key.controller] = resolved
        found[key.id] = {"@context": c.contexts.MULTIKEY, **resolved["verificationMethod"][0]}
    return found


def _other_letter(text: str) -> str:
    for old, new in LETTERS:
        if old in text:
            return text.replace(old, new, 1)
    raise ValueError("There is no letter to change.")


def issued_at() -> datetime:
    """Now, by the machine's clock, which the peers ask, too."""
    return datetime.now(UTC)
