"""Files become proposals, once, and never more than that."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.core.errors import Forbidden
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.policies.errors import FileHasErrors, UnreadableFile
from apps.policies.models import FinancePolicy
from apps.policies.services.file_imports import propose_from_file, watched_files
from apps.policies.services.policy_file import read_document
from apps.policies.tasks import propose_changed_files
from apps.policies.words import PolicySource, PolicyState
from tests.factories import make_organization, make_user
from tests.policies.texts import POLICY, changed

pytestmark = pytest.mark.django_db


@pytest.fixture
def senior() -> User:
    """Return somebody who may propose."""
    home = make_organization("acme")
    return make_user(home, Role.SENIOR_ACCOUNTANT, username="senior.acme")


@pytest.fixture
def file(settings: LazySettings, tmp_path: Path, senior: User) -> Path:
    """Return the watched file of the organization."""
    assert senior.organization is not None
    settings.POLICY_FILES = tmp_path
    settings.POLICY_ENVIRONMENT = "test"
    path = tmp_path / senior.organization.code / "test.yaml"
    path.parent.mkdir()
    path.write_text(f"proposed_by: {senior.username}\n{POLICY}")
    return path


def count() -> int:
    return FinancePolicy.objects.count()


def test_a_file_becomes_a_proposal(senior: User) -> None:
    policy = propose_from_file(POLICY.encode(), actor=senior)

    assert (policy.state, policy.source) == (PolicyState.PROPOSED, PolicySource.FILE)
    assert (policy.proposed_by, policy.proposal_reason) == (senior, "Yearly review")


def test_without_a_day_a_policy_begins_with_the_next_month(senior: User) -> None:
    policy = propose_from_file(
        changed("effective_from: 2099-01-01\n", "").encode(), actor=senior
    )

    assert policy.effective_from.day == 1
    assert timedelta(0) < policy.effective_from - timezone.localdate() <= timedelta(days=31)


def test_a_rule_that_is_broken_is_told_at_its_line(senior: User) -> None:
    text = changed("default_tax_rate: 0.13", "default_tax_rate: 1.3")

    with pytest.raises(FileHasErrors) as refused:
        propose_from_file(text.encode(), actor=senior)

    assert str(refused.value.errors[0]).startswith("Line 3, default_tax_rate: ")
    assert count() == 0


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a: \x00", b"#" * 70_000])
def test_a_file_that_is_no_text_is_refused(senior: User, data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        propose_from_file(data, actor=senior)


def test_a_file_gives_nobody_a_duty() -> None:
    with pytest.raises(Forbidden):
        propose_from_file(POLICY.encode(), actor=make_user(make_organization()))


def test_a_changed_file_is_proposed_once(file: Path, senior: User) -> None:
    propose_changed_files()
    propose_changed_files()
    assert FinancePolicy.objects.get().proposed_by == senior

    file.write_text(file.read_text().replace("half_up", "down"))
    propose_changed_files()

    modes = FinancePolicy.objects.order_by("number").values_list("rounding_mode", flat=True)
    assert list(modes) == ["half_up", "down"]


@pytest.mark.parametrize("text", ["half a fi", "proposed_by: nobody\n" + POLICY, POLICY])
def test_a_watched_file_that_cannot_be_used_changes_nothing(file: Path, text: str) -> None:
    file.write_text(text)

    propose_changed_files()

    assert count() == 0


def test_the_command_proposes(file: Path) -> None:
    out = io.StringIO()

    call_command("import_policy", file, organization="acme", actor="senior.acme", stdout=out)

    assert out.getvalue() == "v1: proposed, in force from 2099-01-01\n"


def test_the_command_prints_every_error_and_ends_with_1(file: Path) -> None:
    err = io.StringIO()
    file.write_text(changed("half_up", "nearest"))

    with pytest.raises(SystemExit, match="1"):
        call_command(
            "import_policy", file, organization="acme", actor="senior.acme", stderr=err
        )

    assert "Line 6, rounding_mode" in err.getvalue()
    assert count() == 0


def test_the_command_wants_a_person_of_the_organization(file: Path) -> None:
    with pytest.raises(CommandError):
        call_command("import_policy", file, organization="other", actor="senior.acme")


def test_the_files_that_ship_are_policies(settings: LazySettings) -> None:
    make_organization("huadong")
    make_organization("spree")
    settings.POLICY_ENVIRONMENT = "demo"

    found = [path for _, path in watched_files()]

    assert [path.parent.name for path in found] == ["huadong", "spree"]
    assert all(read_document(path.read_text()).proposed_by for path in found)
