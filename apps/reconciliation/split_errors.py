"""Why a row is not split, or a split not undone."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class TooFewParts(FinanceError):
    """A row would be split into one part, or into very many."""

    code = "too_few_parts"
    sentence = _("A row is split into at least 2 and at most %(limit)s parts.")


class WrongPart(FinanceError):
    """A part is nothing, of the other sign, or finer than its currency."""

    code = "wrong_part"
    sentence = _(
        "Part %(position)s: the amount has the sign of the row, is not zero, and has at most "
        "%(digits)s decimals."
    )


class PartsDoNotAddUp(FinanceError):
    """Parts come to another amount than their row."""

    code = "parts_do_not_add_up"
    sentence = _(
        "The parts come to %(sum)s and the row to %(amount)s %(currency)s: %(rest)s is left."
    )


class PartIsUsed(FinanceError):
    """A part is matched, split, or on its way out."""

    code = "part_is_used"
    http_status = 409
    sentence = _(
        "Part %(position)s is “%(state)s”: take that back first, then the split can be undone."
    )


class SplitIsUndone(FinanceError):
    """A split was undone before."""

    code = "split_is_undone"
    http_status = 409
    sentence = _("This split was undone already.")


class RowsWereSplit(FinanceError):
    """A run read rows that were split, or put back together, before it had written them."""

    code = "rows_were_split"
    http_status = 409
    sentence = _(
        "Rows were split or put back together again and again while the run read them, so "
        "nothing was kept; resume it."
    )


class SplitNotProved(FinanceError):
    """Parts and their row do not add up when they are written."""

    code = "split_not_proved"
    http_status = 409
    sentence = _("The parts do not add up any more; nothing was changed. Look at them again.")
