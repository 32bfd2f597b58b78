"""Writing rules, trying them on a sample, and saving what was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reconciliation.access import get_trial_for, rules_for, trials_for
from apps.reconciliation.domain.rules import DEFAULT_PASSES
from apps.reconciliation.forms.rule_passes import (
    PassFormSet,
    changed_rows,
    kinds_to_add,
    rows_of,
)
from apps.reconciliation.forms.rules import RuleForm, options_of
from apps.reconciliation.models import RuleTrial
from apps.reconciliation.rule_errors import InvalidRules
from apps.reconciliation.services.rule_pages import trial_page
from apps.reconciliation.services.rule_trials import days_to_try, start_trial
from apps.reconciliation.services.rules import active_version, propose_rules
from apps.statements.access import get_channel_for

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.reconciliation.models import RuleSetVersion
    from apps.statements.models import Channel

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.RECONCILIATION_RULES)
def rule_create(request: HttpRequest, channel: str) -> HttpResponse:
    """Write rules, beginning with the active ones, a version or a trial, and try them."""
    found = get_channel_for(acting_user(request), channel)
    if request.method != "POST":
        return _page(request, found, *_begun(request, found))
    change = request.POST.get("change", "")
    if change:
        return _page(request, found, *_changed(request, found, change))
    form = RuleForm(request.POST)
    passes = PassFormSet(request.POST, form_kwargs={"currency": found.currency_id})
    if passes.is_valid() and form.is_valid():
        trial = _try(request, found, form, passes)
        if trial is not None:
            return redirect(trial)
    return _page(request, found, form, passes, status=REFUSED)


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def rule_trial_detail(request: HttpRequest, channel: str, pk: int) -> HttpResponse:
    """Show how far a trial is, or what these rules would do."""
    trial = get_trial_for(acting_user(request), channel, pk)
    page = trial_page(trial)
    if request.headers.get("HX-Request") == "true":
        if not page.is_running:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "reconciliation/_rule_progress.html", {"page": page})
    context = {
        "channel": trial.channel,
        "trial": trial,
        "page": page,
        "words": page.words,
        "saved": trial.versions.select_related("rule_set__channel").first(),
    }
    return render(request, "reconciliation/rule_trial_detail.html", context)


@require_POST
@permission_required(Permission.RECONCILIATION_RULES)
def rule_trial_save(request: HttpRequest, channel: str, pk: int) -> HttpResponse:
    """Save the rules of a trial as a draft."""
    user = acting_user(request)
    trial = get_trial_for(user, channel, pk)
    said: dict[str, Any] = {"passes": trial.passes, "options": trial.options}
    try:
        version = propose_rules(trial.channel, **said, reason=trial.reason, actor=user)
    except FinanceError as error:
        messages.error(request, str(error))
        return redirect(trial)
    messages.success(request, _("The draft is saved; another person activates it."))
    return redirect(version)


def _begun(request: HttpRequest, channel: Channel) -> tuple[RuleForm, Any]:
    """Return the forms as they begin."""
    source = _source(request, channel)
    passes, options = (source.passes, source.options) if source else (DEFAULT_PASSES, {})
    reason = source.reason if isinstance(source, RuleTrial) else ""
    currency = channel.currency_id
    rows = PassFormSet(initial=rows_of(passes, currency), form_kwargs={"currency": currency})
    return RuleForm(initial=options_of(options, reason)), rows


def _source(request: HttpRequest, channel: Channel) -> RuleSetVersion | RuleTrial | None:
    """Return what the address names as the beginning, or the active rules."""
    user = acting_user(request)
    names = {name: request.GET.get(name, "") for name in ("trial", "version")}
    numbers = {
        name: int(text)
        for name, text in names.items()
        if text.isascii() and text.isdecimal() and len(text) < len(str(2**31))
    }
    source: RuleSetVersion | RuleTrial | None = None
    if "trial" in numbers:
        source = trials_for(user).filter(channel=channel, pk=numbers["trial"]).first()
    elif "version" in numbers:
        rows = rules_for(user).filter(rule_set__channel=channel)
        source = rows.filter(number=numbers["version"]).first()
    return source or active_version(channel)


def _changed(request: HttpRequest, channel: Channel, change: str) -> tuple[RuleForm, Any]:
    """Return what was typed with its passes changed; the pass concerned takes the focus."""
    typed, currency = RuleForm(request.POST), channel.currency_id
    rows, place = changed_rows(request.POST, change, currency)
    passes = PassFormSet(initial=rows, form_kwargs={"currency": currency})
    passes.focus = place  # type: ignore[attr-defined]  # for the template
    return RuleForm(initial={name: typed[name].value() for name in typed.fields}), passes


def _try(
    request: HttpRequest, channel: Channel, form: RuleForm, passes: Any
) -> RuleTrial | None:
    """Start a trial of a valid form; a refusal is shown where it belongs."""
    steps = [row.step() for row in passes.forms]
    try:
        return start_trial(
            channel,
            passes=steps,
            options=form.options(),
            reason=form.cleaned_data["reason"],
            actor=acting_user(request),
        )
    except InvalidRules as error:
        place = error.values.get("place")
        row = passes.forms[place - 1] if isinstance(place, int) else form
        row.add_error(place if place in form.fields else None, str(error))
    except FinanceError as error:
        form.take(error)
    return None


def _page(
    request: HttpRequest, channel: Channel, form: RuleForm, passes: Any, *, status: int = 200
) -> HttpResponse:
    context = {
        "channel": channel,
        "form": form,
        "passes": passes,
        "kinds": kinds_to_add(),
        "days": days_to_try(channel),
    }
    return render(request, "reconciliation/rule_create.html", context, status=status)
