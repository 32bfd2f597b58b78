"""Writes of the organization, its legal entities and departments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError, Forbidden
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.organizations.access import require
from apps.organizations.models import Department, LegalEntity, Organization
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from decimal import Decimal

    from apps.organizations.models import User


class CodeIsTaken(FinanceError):
    """A code names one thing of an organization."""

    code = "code_is_taken"
    http_status = 409
    sentence = _("The code %(text)s is in use already. Choose another one.")


class CurrencyIsInUse(FinanceError):
    """The functional currency of a company does not change under its books."""

    code = "currency_is_in_use"
    http_status = 409
    sentence = _("Books are kept in this currency already; it cannot change any more.")


def create_entity(*, actor: User, **values: Any) -> LegalEntity:
    """Add a company to the actor's organization; `values` are its fields.

    Raises:
        Forbidden: the actor may not.
        CodeIsTaken: another company has the code.
    """
    organization = _organization_of(actor)
    _require_free(LegalEntity, organization, values["code"])
    with operation("legal_entity.create", actor=actor):
        return LegalEntity.create_versioned(
            actor=actor, organization=organization, **_cleaned(values)
        )


def change_entity(
    entity: LegalEntity, *, version: int, actor: User, **values: Any
) -> LegalEntity:
    """Change a company at the version that was seen; its code stays.

    Raises:
        Forbidden: the actor may not.
        CurrencyIsInUse: ledgers exist and the functional currency would change.
        StaleVersion: somebody changed it after `version`.
    """
    require(actor, Permission.ORGANIZATION_MANAGE)
    currency = values.get("functional_currency", entity.functional_currency)
    if currency != entity.functional_currency and entity.ledgers.exists():
        raise CurrencyIsInUse(field="functional_currency")
    with operation("legal_entity.change", actor=actor):
        return entity.update_versioned(
            actor=actor, reason="change", expected_version=version, **_cleaned(values)
        )


def create_department(*, actor: User, **values: Any) -> Department:
    """Add a department to the actor's organization; `values` are its fields.

    Raises:
        Forbidden: the actor may not.
        CodeIsTaken: another department has the code.
    """
    organization = _organization_of(actor)
    _require_free(Department, organization, values["code"])
    with operation("department.create", actor=actor):
        return Department.create_versioned(
            actor=actor, organization=organization, **_cleaned(values)
        )


def change_department(
    department: Department, *, version: int, actor: User, **values: Any
) -> Department:
    """Change a department at the version that was seen; its code stays.

    Raises:
        Forbidden: the actor may not.
        StaleVersion: somebody changed it after `version`.
    """
    require(actor, Permission.ORGANIZATION_MANAGE)
    with operation("department.change", actor=actor):
        return department.update_versioned(
            actor=actor, reason="change", expected_version=version, **_cleaned(values)
        )


def change_settlement_limit(
    organization: Organization, *, limit: Decimal | None, version: int, actor: User
) -> Organization:
    """Let settlements above an amount wait for another person; None: none waits.

    Those that wait already go on waiting.

    Raises:
        Forbidden: the actor may not, or works elsewhere.
        StaleVersion: somebody changed the organization after `version`.
    """
    require(actor, Permission.ORGANIZATION_MANAGE)
    if actor.organization_id != organization.pk:
        raise Forbidden
    with operation("organization.settlement_limit", actor=actor):
        return organization.update_versioned(
            actor=actor,
            reason="settlement limit",
            expected_version=version,
            settlement_limit=limit,
        )


def _organization_of(actor: User) -> Organization:
    require(actor, Permission.ORGANIZATION_MANAGE)
    if actor.organization is None:
        raise Forbidden
    return actor.organization


def _cleaned(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: clean_text(value, field=name) if isinstance(value, str) else value
        for name, value in values.items()
    }


def _require_free(
    model: type[LegalEntity | Department], organization: Organization, code: str
) -> None:
    if model.objects.filter(organization=organization, code=code).exists():
        raise CodeIsTaken(field="code", text=code)
