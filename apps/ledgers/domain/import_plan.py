"""From the rows of a file to the entries that it would make, and everything wrong in it.

    rows of texts → lines → entries by key → checks      (no row of the books is touched)

What does not exist yet has a negative number here: accounts that will be made, and
combinations of dimensions that will be interned. Row numbers are those of the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import ChainMap
from dataclasses import dataclass, field, replace
from datetime import date

from apps.core.errors import FinanceError
from apps.core.tabular import parse_date_text
from apps.core.text import clean_text
from apps.ledgers.domain.checks import AccountFacts, problems_of
from apps.ledgers.domain.entries import EntryInput, LineInput
from apps.ledgers.domain.import_amounts import TOO_LARGE, AmountReader
from apps.ledgers.domain.import_mapping import ImportMapping, RowTexts
from apps.ledgers.domain.import_values import (
    BookFacts,
    ImportPlan,
    PlannedEntry,
    RowError,
)
from apps.ledgers.domain.rounding_lines import rounding_difference, rounding_line
from apps.ledgers.errors import (
    NoPeriod,
    PeriodTakesNoEntries,
    UnknownAccount,
    UnknownDimension,
)
from apps.ledgers.import_errors import (
    EntryTooLarge,
    NewAccountCode,
    RowsDisagree,
    TextTooLong,
    UnknownWord,
    ValueIsMissing,
)
from apps.ledgers.item_errors import RoundingTooLarge

MAX_SUMMARY = 200
MAX_KEY = 60
_NEW_CODE = re.compile(r"[0-9A-Za-z.\-]{1,20}", re.ASCII)
_WORDS = {
    **dict.fromkeys(("general", "jv", "记", "gen"), "general"),
    **dict.fromkeys(("receipt", "rv", "收"), "receipt"),
    **dict.fromkeys(("payment", "pv", "付"), "payment"),
    **dict.fromkeys(("transfer", "tv", "转"), "transfer"),
}


@dataclass(slots=True)
class _Open:
    day: date | None
    word: str
    summary: str
    first_row: int
    lines: list[LineInput] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    is_broken: bool = False


class Planner(AmountReader):
    """Takes the rows one by one; `finish` checks the entries and gives the plan."""

    def __init__(
        self, facts: BookFacts, mapping: ImportMapping, *, word: str, kind: str
    ) -> None:
        """Start with no row; `word` is used where no column says another."""
        self.facts, self.mapping = facts, mapping
        self.word, self.kind = word, kind
        self.entries: dict[str, _Open] = {}
        self.plan = ImportPlan([], [], 0, {}, {}, set())
        self.types: dict[int | None, frozenset[int]] = {}
        self.new_facts: dict[int, AccountFacts] = {}
        self.accounts = ChainMap(self.new_facts, dict(facts.accounts))

    def add(self, row: RowTexts) -> None:
        """Read one row; what is wrong in it is kept, and the next one can come."""
        self.plan.row_count += 1
        count = len(self.plan.errors)
        entry = self._entry_of(row)
        lines = self._lines_of(row, entry.day)
        entry.is_broken |= len(self.plan.errors) > count
        entry.lines += lines
        entry.rows += [row.number] * len(lines)

    def finish(self) -> ImportPlan:
        """Check every entry as a whole and return the plan; errors are in row order."""
        for key, entry in self.entries.items():
            if entry.day is not None and not entry.is_broken:
                self._close(key, entry, entry.day)
        self.entries = {}
        self.plan.errors.sort(key=lambda error: error.row)
        return self.plan

    def _close(self, key: str, entry: _Open, day: date) -> None:
        self._take_rounding(entry, day)
        content = EntryInput(day, tuple(entry.lines), entry.word, entry.summary, self.kind)
        problems = problems_of(
            content,
            accounts=self.accounts,
            dimension_types=self.types,
            base_currency=self.facts.base_currency,
            is_manual=False,
        )
        for problem in problems:
            row = entry.rows[problem.position - 1] if problem.position else entry.first_row
            self._fault(row, problem.field or "entry", problem.error)
        if abs(content.total()) >= TOO_LARGE:
            self._fault(entry.first_row, "entry", EntryTooLarge())
        self.plan.entries.append(PlannedEntry(key, content, entry.rows))

    def _take_rounding(self, entry: _Open, day: date) -> None:
        """Add the line for what rounding leaves; what it does not explain is out of balance."""
        base, account_id = self.facts.base_currency, self.facts.rounding_account_id
        try:
            difference = rounding_difference(EntryInput(day, tuple(entry.lines)), base)
        except RoundingTooLarge:
            return
        if not difference or account_id is None:
            return
        entry.lines.append(
            rounding_line(
                difference, account_id=account_id, base_currency=base, summary=entry.summary
            )
        )
        entry.rows.append(entry.first_row)

    def _fault(self, row: int, name: str, error: FinanceError) -> None:
        self.plan.errors.append(RowError(row, name, error))

    # The header -------------------------------------------------------------------------

    def _entry_of(self, row: RowTexts) -> _Open:
        key = self._key(row)
        entry = self.entries.get(key)
        if entry is None:
            entry = _Open(
                self._day(row),
                self._word(row) or self.word,
                self._summary(row),
                row.number,
            )
            self.entries[key] = entry
        else:
            self._compare(row, entry, key)
        entry.is_broken |= entry.day is None
        return entry

    def _key(self, row: RowTexts) -> str:
        if self.mapping.sources.get("entry"):
            if not row["entry"]:
                self._fault(row.number, "entry", ValueIsMissing())
            if len(row["entry"]) > MAX_KEY:
                self._fault(row.number, "entry", TextTooLong(limit=MAX_KEY))
            return row["entry"]
        return str(row.number) if self.mapping.sources.get("counter_account") else ""

    def _compare(self, row: RowTexts, entry: _Open, key: str) -> None:
        """Refuse a row whose date or word differs; an empty cell says “as above”."""
        if row["date"] and self._day(row) != entry.day:
            self._fault(row.number, "date", RowsDisagree(key=key, row=entry.first_row))
        if row["word"] and self._word(row) != entry.word:
            self._fault(row.number, "word", RowsDisagree(key=key, row=entry.first_row))

    def _day(self, row: RowTexts) -> date | None:
        try:
            day = parse_date_text(row["date"])
            self._require_period(day)
        except FinanceError as error:
            self._fault(row.number, "date", error)
            return None
        return day

    def _require_period(self, day: date) -> None:
        place = bisect_right(self.facts.period_starts, day) - 1
        found = self.facts.periods[place] if place >= 0 else None
        if found is None or found.ends_on < day:
            if not self.mapping.create_periods:
                raise NoPeriod(date=day)
            self.plan.days_without_period.add(day)
        elif found.state != "open":
            if found.state != "future" or not self.mapping.create_periods:
                raise PeriodTakesNoEntries(period=found.name, state=found.state)
            self.plan.days_without_period.add(day)

    def _word(self, row: RowTexts) -> str:
        text = row["word"].casefold()
        if text and text not in _WORDS:
            self._fault(row.number, "word", UnknownWord(text=row["word"]))
        return _WORDS.get(text, "")

    def _summary(self, row: RowTexts) -> str:
        try:
            text = clean_text(row["summary"], field="summary")
        except FinanceError as error:
            self._fault(row.number, "summary", error)
            return ""
        if len(text) > MAX_SUMMARY:
            self._fault(row.number, "summary", TextTooLong(limit=MAX_SUMMARY))
        return text

    # The lines --------------------------------------------------------------------------

    def _lines_of(self, row: RowTexts, day: date | None) -> list[LineInput]:
        account = self._account(row, "account")
        counter = self.mapping.sources.get("counter_account")
        other = self._account(row, "counter_account") if counter else None
        money = self._money(row, day)
        dimension_set = self._dimensions(row)
        if account is None or money is None or (counter and other is None):
            return []
        line = LineInput(
            account_id=account,
            summary=self._summary(row),
            dimension_set_id=dimension_set,
            **money,
        )
        if other is None:
            return [line]
        return [line, replace(line.swapped(), account_id=other, dimension_set_id=None)]

    def _account(self, row: RowTexts, name: str) -> int | None:
        text = row[name]
        if not text:
            self._fault(row.number, name, ValueIsMissing())
            return None
        found = self.facts.account_ids.get(text) or self.plan.new_accounts.get(text)
        if found is None:
            found = self.facts.account_ids.get(text.split()[0])
        if found is None:
            return self._new_account(row, name, text)
        return found

    def _new_account(self, row: RowTexts, name: str, text: str) -> int | None:
        if not self.mapping.create_accounts_under:
            self._fault(row.number, name, UnknownAccount(text=text[:60]))
            return None
        if not _NEW_CODE.fullmatch(text):
            self._fault(row.number, name, NewAccountCode(text=text[:60]))
            return None
        number = -len(self.plan.new_accounts) - 1
        self.plan.new_accounts[text] = number
        self.new_facts[number] = AccountFacts(
            code=text,
            takes_postings=True,
            allows_manual=True,
            only_currency=None,
            required_dimensions={},
        )
        return number

    def _dimensions(self, row: RowTexts) -> int | None:
        chosen: list[tuple[int, int]] = []
        for kind, text in row.dimensions.items():
            known = self.facts.dimension_values
            value = known.get((kind, text)) or known.get((kind, text.split()[0]))
            if value is None:
                self._fault(row.number, "dimensions", UnknownDimension(text=text[:60]))
                continue
            chosen.append(value)
        if not chosen:
            return None
        ids = tuple(sorted(pk for pk, _ in chosen))
        number = self.plan.combinations.setdefault(ids, -len(self.plan.combinations) - 1)
        self.types[number] = frozenset(kind for _, kind in chosen)
        return number
