"""Where private keys are kept: each keeper makes keys, signs, and gives no secret out."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
import textwrap
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import CommandError, call_command

from fieldstone import credential as c
from fieldstone.server.awards import actions, queries
from fieldstone.server.awards.actions.signing import open_key
from fieldstone.server.awards.keys import CannotOpen, Keepers, Kept, keepers
from fieldstone.server.awards.keys.program import Program
from fieldstone.server.awards.models import SigningKey, StatusList
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Refused
from tests.awards.makers import ensure_key, make_review
from tests.cast import Cast

WHOSE = UUID(int=7)
WEB = "did:web:college.example"
KMS = """
import base64, json, sys
from fieldstone import credential as c
from fieldstone.credential.multibase import base64url_decode, base64url_encode
held = {}
for line in sys.stdin:
    ask = json.loads(line)
    if ask["op"] == "make":
        key = c.SigningKey.from_seed(bytes(range(32)), kind=ask["kind"])
        held["k1"] = key
        answer = {"name": "k1", "public": key.public.multikey()}
    elif ask["op"] == "sign" and ask["name"] == "k1":
        key = c.SigningKey.from_seed(bytes(range(32)), kind=sys.argv[1] if len(sys.argv) > 1 else "Ed25519")
        answer = {"signature": base64url_encode(key.sign(base64url_decode(ask["data"])))}
    else:
        answer = {"error": "no such key"}
    print(json.dumps(answer), flush=True)
"""


def _keepers(*places: str, password: str = "a password", environment: dict[str, str] | None = None) -> Keepers:
    return keepers(places, secret="secret", password=lambda: password, environment=environment or {})


def _program(folder: Path, body: str, *arguments: str) -> str:
    path = folder / "kms.py"
    path.write_text(textwrap.dedent(body))
    return " ".join(["program:env", "PYTHONPATH=src", sys.executable, str(path), *arguments])


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A SoftHSM token's URI."""
    pytest.importorskip("pkcs11", reason="the package python-pkcs11 is not installed")
    module = next((p for p in Path("/usr/lib").glob("**/softhsm/libsofthsm2.so")), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not on this machine (Debian: softhsm2)")
    # The library reads its settings once for each process, so every test shares one folder of tokens.
    folder = Path("/tmp") / f"fieldstone-softhsm-{__import__('os').getpid()}"
    (folder / "tokens").mkdir(parents=True, exist_ok=True)
    (folder / "conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "conf"))
    if not any((folder / "tokens").iterdir()):
        command = [
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            "college",
            "--pin",
            "1234",
            "--so-pin",
            "12345",
        ]
        subprocess.run(command, check=True, capture_output=True)
    (tmp_path / "pin").write_text("1234\n")
    return f"pkcs11:token=college?module-path={module}&pin-source=file:{tmp_path}/pin"


def _good(kept: Kept, held: Keepers) -> None:
    signer = held.signer(kept)
    assert signer.public.verify(signer.sign(b"words"), b"words")
    assert signer.controller == kept.did and signer.id == f"{kept.did}#{kept.public}"
    suite = "eddsa-rdfc-2022" if signer.kind == "Ed25519" else "ecdsa-rdfc-2019"
    listed = c.build_list(
        url="https://x.example/", issuer=kept.did, purpose="revocation", positions=[],
        valid_from=datetime.fromisoformat("2026-01-01T00:00:00Z"),
    )  # fmt: skip
    signed = c.sign(listed, key=signer, created=datetime.fromisoformat("2026-01-01T00:00:00Z"), suite=suite)
    report = c.verify(
        signed,
        resolver=c.Offline({WEB: c.did_document(WEB, [signer.public])}),
        at=datetime.fromisoformat("2026-02-01T00:00:00Z"),
    )
    assert report.verdict == "verified"
    assert c.jwt.write({}, {}, signer)


@pytest.mark.parametrize("did", [None, WEB])
@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
@pytest.mark.parametrize("where", ["sealed", "file", "environment", "program", "pkcs11"])
def test_every_keeper_makes_keys_and_signs(
    where: str, kind: str, did: str | None, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    environment = {"KEYS": c.multibase.encode({"Ed25519": b"\x80\x26", "P-256": b"\x86\x26"}[kind] + bytes(range(32)))}
    place = {
        "sealed": lambda: "sealed",
        "file": lambda: f"file:{tmp_path}/keys",
        "environment": lambda: "environment:KEYS",
        "program": lambda: _program(tmp_path, KMS, kind),
        "pkcs11": lambda: request.getfixturevalue("token"),
    }[where]()
    held = _keepers(place, environment=environment)
    kept = held.make(WHOSE, kind=kind, did=did)
    assert kept.did == (did or c.did_key(c.PublicKey.from_multikey(kept.public)))
    _good(kept, held)
    _good(kept, _keepers("sealed", place, environment=environment) if where != "sealed" else held)
    assert held.is_sealed(kept) == (where == "sealed")
    if where != "sealed":
        with pytest.raises(CannotOpen, match="does not name"):
            _keepers("sealed").signer(kept)
    for text in (repr(held), repr(held.signer(kept))):
        assert "a password" not in text and environment["KEYS"] not in text


@pytest.mark.parametrize(
    "places",
    [
        ["file"],
        ["file:"],
        ["other:x"],
        ["sealed:x"],
        ["sealed", "sealed"],
        ["program: "],
        ["pkcs11:token=x"],
        ["pkcs11:x?pin-value=1"],
    ],
)
def test_words_that_name_no_keeper(places: list[str]) -> None:
    with pytest.raises(ValueError, match="FIELDSTONE_KEYS"):
        _keepers(*places)


@pytest.mark.parametrize(
    "reference", [b"\x02", b"\x02{}", b"\x02[]", b'\x02{"keeper":"file"}', b'\x02{"keeper":"x","name":"y"}']
)
def test_references_that_lead_nowhere(reference: bytes) -> None:
    with pytest.raises(CannotOpen):
        _keepers("sealed").signer(Kept(WHOSE, "z6Mk", WEB, reference))


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    held = _keepers(f"file:{tmp_path}/keys")
    kept = held.make(WHOSE, kind="Ed25519", did=None)
    (path,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
    for broken in (_keepers(f"file:{tmp_path}/keys", password="other"), _keepers(f"file:{tmp_path}/keys", password="")):
        with pytest.raises(CannotOpen):
            broken.signer(kept)
    with pytest.raises(CannotOpen, match="password"):
        _keepers(f"file:{tmp_path}/keys", password="").make(WHOSE, kind="Ed25519", did=None)
    other = held.make(WHOSE, kind="Ed25519", did=None)
    swapped = Kept(WHOSE, kept.public, kept.did, other.reference)
    with pytest.raises(CannotOpen, match="another key"):
        held.signer(swapped)
    for name in ("../x.pem", "absent.pem", ""):
        with pytest.raises(CannotOpen):
            held.signer(
                Kept(WHOSE, kept.public, kept.did, b"\x02" + json.dumps({"keeper": "file", "name": name}).encode())
            )
    (tmp_path / "blocked").write_text("")
    with pytest.raises(CannotOpen):
        _keepers(f"file:{tmp_path}/blocked/keys").make(WHOSE, kind="Ed25519", did=None)


def _pem(secret: object) -> str:
    return secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()  # type: ignore[attr-defined]  # any private key


def test_keys_of_the_environment() -> None:
    first, second = c.generate_key(), c.generate_key("P-256")
    text = _pem(first.secret) + _pem(second.secret)
    for form in (text, text.replace("\n", "\\n")):
        held = _keepers("environment:KEYS", environment={"KEYS": form})
        kept = held.make(WHOSE, kind="Ed25519", did=None)
        assert kept.public == first.public.multikey()
        _good(kept, held)
        _good(Kept(WHOSE, second.public.multikey(), second.controller, kept.reference), held)
        with pytest.raises(CannotOpen, match="kind"):
            held.make(WHOSE, kind="P-256", did=None)
    later = _keepers("environment:KEYS", environment={"KEYS": _pem(second.secret)})
    with pytest.raises(CannotOpen, match="does not hold"):
        later.signer(kept)
    for bad in ("", "zzz", _pem(rsa.generate_private_key(65537, 2048)), _pem(ec.generate_private_key(ec.SECP256K1())),
                text.replace("A", "B")):  # fmt: skip
        with pytest.raises(CannotOpen):
            _keepers("environment:KEYS", environment={"KEYS": bad}).make(WHOSE, kind="Ed25519", did=None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "does not answer"),
        ("import sys\nsys.stdin.readline()\nprint('rubbish', flush=True)\nsys.stdin.readline()", "does not answer"),
        ("import sys\nsys.stdin.readline()\nprint('[]', flush=True)\nsys.stdin.readline()", "says"),
        ("import sys\nsys.stdin.readline()\nprint('{\"error\": \"locked\"}', flush=True)\nsys.stdin.readline()", "locked"),
        ("import sys\nsys.stdin.readline()\nprint('{}', flush=True)\nsys.stdin.readline()", "no public key"),
        ("import sys\nsys.stdin.readline()\nprint('{\"public\": \"" + c.generate_key("P-256").public.multikey()
         + "\"}', flush=True)\nsys.stdin.readline()", "another key"),
        ("import sys\nsys.stdin.readline()\nprint('x' * 200000, flush=True)\nsys.stdin.readline()", "does not answer"),
        ("import time\ntime.sleep(60)", "does not answer"),
    ],
)  # fmt: skip
def test_programs_that_keep_no_keys(body: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = _program(tmp_path, body)
    Program.of(place.removeprefix("program:")).seconds = 2
    with pytest.raises(CannotOpen, match=words):
        _keepers(place).make(WHOSE, kind="Ed25519", did=None)


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(CannotOpen):
        _keepers("program:/nowhere/kms").make(WHOSE, kind="Ed25519", did=None)


def test_a_program_is_started_again_where_it_ended(tmp_path: Path) -> None:
    once = "import sys, runpy\n" + KMS.replace(
        "print(json.dumps(answer), flush=True)", "print(json.dumps(answer), flush=True); break"
    )
    held = _keepers(_program(tmp_path, once))
    kept = held.make(WHOSE, kind="Ed25519", did=None)
    for _ in range(3):
        try:
            _good(kept, held)
            break
        except CannotOpen:
            continue  # it ended between the question and the answer
    signer = held.signer(kept)
    assert signer.public.verify(signer.sign(b"x"), b"x")


def test_a_signature_that_does_not_fit_is_not_used(tmp_path: Path) -> None:
    liar = KMS.replace("key.sign(", "bytes(64) or key.sign(")
    held = _keepers(_program(tmp_path, liar))
    kept = held.make(WHOSE, kind="Ed25519", did=None)
    with pytest.raises(c.CredentialError, match="does not fit"):
        held.signer(kept).sign(b"x")
    mute = KMS.replace('{"signature":', '{"sig":')
    (tmp_path / "kms.py").write_text(mute)
    Program.of(_program(tmp_path, mute).removeprefix("program:"))._end()
    with pytest.raises(c.CredentialError):
        held.signer(kept).sign(b"x")
    with pytest.raises(CannotOpen, match="no such key"):
        held.signer(Kept(WHOSE, kept.public, kept.did, kept.reference.replace(b"k1", b"k2"))).sign(b"x")


def test_a_key_does_not_leave_its_token(token: str) -> None:
    import pkcs11

    held = _keepers(token)
    kept = held.make(WHOSE, kind="Ed25519", did=None)
    name = json.loads(kept.reference[1:])["name"]
    module = token.partition("module-path=")[2].partition("&")[0]
    with pkcs11.lib(module).get_token(token_label="college").open(user_pin="1234") as session:
        key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=bytes.fromhex(name))
        assert key[pkcs11.Attribute.SENSITIVE] and not key[pkcs11.Attribute.EXTRACTABLE]
        with pytest.raises(pkcs11.PKCS11Error):
            _ = key[pkcs11.Attribute.VALUE]
    absent = Kept(WHOSE, kept.public, kept.did, kept.reference.replace(name.encode(), b"00" * 16))
    with pytest.raises(CannotOpen):
        held.signer(absent).sign(b"x")
    wrong = token.replace("token=college", "token=other")
    with pytest.raises(CannotOpen):
        _keepers(wrong).make(WHOSE, kind="Ed25519", did=None)
    with pytest.raises(CannotOpen):
        held.make(WHOSE, kind="P-384", did=None)
    _good(kept, _keepers(token.replace("pin-source=file:", "pin-value=1234&x=")))


# --- what the platform does with them -----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
def test_an_award_signed_by_a_key_in_a_file(
    kind: str, cast: Cast, at: datetime, settings: object, tmp_path: Path
) -> None:
    settings.KEYS = [f"file:{tmp_path}/keys", "sealed"]  # type: ignore[attr-defined]  # Django's settings
    settings.KEY_PASSWORD = lambda: "a password"  # type: ignore[attr-defined]
    settings.KEY_KIND = kind  # type: ignore[attr-defined]
    award = actions.issue(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    document = c.loads(award.document.body.encode())
    assert document["proof"]["cryptosuite"] == ("eddsa-rdfc-2022" if kind == "Ed25519" else "ecdsa-rdfc-2019")
    pages = {document["credentialStatus"]["statusListCredential"]: StatusList.objects.get().body.encode()}
    assert c.verify(document, resolver=c.Offline({}, pages), at=at).verdict == "verified"
    assert actions.keys_work()
    settings.KEY_PASSWORD = lambda: "lost"  # type: ignore[attr-defined]
    assert not actions.keys_work()


def test_one_key_of_the_environment_is_not_for_two(
    cast: Cast, at: datetime, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLLEGE_KEY", _pem(c.generate_key().secret))
    settings.KEYS = ["environment:COLLEGE_KEY"]  # type: ignore[attr-defined]
    row = ensure_key(organization=cast.home.organization, at=at)
    with pytest.raises(Refused, match="in use"):
        ensure_key(organization=cast.away.organization, at=at)
    with pytest.raises(Refused, match="in use"):
        actions.rotate_key(organization=cast.home.organization, current=row, by=cast.home.issuer, at=at)
    monkeypatch.setenv("COLLEGE_KEY", _pem(c.generate_key().secret))
    assert actions.rotate_key(organization=cast.home.organization, current=row, by=cast.home.issuer, at=at) != row


def _public(settings: object) -> None:
    settings.PUBLIC_HTTPS = True  # type: ignore[attr-defined]
    settings.BASE_URL = "https://credentials.example.edu"  # type: ignore[attr-defined]


def _verdict(body: str, at: datetime) -> dict[str, str]:
    document = c.loads(body.encode())
    did = document["issuer"]["id"]
    pages = {document["credentialStatus"]["statusListCredential"]: StatusList.objects.get().body.encode()}
    published = queries.did_document(did)
    assert published is not None
    report = c.verify(document, resolver=c.Offline({did: published}, pages), at=at)
    return {check.name: check.code for check in report.checks} | {"verdict": str(report.verdict)}


@pytest.mark.parametrize("first_rotated", [False, True])
def test_a_stolen_key_is_published_no_more(first_rotated: bool, cast: Cast, at: datetime, settings: object) -> None:
    _public(settings)
    award = actions.issue(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    stolen = SigningKey.objects.get()
    if first_rotated:
        actions.rotate_key(organization=cast.home.organization, current=stolen, by=cast.home.issuer, at=at)
    assert _verdict(award.document.body, at)["verdict"] == "verified"
    new = actions.remove_key(key=stolen, reason="The laptop was stolen.", by=None, at=at)
    assert (new is None) == first_rotated
    assert actions.remove_key(key=stolen, reason="Again.", by=None, at=at) is None
    published = queries.did_document(stolen.did)
    assert published is not None and stolen.public_multibase not in json.dumps(published)
    said = _verdict(award.document.body, at)
    assert said["key"] == "key_missing" and said["verdict"] == "not_verified"
    assert Entry.objects.filter(verb="awards.key_removed").count() == 1
    listed = c.loads(StatusList.objects.get().body.encode())
    assert c.verify(listed, resolver=c.Offline({stolen.did: published}), at=at).verdict == "verified"
    actions.withdraw(award=award, reason="Issued anew.", by=cast.home.issuer, at=at)


def test_a_did_key_cannot_be_taken_back(cast: Cast, at: datetime) -> None:
    key = ensure_key(organization=cast.home.organization, at=at)
    with pytest.raises(Refused, match="Withdraw"):
        actions.remove_key(key=key, reason="Lost.", by=None, at=at)
    with pytest.raises(actions.NeedsReason):
        actions.remove_key(key=key, reason=" ", by=None, at=at)


def test_all_keys_are_sealed_anew(cast: Cast, at: datetime, settings: object, tmp_path: Path) -> None:
    old_secret: str = settings.KEY_ENCRYPTION_SECRET  # type: ignore[attr-defined]
    first = ensure_key(organization=cast.home.organization, at=at)
    settings.KEYS = [f"file:{tmp_path}/keys"]  # type: ignore[attr-defined]
    settings.KEY_PASSWORD = lambda: "a password"  # type: ignore[attr-defined]
    ensure_key(organization=cast.away.organization, at=at)
    settings.KEY_ENCRYPTION_SECRET = "the new one"  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="neither"):
        actions.reseal_keys(old_secret="no", at=at)
    assert actions.reseal_keys(old_secret=old_secret, at=at) == (1, 0)
    assert actions.reseal_keys(old_secret=old_secret, at=at) == (0, 1)
    first.refresh_from_db()
    assert open_key(first).public.multikey() == first.public_multibase
    assert Entry.objects.filter(verb="awards.key_resealed").count() == 1


def test_the_command(
    cast: Cast, at: datetime, settings: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _public(settings)
    key = ensure_key(organization=cast.home.organization, at=at)
    call_command("signing_keys", "list")
    assert f"in use  {key.public_multibase}" in capsys.readouterr().out
    call_command("signing_keys", "remove", key.public_multibase, "--reason", "Stolen.")
    assert "signs from now on" in capsys.readouterr().out
    call_command("signing_keys", "remove", key.public_multibase, "--reason", "Stolen.")
    assert "no more" in capsys.readouterr().out
    call_command("signing_keys", "list")
    assert f"removed {key.public_multibase}" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no such key"):
        call_command("signing_keys", "remove", "z6Mk", "--reason", "x")
    with pytest.raises(CommandError, match="reason"):
        call_command("signing_keys", "remove", key.public_multibase, "--reason", " ")
    old = tmp_path / "old"
    old.write_text(settings.KEY_ENCRYPTION_SECRET + "\n")  # type: ignore[attr-defined]
    settings.KEY_ENCRYPTION_SECRET = "new"  # type: ignore[attr-defined]
    call_command("signing_keys", "reseal", "--old", str(old))
    assert "2 keys sealed anew" in capsys.readouterr().out
    with pytest.raises(CommandError, match="absent"):
        call_command("signing_keys", "reseal", "--old", str(tmp_path / "absent"))


def test_attack_a_stolen_key_goes_also_after_the_site_moved(cast: Cast, at: datetime, settings: object) -> None:
    _public(settings)
    award = actions.issue(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    stolen = SigningKey.objects.get()
    before = StatusList.objects.get().body
    settings.BASE_URL = "https://new.example.edu"  # type: ignore[attr-defined]
    new = actions.remove_key(key=stolen, reason="The laptop was stolen.", by=None, at=at)
    assert new is not None and new.did != stolen.did and queries.did_document(stolen.did) is None
    assert StatusList.objects.get().body == before, "nobody is left who could sign it"
    with pytest.raises(actions.NotStanding):
        actions.copy(award=award, form="jwt_vc_json", by=None, at=at)
    assert actions.withdraw(award=award, reason="Issued anew.", by=cast.home.issuer, at=at).revoked_at == at


def test_keys_that_are_away_are_a_refusal(
    cast: Cast, at: datetime, settings: object, tmp_path: Path
) -> None:
    settings.KEYS = [f"file:{tmp_path}/keys"]  # type: ignore[attr-defined]
    settings.KEY_PASSWORD = lambda: ""  # type: ignore[attr-defined]
    review = make_review(cast.learner, cast.home.version, at)
    with pytest.raises(actions.KeysAway):
        actions.issue(review=review, by=None, at=at)
    settings.KEY_PASSWORD = lambda: "a password"  # type: ignore[attr-defined]
    actions.rotate_key(organization=cast.home.organization, current=None, by=cast.home.issuer, at=at)
    settings.KEY_PASSWORD = lambda: "lost"  # type: ignore[attr-defined]
    with pytest.raises(actions.KeysAway) as caught:
        actions.issue(review=review, by=None, at=at)
    assert caught.value.status == 503
