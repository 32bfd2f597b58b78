"""URLs of open items and settlements."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.ledgers.views import open_items, settlement_proposals, settlements

_ITEMS = "<slug:ledger>/open-items/"
_SETTLEMENTS = "<slug:ledger>/settlements/"
_PROPOSALS = f"{_SETTLEMENTS}proposed/"

urlpatterns: list[URLPattern] = [
    path(_ITEMS, open_items.open_item_list, name="open_item_list"),
    path(f"{_ITEMS}<int:pk>/", open_items.open_item_detail, name="open_item_detail"),
    path(f"{_ITEMS}<int:pk>/edit/", open_items.open_item_edit, name="open_item_edit"),
    path(
        f"{_ITEMS}account/<str:code>/settle/",
        settlements.settlement_create,
        name="settlement_create",
    ),
    path(f"{_SETTLEMENTS}<int:pk>/", settlements.settlement_detail, name="settlement_detail"),
    path(f"{_SETTLEMENTS}<int:pk>/undo/", settlements.settlement_undo, name="settlement_undo"),
    path(
        f"{_PROPOSALS}<int:pk>/",
        settlement_proposals.settlement_proposal_detail,
        name="settlement_proposal_detail",
    ),
    path(
        f"{_PROPOSALS}<int:pk>/decide/",
        settlement_proposals.settlement_proposal_decide,
        name="settlement_proposal_decide",
    ),
]
