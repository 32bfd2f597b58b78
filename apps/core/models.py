"""Rows that people share: each carries a version, and changes only through one door.

    row at version 7 --update_versioned(expected_version=7)--> row at version 8
                     --update_versioned(expected_version=6)--> StaleVersion, nothing changed

`QuerySet.update()` sends no signal, so the door writes the history row itself, from the
refreshed row, inside the same transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from simple_history.utils import get_history_manager_for_model

from apps.core.errors import StaleVersion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import AbstractUser


class VersionedModel(models.Model):
    """A row with a version, whose every change is kept in its history."""

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Insert a new row; a row that exists changes through `update_versioned` alone.

        Raises:
            TypeError: the row exists already; a plain save could overwrite another's change.
        """
        if not self._state.adding:
            message = f"{type(self).__name__} changes through update_versioned(), not save()"
            raise TypeError(message)
        super().save(**kwargs)

    @classmethod
    def create_versioned(cls, *, actor: AbstractUser, reason: str = "", **values: Any) -> Self:
        """Insert a row with its first history row."""
        row = cls(**values, updated_by=actor)
        row._history_user = actor  # type: ignore[attr-defined]  # simple-history's protocol
        row._change_reason = reason[:100]  # type: ignore[attr-defined]
        row.save(force_insert=True)
        return row

    @classmethod
    def create_many_versioned(
        cls, rows: Sequence[Self], *, actor: AbstractUser, reason: str = ""
    ) -> list[Self]:
        """Insert rows with their first history rows, two statements whatever the number."""
        for row in rows:
            row.updated_by = actor  # type: ignore[assignment]
        with transaction.atomic():
            made = cls._default_manager.bulk_create(rows)
            get_history_manager_for_model(cls).bulk_history_create(
                made, default_user=actor, default_change_reason=reason[:100]
            )
        return made

    def update_versioned(
        self, *, actor: AbstractUser, reason: str, expected_version: int | None, **changes: Any
    ) -> Self:
        """Write `changes` and the next version number in one UPDATE, and record history.

        Pass the version the user saw as `expected_version`. Pass None only when every
        change is an F() delta: deltas commute, so concurrent ones all apply.

        Raises:
            StaleVersion: the row is no longer at `expected_version`.
        """
        rows = type(self)._default_manager.filter(pk=self.pk)
        if expected_version is not None:
            rows = rows.filter(version=expected_version)
        changes |= {"version": F("version") + 1, "updated_at": timezone.now()}
        with transaction.atomic():
            if not rows.update(updated_by=actor, **changes):
                raise StaleVersion(what=self._meta.verbose_name)
            self.refresh_from_db()
            get_history_manager_for_model(type(self)).bulk_history_create(
                [self], update=True, default_user=actor, default_change_reason=reason[:100]
            )
        return self
