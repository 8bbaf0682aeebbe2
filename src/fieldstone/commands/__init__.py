"""Commands that need neither a server nor a database, and never load Django: one module each.

They work with files and the library `fieldstone.credential`; each gives 0, or 1 where the work was not done, or 2
where the command itself was wrong.
"""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from typing import Final

COMMANDS: Final = {
    "bake": "Put a credential into a badge image",
    "conformance": "Answer public conformance suites on this machine",
    "extract": "Take the credential out of a badge image",
    "issue": "Issue one credential for each row of a table",
    "jose": "Sign or check one file, as the conformance suite for JOSE and COSE asks",
    "keys": "Make, replace and show signing keys",
}


def run(name: str, arguments: list[str], *, at: datetime) -> int:
    """Run one of `COMMANDS` at this moment; gives the exit status."""
    result: int = import_module(f"fieldstone.commands.{name}").run(arguments, at)
    return result
