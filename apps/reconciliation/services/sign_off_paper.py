"""The proof of a run as PDF, in the language of whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.core.formatting import format_signed
from apps.core.money import minor_digits
from apps.core.pdf import Paper
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.services.sign_off_breaks import rows_of_items

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from apps.reconciliation.domain.proof import Total
    from apps.reconciliation.services.sign_off_pages import ProofPage

# More open rows are counted, and stand on the page of the proof.
MOST_ROWS = 500


def paper_of(page: ProofPage) -> bytes:
    """Return the PDF of a proof: lines, roll-forward, statements, people, open rows."""
    run, found = page.sheet.run, page.current
    days = f"{run.from_on} – {run.to_on}"
    foot = _("Seal %(seal)s") % {"seal": found.seal} if found else _("Not signed off")
    paper = Paper(_("Balance proof"), f"{run.channel.label} · {days}", foot=foot)
    paper.facts(_facts(page))
    for problem in page.problems:
        paper.note(problem)
    _add_lines(paper, page)
    _add_roll(paper, page)
    _add_files(paper, page)
    _add_stated(paper, page)
    _add_rows(paper, page)
    return paper.content()


def _facts(page: ProofPage) -> list[tuple[str, str]]:
    run, found = page.sheet.run, page.current
    facts = [
        (_("Account in the books"), f"{run.channel.account} · {run.channel.ledger.label}"),
        (_("Account at the partner"), run.channel.external_account or "–"),
        (
            _("Reconciliation run"),
            f"#{run.number}, {run.get_state_display()}, {run.rule_version}",
        ),
    ]
    if found:
        prepared = f"{found.prepared_by.display_name()}, {_moment(found.prepared_at)}"
        facts.append((_("Prepared by"), " ".join(filter(None, [prepared, found.notes]))))
    if found and found.reviewed_by and found.reviewed_at:
        signed = f"{found.reviewed_by.display_name()}, {_moment(found.reviewed_at)}"
        facts.append((_("Signed by"), " ".join(filter(None, [signed, found.review_notes]))))
    if found:
        facts += [(_("Seal"), found.seal), (_("Results"), found.digest)]
    if page.withdrawal and page.withdrawal.state == "confirmed":
        facts.append((_("Withdrawn"), page.withdrawal.reason))
    return facts


def _add_lines(paper: Paper, page: ProofPage) -> None:
    currency = page.sheet.proof.currency
    rows = [
        (
            ("    " if line.kind == "part" else "") + line.label,
            "" if line.count is None else f"{line.count:,}",
            _money(line.amount, currency),
        )
        for line in page.lines
    ]
    heavy = [place for place, line in enumerate(page.lines) if line.kind in {"sum", "result"}]
    paper.heading(_("Proof"))
    paper.table(
        (_("From the books to the statement"), _("Rows"), currency),
        rows,
        (62, 13, 25),
        figures=2,
        heavy=heavy,
    )


def _add_roll(paper: Paper, page: ProofPage) -> None:
    if not page.roll:
        return
    currency = page.sheet.proof.currency
    head = (
        _("Category"), _("Brought forward"), _("New"), _("Moved"), _("Cleared"),
        _("Carried forward"),
    )  # fmt: skip
    rows = [
        (label, *(_counted(one, currency) for one in totals)) for label, totals in page.roll
    ]
    heavy = [len(rows) - 1] if len(rows) > 1 else []
    paper.heading(_("Roll-forward of open rows"))
    paper.table(head, rows, (25, 15, 15, 15, 15, 15), figures=5, heavy=heavy)


def _add_files(paper: Paper, page: ProofPage) -> None:
    currency = page.sheet.proof.currency
    rows = [
        (
            file.filename,
            f"{file.from_on} – {file.to_on}",
            file.sha256,
            _money(file.closing_balance, currency),
        )
        for file in page.sheet.files
    ]
    if rows:
        paper.heading(_("Statements used"))
        head = (_("File"), _("Days"), "SHA-256", _("Closing balance"))
        paper.table(head, rows, (22, 20, 40, 18))


def _add_stated(paper: Paper, page: ProofPage) -> None:
    currency = page.sheet.proof.currency
    rows = [
        (
            str(one.at_on),
            _money(one.balance, currency),
            f"{one.stated_by.display_name()}, {_moment(one.stated_at)}",
            f"{one.reason} · {one.filename} · {one.sha256}",
        )
        for one in page.sheet.stated
    ]
    if rows:
        paper.heading(_("Balances stated by people"))
        head = (_("Day of the balance"), _("Balance"), _("Stated by"), _("Reason and evidence"))
        paper.table(head, rows, (14, 18, 26, 42))


def _add_rows(paper: Paper, page: ProofPage) -> None:
    items = page.sheet.items
    paper.heading(
        _("Open rows on %(day)s") % {"day": date_format(page.sheet.run.to_on, "Y-m-d")}
    )
    if not items:
        paper.note(_("Every row of both sides is matched."))
        return
    sides = {Side.BOOK.value: _("books"), Side.STATEMENT.value: _("statement")}
    rows = [
        (
            sides[row.found.side],
            row.reference or "–",
            str(row.found.booked_on),
            row.found.get_category_display(),
            row.found.get_state_display(),
            f"{_money(row.found.amount, row.found.currency)} {row.found.currency}",
        )
        for row in rows_of_items(page.sheet.run, items[:MOST_ROWS])
    ]
    head = (_("Side"), _("Reference"), _("Day"), _("Category"), _("State"), _("Amount"))
    paper.table(head, rows, (11, 25, 13, 20, 12, 19))
    if len(items) > MOST_ROWS:
        paper.note(
            _("The first %(shown)s of %(count)s.") % {"shown": MOST_ROWS, "count": len(items)}
        )


def _money(amount: Decimal | None, currency: str) -> str:
    return "–" if amount is None else format_signed(amount, minor_digits(currency))


def _counted(total: Total, currency: str) -> str:
    return f"{_money(total.effect, currency)} ({total.count:,})" if total.count else "–"


def _moment(when: datetime) -> str:
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}"
