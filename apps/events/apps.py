"""Configuration of the events app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """What changed, told to everybody who must know."""

    name = "apps.events"
    verbose_name = _("Events")
