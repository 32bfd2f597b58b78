"""URLs of finance policies."""

from __future__ import annotations

from django.urls import path

from apps.policies import views

app_name = "policies"

urlpatterns = [
    path("", views.policy_list, name="policy_list"),
    path("propose/", views.policy_propose, name="policy_propose"),
    path("import/", views.policy_import, name="policy_import"),
    path("calculator/", views.policy_calculator, name="policy_calculator"),
    path("<int:number>/", views.policy_detail, name="policy_detail"),
    path("<int:number>/file/", views.policy_download, name="policy_download"),
    path("<int:number>/confirm/", views.policy_confirm, name="policy_confirm"),
    path("<int:number>/reject/", views.policy_reject, name="policy_reject"),
]
