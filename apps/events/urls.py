"""URLs of events."""

from __future__ import annotations

from django.urls import path

from apps.events import views

app_name = "events"

urlpatterns = [
    path("events/", views.event_list, name="event_list"),
    path("events/troubles/", views.trouble_list, name="trouble_list"),
    path("events/troubles/<int:pk>/retry/", views.trouble_retry, name="trouble_retry"),
    path("events/troubles/<int:pk>/discard/", views.trouble_discard, name="trouble_discard"),
    path("events/troubles/decide/", views.trouble_decide, name="trouble_decide"),
    path("events/replay/", views.event_replay, name="event_replay"),
    path("events/<uuid:event_id>/", views.event_detail, name="event_detail"),
]
