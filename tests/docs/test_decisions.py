"""Decisions: numbered, dated, of one page and one form, and listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.reading import ROOT, links, text_of

FOLDER = ROOT / "docs" / "adr"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))


@pytest.mark.parametrize("page", DECISIONS, ids=[page.stem for page in DECISIONS])
def test_a_decision_has_the_form_of_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    number = int(re.match(r"(\d{4})-[a-z0-9-]+\.md", page.name)[1])  # type: ignore[index]
    assert text.startswith(f"# {number}. ")
    assert re.search(r"^Status: (accepted|replaced by \[\d+\]\([^)]+\))\. Date: \d{4}-\d\d-\d\d\.$", text, flags=re.M)
    assert re.findall(r"^## (.+)$", text, flags=re.M) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 50, "a page"


def test_numbers_are_used_once_and_all_are_listed() -> None:
    numbers = [page.name[:4] for page in DECISIONS]
    assert len(numbers) == len(set(numbers))
    titles = {page.name: page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for page in DECISIONS}
    assert {target: words for words, target in links(text_of("docs/adr/README.md"))} == titles
