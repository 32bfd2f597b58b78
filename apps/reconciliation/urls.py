"""URLs of reconciliation."""

from __future__ import annotations

from django.urls import path

from apps.reconciliation.views import (
    alerts,
    break_steps,
    breaks,
    matching,
    rates,
    rule_trials,
    rules,
    runs,
    schedules,
    sign_offs,
    splitting,
)

app_name = "reconciliation"

urlpatterns = [
    path("", runs.run_list, name="run_list"),
    path("runs/new/", runs.run_create, name="run_create"),
    path("runs/<int:pk>/", runs.run_detail, name="run_detail"),
    path("runs/<int:pk>/rows/", runs.run_export, name="run_export"),
    path("runs/<int:pk>/cancel/", runs.run_cancel, name="run_cancel"),
    path("runs/<int:pk>/resume/", runs.run_resume, name="run_resume"),
    path("alerts/", alerts.alert_list, name="alert_list"),
    path("alerts/webhook/", alerts.alert_webhook, name="alert_webhook"),
    path("alerts/<int:pk>/acknowledge/", alerts.alert_acknowledge, name="alert_acknowledge"),
    path(
        "channels/<slug:channel>/thresholds/", alerts.alert_thresholds, name="alert_thresholds"
    ),
    path("rates/", rates.rate_list, name="rate_list"),
    path("rates/export/", rates.rate_export, name="rate_export"),
    path("channels/<slug:channel>/rates/", rates.rate_detail, name="rate_detail"),
    path("channels/<slug:channel>/schedule/", schedules.run_schedule, name="run_schedule"),
    path("breaks/", breaks.break_list, name="break_list"),
    path("breaks/assign/", breaks.break_assign, name="break_assign"),
    path("breaks/<int:pk>/", breaks.break_detail, name="break_detail"),
    path("breaks/<int:pk>/split/", splitting.break_split, name="break_split"),
    path("splits/<int:pk>/undo/", splitting.row_split_undo, name="row_split_undo"),
    path("breaks/<int:pk>/step/", break_steps.break_step, name="break_step"),
    path(
        "breaks/files/<int:pk>/",
        break_steps.break_attachment_download,
        name="break_attachment_download",
    ),
    path("sign-offs/", sign_offs.sign_off_list, name="sign_off_list"),
    path("proofs/<int:pk>/", sign_offs.proof_detail, name="proof_detail"),
    path("proofs/<int:pk>/pdf/", sign_offs.proof_download, name="proof_download"),
    path("proofs/<int:pk>/prepare/", sign_offs.proof_prepare, name="proof_prepare"),
    path("sign-offs/<int:pk>/sign/", sign_offs.sign_off_sign, name="sign_off_sign"),
    path("sign-offs/<int:pk>/return/", sign_offs.sign_off_return, name="sign_off_return"),
    path("sign-offs/<int:pk>/withdraw/", sign_offs.sign_off_withdraw, name="sign_off_withdraw"),
    path("sign-offs/<int:pk>/decide/", sign_offs.sign_off_decide, name="sign_off_decide"),
    path("channels/<slug:channel>/rules/", rules.rule_list, name="rule_list"),
    path("channels/<slug:channel>/rules/new/", rule_trials.rule_create, name="rule_create"),
    path("channels/<slug:channel>/rules/<int:version>/", rules.rule_detail, name="rule_detail"),
    path(
        "channels/<slug:channel>/rules/<int:version>/activate/",
        rules.rule_activate,
        name="rule_activate",
    ),
    path(
        "channels/<slug:channel>/rules/<int:version>/withdraw/",
        rules.rule_withdraw,
        name="rule_withdraw",
    ),
    path(
        "channels/<slug:channel>/rules/trials/<int:pk>/",
        rule_trials.rule_trial_detail,
        name="rule_trial_detail",
    ),
    path(
        "channels/<slug:channel>/rules/trials/<int:pk>/save/",
        rule_trials.rule_trial_save,
        name="rule_trial_save",
    ),
    path("channels/<slug:channel>/match/", matching.match_create, name="match_create"),
    path("matches/<int:pk>/undo/", matching.hand_match_undo, name="hand_match_undo"),
]
