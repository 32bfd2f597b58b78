"""URLs of rollouts."""

from __future__ import annotations

from django.urls import path

from apps.rollout.views import changes, exposures, flags

app_name = "rollout"

urlpatterns = [
    path("", flags.flag_list, name="flag_list"),
    path("<slug:name>/", flags.flag_detail, name="flag_detail"),
    path("<slug:name>/rehearsal/", flags.flag_rehearsal, name="flag_rehearsal"),
    path("<slug:name>/history/", flags.flag_history, name="flag_history"),
    path("<slug:name>/exposures/", exposures.exposure_export, name="exposure_export"),
    path("<slug:name>/change/", changes.flag_change, name="flag_change"),
    path("<slug:name>/stop/", changes.flag_stop, name="flag_stop"),
    path("<slug:name>/start/", changes.flag_start, name="flag_start"),
    path("<slug:name>/ramp/", changes.ramp_edit, name="ramp_edit"),
    path("<slug:name>/ramp/resume/", changes.ramp_resume, name="ramp_resume"),
    path("<slug:name>/guardrail/", changes.guardrail_edit, name="guardrail_edit"),
    path("<slug:name>/departments/<int:pk>/", changes.override_edit, name="override_edit"),
]
