"""Forms of fiscal years and periods."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ledgers.models import PeriodState

FIRST_YEAR, LAST_YEAR = 1970, 2200


class PeriodChangeForm(forms.Form):
    """The step of a period, at the version that the person saw."""

    state = forms.ChoiceField(
        choices=[
            (state.value, state.label)
            for state in (PeriodState.OPEN, PeriodState.CLOSING, PeriodState.LOCKED)
        ]
    )
    version = forms.IntegerField()


class FiscalYearForm(forms.Form):
    """The year to make."""

    year = forms.IntegerField(label=_("Fiscal year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
