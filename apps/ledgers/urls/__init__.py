"""URLs of the books, all below one ledger."""

from apps.ledgers.urls import chart, imports, items, journal, policies

app_name = "ledgers"

urlpatterns = [
    *journal.urlpatterns,
    *chart.urlpatterns,
    *imports.urlpatterns,
    *policies.urlpatterns,
    *items.urlpatterns,
]
