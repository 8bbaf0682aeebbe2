"""Many rows into one table by one prepared statement: what imports of two hundred thousand rows need."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models

BATCH = 5000


class Insert:
    """Rows of one table for one release; written in batches. `close` writes the rest.

    The columns are names of fields; those not named must allow nothing or have a default in `extra`.
    """

    def __init__(self, model: type[models.Model], columns: Sequence[str], release: Any) -> None:
        fields = [model._meta.get_field(name) for name in ("release", *columns)]
        quote = connection.ops.quote_name
        names = ", ".join(quote(str(field.column)) for field in fields if isinstance(field, models.Field))
        marks = ", ".join(["%s"] * len(fields))
        self._sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608 - names only
        self._json = [i for i, field in enumerate(fields) if isinstance(field, models.JSONField)]
        key = model._meta.get_field("release")
        self._release = key.get_db_prep_value(release.pk, connection) if isinstance(key, models.Field) else release.pk
        self._waiting: list[tuple[Any, ...]] = []
        self.count = 0

    def add(self, values: Sequence[Any]) -> None:
        """One more row, in the order of the columns."""
        row = (self._release, *values)
        if self._json:
            row = tuple(json.dumps(v, ensure_ascii=False) if i in self._json else v for i, v in enumerate(row))
        self._waiting.append(row)
        self.count += 1
        if len(self._waiting) >= BATCH:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            with connection.cursor() as cursor:
                cursor.executemany(self._sql, self._waiting)
            self._waiting = []

    def close(self) -> None:
        """Write what waits."""
        self._write()
