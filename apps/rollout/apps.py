"""Configuration of the rollout app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RolloutConfig(AppConfig):
    """Which department already gets what is new."""

    name = "apps.rollout"
    verbose_name = _("Gradual rollout")

    def ready(self) -> None:
        """Let waffle's decorators and template tags get the answers of this app."""
        from apps.rollout.models import waffle_door  # noqa: PLC0415  (after the registry is ready)
        from apps.rollout.services.decisions import choose  # noqa: PLC0415

        waffle_door.choose = choose
