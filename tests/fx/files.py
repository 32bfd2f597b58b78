"""Files of published rates, as small as they can be."""

from __future__ import annotations

import io
import zipfile

HISTORY = """Date,USD,CNY,TRL,
2026-10-30,1.1172,7.4326,N/A,
2026-10-29,1.113,N/A,N/A,
1999-01-04,1.1789,N/A,372274,
"""


def zipped(text: str, names: tuple[str, ...] = ("eurofxref-hist.csv",)) -> bytes:
    """Return a ZIP that holds the text under each of the names."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, text)
    return packed.getvalue()
