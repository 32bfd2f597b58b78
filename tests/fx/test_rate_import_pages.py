"""Pages of imports of published rates, through HTTP."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.fx.models import ExchangeRate, RateImport, RateState
from apps.organizations.models import Organization
from apps.organizations.permissions import Role
from tests.factories import make_organization, make_user
from tests.fx.files import HISTORY
from tests.fx.pages import browser_of, text_of, treasury
from tests.fx.test_rate_imports import work_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Organization:
    """Return a tenant."""
    return make_organization()


def test_a_published_file_is_brought_and_another_person_confirms_it(home: Organization) -> None:
    file = SimpleUploadedFile("eurofxref-hist.csv", HISTORY.encode())
    treasury(home).post(reverse("fx:rate_import_create"), {"file": file})
    made = work_on(RateImport.objects.get())
    senior = browser_of(make_user(home, Role.SENIOR_ACCOUNTANT))
    assert "eurofxref-hist.csv" in text_of(senior, "fx:rate_list")
    assert "Confirm all" in text_of(senior, "fx:rate_import_detail", made.pk)

    confirm = reverse("fx:rate_import_confirm", args=(made.pk,))
    senior.post(confirm, {"version": made.version})

    assert work_on(made).state == RateImport.State.DONE
    assert set(ExchangeRate.objects.values_list("state", flat=True)) == {RateState.CONFIRMED}


def test_a_refused_file_says_which_line(home: Organization) -> None:
    client = treasury(home)
    file = SimpleUploadedFile("half.csv", HISTORY[:-3].encode())

    client.post(reverse("fx:rate_import_create"), {"file": file})

    made = work_on(RateImport.objects.get())

    page = text_of(client, "fx:rate_import_detail", made.pk)
    assert "Line 4:" in page
    assert "nothing was changed" in page
    assert "half.csv" in text_of(client, "fx:rate_import_create")


def test_what_is_no_file_of_rates_is_refused_at_once(home: Organization) -> None:
    client = treasury(home)

    for content in (b"PK\x03\x04 broken", b"\xff\xfe\x00", b""):
        file = SimpleUploadedFile("x.zip", content)
        answer = client.post(reverse("fx:rate_import_create"), {"file": file})
        assert answer.status_code == 422
    assert not RateImport.objects.exists()


def test_a_file_is_rejected_as_a_whole(home: Organization) -> None:
    file = SimpleUploadedFile("h.csv", HISTORY.encode())
    treasury(home).post(reverse("fx:rate_import_create"), {"file": file})
    made = work_on(RateImport.objects.get())
    senior = browser_of(make_user(home, Role.SENIOR_ACCOUNTANT))
    reject = reverse("fx:rate_import_reject", args=(made.pk,))

    senior.post(reject, {"version": made.version, "reason": "not the bank's"})

    made.refresh_from_db()
    assert made.state == RateImport.State.REJECTED


def test_a_waiting_job_can_be_started_again(home: Organization) -> None:
    client = treasury(home)
    file = SimpleUploadedFile("h.csv", HISTORY.encode())
    client.post(reverse("fx:rate_import_create"), {"file": file})
    made = RateImport.objects.get()

    answer = client.post(reverse("fx:rate_import_continue", args=(made.pk,)), follow=True)

    assert "A job is at work" in answer.content.decode()
