"""Currencies and rates for the script of the entry form."""

from __future__ import annotations

from babel import Locale
from django.http import HttpRequest, JsonResponse
from django.utils.translation import get_language, to_locale
from django.views.decorators.http import require_safe

from apps.core.errors import FinanceError
from apps.core.money import minor_digits
from apps.ledgers.access import get_ledger_for
from apps.ledgers.forms.entry_form import read_iso_date
from apps.ledgers.services.rates import rate_in_words, rate_on, rounding_mode
from apps.organizations.access import acting_user, permission_required
from apps.organizations.models import Currency
from apps.organizations.permissions import Permission

_REFUSED = 422


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def currency_options(request: HttpRequest, ledger: str) -> JsonResponse:
    """Give the currencies of ISO 4217: [code, name, minor digits]."""
    get_ledger_for(acting_user(request), ledger)
    names = Locale.parse(to_locale(get_language() or "en")).currencies
    options = [
        [currency.code, str(names.get(currency.code, "")), currency.minor_digits]
        for currency in Currency.objects.order_by("code")
    ]
    headers = {"Cache-Control": "private, max-age=3600", "Vary": "Accept-Language, Cookie"}
    return JsonResponse(options, safe=False, headers=headers)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def line_rate(request: HttpRequest, ledger: str) -> JsonResponse:
    """Give the rate of `currency` on a day `on`, or say why there is none (422)."""
    books = get_ledger_for(acting_user(request), ledger)
    currency = request.GET.get("currency", "").upper()
    day = read_iso_date(request.GET.get("on", ""))
    try:
        digits = minor_digits(currency)
        if day is None:
            return JsonResponse({"digits": digits}, status=_REFUSED)
        rate = rate_on(books, currency, day)
    except FinanceError as error:
        return JsonResponse({"problem": str(error)}, status=error.http_status)
    return JsonResponse(
        {
            "digits": digits,
            # A text: a number of JavaScript would round it.
            "rate": f"{rate.rate:f}",
            "per": rate.per,
            "note": rate_in_words(rate, day),
            "rounding": rounding_mode(books, day).value,
        }
    )
