"""A form that shows refusals, and the version that was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

if TYPE_CHECKING:
    from apps.core.errors import FinanceError

MAX_VERSION = 2**31 - 1


class TellingForm(forms.Form):
    """A form that shows a refusal where it belongs."""

    def take(self, error: FinanceError) -> None:
        """Show a refusal beside its field, or above all."""
        self.add_error(error.field if error.field in self.fields else None, str(error))
