"""Dates as files write them, of which only the unambiguous ones are read."""

from __future__ import annotations

import re
from datetime import date

from apps.core.tabular.errors import UnreadableDate

# Earlier years are slips of the keyboard.
FIRST_YEAR = 1900
# A time of day may follow, as bank exports have it; it does not change the accounting date.
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_YEAR_FIRST = (
    re.compile(
        rf"(?P<y>\d{{4}})(?P<sep>[-/.])(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}}){_TIME}",
        re.ASCII,
    ),
    re.compile(rf"(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}}){_TIME}", re.ASCII),
    re.compile(rf"(?P<y>\d{{4}})年(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})日{_TIME}", re.ASCII),
)
# With points the day stands first wherever it is written so (German, Russian, Polish …).
_DAY_FIRST = re.compile(rf"(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.(?P<y>\d{{4}}){_TIME}", re.ASCII)


def parse_date_text(text: str) -> date:
    """Read 2026-01-31, 2026/1/31, 2026.1.31, 20260131, 2026年1月31日 or 31.01.2026.

    01/02/2026 is refused: half of the world reads it as the second of January.

    Raises:
        UnreadableDate: anything else, and days that no calendar has.
    """
    shown = text.strip()
    for pattern in (*_YEAR_FIRST, _DAY_FIRST):
        match = pattern.fullmatch(shown)
        if match is None:
            continue
        try:
            found = date(int(match["y"]), int(match["m"]), int(match["d"]))
        except ValueError:
            break
        if found.year >= FIRST_YEAR:
            return found
    raise UnreadableDate(text=text[:40])
