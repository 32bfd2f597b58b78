"""The pages of policies through HTTP, as people use them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.organizations.models import Organization
from apps.organizations.permissions import Role
from apps.policies.domain.facts import PolicyContent
from apps.policies.models import FinancePolicy
from apps.policies.services.policy_file import read_document
from apps.policies.words import PolicyState
from tests.factories import make_organization, make_user
from tests.permission_world import signed_in
from tests.policies.policy_rows import make_policy, make_proposal
from tests.policies.texts import POLICY, changed

pytestmark = pytest.mark.django_db
LATER = date(2099, 1, 1)
TYPED = {
    "tax_rate": "9",
    "special_tax_rate": "",
    "ordinary_tax_rate": "3",
    "invoice_kinds": ["special", "ordinary"],
    "rounding_mode": "half_even",
    "payment_terms": "30, 45",
    "default_payment_term": "45",
    "senior_accountant_limit": "80,000.00",
    "approver_limit": "",
    "fx_method": "persistent",
    "reversal_style": "swap",
    "profit_transfer": "monthly",
    "reserve_rate": "10",
    "effective_from": "2099-01-01",
    "reason": "The new rates of the law",
}


@pytest.fixture
def home() -> Organization:
    """Return an organization with a confirmed policy."""
    organization = make_organization()
    make_policy(organization)
    return organization


@pytest.fixture
def senior(home: Organization) -> Client:
    """Return the browser of somebody who proposes and confirms."""
    return signed_in(make_user(home, Role.SENIOR_ACCOUNTANT))


def page(client: Client, name: str, *args: int, **query: str) -> str:
    """Return the text of a page."""
    response = client.get(reverse(f"policies:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def propose(client: Client, **typed: Any) -> Any:
    """Send the form of a proposal."""
    return client.post(reverse("policies:policy_propose"), TYPED | typed)


def test_the_list_shows_what_is_in_force_and_what_waits(
    home: Organization, senior: Client
) -> None:
    make_proposal(home, effective_from=LATER)

    text = page(senior, "policy_list")

    assert "v2 waits for a decision and would begin on 2099-01-01" in text
    assert "13 %" in text
    assert "500,000" in text


def test_a_form_becomes_a_proposal(senior: Client) -> None:
    response = propose(senior)

    policy = FinancePolicy.objects.get(number=2)
    assert response["Location"] == policy.get_absolute_url()
    assert (str(policy.tax_rate), policy.payment_terms) == ("0.090000", [30, 45])
    assert (policy.senior_accountant_limit, policy.approver_limit) == (80000, None)


def test_the_form_begins_with_what_is_in_force(senior: Client) -> None:
    text = page(senior, "policy_propose")

    assert 'value="13"' in text
    assert 'value="30, 60, 90"' in text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("tax_rate", "130"),
        ("tax_rate", "１３"),
        ("tax_rate", "NaN"),
        ("tax_rate", "1e1"),
        ("ordinary_tax_rate", "100"),
        ("payment_terms", "30 days"),
        ("payment_terms", "30, 30"),
        ("payment_terms", "400"),
        ("default_payment_term", "46"),
        ("invoice_kinds", "export"),
        ("senior_accountant_limit", "-1"),
        ("rounding_mode", "nearest"),
        ("effective_from", "2020-01-01"),
        ("effective_from", "tomorrow"),
        ("reason", ""),
        ("reason", "\u202etxet"),
    ],
)
def test_a_form_with_an_error_shows_it_at_its_field_and_changes_nothing(
    senior: Client, field: str, typed: str
) -> None:
    response = propose(senior, **{field: typed})

    assert response.status_code == 422
    assert response.context["form"].errors.keys() >= {field}
    assert FinancePolicy.objects.count() == 1


def test_a_proposal_shows_what_it_changes(home: Organization, senior: Client) -> None:
    policy = make_proposal(home, effective_from=LATER, reversal_style="swap")

    text = page(senior, "policy_detail", policy.number)

    assert "<del>Red letter" in text or "<del>red letter" in text
    assert "<ins>swapped sides</ins>" in text


def test_another_person_confirms(home: Organization, senior: Client) -> None:
    policy = make_proposal(home, effective_from=LATER)

    senior.post(reverse("policies:policy_confirm", args=[policy.number]), {"version": 1})

    policy.refresh_from_db()
    assert policy.state == PolicyState.CONFIRMED


@pytest.mark.parametrize(
    ("step", "typed", "status"),
    [
        ("policy_confirm", {"version": "9"}, 409),
        ("policy_confirm", {}, 409),
        ("policy_confirm", {"version": "x"}, 409),
        ("policy_reject", {"version": "1", "reason": ""}, 422),
    ],
)
def test_a_decision_that_cannot_be_says_why(
    home: Organization, senior: Client, step: str, typed: dict[str, str], status: int
) -> None:
    policy = make_proposal(home, effective_from=LATER)

    response = senior.post(reverse(f"policies:{step}", args=[policy.number]), typed)

    policy.refresh_from_db()
    assert (response.status_code, policy.state) == (status, PolicyState.PROPOSED)


def test_who_proposed_it_takes_it_back_and_does_not_confirm(home: Organization) -> None:
    policy = make_proposal(home, effective_from=LATER)
    own = signed_in(policy.proposed_by)
    confirm = reverse("policies:policy_confirm", args=[policy.number])
    assert own.post(confirm, {"version": 1}).status_code == 409
    assert confirm not in page(own, "policy_detail", policy.number)

    reject = reverse("policies:policy_reject", args=[policy.number])
    own.post(reject, {"version": 1, "reason": "mistyped"})

    policy.refresh_from_db()
    assert policy.state == PolicyState.REJECTED


def test_an_uploaded_file_becomes_a_proposal(senior: Client) -> None:
    file = SimpleUploadedFile("policy.yaml", changed("half_up", "down").encode())

    senior.post(reverse("policies:policy_import"), {"file": file})

    assert FinancePolicy.objects.get(number=2).rounding_mode == "down"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (changed("half_up", "nearest"), "Line 6, rounding_mode"),
        ("a: [", "not YAML"),
        (POLICY.replace("2099", "2020"), "Line 1, effective_from"),
    ],
)
def test_an_uploaded_file_with_an_error_names_its_line(
    senior: Client, text: str, told: str
) -> None:
    file = SimpleUploadedFile("policy.yaml", text.encode())

    response = senior.post(reverse("policies:policy_import"), {"file": file})

    assert response.status_code == 422
    assert told in response.content.decode()
    assert FinancePolicy.objects.count() == 1


def test_a_download_proposes_the_same_again(home: Organization, senior: Client) -> None:
    document = read_document(page(senior, "policy_download", 1))

    assert document.content == FinancePolicy.objects.get().content() == PolicyContent()


def test_the_calculator_splits_and_counts(senior: Client) -> None:
    asked = {"currency": "cny", "way": "gross", "invoice_kind": "special"}

    text = page(senior, "policy_calculator", amount="113.00", day="2026-01-31", **asked)

    assert all(part in text for part in ("100.00", "13.00", "2026-03-02", "2026-05-01"))


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("amount", "a lot"),
        ("amount", "1.005"),
        ("currency", "XXX"),
        ("day", "soon"),
        ("way", ""),
    ],
)
def test_the_calculator_refuses_what_it_cannot_read(
    senior: Client, field: str, typed: str
) -> None:
    asked = {
        "amount": "113.00",
        "currency": "CNY",
        "way": "gross",
        "invoice_kind": "special",
        "day": "2026-01-31",
    }

    response = senior.get(reverse("policies:policy_calculator"), asked | {field: typed})

    assert response.status_code == 422
    assert response.context["form"].errors


def test_a_number_beyond_all_rows_is_not_found(senior: Client) -> None:
    assert senior.get(f"/policies/{10**30}/").status_code == 404


def test_what_is_in_force_today_is_marked(home: Organization, senior: Client) -> None:
    assert FinancePolicy.objects.get().effective_from < timezone.localdate() + timedelta(1)
    assert '<span class="fm-chip">today</span>' in page(senior, "policy_detail", 1)
