"""The `fieldstone` command.

`fieldstone verify` and the commands in `fieldstone.commands` need neither a server nor a database and never load
Django; every other subcommand (`demo`, `serve`, `migrate`, `worker`…) is a Django management command.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from fieldstone import commands
from fieldstone.credential import (
    AnyIssuer,
    CredentialError,
    Offline,
    Outcome,
    Report,
    Resolver,
    TrustedIssuers,
    Verdict,
    verify,
)
from fieldstone.credential.baked import unbake
from fieldstone.server.net import FetchError, NetResolver, fetch

EXIT: Final = {Verdict.VERIFIED: 0, Verdict.NOT_VERIFIED: 1, Verdict.COULD_NOT_TELL: 2}
LARGEST: Final = 4 * 1024 * 1024
"""How much of a file or an answer is read, in bytes; more than this is no credential."""
READER_GONE: Final = 141
"""The exit status where nobody reads any more what is printed: that of a program that a closed pipe ended."""
VERIFY: Final = "Check a credential: a file, a badge image, an https address, or - for input"
SITE: Final = {
    "demo": "Show the four programs with invented people, on this machine",
    "setup": "Create or update the database, the data folder and the starter facts",
    "organization": "Make an organization and its first administrator",
    "serve": "Serve the site, with a worker beside it",
    "worker": "Work on mail, documents and re-evaluation until stopped",
    "import": "Import an official file: occupations, wages, places, schools",
    "export": "Write what a program published, a framework, or a learner's dates as a file",
    "signing_keys": "List the organizations' keys, remove a stolen one, seal all under a new secret",
}
"""Commands that need the server's settings; Django runs them."""
OURS: Final = ("verify", *commands.COMMANDS, *SITE)
_MARKS: Final = {Outcome.PASSED: "ok ", Outcome.FAILED: "NO ", Outcome.COULD_NOT_TELL: "?  "}
_KNOWN: Final = "Verified. This credential is genuine and valid."
_SENTENCES: Final = {
    Verdict.VERIFIED: "Unchanged and valid. Who issued it was not asked: the name below is what the file says of\n"
    "itself. Name an issuer you trust with --trust DID.",
    Verdict.NOT_VERIFIED: "Not verified. Do not rely on this credential.",
    Verdict.COULD_NOT_TELL: "Could not tell. At least one question stayed open.",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; gives the exit status."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    if argv[:1] == ["help"] and argv[1:2] and argv[1] in OURS:
        argv = [argv[1], "--help"]
    try:
        status = _run(argv)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read what we print has gone, as `head` does
        sys.stdout = io.StringIO()
        return READER_GONE
    return status


def _run(argv: list[str]) -> int:
    if argv[:1] == ["verify"]:
        return verify_command(argv[1:])
    if argv and argv[0] in commands.COMMANDS:
        return commands.run(argv[0], argv[1:], at=datetime.now(UTC))
    if argv in ([], ["help"], ["--help"], ["-h"]):
        print(overview())
        return 0
    _settle(argv)
    from django.core.management import execute_from_command_line, get_commands

    if argv[0] not in SITE and (meant := get_close_matches(argv[0], OURS, 1)) and argv[0] not in get_commands():
        print(f"fieldstone: there is no command {argv[0]}. Did you mean: fieldstone {meant[0]}", file=sys.stderr)
        return 2
    execute_from_command_line(["fieldstone", *argv])
    return 0


def overview() -> str:
    """Every command of ours in a line, those first that need no server."""
    parts = (("Without a server or a database:", {"verify": VERIFY, **commands.COMMANDS}), ("For a site:", SITE))
    rows = ["Usage: fieldstone COMMAND [options]"]
    for title, listed in parts:
        rows += ["", title, *(f"  {name:14}{words}." for name, words in listed.items())]
    rows += ["", "More about one: fieldstone COMMAND --help", "Those of Django too: fieldstone help --commands"]
    return "\n".join(rows)


def _settle(argv: Sequence[str]) -> None:
    """Options that the settings need before Django reads them: the data folder, the port, the demonstration."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("command", nargs="?")
    parser.add_argument("--data")
    parser.add_argument("--port")
    known, _others = parser.parse_known_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fieldstone.server.config.settings")
    if known.data:
        os.environ["FIELDSTONE_DATA"] = known.data
    if known.port and known.port.isdecimal():
        os.environ.setdefault("FIELDSTONE_BASE_URL", f"http://127.0.0.1:{known.port}")
    if known.command == "demo":
        os.environ["FIELDSTONE_DEMO"] = "1"


def verify_command(argv: list[str]) -> int:
    """`fieldstone verify`: 0 verified, 1 not verified, 2 could not tell or the command was wrong."""
    parser = argparse.ArgumentParser(
        prog="fieldstone verify",
        description="Check a credential: a JSON or JWT file, a badge image (PNG, SVG), an https address, or - for "
        "input. Who issued it is asked only with --trust: anybody can sign, and write any name beside the key.",
        epilog="Exit status: 0 verified, 1 not verified, 2 could not tell, no credential, or the command was wrong.",
    )
    parser.add_argument("source", metavar="FILE|URL|-")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--at", type=_moment, metavar="ISO", help="the moment to check for (default: now)")
    parser.add_argument("--trust", action="append", metavar="DID", help="a trusted issuer; may be repeated")
    parser.add_argument("--offline", action="store_true", help="ask nobody; open questions stay open")
    options = parser.parse_args(argv)
    resolver: Resolver = Offline() if options.offline else NetResolver()
    try:
        data = unbake(_read(options.source))
    except (OSError, FetchError, CredentialError) as error:
        print(f"{options.source} could not be read: {_words(error)}", file=sys.stderr)
        return 2
    report = verify(
        data,
        resolver=resolver,
        at=options.at or datetime.now(UTC),
        policy=TrustedIssuers(options.trust) if options.trust else AnyIssuer(),
    )
    unread = report.document is None and [check.name for check in report.checks] == ["parse"]
    if unread and not options.json:
        why = _printable(report.checks[0].detail)
        hint = " A certificate (PDF) only leads to its credential." if data.startswith(b"%PDF") else ""
        print(f"This is not a credential that we can read. {why}{hint}", file=sys.stderr)
        return EXIT[Verdict.COULD_NOT_TELL]
    print(json.dumps(report.to_json(), ensure_ascii=False, indent=2) if options.json else plain(report))
    return EXIT[Verdict.COULD_NOT_TELL] if unread else EXIT[report.verdict]


def plain(report: Report) -> str:
    """The report in plain words, then its numbered checks."""
    sure = report.verdict is Verdict.VERIFIED and report.issuer_known
    rows = [_KNOWN if sure else _SENTENCES[report.verdict], ""]
    for label, value in (
        ("What", report.title),
        ("Who", report.recipient_name),
        ("Issuer", " ".join(part for part in (report.issuer_name, f"({report.issuer_id})") if part != "()")),
        ("From", report.valid_from),
        ("Until", report.valid_until),
    ):
        if value:
            rows.append(f"{label + ':':8}{_printable(value)}")
    rows.append("")
    rows.extend(
        f"{check.number:2}. {_MARKS[check.outcome]} {check.question} {_printable(check.detail)}"
        for check in report.checks
    )
    return "\n".join(rows)


def _read(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    if source.startswith(("https://", "http://")):
        return fetch(source, max_bytes=LARGEST, accept="*/*").body
    with Path(source).open("rb") as file:
        return file.read(LARGEST + 1)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _printable(text: str) -> str:
    """Text from a stranger's document, without what could steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def _words(error: Exception) -> str:
    if isinstance(error, FetchError | CredentialError):
        return error.detail
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else type(error).__name__
