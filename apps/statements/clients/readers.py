"""Read a file in the format of its channel: from bytes on disk to lines that can be copied.

    folder/file  ─▶  lines in DuckDB  ─▶  what is known of its statements  ─▶  files for COPY

No Django model is needed: this runs in a process of its own, see reading_child.py.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from apps.core.tabular import MAX_COLUMNS
from apps.core.tabular.errors import OldWorkbook, UnknownEncoding, UnreadableFile
from apps.core.tabular.workbook import OLD_MAGIC, ZIP_MAGIC, iter_workbook
from apps.statements.clients.fast_table import NotPlain, Wanted, read_fast
from apps.statements.clients.line_store import LineStore, Owner, Placed, line_store
from apps.statements.clients.text_file import (
    TextFile,
    cut_off_row,
    delimiter_of,
    records,
    text_file,
)
from apps.statements.domain.formats.bills import read_alipay, read_wechat
from apps.statements.domain.formats.camt import stream_camt
from apps.statements.domain.formats.mt940 import read_mt940
from apps.statements.domain.formats.ofx import read_ofx
from apps.statements.domain.formats.table import Row, footer_words, stream_table
from apps.statements.domain.mapping import TableMapping, guess_columns
from apps.statements.domain.parts import (
    Part,
    Stream,
    Tally,
    check_parts,
    of_account,
    stream_of,
)
from apps.statements.domain.values import ReadLine
from apps.statements.errors import StatementEndsTooEarly, StatementTooLarge

MEGABYTE = 1024 * 1024
# A million lines of CSV take about 100 MB.
MAX_BYTES = 200 * MEGABYTE
MAX_SHEET_ROWS = 1_000_000
MAX_CELL = 2_000
FILE, PREVIEW_LINES, ACCOUNT_LENGTH = "file", 50, 64
_HEAD_ROWS = 30
_TABLES = {"table", "psp"}
# Formats of SWIFT and of America: what is not UTF-8 and not Chinese is of Windows there.
_WESTERN = {"mt940", "ofx"}
# Where amounts stand in formats that have no mapping.
_COLUMNS = {
    "mt940": {"amount": ":61:"},
    "camt053": {"amount": "Amt"},
    "ofx": {"amount": "TRNAMT"},
    "wechat": {"amount": "应结订单金额", "gross": "应结订单金额", "fee": "手续费"},
    "alipay": {"amount": "商家实收（元）", "gross": "商家实收（元）", "fee": "服务费（元）"},
}


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of a file: its format and rules, and its channel's account and currency."""

    format: str
    rules: dict[str, Any]
    account: str
    code: str
    currency: str
    digits: int
    statement: int = 0
    channel: int = 0


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file says of the channel's account; `others` are accounts that were left out.

    `preview` are its first lines.
    """

    parts: list[Part]
    encoding: str
    account: str
    others: list[str]
    preview: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {
            "parts": [part.to_json() for part in self.parts],
            "preview": [
                {name: None if value is None else str(value) for name, value in line.items()}
                for line in self.preview
            ],
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> ReadFile:
        """Return what `to_json` made plain; lines of the preview stay texts."""
        return cls(**values | {"parts": [Part.from_json(part) for part in values["parts"]]})


@contextmanager
def read(folder: Path, request: Request) -> Iterator[tuple[ReadFile, Iterator[Path]]]:
    """Read a folder's file, and prove what can be proved without the lines that are there.

    Gives what the file says, and the files of its lines, each written when it is asked for.

    Raises:
        FinanceError: why it is refused, with the line where there is one.
    """
    source = unpacked(folder / FILE, request.format)
    with line_store(folder) as store:
        encoding, parts = _parts(store, source, request)
        account, own, others = of_account(request.account, request.code, parts)
        chosen = [parts[place] for place in own]
        check_parts(chosen, request.currency)
        account = account[:ACCOUNT_LENGTH]
        owner = Owner(request.statement, request.channel, account, request.currency)
        preview = store.first(own, PREVIEW_LINES)
        yield (
            ReadFile(chosen, encoding, account, others, preview),
            store.write(own, owner),
        )


def rows_of(source: Path, file: TextFile | None, delimiter: str = "") -> Iterator[Row]:
    """Yield the rows of a workbook, or of a text with that delimiter, with their numbers.

    Raises:
        UnreadableFile: quotation marks or cells that cannot be taken over.
    """
    if file is not None:
        return records(file, delimiter_of(file, delimiter))
    content = source.read_bytes()
    if content.startswith(OLD_MAGIC):
        raise OldWorkbook
    sheet = iter_workbook(content, (MAX_SHEET_ROWS, MAX_COLUMNS, MAX_CELL))
    next(sheet, None)
    return enumerate(sheet, start=1)


def guess_columns_of(rows: list[Row]) -> TableMapping:
    """Return a mapping that fits the head of a table: where it begins, which column is what."""
    best = TableMapping()
    for skipped, (_number, row) in enumerate(rows[:_HEAD_ROWS]):
        columns = guess_columns(tuple(cell.strip() for cell in row))
        if len(columns) > len(best.columns):
            best = TableMapping(columns=columns, skip_head=skipped)
    return best


def unpacked(source: Path, kind: str) -> Path:
    """Return the one detail file of a ZIP, never more than the limit; others as they are.

    Raises:
        StatementTooLarge: it holds more than is read at once.
        UnreadableFile: it is a ZIP of something else.
    """
    if source.stat().st_size > MAX_BYTES:
        raise StatementTooLarge(limit=MAX_BYTES // MEGABYTE)
    if _begin(source) != ZIP_MAGIC:
        return source
    target = source.with_name("unpacked")
    try:
        with zipfile.ZipFile(source) as archive:
            if "xl/workbook.xml" in archive.namelist() and kind in _TABLES:
                return source
            _unpack(archive, target)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError) as error:
        raise UnreadableFile from error
    return target


def text_of(source: Path, kind: str, named: str = "") -> TextFile | None:
    """Return a file as text; None if it is none.

    Raises:
        UnreadableFile: it is not in the named encoding, or in none that is recognised.
    """
    if kind == "camt053" or _begin(source) in {ZIP_MAGIC, OLD_MAGIC[:4]}:
        return None
    target = source.with_name("text")
    try:
        return text_file(source, target, named)
    except UnknownEncoding:
        if kind not in _WESTERN:
            raise
        target.write_bytes(source.read_bytes().decode("cp1252", "replace").encode())
        return TextFile(target, "cp1252")


def _parts(store: LineStore, source: Path, request: Request) -> tuple[str, list[Part]]:
    named = "" if request.format in _WESTERN else str(request.rules.get("encoding") or "")
    file = text_of(source, request.format, named)
    encoding = file.encoding if file else ""
    columns = _COLUMNS.get(request.format, {})
    if request.format in _TABLES:
        mapping = _mapping(request, source, file)
        columns = mapping.columns
        if file is not None:
            _refuse_half(file, mapping)
            try:
                wanted = Wanted(request.account, request.currency, request.digits)
                return encoding, [read_fast(store, file, mapping, wanted)]
            except NotPlain:
                pass
        rows = rows_of(source, file, mapping.delimiter)
        stream = stream_table(rows, mapping, request.account)
    else:
        stream = _READERS[request.format](source, file)
    tally = Tally(request.digits, request.currency, columns)
    parts: list[Part] = []
    store.add(_placed(stream, tally, parts))
    return encoding, parts


def _placed(stream: Stream, tally: Tally, parts: list[Part]) -> Iterator[Placed]:
    """Yield lines with their places, and collect the statements that they are of."""
    place = 0
    for one in stream:
        if isinstance(one, ReadLine):
            tally.add(one)
            # What does not fit is refused below: until then it must not stop the others.
            if tally.unfit is None:
                yield place, len(parts), one, None
            place += 1
        else:
            parts.append(tally.part(one))


def _mapping(request: Request, source: Path, file: TextFile | None) -> TableMapping:
    if request.format == "table":
        return TableMapping.from_json(dict(request.rules))
    return guess_columns_of(list(islice(rows_of(source, file), _HEAD_ROWS)))


def _refuse_half(file: TextFile, mapping: TableMapping) -> None:
    """Refuse a text that stops inside its last row, unless that is a total or left out."""
    delimiter = delimiter_of(file, mapping.delimiter)
    rows = islice(records(file, delimiter), mapping.skip_head, None)
    line, text = cut_off_row(file, delimiter, len(next(rows, (0, []))[1]))
    is_total = text.lower().startswith(footer_words(mapping))
    if line and not is_total and not mapping.skip_tail:
        raise StatementEndsTooEarly(line=line)


def _text(file: TextFile | None) -> str:
    if file is None:
        raise UnreadableFile
    return file.text()


def _camt(source: Path) -> Stream:
    with source.open("rb") as stream:
        yield from stream_camt(stream)


_READERS: dict[str, Callable[[Path, TextFile | None], Stream]] = {
    "mt940": lambda _source, file: stream_of(read_mt940(_text(file))),
    "ofx": lambda _source, file: stream_of(read_ofx(_text(file))),
    "camt053": lambda source, _file: _camt(source),
    "wechat": lambda source, file: stream_of(read_wechat(list(rows_of(source, file)))),
    "alipay": lambda source, file: stream_of(read_alipay(list(rows_of(source, file)))),
}


def _begin(source: Path) -> bytes:
    with source.open("rb") as stream:
        return stream.read(4)


def _unpack(archive: zipfile.ZipFile, target: Path) -> None:
    members = [
        item for item in archive.infolist() if not item.is_dir() and "汇总" not in _name(item)
    ]
    if len(members) != 1:
        raise UnreadableFile
    size = 0
    with archive.open(members[0]) as member, target.open("wb") as file:
        while piece := member.read(MEGABYTE):
            size += len(piece)
            if size > MAX_BYTES:
                raise StatementTooLarge(limit=MAX_BYTES // MEGABYTE)
            file.write(piece)


def _name(item: zipfile.ZipInfo) -> str:
    """Return a name in a ZIP; Alipay writes GBK without saying so."""
    if item.flag_bits & 0x800:
        return item.filename
    return item.filename.encode("cp437", "ignore").decode("gb18030", "ignore")
