"""The words of a balance sheet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.reports.domain.balance_sheet import ASSETS, EQUITY, LIABILITIES

SECTION_LABELS = {ASSETS: _("Assets"), LIABILITIES: _("Liabilities"), EQUITY: _("Equity")}
RESULT_LABEL = _("Profit and loss not transferred yet")
