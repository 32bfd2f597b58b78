"""Pages of rates, through HTTP."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.fx.models import ExchangeRate, RateState
from apps.fx.services.rate_course import MOST_POINTS, rate_course
from apps.fx.services.rate_table import rate_table
from apps.organizations.models import Organization
from apps.organizations.permissions import Role
from tests.factories import make_organization, make_user
from tests.fx.pages import browser_of, text_of, treasury
from tests.fx.rates import make_own, make_published, make_waiting

pytestmark = pytest.mark.django_db
today = timezone.localdate
DAY = timedelta(days=1)


def new_rate() -> dict[str, str]:
    return {
        "from_currency": "USD",
        "to_currency": "CNY",
        "per": "1",
        "rate": "7.1234",
        "rate_type": "spot",
        "valid_from": today().isoformat(),
        "note": "Bank of China",
    }


@pytest.fixture
def home() -> Organization:
    """Return a tenant."""
    return make_organization()


def test_the_table_shows_rate_age_source_and_course(home: Organization) -> None:
    make_published("EUR/CNY", "7.4326", on=today() - 2 * DAY)
    make_published("EUR/CNY", "7.5069", on=today() - DAY)
    make_own(home, "JPY/CNY", "4.8213", on=today(), per=100)

    page = text_of(treasury(home), "fx:rate_list")

    assert "EUR/CNY" in page
    assert "7.5069" in page
    assert "+1.00" in page
    assert "1 day" in page
    assert "100 JPY =" in page
    assert page.count('class="fm-spark"') == 1


def test_the_table_says_when_a_rate_is_too_old_to_use(home: Organization) -> None:
    make_published("EUR/CNY", "7.4326", on=today() - 11 * DAY)

    assert "11 days, too old to use" in text_of(treasury(home), "fx:rate_list")


def test_the_table_can_be_narrowed_and_shows_the_past_on_request(home: Organization) -> None:
    make_published("EUR/CNY", "7.4326", on=today())
    make_published("EUR/TRL", "372274", on=today() - 2000 * DAY)
    client = treasury(home)

    assert "TRL" not in text_of(client, "fx:rate_list")
    assert "EUR/TRL" in text_of(client, "fx:rate_list", ended="on")
    assert "EUR/CNY" not in text_of(client, "fx:rate_list", q="usd")


def test_another_organizations_rates_are_nowhere(home: Organization) -> None:
    rate = make_own(make_organization(), "USD/CNY", "7.1", on=today())
    client = treasury(home)

    assert rate_table(home, today=today()) == []
    assert "USD/CNY" not in text_of(client, "fx:rate_list")
    assert client.get(reverse("fx:rate_detail", args=(rate.pk,))).status_code == 404
    assert client.get(reverse("fx:pair_detail", args=("USD-CNY",))).status_code == 404
    query = {"amount": "1", "from_currency": "USD", "to_currency": "CNY", "on": f"{today()}"}
    assert client.get(reverse("fx:rate_convert"), query).status_code == 422


def test_the_table_is_exported_with_every_digit(home: Organization) -> None:
    make_published("EUR/CNY", "7.4326012345", on=today())
    client = treasury(home)

    answer = client.get(reverse("fx:rate_export"), {"format": "csv"})
    workbook = client.get(reverse("fx:rate_export"), {"format": "xlsx"})

    assert "7.4326012345" in answer.getvalue().decode()
    assert workbook.getvalue().startswith(b"PK")


def test_a_pair_shows_course_revisions_and_who_confirmed(home: Organization) -> None:
    make_own(home, "USD/CNY", "7.1", on=today() - DAY)
    corrected = make_own(home, "USD/CNY", "7.3", on=today() - DAY)
    make_own(home, "USD/CNY", "7.2", on=today())
    client = treasury(home)

    page = text_of(client, "fx:pair_detail", "USD-CNY", span="1m")

    assert "revision 2" in page
    assert corrected.confirmed_by is not None
    assert corrected.confirmed_by.username in page
    assert "between 7.2000 and 7.3000" in page
    assert "fm-chart-line" in page


def test_a_long_course_is_thinned_and_keeps_its_ends(home: Organization) -> None:
    days = [today() - number * DAY for number in range(1000)]
    for place, day in enumerate(days):
        make_published("EUR/CNY", f"7.{1000 + place}", on=day)

    course = rate_course(home, ("EUR", "CNY"), rate_type="spot", span="5y", today=today())

    assert course is not None
    assert course.count == 1000
    assert 200 < len(course.points) <= MOST_POINTS
    assert course.points[-1] == (today(), Decimal("7.1000000000"))
    assert course.points[0][0] <= days[-1] + 5 * DAY


def test_a_span_without_two_days_says_so(home: Organization) -> None:
    make_published("EUR/CNY", "7.4326", on=today())

    assert "Fewer than two days" in text_of(treasury(home), "fx:pair_detail", "EUR-CNY")
    assert treasury(home).get("/rates/pair/eur-cny/").status_code == 404


def test_treasury_enters_a_rate_and_another_person_confirms_it(home: Organization) -> None:
    treasury(home).post(reverse("fx:rate_create"), new_rate())
    rate = ExchangeRate.objects.get()
    senior = browser_of(make_user(home, Role.SENIOR_ACCOUNTANT))
    assert "Bank of China" in text_of(senior, "fx:rate_list")
    assert "Confirm" in text_of(senior, "fx:rate_detail", rate.pk)

    senior.post(reverse("fx:rate_confirm", args=(rate.pk,)), {"version": rate.version})

    rate.refresh_from_db()
    assert rate.state == RateState.CONFIRMED


def test_who_entered_a_rate_is_not_offered_to_confirm_it(home: Organization) -> None:
    client = treasury(home)
    client.post(reverse("fx:rate_create"), new_rate())
    rate = ExchangeRate.objects.get()

    page = text_of(client, "fx:rate_detail", rate.pk)
    client.post(reverse("fx:rate_confirm", args=(rate.pk,)), {"version": rate.version})

    assert "another person confirms it" in page
    assert reverse("fx:rate_confirm", args=(rate.pk,)) not in page
    rate.refresh_from_db()
    assert rate.state == RateState.WAITING


def test_a_rate_is_rejected_with_a_reason(home: Organization) -> None:
    rate = make_waiting(home, "USD/CNY", "71.0", on=today())
    client = treasury(home)

    reject = reverse("fx:rate_reject", args=(rate.pk,))
    client.post(reject, {"version": "1", "reason": "a digit too many"})

    assert "a digit too many" in text_of(client, "fx:rate_detail", rate.pk)


def test_a_form_without_a_version_changes_nothing(home: Organization) -> None:
    rate = make_waiting(home, "USD/CNY", "7.1", on=today())

    answer = treasury(home).post(reverse("fx:rate_confirm", args=(rate.pk,)), {"version": "x"})

    assert answer.status_code == 302
    rate.refresh_from_db()
    assert rate.state == RateState.WAITING


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": "0"},
        {"rate": "-7"},
        {"rate": "NaN"},
        {"rate": "７.1"},
        {"rate": "1e3"},
        {"rate": "1.12345678901"},
        {"to_currency": "USD"},
        {"to_currency": "TRL"},
        {"per": "10"},
        {"valid_from": "31.12.2026"},
        {"rate_type": "none"},
        {"note": "x" * 201},
    ],
)
def test_a_wrong_rate_is_refused_at_its_field(
    home: Organization, wrong: dict[str, str]
) -> None:
    answer = treasury(home).post(reverse("fx:rate_create"), new_rate() | wrong)

    assert answer.status_code == 422
    assert "is-invalid" in answer.content.decode()
    assert not ExchangeRate.objects.exists()


def test_an_amount_is_converted_and_the_path_shown(home: Organization) -> None:
    make_published("EUR/USD", "1.1172", on=today())
    make_published("EUR/CNY", "7.4326", on=today() - DAY)
    query = {"from_currency": "USD", "to_currency": "CNY", "on": today().isoformat()}

    page = text_of(treasury(home), "fx:rate_convert", amount="1,000.00", **query)

    assert "6,652.88" in page
    assert "USD → EUR → CNY" in page
    assert "6.6528822055" in page
    assert "1 day" in page


@pytest.mark.parametrize(
    "wrong", [{"amount": "1.005"}, {"amount": "abc"}, {"on": "x"}, {"rate_type": "x"}]
)
def test_a_wrong_question_is_refused(home: Organization, wrong: dict[str, str]) -> None:
    query = {"amount": "1", "from_currency": "USD", "to_currency": "CNY", "on": "2026-01-15"}

    answer = treasury(home).get(reverse("fx:rate_convert"), query | wrong)

    assert answer.status_code == 422


def test_who_confirms_a_rate_sees_what_a_look_up_finds_without_it(home: Organization) -> None:
    make_published("EUR/USD", "1.1172", on=today())
    make_published("EUR/CNY", "7.4326", on=today())
    rate = make_waiting(home, "USD/CNY", "7.1234", on=today())

    page = text_of(treasury(home), "fx:rate_detail", rate.pk)

    assert "6.6528822055" in page
    assert "+7.07" in page
