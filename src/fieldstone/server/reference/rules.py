"""Decisions about what others publish: codes of jobs, work from home, what counts as in demand, words to search by."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

# --- words --------------------------------------------------------------------------------------------------


def fold(text: str) -> str:
    """Text without accents and capitals, as the full-text index holds it: "Niñera" is "ninera"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


# --- codes --------------------------------------------------------------------------------------------------

MERGED_VERSION: Final = "SOC 2018"
MERGED: Final[Mapping[str, str]] = {
    "13-1021": "13-1020", "13-1022": "13-1020", "13-1023": "13-1020",
    "13-2022": "13-2020", "13-2023": "13-2020",
    "21-1011": "21-1018", "21-1014": "21-1018",
    "25-2055": "25-2052", "25-2056": "25-2052",
    "25-9042": "25-9045", "25-9043": "25-9045", "25-9049": "25-9045",
    "29-2011": "29-2010", "29-2012": "29-2010",
    "31-1121": "31-1120", "31-1122": "31-1120",
    "39-7011": "39-7010", "39-7012": "39-7010",
    "47-4091": "47-4090", "47-4099": "47-4090",
    "51-2022": "51-2028", "51-2023": "51-2028",
    "51-2092": "51-2090", "51-2099": "51-2090",
    "53-1042": "53-1047", "53-1043": "53-1047", "53-1044": "53-1047", "53-1049": "53-1047",
}  # fmt: skip
"""Occupations of SOC 2018 that the wage survey and the projections publish only together with their neighbors."""


def published_codes(code: str) -> tuple[str, ...]:
    """The codes that figures for an occupation may stand under, the closest first.

    `code` is an O*NET-SOC code of eight digits or an SOC code of six.
    """
    soc = code[:7]
    return (soc, MERGED[soc]) if soc in MERGED else (soc,)


# --- work from home -----------------------------------------------------------------------------------------

CONTEXT: Final[Mapping[str, tuple[str, float, str]]] = {
    "4.C.1.a.2.h": ("below", 2.0, "little_mail"),
    "4.C.1.d.3": ("above", 4.0, "violent_people"),
    "4.C.2.a.1.c": ("above", 4.0, "outdoors"),
    "4.C.2.a.1.d": ("above", 4.0, "outdoors"),
    "4.C.2.c.1.b": ("above", 4.0, "infections"),
    "4.C.2.c.1.f": ("above", 4.0, "injuries"),
    "4.C.2.d.1.d": ("above", 3.5, "on_foot"),
    "4.C.2.e.1.d": ("above", 3.5, "protective_gear"),
    "4.C.2.e.1.e": ("above", 3.5, "protective_gear"),
}
"""Work Context elements (scale CX, 1 to 5) that keep work in a place, after Dingel and Neiman (2020), "How many jobs
can be done at home?", Journal of Public Economics 189; the part of their rule that reads Work Context."""


def remote_work(context: Mapping[str, float]) -> tuple[bool, str]:
    """Whether work can be done from anywhere, and what speaks against it ("" where nothing does)."""
    for element, (side, bound, reason) in CONTEXT.items():
        value = context.get(element)
        if value is not None and (value < bound if side == "below" else value >= bound):
            return False, reason
    return bool(context), "" if context else "unknown"
