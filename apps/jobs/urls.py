"""URLs of jobs."""

from __future__ import annotations

from django.urls import path

from apps.jobs import views

app_name = "jobs"

urlpatterns = [
    path("jobs/", views.job_list, name="job_list"),
    path("jobs/<uuid:public_id>/", views.job_detail, name="job_detail"),
    path("jobs/<uuid:public_id>/cancel/", views.job_cancel, name="job_cancel"),
    path("jobs/<uuid:public_id>/resume/", views.job_resume, name="job_resume"),
]
