"""Solve a `Program` with HiGHS, to a proven optimum, by one criterion after the other.

HiGHS is loaded when the first plan is asked for, and not before: it brings NumPy, and takes a quarter of a second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .program import Program, Row

MAXIMUM_NODES = 20_000
_LARGEST = 10**12


class Unsolved(RuntimeError):
    """The solver found no choice within its bounds, and could not show that there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The columns of the best choice, their values, and whether nothing better can be."""

    values: tuple[float, ...]
    proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A sum to make small: whole numbers by column, and the most that the sum can be."""

    terms: dict[int, int]
    most: int


def criterion(terms: dict[int, int], most: int | None = None) -> Criterion:
    """Divide by what all numbers share."""
    common = math.gcd(*terms.values()) or 1
    small = {column: value // common for column, value in terms.items() if value}
    return Criterion(terms=small, most=sum(small.values()) if most is None else most)


def solve(
    program: Program, criteria: Sequence[Criterion], more: Iterable[Row] = (), patience: float | None = None
) -> Choice | None:
    """The choice that is best by the first criterion, among those by the second, and so on. None: there is none.

    `patience`: seconds for each of these questions; after them the best choice so far counts, as not proven. Raises
    Unsolved where there is none yet.
    """
    rows = [*program.rows, *more]
    proven = True
    choice: Choice | None = None
    for packed, parts in _packed(criteria):
        try:
            found = _run(program, rows, packed, patience)
        except Unsolved:
            if choice is None:
                raise
            return Choice(values=choice.values, proven=False)
        if found is None:
            return None
        choice = found
        proven = proven and choice.proven
        for part in parts:
            reached = round(sum(value * choice.values[column] for column, value in part.terms.items()))
            rows.append((-math.inf, reached, part.terms))
    assert choice is not None
    return Choice(values=choice.values, proven=proven)


def _packed(criteria: Sequence[Criterion]) -> list[tuple[Criterion, list[Criterion]]]:
    """Several criteria as one, where their numbers together stay small enough to be exact; and of which it is made."""
    found: list[tuple[Criterion, list[Criterion]]] = []
    for each in criteria:
        if found and (found[-1][0].most + 1) * (each.most + 1) <= _LARGEST:
            before, parts = found.pop()
            terms = {column: value * (each.most + 1) for column, value in before.terms.items()}
            for column, value in each.terms.items():
                terms[column] = terms.get(column, 0) + value
            most = before.most * (each.most + 1) + each.most
            found.append((Criterion(terms=terms, most=most), [*parts, each]))
        else:
            found.append((each, [each]))
    return found


def _run(program: Program, rows: Sequence[Row], goal: Criterion, patience: float | None) -> Choice | None:
    import highspy

    model = highspy.HighsLp()
    size = len(program.upper)
    model.num_col_ = size
    model.num_row_ = len(rows)
    model.col_cost_ = [float(goal.terms.get(column, 0)) for column in range(size)]
    model.col_lower_ = [0.0] * size
    model.col_upper_ = program.upper
    model.row_lower_ = [low for low, _, _ in rows]
    model.row_upper_ = [high for _, high, _ in rows]
    starts = [0]
    columns: list[int] = []
    values: list[float] = []
    for _, _, terms in rows:
        columns += terms.keys()
        values += [float(value) for value in terms.values()]
        starts.append(len(columns))
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = starts
    matrix.index_ = columns
    matrix.value_ = values
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[whole] for whole in program.whole]
    # Not `Highs`: that class prints a line to standard output when it is made.
    highs = highspy._Highs()  # type: ignore[attr-defined]  # it is there, and missing in the package's stubs
    for option, value in _OPTIONS.items():
        highs.setOptionValue(option, value)
    if patience is not None:
        highs.setOptionValue("time_limit", patience)
    highs.passModel(model)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    solution = highs.getSolution()
    if not solution.value_valid:
        raise Unsolved(f"the solver gave no answer: {status.name}")
    return Choice(values=tuple(solution.col_value), proven=status == highspy.HighsModelStatus.kOptimal)


_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.5,  # sums are whole numbers: nothing lies between two of them
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
    "mip_max_nodes": MAXIMUM_NODES,
    # Presolve of HiGHS 1.16 lost all feasible choices of one in some hundred large cases. Programs here are small, and
    # on average solved as fast without.
    "presolve": "off",
    "mip_allow_restart": False,
    # Of no use in programs this small, and half of the time.
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
