"""The words, chips, charts and includes that page authors build on."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import polib
import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from fieldstone.server.web.shared import charts
from fieldstone.server.web.shared.stones import Stone
from fieldstone.server.web.shared.templatetags import fieldstone as tags

SHARED = Path(str(files("fieldstone.server.web.shared")))


def render(source: str, language: str = "en", **context: object) -> str:
    with translation.override(language):
        return Template("{% load i18n fieldstone %}" + source).render(Context(context))


# --- words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "en", "es"),
    [
        (date(2026, 11, 2), "November 2, 2026", "2 de noviembre de 2026"),
        ("2026-11-02", "November 2, 2026", "2 de noviembre de 2026"),
        ("2026-03-01T12:00:00Z", "March 1, 2026", "1 de marzo de 2026"),
        # 02:00 UTC on the 3rd is still the evening of the 2nd in the site's zone (America/New_York)
        (datetime(2026, 11, 3, 2, 0, tzinfo=UTC), "November 2, 2026", "2 de noviembre de 2026"),
        ("soon", "soon", "soon"),
        ("2026-13-45", "2026-13-45", "2026-13-45"),
        (None, "", ""),
    ],
)
def test_day_is_a_full_date_in_the_language_of_the_page(value: object, en: str, es: str) -> None:
    assert render("{{ v|day }}", "en", v=value) == en
    assert render("{{ v|day }}", "es", v=value) == es


@pytest.mark.parametrize(
    ("value", "words"),
    [(2400, "$2,400"), (13.43, "$13.43"), (Decimal("17.50"), "$17.50"), ("0.5", "$0.50"), (-0.15, "−$0.15"), (0, "$0"), (None, ""), ("ask", "ask")],
)  # fmt: skip
def test_money(value: object, words: str) -> None:
    assert tags.money(value) == words


def test_cost_is_free_at_zero() -> None:
    assert [render("{{ v|cost }}", "en", v=v) for v in (0, "0.00", 60, None)] == ["Free", "Free", "$60", ""]
    assert render("{{ 0|cost }}", "es") == "Gratis"


def test_hours_and_levels_in_both_languages() -> None:
    assert [render("{{ v|hours }}", "en", v=v) for v in (1, 15, 2.5, 0, None)] == ["1 hour", "15 hours", "2.5 hours", "0 hours", ""]
    assert [render("{{ v|hours }}", "es", v=v) for v in (1, 15, "2.50")] == ["1 hora", "15 horas", "2.5 horas"]
    assert render("{{ 2|level }}", "en") == "Level 2, practice" and render("{{ 3|level }}", "es") == "Nivel 3, en el trabajo"


def test_text_takes_the_language_of_the_page_and_falls_back_to_the_other() -> None:
    both = {"en": "Word", "es": "Palabra"}
    assert render("{{ v|text }}", "en", v=both) == "Word" and render("{{ v|text }}", "es", v=both) == "Palabra"
    assert render("{{ v|text }}", "en", v={"es": "Palabra"}) == "Palabra"
    assert render("{{ v|text }}", "es", v={"en": "Word", "es": ""}) == "Word"
    assert render("{{ v|text }}", "en", v={}) == "" and render("{{ v|text }}", "en", v="plain") == "plain"
    assert render("{{ v|text }}", "en", v=None) == ""
    assert render("{{ v|text }}", "en", v={"en": "<b>"}) == "&lt;b&gt;"


def test_clock_and_count() -> None:
    moment = datetime(2026, 11, 23, 15, 42, tzinfo=UTC)
    assert render("{{ v|clock }}", "en", v=moment) == "10:42 AM"
    assert render("{{ v|clock }}", "es", v=moment) == "10:42 a. m."
    assert render("{{ v|clock }}", "en", v=datetime(2026, 1, 1, 0, 5)) == "12:05 AM"
    assert render("{{ v|clock }}", "es", v=datetime(2026, 1, 1, 12, 5)) == "12:05 p. m."
    assert render("{{ v|clock }}", "en", v="x") == ""
    assert render("{{ 1100|count }}{{ n|count }}", n=None) == "1,100"


# --- chips, pictures ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(tags.CHIPS))
def test_every_status_is_shape_and_word(state: str) -> None:
    text = render("{% chip state %}", state=state)
    assert "<svg" in text and 'aria-hidden="true"' in text
    assert re.search(r"<span>[^<]{3,}</span></span>$", text)


def test_no_two_statuses_of_one_list_share_a_shape() -> None:
    for family in (
        ("earned", "review", "draft", "missing"),
        ("passed", "failed", "unknown"),
        ("demonstrated", "not_yet", "cannot_tell"),
        ("on_time", "late", "waiting", "broken"),
        ("received", "sending", "phone", "dark"),
    ):
        assert len({tags.CHIPS[s][0] for s in family}) == len(family)


def test_chip_words_are_escaped_and_unknown_states_are_loud() -> None:
    assert "&lt;i&gt;" in render("{% chip 'in_review' words %}", words="<i>")
    with pytest.raises(KeyError):
        tags.chip("sparkling")


def test_a_stone_from_an_imported_definition_always_has_a_picture() -> None:
    text = render("{% stone 'x' level=2 glyph='unicorn' family='pink' state='in_review' label='A <stone>' %}")
    ElementTree.fromstring(text)
    assert "fam-slate s-review" in text and 'aria-label="A &lt;stone&gt;"' in text


def test_a_wall_says_in_one_sentence_what_it_shows() -> None:
    members = [
        Stone("a"),
        {"id": "b", "state": "in_review", "glyph": "eye", "family": "moss", "hours": 12},
        {"id": "c"},
    ]
    text = render("{% wall 'cda' members cap=cap %}", members=members, cap=Stone("top", state="missing"))
    assert 'aria-label="A wall of 3 stones: 1 earned, 1 in review, 1 not started. The capstone is not set yet."' in text
    assert "A wall of 0 stones." in render("{% wall 'cda' members %}", members=[])
    cairn = render("{% wall 'cda' members cap=cap sequence=True label='Mine' %}", "es", members=members, cap=Stone("t"))
    assert 'class="wall cairn"' in cairn and 'aria-label="Mine"' in cairn
    done = render("{% wall 'cda' members cap=cap %}", "es", members=members[:1], cap=Stone("t"))
    assert "Un muro de 1 piedra: 1 obtenida. La piedra de remate está puesta." in done


def test_courses_from_plain_dicts() -> None:
    text = render("{% hours_course runs 40 'x' %}{% course_strip parts 'y' %}",
                  runs=[{"hours": 10, "id": "a"}], parts=[{"amount": 3, "state": "broken"}])  # fmt: skip
    assert "s-earned" in text and "s-missing" in text and "s-broken" in text


# --- charts ------------------------------------------------------------------------------------------


def test_bars_are_in_proportion_and_keep_text_at_one_size() -> None:
    text = render("{% bar_chart rows 'Looked & earned' %}", rows=[("Looked", 2000), ("Earned", 500, "5 hundred"), charts.Bar("None", 0, "0")])
    root = ElementTree.fromstring(text)
    widths = [r.get("width") for r in root.iter("rect")]
    assert widths == ["44%", "11%", "0.8%"]
    assert [t.text for t in root.iter("text")] == ["Looked", "2,000", "Earned", "5 hundred", "None", "0"]
    assert root.get("viewBox") is None and root.get("aria-label") == "Looked & earned"


def test_long_names_wrap_and_no_bars_is_no_error() -> None:
    text = charts.bar_chart_svg([charts.Bar("Adult education and family literacy", 1, "1")], label="x")
    assert len(list(ElementTree.fromstring(text).iter("text"))) == 3
    ElementTree.fromstring(charts.bar_chart_svg([], label="x"))


def test_pay_bar_places_the_median_on_the_shared_scale() -> None:
    text = render("{% pay_bar 10 20 60 0 40 'x' %}")
    marks = {e.get("class"): (e.get("x1"), e.get("x2")) for e in ElementTree.fromstring(text).iter("line")}
    assert marks["mark"] == ("50%", "50%") and marks["range"] == ("25%", "100%")  # beyond the scale is cut


def test_line_chart_runs_from_first_to_last() -> None:
    text = charts.line_chart_svg(
        [(0, 0), (1, 150)], ticks=[charts.Tick(0, "0"), charts.Tick(150, "150")],
        names=[charts.Tick(0, "a"), charts.Tick(0.5, "b"), charts.Tick(1, "c")], first="none", last="all", label="x", height=100,
    )  # fmt: skip
    line = next(e for e in ElementTree.fromstring(text).iter("line") if e.get("class") == "line")
    assert [line.get(k) for k in ("x1", "x2", "y1", "y2")] == ["0%", "97%", "70", "14"]


def test_event_chart_draws_an_interval_for_every_estimate_but_the_base() -> None:
    text = charts.event_chart_svg(
        [charts.Estimate(-2, 0.1, -0.2, 0.4), charts.Estimate(-1, 0, 0, 0), charts.Estimate(0, 0.5, 0.2, 0.8)],
        ticks=[charts.Tick(-1, "−1"), charts.Tick(0, "0"), charts.Tick(1, "1")], names=[charts.Tick(0, "0")],
        before="before", after="after", axis="quarters", label="x",
    )  # fmt: skip
    classes = Counter(e.get("class") for e in ElementTree.fromstring(text).iter())
    assert classes["range was"] == 1 and classes["range"] == 1
    assert classes["dot was"] == 2 and classes["dot"] == 1


# --- includes and the frame --------------------------------------------------------------------------


def test_a_field_says_hint_and_error_before_the_control_and_ties_them_to_it() -> None:
    text = render("{% include 'shared/components/field.html' with name='r' kind='textarea' label='Q' hint='H' error='E' value=v words=9 min=100 max=250 %}", v="<v>")
    assert text.index("H</p>") < text.index("E</p>") < text.index("<textarea")
    assert 'aria-describedby="r-hint r-error r-count"' in text and 'aria-invalid="true"' in text
    assert "&lt;v&gt;</textarea>" in text and "9 words of 100 to 250" in text and '<label for="r">' in text


def test_an_error_summary_links_to_the_field() -> None:
    text = render("{% include 'shared/components/error_summary.html' %}", problems=[{"field": "r", "message": "Write more"}, {"field": "", "message": "Also"}])
    assert '<a href="#r">Write more</a>' in text and "2 things are missing or unclear" in text and 'role="alert"' in text
    assert render("{% include 'shared/components/error_summary.html' %}", problems=[]).strip() == ""


def test_stacked_tables_keep_their_roles() -> None:
    text = render("{% include 'shared/components/rubric.html' %}", criteria=[{"name": {"en": "N"}, "demonstrated": "D", "not_yet": "Y"}])
    for role in ("table", "rowgroup", "row", "columnheader", "rowheader", "cell"):
        assert f'role="{role}"' in text


def test_navlink_marks_the_open_page_and_leaves_out_what_does_not_exist() -> None:
    class Request:
        path = "/style/"

    assert render("{% navlink 'shared:style' 'S' %}", request=Request()) == '<li><a href="/style/" aria-current="page">S</a></li>'
    assert render("{% navlink 'shared:nowhere' 'S' %}", request=Request()) == ""


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.classes: set[str] = set()
        self.inline: list[str] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "class":
                self.classes.update((value or "").split())
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")
        if tag == "style" or (tag == "script" and not dict(attrs).get("src")):
            self.inline.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_style_page_is_whole_strict_and_translated(language: str) -> None:
    with translation.override("en"):  # the test client leaves the language it met switched on
        response = Client(headers={"accept-language": language}).get("/style/")
    html = response.content.decode()
    page = _Page()
    page.feed(html)
    assert response.status_code == 200 and f'<html lang="{language}">' in html
    assert page.inline == []
    assert [i for i, n in Counter(page.ids).items() if n > 1] == []
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(page.headings))
    css = (SHARED / "static/fieldstone/app.css").read_text()
    unstyled = {c for c in page.classes if not re.search(rf"\.{re.escape(c)}\b", css)}
    assert unstyled <= {"bars", "c-line", "c-plain", "s-earned", "why"}  # these take what their parent gives


@pytest.mark.django_db
def test_the_language_switch_is_a_form_that_comes_back(client: Client) -> None:
    with translation.override("en"):
        assert client.post("/language/", {"language": "es", "next": "/style/"}).headers["Location"] == "/style/"
        assert '<html lang="es">' in client.get("/style/").content.decode()


def test_every_shared_sentence_has_its_spanish_and_the_compiled_file_is_current() -> None:
    folder = SHARED / "locale/es/LC_MESSAGES"
    source = polib.pofile(str(folder / "django.po"))
    assert [e.msgid for e in source.untranslated_entries() + source.fuzzy_entries()] == []
    compiled = {e.msgid: (e.msgstr, e.msgstr_plural) for e in polib.mofile(str(folder / "django.mo"))}
    assert compiled == {e.msgid: (e.msgstr, e.msgstr_plural) for e in source}


def test_placeholders_survive_translation() -> None:
    source = polib.pofile(str(SHARED / "locale/es/LC_MESSAGES/django.po"))
    for entry in source:
        wanted = set(re.findall(r"%\(\w+\)[sd]", entry.msgid + entry.msgid_plural))
        for words in filter(None, [entry.msgstr, *entry.msgstr_plural.values()]):
            used = set(re.findall(r"%\(\w+\)[sd]", words))
            assert used == wanted or (words == entry.msgstr_plural.get(0) and used <= wanted)


def test_the_stylesheet_stays_small() -> None:
    assert len(gzip.compress((SHARED / "static/fieldstone/app.css").read_bytes(), 9)) <= 7_500


def test_every_class_in_a_shared_template_has_a_rule() -> None:
    web = SHARED.parent
    rules = "".join(re.sub(r"/\*.*?\*/", "", f.read_text(), flags=re.DOTALL) for f in web.glob("*/static/**/*.css"))
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", rules)) | {"why"}  # .note.why takes what .note gives
    unknown = set()
    for template in SHARED.glob("templates/**/*.html"):
        for value in re.findall(r'class="([^"]*)"', template.read_text()):
            words = re.sub(r"{%.*?%}|{{.*?}}", " ", value).split()
            unknown |= {(template.name, word) for word in words if word not in known}
    assert unknown == set()
