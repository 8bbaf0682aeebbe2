"""Key files: sealed with a password, readable by their owner alone, never overwritten, and nowhere a secret in words."""

from __future__ import annotations

import json
import pickle
import stat
import traceback
from pathlib import Path

import pytest

from fieldstone import cli
from fieldstone import credential as c
from fieldstone.commands import files, keys
from fieldstone.credential.multibase import base64url_encode
from tests.credential.cases import AT

WEB = "did:web:college.example"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(keys, "HARDNESS", 2**14)
    for name in ("FIELDSTONE_KEY_PASSWORD", "FIELDSTONE_KEY_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    Path("word").write_text("correct horse\n")
    return tmp_path


def new(*more: str) -> int:
    return cli.main(["keys", "new", "--out", "k.json", "--password-file", "word", *more])


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384"])
def test_a_key_file_is_sealed_and_opens_with_its_password(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert new("--kind", kind, "--did", WEB) == 0
    path = Path("k.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    held = keys.load("k.json", lambda: "correct horse")
    secret = held.key.seed()
    told = path.read_text() + capsys.readouterr().out
    for form in (secret.hex(), base64url_encode(secret), str(int.from_bytes(secret, "big"))):
        assert form not in told
    assert "d" not in json.loads(path.read_text())["jwk"]
    assert held.key.controller == WEB
    assert cli.main(["keys", "show", "k.json"]) == 0, "the public side needs no password"
    assert held.key.id in capsys.readouterr().out


def test_a_key_file_is_never_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    assert new() == 0
    before = Path("k.json").read_bytes()
    assert new() == 2
    assert Path("k.json").read_bytes() == before
    assert "already exists" in capsys.readouterr().err


def test_attack_a_file_laid_in_wait_for_a_secret() -> None:
    """What somebody put where the file is about to be written, open to all, is not written into."""
    trap = Path(".k.json.part")
    trap.touch(0o666)
    trap.chmod(0o666)
    with trap.open("rb") as held_open:
        assert new() == 0
        assert held_open.read() == b""
    assert stat.S_IMODE(Path("k.json").stat().st_mode) == 0o600


def test_rotation_keeps_the_password_and_lists_the_old_key() -> None:
    assert new("--did", WEB) == 0
    old = keys.load("k.json", lambda: "correct horse").key
    assert cli.main(["keys", "rotate", "k.json"]) == 2, "not without the password"
    assert cli.main(["keys", "rotate", "k.json", "--password-file", "word"]) == 0
    made = keys.load("k.json", lambda: "correct horse")
    assert made.retired == (old.public.multikey(),) and made.key.public.multikey() != old.public.multikey()
    assert json.loads(Path("k.json").read_text())["sealed"]


@pytest.mark.parametrize("how", ["option", "file", "environment", "keyboard"])
def test_where_a_password_comes_from(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ["--password-file", "word"] if how == "option" else []
    if how == "file":
        monkeypatch.setenv("FIELDSTONE_KEY_PASSWORD_FILE", "word")
    elif how == "environment":
        monkeypatch.setenv("FIELDSTONE_KEY_PASSWORD", "correct horse")
    elif how == "keyboard":
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("getpass.getpass", lambda _: "correct horse")
    assert cli.main(["keys", "new", "--out", "k.json", *options]) == 0
    assert keys.load("k.json", lambda: "correct horse").key.kind == "Ed25519"


def test_a_password_is_typed_the_same_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    typed = iter(["one", "other"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))
    assert cli.main(["keys", "new", "--out", "k.json"]) == 2
    assert "not the same" in capsys.readouterr().err and not Path("k.json").exists()


def test_no_password_is_a_choice(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["keys", "new", "--out", "k.json"]) == 2
    assert "--password-file" in capsys.readouterr().err
    assert cli.main(["keys", "new", "--out", "k.json", "--no-password"]) == 0
    assert keys.load("k.json").key.kind == "Ed25519"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "password"),
        ({"did": "did:web:evil.example"}, "password"),
        ({"retired": ["z6Mk"]}, "password"),
        ({"retired": 5}, "not a key file"),
        ({"sealed": {}}, "not a key file"),
        ({"sealed": 5}, "not a key file"),
        ({"sealed": {"kdf": "scrypt", "n": 2**30, "salt": "", "nonce": "", "body": ""}}, "not a key file"),
        ({"sealed": {"kdf": "none", "n": 2**14, "salt": "", "nonce": "", "body": ""}}, "not a key file"),
        ({"jwk": {}}, "unknown_key_kind"),
    ],
)
def test_files_that_do_not_open(change: dict[str, object], words: str) -> None:
    assert new("--did", WEB) == 0
    Path("k.json").write_text(json.dumps({**json.loads(Path("k.json").read_text()), **change}))
    with pytest.raises((files.CommandError, c.CredentialError), match=words):
        keys.load("k.json", lambda: "wrong" if not change else "correct horse")


def test_a_secret_of_another_key_is_seen() -> None:
    assert cli.main(["keys", "new", "--out", "k.json", "--no-password"]) == 0
    held = json.loads(Path("k.json").read_text())
    held["jwk"]["d"] = base64url_encode(bytes(32))
    Path("k.json").write_text(json.dumps(held))
    with pytest.raises(files.CommandError, match="not that of the public key"):
        keys.load("k.json")
    del held["jwk"]["d"]
    Path("k.json").write_text(json.dumps(held))
    with pytest.raises(files.CommandError, match="not a key file"):
        keys.load("k.json")


def test_the_secret_is_in_no_words() -> None:
    """Neither in what is printed of a key, nor in a trace, nor in a pickle."""
    key = c.generate_key()
    secret = key.seed()
    forms = [secret.hex(), base64url_encode(secret), repr(secret)[2:-1]]
    said = [repr(key), str(key), repr(keys.KeyFile(key)), f"{key}"]
    with pytest.raises(c.CredentialError) as caught:
        c.sign({"issuer": "did:web:other"}, key=key, created=AT)
    below = caught.value.__traceback__.tb_next  # type: ignore[union-attr]  # it was raised; this frame knows the secret
    shown = traceback.TracebackException(c.CredentialError, caught.value, below, capture_locals=True)
    said.append("".join(shown.format()))
    assert "SigningKey(kind=" in said[-1], "the trace shows the key"
    assert not [form for form in forms for text in said if form in text]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(key, protocol)
