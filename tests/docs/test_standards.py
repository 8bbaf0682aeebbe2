"""The page of standards names tests that exist, and every proof suite that we know."""

from __future__ import annotations

import re

from fieldstone.commands.conformance import VARIANTS
from fieldstone.credential import SUITES
from tests.docs.reading import ROOT, rows, text_of

PAGE = "docs/standards.md"


def exists(name: str) -> bool:
    """Whether `folder/file.py` or `folder/file.py::test` is one of our tests."""
    file, _, test = name.partition("::")
    path = ROOT / "tests" / file
    return path.is_file() and (not test or re.search(rf"^def {test}\(", path.read_text(), re.M) is not None)


def named() -> list[str]:
    return re.findall(r"`(\w+/test_\w+\.py(?:::\w+)?)`", text_of(PAGE))


def test_every_named_test_exists() -> None:
    assert len(named()) > 25
    assert [name for name in named() if not exists(name)] == []


def test_what_a_missing_test_is() -> None:
    assert not exists("credential/test_keys.py::test_nothing")
    assert not exists("credential/test_nothing.py")


def test_what_is_implemented_is_proven() -> None:
    for row in rows(text_of(PAGE)):
        assert len(row) == 4, row
        assert bool(row[1]) == bool(row[2]), row


def test_every_suite_and_address_is_on_the_page() -> None:
    text = text_of(PAGE)
    assert [name for name in SUITES if name not in text] == []
    assert [prefix for prefix in VARIANTS if f"`{prefix or '/'}`" not in text] == []
