"""The `fieldstone` command, run as people run it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fieldstone import cli, commands
from fieldstone import credential as c
from fieldstone.server.net import FetchError, Response
from tests.credential.cases import KEY, signed
from tests.credential.shared import VECTORS, needs_data

DAY = "2026-03-05"
ENV = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.json"
    path.write_bytes(c.dumps(signed(status=())))
    return path


def test_a_good_credential(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", "--offline", "--at", DAY, str(good)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Unchanged and valid. Who issued it was not asked")
    assert f"({KEY.controller})" in out
    assert "What:   Builds a stock fence" in out
    assert "Who:    Ana Reyes" in out
    assert " 5. ok  Is it unchanged since it was signed?" in out


def test_a_changed_credential(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good.write_bytes(good.read_bytes().replace(b"Ana Reyes", b"Bea Reyes"))
    assert cli.main(["verify", "--offline", "--at", DAY, str(good)]) == 1
    assert " 5. NO  Is it unchanged" in capsys.readouterr().out


def test_an_open_question(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good.write_bytes(c.dumps(signed()))
    assert cli.main(["verify", "--offline", "--at", DAY, str(good)]) == 2
    assert capsys.readouterr().out.startswith("Could not tell.")


def test_trust(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", "--offline", "--at", DAY, "--trust", KEY.controller, str(good)]) == 0
    assert capsys.readouterr().out.startswith("Verified. This credential is genuine and valid.")
    assert cli.main(["verify", "--offline", "--at", DAY, "--trust", "did:web:other.example", str(good)]) == 1


def test_json(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", "--offline", "--json", "--at", DAY + "T00:00:00Z", str(good)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "verified" and report["issuer"]["known"] is False
    assert [check["number"] for check in report["checks"]] == list(range(1, 11))


def test_standard_input(good: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(good.read_bytes())))
    assert cli.main(["verify", "--offline", "--at", DAY, "-"]) == 0
    assert "Unchanged and valid" in capsys.readouterr().out


def test_a_web_address(good: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fetch(url: str, **_: Any) -> Response:
        if url != "https://college.example/award":
            raise FetchError("unknown_host", "There is no such host.")
        return Response(url, "application/json", good.read_bytes())

    monkeypatch.setattr(cli, "fetch", fetch)
    assert cli.main(["verify", "--offline", "--at", DAY, "https://college.example/award"]) == 0
    assert cli.main(["verify", "--offline", "--at", DAY, "https://nowhere.example/"]) == 2
    assert "There is no such host." in capsys.readouterr().err


def test_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", str(tmp_path / "absent.json")]) == 2
    assert "No such file" in capsys.readouterr().err
    for arguments in (["verify"], ["verify", "--at", "someday", "x"]):
        with pytest.raises(SystemExit) as caught:
            cli.main(arguments)
        assert caught.value.code == 2
    picture = tmp_path / "picture.svg"
    picture.write_text("<svg/>")
    assert cli.main(["verify", str(picture)]) == 2
    assert "holds no credential" in capsys.readouterr().err


def test_text_from_a_document_cannot_steer_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps({**signed(status=()), "name": "\x1b[2Jred\u202eder"}))
    assert cli.main(["verify", "--offline", str(path)]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\u202e" not in out


@needs_data
@pytest.mark.parametrize(
    "name", ["simple-json.png", "simple-json.svg", "simple-jwt.png", "simple-jwt.svg", "simple.1ob"]
)
def test_baked_images_are_read(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = VECTORS / "1edtech" / "ob30" / name
    assert cli.main(["verify", "--offline", str(path)]) == 2  # the issuer's key was not asked
    assert "Teamwork Badge" in capsys.readouterr().out


def test_verify_never_loads_django(good: Path) -> None:
    program = (
        "import sys; from fieldstone.cli import main; code = main(sys.argv[1:]); "
        "assert not any(name.split('.')[0] == 'django' for name in sys.modules); sys.exit(code)"
    )
    command = [sys.executable, "-c", program, "verify", "--offline", "--at", DAY, str(good)]
    done = subprocess.run(command, env=ENV, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_other_commands_go_to_django(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr("django.core.management.execute_from_command_line", seen.append)
    assert cli.main(["migrate", "--check"]) == 0
    assert cli.main(["help", "--commands"]) == 0
    assert seen == [["fieldstone", "migrate", "--check"], ["fieldstone", "help", "--commands"]]
    monkeypatch.setattr("sys.argv", ["fieldstone", "worker"])
    assert cli.main() == 0
    assert seen[-1] == ["fieldstone", "worker"]


def test_the_module_runs(good: Path) -> None:
    command = [sys.executable, "-m", "fieldstone", "verify", "--offline", "--at", DAY, str(good)]
    done = subprocess.run(command, env=ENV, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.startswith("Unchanged and valid."), done.stderr


@pytest.mark.parametrize("arguments", [[], ["help"], ["--help"], ["-h"]])
def test_the_overview_lists_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out
    folder = Path(cli.__file__).parent / "server" / "management" / "commands"
    ours = {path.stem for path in folder.glob("[a-z]*.py")} | set(commands.COMMANDS) | {"verify"}
    assert ours == set(cli.OURS) and all(f"\n  {name} " in said for name in ours)


def test_every_command_is_described() -> None:
    page = (Path(__file__).parents[1] / "docs" / "commands.md").read_text()
    assert set(re.findall(r"^\| `([a-z_]+)` \|", page, re.M)) == set(cli.OURS)


def test_help_of_a_command_that_django_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["help", "verify"])
    assert caught.value.code == 0 and "--trust" in capsys.readouterr().out


@pytest.mark.parametrize(("typed", "meant"), [("verfy", "verify"), ("isue", "issue"), ("organisation", "organization")])
def test_a_slip_gets_a_hint(typed: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([typed, "x"]) == 2
    assert f"Did you mean: fieldstone {meant}" in capsys.readouterr().err


@pytest.mark.parametrize("rest", [["verify", "--offline", "--at", DAY], ["verify", "--offline", "--json", "--at", DAY], []])
def test_a_reader_that_goes_away_is_no_fault(good: Path, rest: list[str]) -> None:
    arguments = " ".join([*rest, str(good)] if rest else rest)
    line = f"{sys.executable} -m fieldstone {arguments} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], env=ENV, capture_output=True, text=True, check=False)
    assert done.stderr == "" and done.stdout.split() in (["141"], ["0"])


class Gone(io.TextIOBase):
    """Output that nobody reads."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_output_that_nobody_reads(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Gone())
    assert cli.main(["verify", "--offline", "--at", DAY, str(good)]) == cli.READER_GONE


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a credential that we can read"), (b"%PDF-1.7 \xff", "only leads to its credential"),
        (b"\x00\x01garbage", "not a credential that we can read"), (b"[1, 2]", "not a JSON object"),
    ],
)  # fmt: skip
def test_what_is_no_credential_is_not_called_a_bad_one(
    data: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    assert cli.main(["verify", "--offline", str(path)]) == 2
    said = capsys.readouterr()
    assert words in said.err and "rely" not in said.out + said.err
    assert cli.main(["verify", "--offline", "--json", str(path)]) == 2
    assert json.loads(capsys.readouterr().out)["checks"][0]["name"] == "parse"
