"""Names in English and Chinese."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class BilingualName(models.Model):
    """A thing that has a name and, beside it, a Chinese one."""

    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Return the name in the reader's language."""
        return self.label

    @property
    def label(self) -> str:
        """The name in the active language, or the one there is."""
        if (get_language() or "").startswith("zh"):
            return self.name_zh or self.name
        return self.name or self.name_zh
