"""URLs of sign-in, passwords, people, roles and the organization."""

from __future__ import annotations

from django.urls import path

from apps.organizations.views import passwords, people, sign_in, structure

app_name = "organizations"

_LINK = "people/password/<str:uidb64>/<str:token>/"

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("password/", passwords.password_change, name="password_change"),
    path("people/", people.person_list, name="person_list"),
    path("people/new/", people.person_create, name="person_create"),
    path(_LINK, passwords.password_set, name="password_set"),
    path("people/<int:pk>/", people.person_detail, name="person_detail"),
    path("people/<int:pk>/link/", passwords.password_link_create, name="password_link_create"),
    path("people/<int:pk>/roles/", people.role_grant, name="role_grant"),
    path("people/<int:pk>/access/", people.access_change, name="access_change"),
    path("roles/<int:pk>/limit/", people.limit_change, name="limit_change"),
    path("roles/<int:pk>/revoke/", people.role_revoke, name="role_revoke"),
    path("permissions/", people.permission_matrix, name="permission_matrix"),
    path("organization/", structure.organization_detail, name="organization_detail"),
    path(
        "organization/settlement-limit/",
        structure.settlement_limit_edit,
        name="settlement_limit_edit",
    ),
    path("organization/entities/new/", structure.entity_create, name="entity_create"),
    path("organization/entities/<int:pk>/", structure.entity_edit, name="entity_edit"),
    path(
        "organization/departments/new/", structure.department_create, name="department_create"
    ),
    path(
        "organization/departments/<int:pk>/", structure.department_edit, name="department_edit"
    ),
]
