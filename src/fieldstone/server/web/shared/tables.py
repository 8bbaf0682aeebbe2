"""Tables as data: the same rows on the page (``shared/components/table.html``) and in a CSV file.

A CSV file is UTF-8 with a byte order mark, so that spreadsheets read accents, and no cell can be read as a formula.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.functional import Promise

_FORMULA = re.compile(r"^[\s\x00-\x1f]*[=+\-@＝＋－＠]|^[\t\r\n]")


class Hidden(str):
    """Words that stand where a figure must not be shown."""

    __slots__ = ()


Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """`name` is the file's name, `head` the columns' names; the first cell of each row names the row."""

    name: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: frozenset[int] = frozenset()
    """Columns that hold figures (0 is the first)."""

    @property
    def columns(self) -> list[tuple[str, str]]:
        """(words, class) of each column's head."""
        return [(words, "num" if i in self.numbers else "") for i, words in enumerate(self.head)]

    @property
    def body(self) -> list[list[tuple[Cell, str, str]]]:
        """(value, class, column's name) of each cell."""
        return [
            [("" if cell is None else cell, self._css(i, cell), str(self.head[i])) for i, cell in enumerate(row)]
            for row in self.rows
        ]

    def _css(self, column: int, cell: Cell) -> str:
        css = ["num"] if column in self.numbers else []
        return " ".join([*css, "hid"] if isinstance(cell, Hidden) else css)


def safe(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before what looks like one."""
    if cell is None:
        return ""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell
    words = str(cell).replace("\x00", "")
    return f"'{words}" if _FORMULA.match(words) else words


def csv_file(name: str, head: Sequence[str | Promise], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """An answer that the browser saves as `name`.csv."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe(words) for words in head])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    tidy = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-") or "table"
    return HttpResponse(
        "\ufeff" + out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{tidy}.csv"', "Cache-Control": "private, no-store"},
    )


def as_csv(table: Table) -> HttpResponse:
    """A table as a file."""
    return csv_file(table.name, table.head, table.rows)
