"""Files that tasks of one run hand to each other, wherever their workers are.

Only this knows where they are kept: `keep`, `bring`, `names_of` and `forget`. Today they are
compressed blocks in PostgreSQL, which every worker reaches already, in the transaction that
says that a step is done. The table is logged: unlogged ones are empty after a crash or on a
standby, and the partitions that were done would be done again. Object storage would be another
four functions.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

from django.db import connection

from apps.reconciliation.models import ReconciliationRun, RunFile

_BLOCK = 4 << 20
_FAST = 1
_ENDED = ("review", "signed_off", "cancelled")


def keep(run: int, number: int, name: str, paths: Iterable[Path]) -> int:
    """Keep files one after the other as one of a partition; return how many lines they have.

    Part of the caller's transaction: it is there when that is committed.
    """
    block = lines = 0
    copy_in = (
        "COPY reconciliation_runfile (run_id, number, name, block, content)"
        " FROM STDIN (FORMAT binary)"
    )
    with connection.cursor() as cursor, cursor.copy(copy_in) as copy:
        copy.set_types(["int8", "int2", "varchar", "int4", "bytea"])
        for path in paths:
            with path.open("rb") as file:
                while content := file.read(_BLOCK):
                    lines += content.count(b"\n")
                    packed = zlib.compress(content, _FAST)
                    copy.write_row((run, number, name, block, packed))
                    block += 1
    return lines


def names_of(run: int, number: int) -> list[str]:
    """Return the names of the files of a partition."""
    files = RunFile.objects.filter(run=run, number=number)
    return list(files.order_by("name").values_list("name", flat=True).distinct())


def bring(run: int, number: int, name: str, path: Path, *, append: bool = False) -> None:
    """Write a file that was kept, or add it to one; without it nothing is written."""
    sql = (
        "COPY (SELECT content FROM reconciliation_runfile WHERE run_id = {} AND number = {}"
        " AND name = '{}' ORDER BY block) TO STDOUT (FORMAT binary)"
    )
    query = sql.format(int(run), int(number), name.replace("'", "''"))
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        copy.set_types(["bytea"])
        with path.open("ab" if append else "wb") as file:
            for (packed,) in copy.rows():
                file.write(zlib.decompress(packed))


def forget(run: int, number: int | None = None, names: Iterable[str] | None = None) -> None:
    """Delete the files of a run, of one of its partitions, or some of these."""
    files = RunFile.objects.filter(run=run)
    if number is not None:
        files = files.filter(number=number)
    if names is not None:
        files = files.filter(name__in=list(names))
    files.delete()


def forget_ended() -> None:
    """Delete what runs left that have ended: nobody will read it."""
    ended = ReconciliationRun.objects.filter(state__in=_ENDED)
    for run in ended.filter(pk__in=RunFile.objects.values("run")).values_list("pk", flat=True):
        forget(run)
