"""Stones and walls: the published vectors exactly, and laws that hold for every identifier."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.server.web.shared import stones, walls
from fieldstone.server.web.shared.stones import Stone

VECTORS = [
    ("cda-1", 1, 2, "M15.7 25.2Q26.1 12.3 44.2 10.4L44.2 10.4Q62.2 8.4 76.3 19.1L76.3 19.1Q90.4 29.7 90.4 48.2L90.4 48.2Q90.5 66.7 78.1 76.7L78.1 76.7Q65.6 86.7 48 88.4L48 88.4Q30.4 90.2 18 78.4L18 78.4Q5.7 66.6 5.4 52.4L5.4 52.4Q5.2 38.1 15.7 25.2z"),
    ("cda-7", 2, 3, "M5.9 68.8Q3.9 61.3 5.5 54.4L6.8 48.9Q8.4 42 15.9 33.8L21.7 27.5Q29.2 19.4 40.5 19.1L49.3 18.9Q60.5 18.6 67.7 22.4L73.3 25.3Q80.5 29.1 83 39.9L85 48.3Q87.4 59.1 86 67.3L85 73.7Q83.6 82 56.9 82L36.2 82Q9.6 82 7.5 74.6z"),
    ("adm-3", 3, 2, "M6.6 24.6Q7 18.7 15 17.8L38.9 14.9Q46.8 14 54.4 14.5L77.2 15.9Q84.8 16.4 86.1 23.4L89.8 44.3Q91.1 51.3 90.1 57.5L87 76.2Q86 82.5 78.1 82.9L54.3 84.3Q46.3 84.7 38.5 84.7L15 84.5Q7.2 84.5 6.7 77.2L5.3 55.3Q4.8 48 5.2 42.2z"),
    ("aqua-3", 3, 1, "M9.9 22.9Q10.8 16.2 18.1 15.3L39.9 12.8Q47.2 12 55.6 13.1L80.7 16.4Q89.1 17.5 89.5 23.8L90.7 42.7Q91.1 49 90.5 56.4L88.7 78.7Q88.1 86.1 80.4 85.8L57.5 84.8Q49.8 84.5 41.6 84.5L17 84.6Q8.8 84.7 8.2 77.7L6.6 57Q6 50 7 43.3z"),
    ("slate0", 1, 1, "M16.5 24.8Q27.8 14.1 45.8 13.3L45.8 13.3Q63.9 12.4 78 23.9L78 23.9Q92.2 35.3 92.8 49.4L92.8 49.4Q93.5 63.4 79.7 74.8L79.7 74.8Q66 86.2 50.2 87.3L50.2 87.3Q34.4 88.5 19.4 75.6L19.4 75.6Q4.4 62.8 4.8 49.1L4.8 49.1Q5.2 35.4 16.5 24.8z"),
    ("ñandú", 2, 1, "M8.7 68.4Q5.1 60.8 8.3 52L10.7 45.2Q13.9 36.4 19.9 32.5L24.7 29.4Q30.7 25.5 42 22.6L50.7 20.3Q62 17.4 69.8 22.4L75.8 26.3Q83.5 31.4 85.6 40.6L87.2 47.8Q89.3 57 89.2 66L89.2 73Q89.2 82 62.6 82L41.9 82Q15.2 82 11.6 74.4z"),
]  # fmt: skip
SVG = "{http://www.w3.org/2000/svg}"
identifiers = st.text(min_size=1, max_size=30)


@pytest.mark.parametrize(("identifier", "level", "tone", "path"), VECTORS)
def test_outline_and_tone_match_the_published_vectors(identifier: str, level: int, tone: int, path: str) -> None:
    assert stones.outline(identifier, level) == path
    assert stones.tone(identifier) == tone


def test_the_outline_of_a_vector_is_what_a_page_draws() -> None:
    drawn = stones.stone_svg("cda-7", level=2, glyph="eye", family="moss")
    assert f'<path class="f0" d="{VECTORS[1][3]}"/>' in drawn
    assert 'class="f3"' in drawn and drawn.count('class="f') == 3  # foot, face, flecks


@given(identifiers, st.sampled_from([1, 2, 3]), st.sampled_from(stones.STATES), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_stone_is_small_wellformed_safe_and_repeatable(
    identifier: str, level: int, state: str, standalone: bool
) -> None:
    def draw() -> str:
        return stones.stone_svg(
            identifier, level=level, glyph="eye", family="sky", state=state, standalone=standalone, label="A & <b>"
        )

    text = draw()
    assert text == draw()
    assert len(text.encode()) < 2500
    assert " style=" not in text and " id=" not in text and "A &amp; &lt;b&gt;" in text
    assert not re.search(r"\d\.\d\d", re.sub(r'transform="[^"]*"|stroke-opacity="[^"]*"| d="M2.5 12S[^"]*"', "", text))
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img" and root.get("viewBox") == "0 0 96 96"
    if standalone:
        assert root.tag == f"{SVG}svg" and "class=" not in text and "var(" not in text


def test_a_stone_without_a_label_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in stones.stone_svg("a", level=1, glyph="fish", family="clay")


@given(identifiers, st.sampled_from([1, 2, 3]))
@settings(max_examples=60, deadline=None)
def test_flecks_and_seams_stay_on_the_face(identifier: str, level: int) -> None:
    text = stones.stone_svg(identifier, level=level, glyph="eye", family="slate")
    xs, ys = zip(*stones.flatten(stones.round_by_share(*stones.vertices(identifier, level))), strict=True)
    marks = re.findall(r'class="(?:fl|se)" d="([^"]*)"', text)
    assert len(marks) == (1 if level == 1 else 2)
    assert marks[-1].count("Q") == level - 1
    for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", "".join(marks)):
        assert min(xs) <= float(x) <= max(xs) and min(ys) <= float(y) <= max(ys)


def test_the_states_differ_in_shape_not_only_in_color() -> None:
    drawn = {s: stones.stone_svg("a", level=2, glyph="eye", family="moss", state=s, standalone=True) for s in stones.STATES}
    assert "stroke-dasharray" not in drawn["earned"] + drawn["review"]
    assert 'stroke-dasharray="7 5"' in drawn["draft"] and 'stroke-dasharray="2 5"' in drawn["missing"]
    assert drawn["review"].count("L") > drawn["draft"].count("L")  # the hatch


def test_hatch_lines_lie_at_45_degrees_inside_the_shape_and_spare_the_disc() -> None:
    square = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
    lines = re.findall(r"M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)", stones.hatch(square, 7, spare=(50, 50, 20)))
    # a square of 100 is 141.4 across its diagonal: 20 lines 7 apart, and each that meets the disc (5 or 6) counts twice
    assert 20 + 5 <= len(lines) <= 20 + 6
    for line in lines:
        x0, y0, x1, y1 = map(float, line)
        assert abs((x1 - x0) + (y1 - y0)) < 0.25
        for x, y in ((x0, y0), (x1, y1), ((x0 + x1) / 2, (y0 + y1) / 2)):
            assert 0 <= x <= 100 and 0 <= y <= 100 and (x - 50) ** 2 + (y - 50) ** 2 >= 19.8**2


def test_unknown_words_are_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        stones.outline("a", 4)
    with pytest.raises(ValueError, match="state"):
        stones.stone_svg("a", level=1, glyph="eye", family="moss", state="lost")
    with pytest.raises(ValueError, match="family"):
        stones.stone_svg("a", level=1, glyph="eye", family="gold")
    with pytest.raises(KeyError):
        stones.stone_svg("a", level=1, glyph="gold", family="moss")


def test_a_program_without_a_color_gets_one_of_the_four() -> None:
    # SHA-256("a") begins ca hex = 202; 202 mod 4 = 2, counted from slate: clay.
    assert stones.family_of("a") == "clay"


@pytest.mark.parametrize(
    ("n", "courses"),
    [(1, [1]), (2, [2]), (3, [2, 1]), (5, [3, 2]), (8, [3, 3, 2]), (18, [5, 5, 4, 4]), (20, [5, 5, 5, 5])],
)
def test_courses_follow_the_rule(n: int, courses: list[int]) -> None:
    # r = max(1, round(sqrt(.9 n))), extras low: 0.9*3 = 2.7, root 1.64, two courses; and so on by hand.
    assert walls.rows(n) == courses


def test_three_in_sequence_make_a_cairn() -> None:
    assert walls.rows(3, sequence=True) == [1, 1, 1]
    assert walls.rows(4, sequence=True) == [2, 2]
    assert walls.rows(0) == []


def test_a_set_stone_keeps_its_place_when_more_are_set() -> None:
    a, b = Stone("a", earned_on=date(2026, 1, 1)), Stone("b", state="draft")
    c, d = Stone("c", state="review"), Stone("d", earned_on=date(2025, 1, 1))
    assert [s.id for s in walls.arrange([a, b, c, d])] == ["d", "a", "c", "b"]
    later = Stone("b", earned_on=date(2026, 6, 1))
    assert [s.id for s in walls.arrange([a, later, c, d])] == ["d", "a", "b", "c"]


stone_lists = st.lists(
    st.builds(
        Stone,
        id=identifiers,
        level=st.sampled_from([1, 2, 3]),
        state=st.sampled_from(stones.STATES),
        hours=st.floats(1, 120),
    ),
    min_size=1,
    max_size=24,
)


@given(stone_lists, identifiers)
@settings(max_examples=40, deadline=None)
def test_every_wall_is_wellformed_and_its_stones_stand_in_order(members: list[Stone], stack: str) -> None:
    width = walls.wall_width(len(members))
    text = walls.wall_svg(stack, members, cap=Stone("cap"), label="x")
    root = ElementTree.fromstring(text)
    groups = root.findall("g")
    assert len(groups) == len(members) + 1
    assert len(text.encode()) < 2600 * (len(members) + 1)
    below: list[float] = []
    start = 0
    ordered = walls.arrange(members)
    for i, count in enumerate(walls.rows(len(members))):
        xs = walls.joints_of(ordered[start : start + count], i, width, below)
        assert xs == sorted(xs) and all(b - a >= walls.NARROWEST - 1e-6 for a, b in pairwise(xs))
        assert xs[0] == 5 * i + 3 and abs(xs[-1] - (width - 5 * i - 3)) < 1e-6
        below, start = xs, start + count


def test_hours_course_fills_in_proportion_and_dots_the_rest() -> None:
    text = walls.hours_course_svg([walls.Run(30, id="a"), walls.Run(30, "review", id="b")], total=120, label="x")
    assert [g.get("class") for g in ElementTree.fromstring(text).findall("g")] == [
        "fam-moss s-earned",
        "fam-moss s-review",
        "fam-moss s-missing",
    ]
    # 573 drawing units hold 120 hours: the first stone ends 3 before 1.5 + 573/4 = 144.75
    assert "141.8" in text
    full = walls.hours_course_svg([walls.Run(130)], total=120)
    assert "s-missing" not in full


def test_strips_and_footer_are_decoration() -> None:
    for text in (walls.strip_svg("x"), walls.footer_course_svg()):
        assert 'aria-hidden="true"' in text
        ElementTree.fromstring(text)
    assert "class=" not in walls.strip_svg("x", standalone=True)
