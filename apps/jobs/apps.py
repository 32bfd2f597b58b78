"""Configuration of the jobs app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Work that takes longer than a request."""

    name = "apps.jobs"
    verbose_name = _("Jobs")
