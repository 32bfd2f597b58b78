"""Why a policy is refused; each is one sentence that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.errors import FinanceError

if TYPE_CHECKING:
    from collections.abc import Sequence


class PolicyHasProblems(FinanceError):
    """What is proposed cannot be a policy; `problems` name their fields."""

    code = "policy_has_problems"
    sentence = _("The policy was not proposed: correct the fields that are marked.")

    def __init__(self, problems: Sequence[FinanceError]) -> None:
        """Keep every problem."""
        super().__init__()
        self.problems = list(problems)


class NotAShare(FinanceError):
    """A rate lies outside its range."""

    code = "rate_out_of_range"
    sentence = _("A rate lies between 0 %% and %(most)s %%.")


class TermOutOfRange(FinanceError):
    """A payment term is no number of days that somebody would mean."""

    code = "term_out_of_range"
    sentence = _("A payment term lies between 0 and %(most)s days.")


class TermIsRepeated(FinanceError):
    """A payment term is named twice."""

    code = "term_is_repeated"
    sentence = _("Name each payment term once.")


class TermIsMissing(FinanceError):
    """There is no payment term."""

    code = "term_is_missing"
    sentence = _("Name at least one payment term.")


class TermIsNotOffered(FinanceError):
    """The usual term is not among the terms."""

    code = "term_is_not_offered"
    sentence = _("The usual payment term is one of the payment terms.")


class KindIsMissing(FinanceError):
    """There is no kind of invoice."""

    code = "invoice_kind_is_missing"
    sentence = _("Choose at least one kind of invoice.")


class KindIsNotUsed(FinanceError):
    """A rate belongs to a kind of invoice that is not used."""

    code = "invoice_kind_is_not_used"
    sentence = _("This kind of invoice is not used: leave its rate empty, or use the kind.")


class LimitOutOfRange(FinanceError):
    """An approval limit is no amount."""

    code = "limit_out_of_range"
    sentence = _("An approval limit is not negative and has at most four decimals.")


class NothingChanges(FinanceError):
    """The proposal decides what is in force already."""

    code = "nothing_changes"
    sentence = _("This is what is in force on that day already. Change something first.")


class PolicyBeginsInThePast(FinanceError):
    """Days that are over keep their policy."""

    code = "policy_begins_in_the_past"
    sentence = _(
        "A policy begins today or later, since documents of earlier days were written under "
        "another one. Choose a later day."
    )


class PolicyReasonIsMissing(FinanceError):
    """A step needs a reason."""

    code = "policy_reason_is_missing"
    sentence = _("Say why; the reason is kept with the policy.")


class ProposerIsConfirmer(FinanceError):
    """Two people are needed."""

    code = "proposer_is_confirmer"
    http_status = 409
    sentence = _("You proposed this policy, so another person confirms it.")


class PolicyIsDecided(FinanceError):
    """A proposal is decided once."""

    code = "policy_is_decided"
    http_status = 409
    sentence = _("This policy is %(state)s already. Propose another one to change something.")


class UnreadableFile(FinanceError):
    """A file is no YAML document of a policy."""

    code = "unreadable_policy_file"
    sentence = _("The file is not YAML that can be read: %(problem)s")


class FileHasErrors(FinanceError):
    """A file names errors with their lines; nothing was proposed."""

    code = "policy_file_has_errors"

    def __init__(self, errors: Sequence[FinanceError]) -> None:
        """Keep every error."""
        super().__init__()
        self.errors = list(errors)

    def __str__(self) -> str:
        """Return the sentence with the number of errors."""
        return ngettext(
            "The file has %(number)s error. Nothing was proposed.",
            "The file has %(number)s errors. Nothing was proposed.",
            len(self.errors),
        ) % {"number": len(self.errors)}


class FileError(FinanceError):
    """One error of a file, at its line and key."""

    code = "policy_file_error"
    sentence = _("Line %(line)s, %(key)s: %(problem)s")
