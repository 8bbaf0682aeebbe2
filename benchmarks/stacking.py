"""Stacks for a whole population: who meets what, how far along, the five nearest, one award more, readiness, plans.

An invented population, always the same (`benchmarks/crowd.py`): at full size 1,000,000 learners, 2,000
micro-credentials and 1,000 requirement trees. DuckDB and NumPy get the same tables in the same run, and their answers
are compared with ours, pair by pair. Seconds are processor time of all cores; each side works in a process of its own,
whose peak memory is printed. Making tables is not counted for the peers; for us, compiling and sorting are.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import plans, stacking_sql
from benchmarks.crowd import Crowd, crowd
from benchmarks.measure import Case, megabytes, note, show
from fieldstone.stacking import population
from fieldstone.stacking.population.jobs import Jobs, hundredths

SEED = 20_260_302
JOBS, SKILLS = 879, 35
AWARDS = 2_000
Answer = dict[str, Any]


def peak() -> float:
    """The most memory that this process held, in MB, without what its parent held before it began."""
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except (OSError, IndexError):
        return megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def apart(work: Callable[..., Answer], *arguments: Any) -> Answer:
    """What `work` answers in a new process, with its peak memory."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "answer.json"
        process = multiprocessing.get_context("spawn").Process(target=_answer, args=(work, path, arguments))
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(f"{work.__name__} stopped with {process.exitcode}.")
        answer: Answer = json.loads(path.read_text())
        return answer


def _answer(work: Callable[..., Answer], path: Path, arguments: tuple[Any, ...]) -> None:
    path.write_text(json.dumps({**work(*arguments), "peak": peak()}))


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor time of all threads of this process, and what came out."""
    gc.collect()
    started = time.process_time()
    found = work()
    return time.process_time() - started, found


# The population


def make(folder: Path, scale: float) -> Answer:
    """Write the tables, so that every process reads the same."""
    made = crowd(scale)
    np.savez(folder / "held.npz", learner=made.learner, credential=made.credential)
    return {}


def read(folder: Path, scale: float) -> Crowd:
    """The population, with what `make` wrote."""
    with np.load(folder / "held.npz") as held:
        return crowd(scale, (held["learner"], held["credential"]))


def ours(folder: Path, scale: float, rounds: int) -> Answer:
    """Eligibility, eligibility with score and the five nearest, and awards; answers as files."""
    data = read(folder, scale)

    def start() -> population.State:
        compiled = population.compile(data.trees, data.credentials)
        return population.State(compiled, range(data.learners), data.learner, data.credential)

    first = min(seconds(lambda: start().eligible())[0] for _ in range(rounds))
    second = min(seconds(lambda: start().nearest())[0] for _ in range(rounds))
    state = start()
    np.save(folder / "near.npy", state.nearest())
    np.save(folder / "bits.npy", state.eligible())
    most = peak()
    times = sorted(_awards(state, data))
    return {
        "eligibility": first,
        "scores": second,
        "most": most,
        "award": statistics.median(times),
        "slow award": times[len(times) * 99 // 100],
    }


def _awards(state: population.State, data: Crowd) -> Iterator[float]:
    random = Random(SEED)
    state.award(random.randrange(data.learners), data.credentials[0])
    for _ in range(AWARDS):
        learner, credential = random.randrange(data.learners), random.choice(data.credentials)
        started = time.process_time()
        state.award(learner, credential)
        yield time.process_time() - started


def sql(folder: Path, scale: float, memory: str) -> Answer:
    """The same from DuckDB, and whether each answer is the same as ours."""
    data = read(folder, scale)
    with stacking_sql.connect(data, memory, os.cpu_count() or 1, folder / "spill") as database:
        first, _ = seconds(lambda: stacking_sql.eligibility(database))
        met = _met(database, folder, data)
        second, _ = seconds(lambda: (stacking_sql.scores(database), stacking_sql.nearest(database)))
        most = peak()
        _met(database, folder, data)
        near = np.load(folder / "near.npy")
        found = database.execute("SELECT * FROM near").fetchnumpy()
        five = np.full(near.shape, -1)
        five[found["learner"], found["rank"] - 1] = found["tree"]
        _same("nearest", near, five)
        begun = _begun(database, data)
    return {
        "eligibility": first, "scores": second, "met": met, "begun": begun, "near": int(near.size), "most": most
    }  # fmt: skip


def _met(database: Any, folder: Path, data: Crowd) -> int:
    """Compare who meets what."""
    bits = np.load(folder / "bits.npy")
    found = database.execute("SELECT * FROM eligible").fetchnumpy()
    order = np.argsort(found["tree"], kind="stable")
    who = np.split(found["learner"][order], np.searchsorted(found["tree"][order], np.arange(1, len(bits))))
    for tree, row in enumerate(bits):
        mine = np.flatnonzero(np.unpackbits(row, bitorder="little", count=data.learners))
        _same(f"who meets tree {tree}", mine, np.sort(who[tree]))
    return len(order)


def _begun(database: Any, data: Crowd) -> int:
    """Compare the steps left of every pair, stretch by stretch of learners."""
    compiled = population.compile(data.trees, data.credentials)
    whole = np.array([tree.whole for tree in compiled.trees], np.uint8)
    state = population.State(compiled, range(data.learners), data.learner, data.credential)
    stretch: list[NDArray[Any]] = []
    pairs = 0
    for tree, first, left in state.scores():
        stretch.append(left)
        if tree + 1 < len(whole):
            continue
        last = first + len(left)
        found = database.execute(
            f"SELECT learner, tree, steps FROM score WHERE learner >= {first} AND learner < {last}"
        ).fetchnumpy()
        theirs = np.repeat(whole[:, None], len(left), axis=1)
        theirs[found["tree"], found["learner"] - first] = found["steps"]
        _same("steps left", np.array(stretch), theirs)
        pairs += len(found["tree"])
        stretch = []
    return pairs


def _same(what: str, mine: NDArray[Any], theirs: NDArray[Any]) -> None:
    if mine.shape != theirs.shape or not np.array_equal(mine, theirs):
        raise SystemExit(f"DuckDB has other answers: {what} ({mine.shape}, {theirs.shape}).")


def stacks(folder: Path, scale: float, rounds: int, memory: str | None) -> Iterator[Case]:
    """Eligibility, scores and awards, beside DuckDB where it is installed."""
    apart(make, folder, scale)
    mine = apart(ours, folder, scale, rounds)
    theirs: Answer = {}
    if memory is not None:
        theirs = apart(sql, folder, scale, memory)
        data = read(folder, scale)
        note(
            f"{data.learners * len(data.trees):,} pairs of a learner and a tree, {len(data.learner):,} held: "
            f"{theirs['met']:,} met, {theirs['begun']:,} begun, {theirs['near']:,} places of nearest; "
            f"DuckDB says the same of each. It held {theirs['most']:,.0f} MB."
        )
    yield Case("eligibility", mine["eligibility"], "s", "DuckDB", theirs.get("eligibility"), mine["most"])
    yield Case("eligibility+score", mine["scores"], "s", "DuckDB", theirs.get("scores"), mine["most"])
    yield Case("incremental", mine["award"] * 1000, "ms", peak=mine["peak"])
    yield Case("incremental, slowest but 1 %", mine["slow award"] * 1000, "ms", peak=mine["peak"])


# Readiness


def ratings() -> tuple[NDArray[Any], NDArray[Any], str]:
    """Importance and level asked, jobs x skills, in hundredths: O*NET's where the file is here, else invented."""
    root = Path(os.environ.get("FIELDSTONE_SHARED") or Path(__file__).parents[2] / "shared")
    path = root / "data/labour/onet_29_0_text/Skills.txt"
    if not path.is_file():
        random = np.random.default_rng(SEED)
        shape = (JOBS, SKILLS)
        return random.integers(100, 501, shape), random.integers(0, 601, shape), "invented ratings"
    rows: dict[str, dict[tuple[str, str], float]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            kept = 0.0 if row["Not Relevant"] == "Y" else float(row["Data Value"])
            rows.setdefault(row["O*NET-SOC Code"], {})[row["Scale ID"], row["Element ID"]] = kept
    skills = sorted({element for found in rows.values() for _, element in found})
    tables = [[[found.get((scale, each), 0.0) for each in skills] for found in rows.values()] for scale in ("IM", "LV")]
    return hundredths(tables[0]), hundredths(tables[1]), "O*NET's ratings"


def shown(data: Crowd, skills: int) -> NDArray[np.int16]:
    """Learners x skills: the highest level that a learner's credentials show, each of one to five skills."""
    random = np.random.default_rng(SEED)
    shows = np.zeros((len(data.credentials), skills), np.int16)
    for row in shows:
        some = random.choice(skills, random.integers(1, 6), replace=False)
        row[some] = random.integers(2, 12, len(some)) * 50
    levels = np.zeros((data.learners, skills), np.int16)
    for skill in range(skills):
        np.maximum.at(levels[:, skill], data.learner, shows[data.credential, skill])
    return levels


def our_readiness(folder: Path, scale: float, rounds: int) -> Answer:
    importance, level, source = ratings()
    held = shown(read(folder, scale), importance.shape[1])
    jobs = Jobs(importance, level)
    found: tuple[NDArray[Any], NDArray[Any]] = jobs.best(held[:1])
    took = float("inf")
    for _ in range(rounds):
        once, found = seconds(lambda: jobs.best(held))
        took = min(took, once)
    np.savez(folder / "jobs.npz", positions=found[0], values=found[1])
    return {"seconds": took, "source": source, "shape": [*importance.shape]}


def plain_readiness(folder: Path, scale: float) -> Answer:
    """The formula as it is written, for a block of learners and one job after another."""
    importance, level, _ = ratings()
    held = shown(read(folder, scale), importance.shape[1])
    took, found = seconds(lambda: _plain(importance.astype(float), level.astype(float), held.astype(float)))
    with np.load(folder / "jobs.npz") as mine:
        positions, values = mine["positions"], mine["values"]
    weight, asked = importance.astype(float), level.astype(float)
    whole = (weight * asked).sum(axis=1)
    for rank in range(positions.shape[1]):
        at = positions[:, rank]
        for some in np.array_split(np.arange(len(held)), max(1, len(held) // 50_000)):
            gap = (weight[at[some]] * np.maximum(0, asked[at[some]] - held[some])).sum(axis=1)
            if np.abs(1 - gap / whole[at[some]] - values[some, rank]).max() > 1e-12:
                raise SystemExit("The job named is not as near as it says.")
    if np.abs(found - values).max() > 1e-12:
        raise SystemExit("NumPy has other best jobs.")
    return {"seconds": took, "pairs": values.size}


def _plain(importance: NDArray[Any], level: NDArray[Any], held: NDArray[Any], top: int = 5) -> NDArray[Any]:
    """The readiness for the five best jobs of each learner."""
    whole = (importance * level).sum(axis=1)
    best = np.empty((len(held), top))
    for first in range(0, len(held), 1024):
        some = held[first : first + 1024]
        ready = np.empty((len(some), len(importance)))
        for job, (weight, asked) in enumerate(zip(importance, level, strict=True)):
            ready[:, job] = 1 - np.maximum(0, asked - some) @ weight / whole[job]
        best[first : first + 1024] = -np.sort(np.partition(-ready, top - 1, axis=1)[:, :top], axis=1)
    return best


def readiness(folder: Path, scale: float, rounds: int) -> Iterator[Case]:
    """Everybody's readiness for every job, of which the five best are kept."""
    mine = apart(our_readiness, folder, scale, rounds)
    theirs = apart(plain_readiness, folder, scale)
    jobs, skills = mine["shape"]
    note(f"Readiness for {jobs} jobs by {skills} skills, {mine['source']}: {theirs['pairs']:,} best are NumPy's, too.")
    yield Case("readiness", mine["seconds"], "s", "NumPy", theirs["seconds"], mine["peak"])


def cases(scale: float, rounds: int, memory: str | None) -> Iterator[Case]:
    """Every case, measured one after another."""
    with tempfile.TemporaryDirectory() as place:
        yield from stacks(Path(place), scale, rounds, memory)
        yield from plans.cases(max(5, min(100, int(1000 * scale))))
        yield from readiness(Path(place), scale, rounds)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.stacking", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per line and case")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size, such as 0.01")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of ours, of which the best counts")
    parser.add_argument("--memory", default="8GB", help="memory that DuckDB may use before it writes to disk")
    parser.add_argument("--without-duckdb", action="store_true", help="leave DuckDB out")
    chosen = parser.parse_args(arguments)
    memory = None if chosen.without_duckdb else chosen.memory
    show(cases(chosen.scale, chosen.rounds, memory), as_json=chosen.json)


if __name__ == "__main__":
    main()
