"""Configuration of the organizations app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    """Who exists and who may do what."""

    name = "apps.organizations"
    verbose_name = _("Organizations")
