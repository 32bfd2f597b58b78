"""URLs of sign-in, people and roles."""

from __future__ import annotations

from django.urls import path

from apps.organizations import views

app_name = "organizations"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("people/", views.person_list, name="person_list"),
    path("people/<int:pk>/", views.person_detail, name="person_detail"),
    path("people/<int:pk>/roles/", views.role_grant, name="role_grant"),
    path("people/<int:pk>/access/", views.access_change, name="access_change"),
    path("roles/<int:pk>/limit/", views.limit_change, name="limit_change"),
    path("roles/<int:pk>/revoke/", views.role_revoke, name="role_revoke"),
    path("permissions/", views.permission_matrix, name="permission_matrix"),
]
