"""The same questions as SQL for DuckDB: counts of met children for each gate, level by level, from the leaves up.

Only rows that matter are carried on: gates that are met, or nearer than with empty hands. Every table is made once.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.crowd import Crowd
from fieldstone.stacking import Count, Hold, Requirement, size


def connect(crowd: Crowd, memory: str, threads: int, spill: Path) -> Any:
    """A database with who holds what and what the trees ask for. Raises ImportError where DuckDB is not installed."""
    duckdb = importlib.import_module("duckdb")
    found = duckdb.connect()
    found.execute(f"SET memory_limit = '{memory}'; SET threads = {threads}; SET temp_directory = '{spill}'")
    found.execute("SET preserve_insertion_order = false")
    gates, leaves = zip(*_rows(crowd), strict=True) if crowd.trees else ((), ())
    tables = {
        "held": {"learner": crowd.learner, "credential": crowd.credential.astype(np.int16)},
        "gate": _columns([row for row in gates if row], "gate", "parent", "tree", "k", "n", "level", "size"),
        "leaf": _columns([row for row in leaves if row], "gate", "credential", "k", "n", "level", "size"),
    }
    for name, columns in tables.items():
        found.register("incoming", columns)
        found.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
        found.unregister("incoming")
    found.execute(f"CREATE TABLE learner AS SELECT unnest(range({crowd.learners}))::INTEGER AS learner")
    found.execute("""
        CREATE TABLE child AS SELECT c.gate, c.size AS own, p.gate AS parent, p.k, p.n, p.level, p.size
        FROM gate c JOIN gate p ON c.parent = p.gate;
        CREATE TABLE part AS
            SELECT parent AS gate, gate AS child, own AS size FROM child
            UNION ALL SELECT gate, -1 - credential, 1 FROM leaf;
    """)
    return found


def _columns(rows: list[tuple[int, ...]], *names: str) -> dict[str, Any]:
    table = np.array(rows, np.int32).reshape(-1, len(names))
    return {name: np.ascontiguousarray(table[:, at]) for at, name in enumerate(names)}


def _rows(crowd: Crowd) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Rows of `gate` or of `leaf`; the other is empty. A gate without a parent is the root of its tree."""
    column = {name: at for at, name in enumerate(crowd.credentials)}
    counter = iter(range(1 << 30))

    def height(node: Requirement) -> int:
        return 1 + max(height(child) for child in node.of) if isinstance(node, Count) else -1

    def rows(node: Count, tree: int, parent: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        gate, level = next(counter), height(node)
        about = (node.at_least, len(node.of), level, size(node))
        yield (gate, parent, tree, *about), ()
        for child in node.of:
            if isinstance(child, Hold):
                yield (), (gate, column[child.credential], *about)
            else:
                assert isinstance(child, Count)
                yield from rows(child, tree, gate)

    for tree, root in enumerate(crowd.trees.values()):
        assert isinstance(root, Count)
        yield from rows(root, tree, -1)


def eligibility(database: Any) -> None:
    """Make table `eligible` (learner, tree)."""
    database.execute("CREATE OR REPLACE TABLE met (learner INTEGER, gate INTEGER)")
    for level in range(_levels(database)):
        database.execute(f"""
            INSERT INTO met SELECT learner, gate FROM (
                SELECT h.learner, l.gate, l.k FROM held h JOIN leaf l USING (credential) WHERE l.level = {level}
                UNION ALL
                SELECT m.learner, c.parent, c.k FROM met m JOIN child c USING (gate) WHERE c.level = {level}
            ) GROUP BY learner, gate, k HAVING count(*) >= k
        """)  # fmt: skip
    database.execute("""
        CREATE OR REPLACE TABLE eligible AS
        SELECT m.learner, g.tree FROM met m JOIN gate g USING (gate) WHERE g.parent = -1
    """)


def _levels(database: Any) -> int:
    return int(database.execute("SELECT max(level) + 1 FROM gate").fetchone()[0])


AT_ONCE = 100_000


def scores(database: Any) -> None:
    """Make tables `eligible` and `score` (learner, tree, steps left, size), of those who have begun.

    In stretches of learners, whose gates fit in memory.

    All of: what is gained adds up. One of: the least left. Some of: where all children are credentials, counting is
    enough; else all children are lined up, those begun and those not, and the first k are added.
    """
    database.execute("CREATE OR REPLACE TABLE score (learner INTEGER, tree INTEGER, steps SMALLINT, size SMALLINT)")
    (last,) = database.execute("SELECT max(learner) FROM learner").fetchone()
    for stretch in range(last // AT_ONCE + 1):
        _stretch(database, stretch)
    database.execute("CREATE OR REPLACE TABLE eligible AS SELECT learner, tree FROM score WHERE steps = 0")


def _stretch(database: Any, stretch: int) -> None:
    database.execute("CREATE OR REPLACE TABLE begun (learner INTEGER, gate INTEGER, steps SMALLINT)")
    database.execute(f"CREATE OR REPLACE TEMP TABLE mine AS SELECT * FROM held WHERE learner // {AT_ONCE} = {stretch}")
    for level in range(_levels(database)):
        database.execute(f"""
            INSERT INTO begun SELECT learner, gate, steps FROM (
                SELECT learner, gate, size, CASE
                    WHEN k = n THEN size - sum(own - steps)
                    WHEN k = 1 THEN min(steps)
                    ELSE greatest(0, k - count(*)) END AS steps
                FROM (
                    SELECT h.learner, l.gate, l.k, l.n, l.size, 1 AS own, 0 AS steps
                    FROM mine h JOIN leaf l USING (credential)
                    WHERE l.level = {level} AND (l.k = l.n OR l.k = 1 OR {level} = 0)
                    UNION ALL
                    SELECT b.learner, c.parent, c.k, c.n, c.size, c.own, b.steps
                    FROM begun b JOIN child c USING (gate) WHERE c.level = {level} AND (c.k = c.n OR c.k = 1)
                ) GROUP BY learner, gate, k, n, size
            ) WHERE steps < size
        """)
        if level:
            database.execute(f"""
                INSERT INTO begun WITH event AS MATERIALIZED (
                    SELECT h.learner, l.gate, l.k, l.size, -1 - h.credential AS child, 0 AS steps
                    FROM mine h JOIN leaf l USING (credential) WHERE l.level = {level} AND l.k < l.n AND l.k > 1
                    UNION ALL
                    SELECT b.learner, c.parent, c.k, c.size, c.gate, b.steps
                    FROM begun b JOIN child c USING (gate) WHERE c.level = {level} AND c.k < c.n AND c.k > 1
                )
                SELECT learner, gate, sum(steps) AS steps FROM (
                    SELECT t.learner, t.gate, t.k, t.size, coalesce(e.steps, p.size) AS steps
                    FROM (SELECT DISTINCT learner, gate, k, size FROM event) t
                    JOIN part p ON p.gate = t.gate
                    LEFT JOIN (SELECT DISTINCT learner, gate, child, steps FROM event) e
                        ON e.learner = t.learner AND e.gate = t.gate AND e.child = p.child
                    QUALIFY row_number() OVER (PARTITION BY t.learner, t.gate ORDER BY coalesce(e.steps, p.size))
                        <= t.k
                ) GROUP BY learner, gate, size HAVING sum(steps) < size
            """)
    database.execute("""
        INSERT INTO score SELECT b.learner, g.tree, b.steps, g.size FROM begun b JOIN gate g USING (gate)
        WHERE g.parent = -1
    """)


def nearest(database: Any, candidates: int = 60) -> None:
    """Make table `near` (learner, rank, tree): the five nearest unmet. Those who have begun fewer get the shortest."""
    database.execute(f"""
        CREATE OR REPLACE TEMP TABLE first AS
            SELECT learner, tree, row_number() OVER (
                PARTITION BY learner ORDER BY steps / size::DOUBLE, steps, tree) AS rank
            FROM score WHERE steps > 0 QUALIFY rank <= 5;
        CREATE OR REPLACE TABLE near AS
            SELECT learner, rank, tree FROM first
            UNION ALL
            SELECT learner, has + row_number() OVER (PARTITION BY learner ORDER BY place) AS rank, tree FROM (
                SELECT l.learner, coalesce(f.has, 0) AS has, s.place, s.tree
                FROM learner l
                LEFT JOIN (SELECT learner, count(*) AS has FROM first GROUP BY learner) f USING (learner)
                CROSS JOIN (SELECT tree, row_number() OVER (ORDER BY size, tree) AS place FROM gate
                            WHERE parent = -1 QUALIFY place <= {candidates}) s
                ANTI JOIN score b ON b.learner = l.learner AND b.tree = s.tree
                WHERE coalesce(f.has, 0) < 5
            ) QUALIFY rank <= 5
    """)
