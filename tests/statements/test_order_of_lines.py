"""In which files and in which order lines come to PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from apps.statements.clients import line_store, readers


def test_lines_are_the_same_however_many_stand_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (heading, *whole), *others = _files_of_lines(tmp_path)
    monkeypatch.setattr(line_store, "ROWS_IN_FILE", 3)
    parts = _files_of_lines(tmp_path)

    assert not others
    assert [len(part) - 1 for part in parts] == [3] * 6 + [2]
    assert {part[0] for part in parts} == {heading}
    in_place = [sorted(part[1:], key=_line_no) for part in parts]
    assert [line for part in in_place for line in part] == whole


def test_lines_stay_in_the_order_of_their_file_where_one_takes_them_all(
    tmp_path: Path,
) -> None:
    ((_heading, *lines),) = _files_of_lines(tmp_path)

    assert [_line_no(line) for line in lines] == [*range(2, 22)]


def test_lines_of_a_large_file_come_as_the_index_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_store, "ROWS_IN_FILE", 10)

    for _heading, *lines in _files_of_lines(tmp_path):
        keys = [_key_of(line) for line in lines]
        assert keys == sorted(keys)
        assert {day for day, _print, _count in keys} == {f"2026-03-0{n}" for n in (1, 2, 3)}


@pytest.mark.parametrize("days", [range(1, 21), range(20, 0, -1)])
def test_days_of_a_large_file_go_up_or_down_as_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: Sequence[int]
) -> None:
    monkeypatch.setattr(line_store, "ROWS_IN_FILE", 10)

    files = _files_of_lines(tmp_path, days)

    booked = [line.split(",")[4] for _heading, *lines in files for line in lines]
    assert booked == [f"2026-03-{day:02}" for day in days]


def _files_of_lines(
    folder: Path, days: Sequence[int] = (1, 2, 3, 1, 2, 3, 1, 2, 3, 1) * 2
) -> list[list[str]]:
    """Return the files that 20 lines are written to; by default their days are not in order."""
    rows = "".join(f"2026-03-{day:02},{n % 2}.50,R{n % 4}\n" for n, day in enumerate(days))
    columns = {"date": "Date", "amount": "Amount", "reference": "Reference"}
    (folder / readers.FILE).write_text(f"Date,Amount,Reference\n{rows}")
    request = readers.Request("table", {"columns": columns}, "", "c", "CNY", 2)
    with readers.read(folder, request) as (_found, files):
        return [path.read_text().splitlines() for path in files]


def _line_no(line: str) -> int:
    return int(line.split(",")[3])


def _key_of(line: str) -> tuple[str, str, int]:
    cells = line.split(",")
    return cells[4], cells[-2], int(cells[-1])
