"""Errors that a person or a calling system caused and can mend.

Each is a fact in one sentence that says what to do; `code` is stable and goes into
answers to machines, `http_status` is always 4xx. Bugs stay Python's own exceptions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class FinanceError(Exception):
    """A request was refused; nothing was changed.

    `sentence` is a translatable template that is filled with the keyword arguments.
    `field` names the form field that the message belongs to, "" for the whole form.
    """

    code: ClassVar[str] = "refused"
    http_status: ClassVar[int] = 422
    # When it may be tried again, in seconds; 0 says nothing about it.
    retry_after: ClassVar[int] = 0
    sentence: ClassVar[str | Promise] = _("The request was refused; nothing was changed.")

    def __init__(self, *, field: str = "", **values: object) -> None:
        """Keep the facts; the sentence is built in the reader's language when shown."""
        super().__init__(self.code, field, values)
        self.field = field
        self.values = values

    def __str__(self) -> str:
        """Return the sentence in the active language."""
        return str(self.sentence) % self.values


class StaleVersion(FinanceError):
    """Somebody else saved the row first."""

    code = "stale_version"
    http_status = 409
    sentence = _(
        "Somebody else changed this %(what)s after you opened it. Nothing was overwritten: "
        "open it again, look at the change, and repeat yours."
    )


class Forbidden(FinanceError):
    """The actor's roles do not allow the action."""

    code = "forbidden"
    http_status = 403
    sentence = _("Your roles do not allow this. Nothing was changed.")


class InvalidInput(FinanceError):
    """A field holds something that cannot be used."""

    code = "invalid_input"
    sentence = _("%(field_name)s: %(problem)s")


class InvalidAmount(FinanceError):
    """A text is not an amount in the currency."""

    code = "invalid_amount"
    sentence = _(
        "“%(text)s” is not an amount: write digits with a point, such as 1234.56, "
        "with at most %(digits)s decimals for %(currency)s."
    )


class InvalidText(FinanceError):
    """A text holds characters that could hide or reorder what people read."""

    code = "invalid_text"
    sentence = _("The text holds control or direction characters; remove them and try again.")


class UnknownCurrency(FinanceError):
    """A code is not an ISO 4217 currency in use."""

    code = "unknown_currency"
    sentence = _("“%(currency)s” is not a currency code of ISO 4217.")


def sentence_of(code: str, values: Mapping[str, str], fallback: str) -> str:
    """Return a stored error in the active language; `fallback` if its class is gone."""
    for error in _all_errors(FinanceError):
        if error.code == code:
            try:
                return str(error(**_without_field(values)))
            except KeyError:
                return fallback
    return fallback


def _without_field(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name != "field"}


def _all_errors(parent: type[FinanceError]) -> Iterator[type[FinanceError]]:
    for error in parent.__subclasses__():
        yield error
        yield from _all_errors(error)
