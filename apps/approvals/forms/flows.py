"""The form of a flow: what it takes, and its steps row by row; and that of a rehearsal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.approvals.access import deciders_for, flows_for, makers_for
from apps.approvals.forms.fields import AmountField, PersonField
from apps.approvals.models import ApprovalFlow, FlowStep
from apps.approvals.words import Resolver, SkipRule, StepRule
from apps.core.formatting import format_amount
from apps.ledgers.access import dimension_types_for, ledgers_for
from apps.ledgers.models import DimensionType, Ledger
from apps.organizations.access import departments_for
from apps.organizations.models import Department
from apps.organizations.permissions import MATRIX, Permission, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

    from apps.core.errors import FinanceError
    from apps.organizations.models import User

MOST_STEPS = 20
_MOST_PEOPLE = 50
_LAST_NUMBER = 99
_MOST_HOURS = 2_160
_WORDS = (
    ("v1", _("v1: what every department has")),
    ("v2", _("v2: what is rolled out by department")),
)
_DIGITS = 2
_COPIED = (
    "number", "rule", "needed", "skip", "resolver", "person", "role", "dimension",
    "checks_credit", "sla_hours", "escalate_after", "escalate_to", "escalate_role",
)  # fmt: skip


class FlowForm(forms.Form):
    """Which version it is and which subjects take it."""

    word = forms.ChoiceField(label=_("Version"), choices=_WORDS)
    ledger = forms.ModelChoiceField(
        Ledger.objects.none(), label=_("Ledger"), required=False, empty_label=_("All ledgers")
    )
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label=_("Department"),
        required=False,
        empty_label=_("All departments"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer what the organization has."""
        super().__init__(*args, **kwargs)
        self.fields["ledger"].queryset = ledgers_for(user)  # type: ignore[attr-defined]
        self.fields["department"].queryset = departments_for(user)  # type: ignore[attr-defined]

    def take(self, error: FinanceError) -> None:
        """Show a refusal at the head of the form."""
        self.add_error(None, str(error))


class SourceForm(forms.Form):
    """The flow that a new one begins as a copy of; none is fine."""

    source = forms.ModelChoiceField(ApprovalFlow.objects.none(), required=False)

    def __init__(self, *args: Any, user: User, kind: str, **kwargs: Any) -> None:
        """Take the flows of the kind."""
        super().__init__(*args, **kwargs)
        found = flows_for(user).filter(subject_kind=kind)
        self.fields["source"].queryset = found  # type: ignore[attr-defined]

    def flow(self) -> ApprovalFlow | None:
        """Return the flow, if there is one."""
        found: ApprovalFlow | None = (
            self.cleaned_data.get("source") if self.is_valid() else None
        )
        return found


class HoursField(forms.IntegerField):
    """A number of hours, or none."""

    def __init__(self, label: Any) -> None:
        """Take up to a quarter of a year."""
        super().__init__(label=label, required=False, min_value=1, max_value=_MOST_HOURS)


class StepForm(forms.Form):
    """One step; what its resolver and rule do not ask for is left out."""

    number = forms.IntegerField(
        label=_("Order"),
        min_value=1,
        max_value=_LAST_NUMBER,
        help_text=_("Steps of one number run side by side."),
    )
    name = forms.CharField(label=_("Name"), max_length=80)
    resolver = forms.ChoiceField(label=_("Who is asked"), choices=Resolver.choices)
    role = forms.ChoiceField(label=_("Role"), required=False)
    person = PersonField(_("Person"), required=False)
    dimension = forms.ModelChoiceField(
        DimensionType.objects.none(),
        label=_("Dimension"),
        required=False,
        empty_label=_("All dimensions"),
    )
    rule = forms.ChoiceField(label=_("How many must approve"), choices=StepRule.choices)
    needed = forms.IntegerField(
        label=_("Number of people"), required=False, min_value=1, max_value=_MOST_PEOPLE
    )
    above = AmountField(_("Above"))
    up_to = AmountField(_("Up to"))
    skip = forms.ChoiceField(label=_("Not asked again when"), choices=SkipRule.choices)
    checks_credit = forms.BooleanField(label=_("Only when credit is in doubt"), required=False)
    sla_hours = HoursField(_("Due within hours"))
    escalate_after = HoursField(_("Escalated after hours"))
    escalate_role = forms.ChoiceField(label=_("Escalated to the role"), required=False)
    escalate_to = PersonField(_("Or to the person"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the roles and people who may decide at all."""
        super().__init__(*args, **kwargs)
        roles = [role for role in Role if role in MATRIX[Permission.APPROVAL_DECIDE]]
        choices = [("", "\u2014"), *((role.value, role.label) for role in roles)]
        for name in ("role", "escalate_role"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        types = dimension_types_for(user)
        self.fields["dimension"].queryset = types  # type: ignore[attr-defined]
        for name in ("person", "escalate_to"):
            self.fields[name].queryset = deciders_for(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what the resolver and the rule need, and forget the rest."""
        typed = self.cleaned_data
        self._require("person", is_asked=typed.get("resolver") == Resolver.USER, empty=None)
        self._require("role", is_asked=typed.get("resolver") == Resolver.ROLE, empty="")
        self._require("needed", is_asked=typed.get("rule") == StepRule.N_OF_M, empty=1)
        above, up_to = typed.get("above"), typed.get("up_to")
        if above is not None and up_to is not None and above >= up_to:
            self.add_error("up_to", _("This is not above the lower end."))
        if typed.get("resolver") != Resolver.DIMENSION_OWNER:
            typed["dimension"] = None
        self._check_escalation(typed)
        return typed

    def step(self) -> FlowStep:
        """Return the step that was typed."""
        return FlowStep(**self.cleaned_data)

    def _check_escalation(self, typed: dict[str, Any]) -> None:
        targets = [name for name in ("escalate_role", "escalate_to") if typed.get(name)]
        if typed.get("escalate_after") and len(targets) != 1:
            self.add_error("escalate_role", _("Choose either a role or a person."))
        elif targets and not typed.get("escalate_after"):
            self.add_error("escalate_after", _("Say after how many hours."))

    def _require(self, name: str, *, is_asked: bool, empty: object) -> None:
        if not is_asked:
            self.cleaned_data[name] = empty
        elif name in self.cleaned_data and not self.cleaned_data[name]:
            self.add_error(name, self.fields[name].error_messages["required"])


if TYPE_CHECKING:
    _Rows = forms.BaseFormSet[StepForm]
else:
    _Rows = forms.BaseFormSet


class _StepRows(_Rows):
    """Rows of which none may be left empty: who wants fewer removes one."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Ask every row for all that it needs."""
        return super().get_form_kwargs(index) | {"empty_permitted": False}


StepFormSet = forms.formset_factory(
    StepForm,
    _StepRows,
    extra=0,
    min_num=1,
    max_num=MOST_STEPS,
    absolute_max=MOST_STEPS,
    validate_min=True,
    validate_max=True,
)


def rows_of(steps: Iterable[FlowStep]) -> list[dict[str, Any]]:
    """Return steps as the form shows them."""
    return [
        {name: getattr(step, name) for name in _COPIED}
        | {"name": str(step), "above": _typed(step.above), "up_to": _typed(step.up_to)}
        for step in steps
    ]


def changed_rows(post: QueryDict, change: str, user: User) -> list[dict[str, Any]]:
    """Return the rows as they were typed, one more or one less; nothing is checked."""
    forms_typed = StepFormSet(post, form_kwargs={"user": user}).forms
    rows = [
        {name: form[name].value() for name in form.fields}
        for place, form in enumerate(forms_typed)
        if change != f"remove-{place}"
    ]
    if change == "add" and len(rows) < MOST_STEPS:
        numbers = [int(row["number"]) for row in rows if str(row["number"]).isdecimal()]
        rows.append({"number": max(numbers, default=0) + 1, "resolver": Resolver.ROLE})
    return rows


class RehearsalForm(forms.Form):
    """A submission to try: how much, by whom, in which ledger and department."""

    amount = AmountField(_("Amount"), required=True)
    maker = PersonField(_("Made by"))
    ledger = forms.ModelChoiceField(Ledger.objects.none(), label=_("Ledger"))
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label=_("Department"),
        required=False,
        empty_label=_("That of the maker"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer what the organization has."""
        super().__init__(*args, **kwargs)
        self.fields["maker"].queryset = makers_for(user)  # type: ignore[attr-defined]
        self.fields["ledger"].queryset = ledgers_for(user)  # type: ignore[attr-defined]
        self.fields["department"].queryset = departments_for(user)  # type: ignore[attr-defined]


def _typed(amount: Any) -> str:
    return "" if amount is None else format_amount(amount, _DIGITS)
