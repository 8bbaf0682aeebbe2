"""Every page: its links lead somewhere, and nothing from somebody's own machine is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.reading import ROOT, anchors, links, pages, text_of, without_code

IDS = [str(page.relative_to(ROOT)) for page in pages()]
SMALL = 200 * 1024


def leads_somewhere(page: Path, target: str) -> bool:
    """Whether a link stays inside the repository and finds its file and its heading; addresses of the web are let be."""
    if re.match(r"[a-z]+:", target):
        return True
    where, _, anchor = target.partition("#")
    found = (page.parent / where).resolve() if where else page
    if not found.is_relative_to(ROOT) or not found.exists():
        return False
    return not anchor or found.suffix != ".md" or anchor in anchors(found.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("https://example.org/", True),
        ("docs/tour.md", True),
        ("docs/tour.md#1-submit", True),
        ("docs/tour.md#1-sing", False),
        ("docs/nowhere.md", False),
        ("../elsewhere", False),
    ],
)
def test_what_a_broken_link_is(target: str, expected: bool) -> None:
    assert leads_somewhere(ROOT / "README.md", target) is expected


@pytest.mark.parametrize("page", pages(), ids=IDS)
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for _, target in links(page.read_text(encoding="utf-8")) if not leads_somewhere(page, target)] == []


@pytest.mark.parametrize("page", pages(), ids=IDS)
def test_pages_are_tidy(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ") and text.endswith("\n") and not text.endswith("\n\n")
    assert not re.search(r"(?<![\w.])/(?:work|tmp|root|home)/", text), "a path of somebody's own machine"
    assert "!" not in re.sub(r"!\[", "[", re.sub(r"`[^`]*`", "", without_code(text))), "no exclamation marks"
    free = ("|", "![", "- [")
    assert [line for line in text.splitlines() if len(line) > 120 and not line.startswith(free)] == []


def test_every_page_is_found_from_the_front_page() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for _, target in links(page.read_text(encoding="utf-8")):
            found = (page.parent / target.partition("#")[0]).resolve()
            if found.is_dir():
                waiting += found.glob("*.md")
            elif found.suffix == ".md" and found.is_file():
                waiting.append(found)
    assert [str(page.relative_to(ROOT)) for page in pages() if page not in reached] == []


def test_the_front_page_shows_the_product() -> None:
    pictures = [target for _, target in links(text_of("README.md")) if target.endswith(".png")]
    assert pictures
    for picture in {ROOT / target for target in pictures} | set((ROOT / "docs").rglob("*.png")):
        assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size <= SMALL, picture.name


def test_the_front_page_names_the_two_commands() -> None:
    text = text_of("README.md")
    makefile = text_of("Makefile")
    for verb in re.findall(r"`make ([\w-]+)`", text) + re.findall(r"^make ([\w-]+)", text, flags=re.M):
        assert re.search(rf"^{verb}:", makefile, flags=re.M), verb
    assert {"demo", "test"} <= set(re.findall(r"make ([\w-]+)", text))


def test_the_license_is_written_out() -> None:
    text = text_of("LICENSE")
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert 'license = "Apache-2.0"' in text_of("pyproject.toml")


def test_the_notice_names_every_document_of_others() -> None:
    notice = text_of("NOTICE")
    contexts = [path.name for path in (ROOT / "src/fieldstone/credential/contexts").iterdir() if "json" in path.suffix]
    assert len(contexts) > 5
    assert [name for name in contexts if name not in notice] == []
    fonts = [path for kind in ("woff", "woff2", "ttf", "otf") for path in (ROOT / "src").rglob(f"*.{kind}")]
    assert fonts == []
