"""Configuration of the policies app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    """Finance policies of an organization, by version."""

    name = "apps.policies"
    verbose_name = _("Finance policies")
