"""The catalogs of the staff screens: whole, current, and with the same placeholders as the English."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

from fieldstone.server.web import shared

WEB = Path(str(shared.__file__)).parents[1]
AUDIENCES = ("employer", "lead", "coach", "admin")
WORDS = re.compile(r"""\{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""")
CALLS = re.compile(r"""\b(?:_|_m|gettext_lazy)\(\s*"([^"]+)"\s*\)""")


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_word_has_its_spanish(audience: str) -> None:
    folder = WEB / audience / "locale" / "es" / "LC_MESSAGES"
    catalog = polib.pofile(str(folder / "django.po"))
    compiled = {e.msgid: (e.msgstr, e.msgstr_plural) for e in polib.mofile(str(folder / "django.mo"))}
    for entry in catalog:
        assert entry.translated() and not entry.fuzzy, entry.msgid
        forms = [entry.msgstr] if entry.msgstr else list(entry.msgstr_plural.values())
        assert len(forms) == (2 if entry.msgid_plural else 1), entry.msgid
        wanted = set(re.findall(r"%\(\w+\)s", entry.msgid))
        for form in forms:
            assert set(re.findall(r"%\(\w+\)s", form)) == wanted, entry.msgid
        assert entry.msgid in compiled, entry.msgid
    known = {entry.msgid for entry in catalog}
    for path in (WEB / audience).rglob("*.html"):
        for double, single in WORDS.findall(path.read_text()):
            assert (double or single) in known, (path.name, double or single)
    for path in (WEB / audience).glob("*.py"):
        for words in CALLS.findall(path.read_text()):
            assert words in known, (path.name, words)


@pytest.mark.parametrize("audience", sorted(folder.parent.name for folder in WEB.glob("*/locale")))
def test_every_catalog_is_whole_and_compiled(audience: str) -> None:
    folder = WEB / audience / "locale" / "es" / "LC_MESSAGES"
    written = {e.msgid: (e.msgstr, e.msgstr_plural) for e in polib.pofile(str(folder / "django.po")) if not e.obsolete}
    compiled = {e.msgid: (e.msgstr, e.msgstr_plural) for e in polib.mofile(str(folder / "django.mo"))}
    assert written == compiled
    assert all(one or all(many.values()) for one, many in written.values())


def test_the_forbidden_words_are_not_used() -> None:
    forbidden = re.compile(
        r"\b(reject\w*|deadline|congratulations|journey|unlock\w*|user|usuari[oa]|tú|felicidades)\b|!", re.I
    )
    for audience in AUDIENCES:
        for entry in polib.pofile(str(WEB / audience / "locale" / "es" / "LC_MESSAGES" / "django.po")):
            for words in (entry.msgid, entry.msgid_plural, entry.msgstr, *entry.msgstr_plural.values()):
                assert not forbidden.search(words or ""), words
