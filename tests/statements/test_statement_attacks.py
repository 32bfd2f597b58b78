"""Many lines with one bad amount, and other files that ask for too much, in small."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from unittest.mock import patch

import pytest

from apps.statements.clients import readers, reading_process
from apps.statements.clients.readers import FILE, Request
from apps.statements.errors import (
    BadAmount,
    StatementBytesChanged,
    StatementTooLarge,
    StatementUnreadable,
)
from apps.statements.models import StatementFile, StatementLine
from apps.statements.services import reading
from apps.statements.services.channels import save_mapping
from apps.statements.services.samples import guessed_mapping
from apps.statements.services.statement_jobs import import_at_once
from tests.factories import make_senior
from tests.statements import files
from tests.statements.reading import read_lines
from tests.statements.world import make_channel

pytestmark = pytest.mark.django_db
ROWS = 50_000


def csv(bad: int = 0) -> bytes:
    """Return many lines; the amount of one of them is none."""
    rows = (f"2026-01-15,{'x' if n == bad else n}.00,R{n}" for n in range(1, ROWS + 1))
    return "\n".join(["Date,Amount,Reference", *rows]).encode()


def test_one_bad_amount_names_its_line_and_imports_nothing() -> None:
    channel = make_channel()
    actor = make_senior(channel.ledger)
    rules = guessed_mapping(csv())
    mapping = save_mapping(None, name="m", rules=rules, actor=actor)
    channel.update_versioned(
        actor=actor, reason="", expected_version=1, format="table", mapping=mapping
    )

    with pytest.raises(BadAmount, match=r"Line 49991, field “Amount”: “x\.00” is not"):
        import_at_once(channel, csv(bad=49_990), "big.csv", actor=actor)

    assert StatementLine.objects.count() == 0
    assert import_at_once(channel, csv(), "big.csv", actor=actor).new_count == ROWS


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_BYTES", 100)

    with pytest.raises(StatementTooLarge):
        read_lines("table", b"x" * 101)


def test_a_bomb_is_unpacked_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_BYTES", 100_000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bill.csv", b"0" * 10_000_000)

    with pytest.raises(StatementTooLarge):
        read_lines("alipay", stream.getvalue())


@pytest.mark.parametrize(
    "attack",
    [
        "c.written = lambda _folder: bytearray(10**9)",
        "c.PROCESSOR_SECONDS = 1; c.written = spin",
    ],
)
def test_a_file_that_asks_for_too_much_ends_only_its_process(
    tmp_path: Path, attack: str
) -> None:
    (tmp_path / FILE).write_bytes(csv())
    request = Request("table", guessed_mapping(csv()).to_json(), "", "c", "CNY", 2)
    begin = "from apps.statements.clients import reading_child as c"
    spin = "def spin(_folder):\n  while True: pass"
    command = ("-c", f"{begin}\n{spin}\n{attack}\nc.main()")

    with (
        patch.object(reading_process, "COMMAND", command),
        pytest.raises(StatementUnreadable, match="more memory or time"),
        reading_process.reading_process(tmp_path, request),
    ):
        pass


def test_a_reading_process_that_dies_between_lines_leaves_none_of_them() -> None:
    channel = make_channel()
    actor = make_senior(channel.ledger)
    begin = "import os\nfrom apps.statements.clients import line_store, reading_child as c"
    dying = (
        "line_store.ROWS_IN_FILE, real = 2, c.written\n"
        "def dying(folder):\n"
        "  paths = real(folder)\n"
        "  yield next(paths)\n"
        "  yield next(paths)\n"
        "  os.kill(os.getpid(), 9)"
    )

    with (
        patch.object(
            reading_process, "COMMAND", ("-c", f"{begin}\n{dying}\nc.written = dying\nc.main()")
        ),
        pytest.raises(StatementUnreadable),
    ):
        import_at_once(channel, files.MT940.encode(), "x.sta", actor=actor)

    assert StatementLine.objects.count() == 0
    assert StatementFile.objects.count() == 0


def test_bytes_that_changed_in_the_store_are_not_imported() -> None:
    channel = make_channel()
    actor = make_senior(channel.ledger)
    real = reading.hash_of

    def changed(statement: StatementFile, target: Path | None = None) -> str:
        Path(statement.file.path).write_bytes(b"other")
        return real(statement, target)

    with (
        patch.object(reading, "hash_of", side_effect=changed),
        pytest.raises(StatementBytesChanged, match="are not those that were brought"),
    ):
        import_at_once(channel, files.MT940.encode(), "x.sta", actor=actor)

    assert StatementLine.objects.count() == 0
