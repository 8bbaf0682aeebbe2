"""Everybody's readiness for every job is what `readiness` says of one person and one job."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.stacking import Asked, Shown, readiness
from fieldstone.stacking.population import jobs as module
from fieldstone.stacking.population.jobs import Jobs, hundredths

SKILLS = 3
ratings = st.lists(st.integers(0, 700), min_size=SKILLS, max_size=SKILLS)


def plain(importance: list[int], asked: list[int], shown: list[int]) -> Fraction | None:
    """Readiness of one for one, exactly; None where the job asks for nothing."""
    job = [Asked(skill=str(n), importance=importance[n], level=asked[n]) for n in range(SKILLS)]
    found = readiness(job, [Shown(skill=str(n), level=shown[n], credential="c") for n in range(SKILLS)])
    return found.value if found.asks else None


@given(
    st.lists(st.tuples(ratings, ratings), min_size=1, max_size=7),
    st.lists(ratings, max_size=6),
    st.integers(1, 6),
    st.integers(1, 3),
)
@settings(max_examples=60, deadline=None)
def test_the_best_jobs_are_those_of_each_alone(
    asked: list[tuple[list[int], list[int]]], people: list[list[int]], top: int, block: int
) -> None:
    importance, level = (np.array([pair[n] for pair in asked]) for n in (0, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PEOPLE", block)
        positions, values = Jobs(importance, level).best(np.array(people, np.int16).reshape(-1, SKILLS), top)
    for person, shown in enumerate(people):
        every = [(plain(*job, shown), at) for at, job in enumerate(asked)]
        expected = sorted([(-value, at) for value, at in every if value is not None])[:top]
        lacking = top - len(expected)
        assert positions[person].tolist() == [at for _, at in expected] + [-1] * lacking
        assert values[person].tolist() == pytest.approx([float(-value) for value, _ in expected] + [0.0] * lacking)


def test_many_skills_are_added_exactly() -> None:
    skills = 60
    jobs = Jobs(np.full((2, skills), 500), np.full((2, skills), 700))
    shown = np.full((1, skills), 699)
    assert jobs.best(shown, 1)[1][0, 0] == 699 / 700


def test_ratings_have_two_decimals() -> None:
    assert hundredths([[4.12, 0.29]]).tolist() == [[412, 29]]
    for wrong in (0.001, -1, 1000.01):
        with pytest.raises(ValueError, match="two decimals"):
            hundredths([wrong])


def test_shapes_must_fit() -> None:
    with pytest.raises(ValueError, match="jobs x skills"):
        Jobs(np.ones((2, 3)), np.ones((2, 2)))
    jobs = Jobs(np.ones((2, 3)), np.ones((2, 3)))
    for wrong in (np.ones((1, 2), int), np.ones(3, int), -np.ones((1, 3), int)):
        with pytest.raises(ValueError, match="people x skills"):
            jobs.best(wrong)
