"""URLs of approvals."""

from __future__ import annotations

from django.urls import path

from apps.approvals.views import (
    batches,
    decisions,
    delegations,
    digests,
    flow_drafts,
    flows,
    handing_over,
    history,
    inbox,
    saved_filters,
    talk,
)

app_name = "approvals"

urlpatterns = [
    path("", inbox.approval_list, name="approval_list"),
    path("<int:pk>/", inbox.approval_detail, name="approval_detail"),
    path("<int:pk>/approve/", decisions.approval_approve, name="approval_approve"),
    path("<int:pk>/reject/", decisions.approval_reject, name="approval_reject"),
    path("<int:pk>/delegate/", handing_over.approval_delegate, name="approval_delegate"),
    path("<int:pk>/return/", decisions.approval_return, name="approval_return"),
    path("<int:pk>/ask/", talk.approval_ask, name="approval_ask"),
    path("<int:pk>/answer/", talk.approval_answer, name="approval_answer"),
    path("<int:pk>/comment/", talk.approval_comment, name="approval_comment"),
    path("<int:pk>/attach/", talk.approval_attach, name="approval_attach"),
    path(
        "files/<int:pk>/",
        talk.request_attachment_download,
        name="request_attachment_download",
    ),
    path("batches/new/", batches.batch_create, name="batch_create"),
    path("batches/<int:pk>/", batches.batch_detail, name="batch_detail"),
    path("batches/<int:pk>/undo/", batches.batch_undo, name="batch_undo"),
    path("flows/", flows.flow_list, name="flow_list"),
    path("flows/new/", flow_drafts.flow_create, name="flow_create"),
    path("flows/<int:pk>/", flows.flow_detail, name="flow_detail"),
    path("flows/<int:pk>/activate/", flows.flow_activate, name="flow_activate"),
    path("flows/<int:pk>/retire/", flows.flow_retire, name="flow_retire"),
    path("flows/<int:pk>/discard/", flows.flow_discard, name="flow_discard"),
    path("delegations/", delegations.delegation_list, name="delegation_list"),
    path("delegations/new/", delegations.delegation_create, name="delegation_create"),
    path(
        "delegations/<int:pk>/revoke/",
        delegations.delegation_revoke,
        name="delegation_revoke",
    ),
    path("digest/", digests.digest_settings, name="digest_settings"),
    path("history/", history.decision_list, name="decision_list"),
    path("history/export/", history.decision_export, name="decision_export"),
    path("filters/", saved_filters.saved_filter_create, name="saved_filter_create"),
    path(
        "filters/<int:pk>/delete/",
        saved_filters.saved_filter_delete,
        name="saved_filter_delete",
    ),
]
