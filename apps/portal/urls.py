"""URLs of the portal."""

from django.urls import path

from apps.portal import views

app_name = "portal"

urlpatterns = [
    path("", views.home, name="home"),
    path("activity/", views.activity, name="activity"),
    path("healthz", views.healthz, name="healthz"),
    path("metrics", views.metrics, name="metrics"),
    path("preferences/", views.set_preferences, name="set_preferences"),
    path("ledger/", views.ledger_switch, name="ledger_switch"),
]
