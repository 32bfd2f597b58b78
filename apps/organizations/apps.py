"""Configuration of the organizations app, and of the admin that people of ours run."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    """Who exists and who may do what."""

    default = True
    name = "apps.organizations"
    verbose_name = _("Organizations")


class SuperuserAdminConfig(admin_apps.AdminConfig):
    """Django's admin with a site that only superusers enter."""

    default = False
    default_site = "apps.core.admin.SuperuserSite"
