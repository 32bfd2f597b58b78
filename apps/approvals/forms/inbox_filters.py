"""The filters of the inbox, as they stand in its URL; one that makes no sense is ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.approvals.services.inbox import LARGEST, NEWEST
from apps.approvals.words import SubjectKind
from apps.organizations.access import departments_for

if TYPE_CHECKING:
    from apps.organizations.models import User

_SORTS = (
    ("", _("Longest waiting first")),
    (NEWEST, _("Newest first")),
    (LARGEST, _("Largest amount first")),
)


class InboxFilters(forms.Form):
    """Which tasks the list shows, and in which order."""

    kind = forms.ChoiceField(label=_("Subject"), required=False)
    department: Any = forms.ModelChoiceField(None, label=_("Department"), required=False)
    flow = forms.SlugField(label=_("Flow"), required=False, max_length=20)
    above = forms.DecimalField(
        label=_("Amount above"), required=False, min_value=0, max_digits=20, decimal_places=4
    )
    asked = forms.ChoiceField(
        label=_("Asked"),
        required=False,
        choices=[("", _("everybody")), ("me", _("me")), ("others", _("those I stand in for"))],
    )
    sort = forms.ChoiceField(label=_("Order"), required=False, choices=_SORTS)

    def __init__(self, data: Any, *, user: User) -> None:
        """Offer what the user's organization has."""
        super().__init__(data)
        department: Any = self.fields["department"]
        department.queryset = departments_for(user).order_by("code")
        kind: Any = self.fields["kind"]
        kind.choices = [("", _("all")), *SubjectKind.choices]

    def chosen(self) -> dict[str, Any]:
        """Return the filters that can be used."""
        self.is_valid()
        return self.cleaned_data

    @property
    def active(self) -> int:
        """How many filters narrow the list."""
        return sum(
            value not in {None, ""} for name, value in self.chosen().items() if name != "sort"
        )
