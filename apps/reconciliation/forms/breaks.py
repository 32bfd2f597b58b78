"""Forms of breaks: the filters of the queue, and what is chosen in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.organizations.access import people_for
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import MATRIX, Permission
from apps.reconciliation.domain.ageing import BANDS
from apps.reconciliation.services.breaks_queue import ME, NOBODY, OPEN_STATES
from apps.reconciliation.words import BreakCategory, BreakState
from apps.statements.access import channels_for

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

_LONGEST_PAIR = 30


def workers_for(user: User) -> QuerySet[User]:
    """Return the people of the user's organization whose roles work on breaks."""
    roles = MATRIX[Permission.RECONCILIATION_RUN]
    held = RoleAssignment.objects.held().filter(role__in=roles)
    people = people_for(user).filter(is_active=True, pk__in=held.values("user"))
    return people.order_by("last_name", "first_name", "username")


if TYPE_CHECKING:
    _UserChoice = forms.ModelChoiceField[User]
else:
    _UserChoice = forms.ModelChoiceField


class _People(_UserChoice):
    def label_from_instance(self, obj: User) -> str:
        """Return how the person is called."""
        return obj.display_name()


class BreakFilters(forms.Form):
    """Which breaks the queue shows; a filter that makes no sense is ignored."""

    channel: Any = forms.ModelChoiceField(None, label=_("Channel"), required=False)
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", _("all")), *BreakCategory.choices]
    )
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("not resolved")),
            *BreakState.choices,
            ("all", _("all")),
        ],
    )
    age = forms.ChoiceField(label=_("Age in days"), required=False)
    above = forms.DecimalField(
        label=_("At risk from"), required=False, min_value=0, max_digits=20, decimal_places=4
    )
    sort = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput(),
        choices=[(one, one) for one in ("", "day", "-day", "risk", "-risk")],
    )

    def __init__(self, data: Any, *, user: User) -> None:
        """Offer channels and people of the user's organization."""
        super().__init__(data)
        channel: Any = self.fields["channel"]
        channel.queryset = channels_for(user)
        channel.to_field_name = "code"
        channel.empty_label = _("all")
        channel.label_from_instance = lambda one: one.label
        owner: Any = self.fields["owner"]
        people = [(str(one.pk), one.display_name()) for one in workers_for(user)]
        owner.choices = [("", _("everybody")), (ME, _("me")), (NOBODY, _("nobody")), *people]
        age: Any = self.fields["age"]
        age.choices = [("", _("all")), *((band.code, band.code) for band in BANDS)]

    def chosen(self) -> dict[str, Any]:
        """Return the filters that can be used."""
        self.is_valid()
        return self.cleaned_data

    @property
    def active(self) -> int:
        """How many filters narrow the queue."""
        return sum(value not in {None, "", OPEN_STATES} for value in self.chosen().values())


class BreakAssignForm(forms.Form):
    """To whom chosen breaks are given."""

    owner = _People(
        User.objects.none(), label=_("Give to"), required=False, empty_label=_("nobody")
    )

    def __init__(self, data: Any, *, user: User) -> None:
        """Offer the people whose roles work on breaks."""
        super().__init__(data)
        owner: Any = self.fields["owner"]
        owner.queryset = workers_for(user)


def chosen_versions(data: QueryDict) -> dict[int, int]:
    """Return the versions of the chosen breaks by their keys; what is no pair is left out."""
    found = {}
    for text in data.getlist("chosen"):
        pk, _sign, version = text.partition(":")
        is_pair = pk.isdecimal() and version.isdecimal() and text.isascii()
        if is_pair and len(text) < _LONGEST_PAIR:
            found[int(pk)] = int(version)
    return {pk: version for pk, version in found.items() if pk < 2**63}
