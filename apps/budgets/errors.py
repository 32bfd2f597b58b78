"""Why something about a budget is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class BudgetHasNoName(FinanceError):
    """A budget is called something."""

    code = "budget_has_no_name"
    sentence = _("Give the budget a name.")


class BudgetIsAboutNothing(FinanceError):
    """Neither an account nor a dimension value."""

    code = "budget_is_about_nothing"
    sentence = _("Choose an account, a dimension value, or both.")


class BudgetEndsTooEarly(FinanceError):
    """The last day lies before the first."""

    code = "budget_ends_too_early"
    sentence = _("The last day is the first day or a later one.")


class BudgetAmountOutOfRange(FinanceError):
    """An amount that nobody can spend."""

    code = "budget_amount_out_of_range"
    sentence = _("The amount is more than zero and fits the decimals of %(currency)s.")


class BudgetOfOthers(FinanceError):
    """An account of another chart, or a dimension value of another organization."""

    code = "budget_of_others"
    sentence = _("The account or dimension value does not belong to the ledger.")
