"""Importing published rates: for everybody by the operator, for a tenant by two people."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.core.errors import Forbidden, sentence_of
from apps.fx.errors import BrokenRates, NoRate, OwnRate
from apps.fx.models import ExchangeRate, RateImport, RateState
from apps.fx.services import rate_imports
from apps.fx.services.lookup import find_rate, mark_used
from apps.fx.services.rate_import_jobs import read_import
from apps.fx.services.rate_imports import (
    confirm_rate_import,
    continue_rate_import,
    import_for_everybody,
    job_of,
    reject_rate_import,
)
from apps.jobs.models import Job
from apps.jobs.services.running import run_job, stored_failure
from apps.jobs.services.starting import cancel_job
from apps.organizations.models import User
from apps.organizations.permissions import Role
from tests.factories import make_organization, make_user
from tests.fx.files import HISTORY, zipped

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 30)
State = RateImport.State


def bring(content: bytes, actor: User) -> RateImport:
    """Upload a file and do the job that reads it."""
    made = rate_imports.upload_rates(content, "h.csv", actor=actor)
    return work_on(made)


def work_on(made: RateImport) -> RateImport:
    """Do the job that the queue would call a worker for."""
    job = job_of(made)
    assert job is not None
    assert run_job(job.pk)
    made.refresh_from_db()
    return made


def publish(text: str = HISTORY) -> RateImport:
    return import_for_everybody(zipped(text), "eurofxref-hist.zip")


def test_published_rates_serve_everybody_at_once() -> None:
    done = publish()

    assert (done.day_count, done.read_count, done.new_count) == (3, 5, 5)
    found = find_rate(make_organization(), "USD", "CNY", on=DAY)
    assert (found.source, found.path) == ("ecb", ("USD", "EUR", "CNY"))


def test_the_same_file_again_brings_nothing_new() -> None:
    publish()

    again = publish()

    assert (again.read_count, again.new_count, again.changed_count) == (5, 0, 0)
    assert ExchangeRate.objects.count() == 5


def test_a_longer_file_brings_its_new_days_only() -> None:
    publish(HISTORY.replace("2026-10-30,1.1172,7.4326,N/A,\n", ""))

    assert publish().new_count == 2


def test_a_changed_figure_is_a_new_revision_and_the_used_one_stays() -> None:
    publish()
    used = find_rate(make_organization(), "EUR", "CNY", on=DAY)
    mark_used(used.rate_ids)

    changed = publish(HISTORY.replace("7.4326", "7.4999"))

    assert (changed.new_count, changed.changed_count) == (0, 1)
    found = find_rate(make_organization(), "EUR", "CNY", on=DAY)
    assert found.rate == Decimal("7.4999")
    revisions = ExchangeRate.objects.of_pair("EUR", "CNY").order_by("revision")
    assert [(row.revision, row.is_used) for row in revisions] == [(1, True), (2, False)]


def test_a_refused_file_changes_nothing() -> None:
    with pytest.raises(BrokenRates):
        publish(HISTORY.replace("1999-01-04,1.1789", "1999-01-04,one"))

    assert not ExchangeRate.objects.exists()
    assert not RateImport.objects.exists()


def test_the_command_imports_and_says_how_much(tmp_path: Path) -> None:
    file, told = tmp_path / "hist.csv", io.StringIO()
    file.write_text(HISTORY)

    call_command("import_ecb_rates", str(file), stdout=told)
    call_command("import_ecb_rates", str(file), stdout=told)

    assert "5 rates read: 5 new, 0 changed" in told.getvalue()
    assert "5 rates read: 0 new, 0 changed" in told.getvalue()


def test_the_command_refuses_a_half_file_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "hist.csv"
    file.write_text(HISTORY[:-3])

    with pytest.raises(CommandError, match="Line 4"):
        call_command("import_ecb_rates", str(file))


def test_uploaded_rates_wait_for_a_second_person_and_stay_in_the_organization() -> None:
    home = make_organization()

    made = bring(zipped(HISTORY), make_user(home, Role.TREASURY))

    assert (made.state, made.new_count) == (State.WAITING, 5)
    with pytest.raises(NoRate):
        find_rate(home, "EUR", "CNY", on=DAY)
    checker = make_user(home, Role.SENIOR_ACCOUNTANT)
    confirmed = work_on(confirm_rate_import(made, version=made.version, actor=checker))
    assert confirmed.state == State.DONE
    assert find_rate(home, "EUR", "CNY", on=DAY).rate == Decimal("7.4326")
    with pytest.raises(NoRate):
        find_rate(make_organization(), "EUR", "CNY", on=DAY)


def test_an_upload_of_what_is_published_already_needs_nobody() -> None:
    publish()
    treasurer = make_user(make_organization(), Role.TREASURY)

    made = bring(HISTORY.encode(), treasurer)

    assert (made.state, made.new_count, made.changed_count) == (State.DONE, 0, 0)


def test_an_upload_that_differs_from_what_is_published_says_so() -> None:
    publish()
    treasurer = make_user(make_organization(), Role.TREASURY)
    forged = HISTORY.replace("7.4326", "9.4326").encode()

    made = bring(forged, treasurer)

    assert (made.state, made.new_count, made.changed_count) == (State.WAITING, 0, 1)


def test_rejected_rates_are_never_found_and_can_be_brought_again() -> None:
    home = make_organization()
    treasurer, other = make_user(home, Role.TREASURY), make_user(home, Role.TREASURY)
    made = bring(HISTORY.encode(), treasurer)

    rejected = reject_rate_import(made, version=made.version, actor=other, reason="wrong day")

    assert rejected.state == State.REJECTED
    assert set(ExchangeRate.objects.values_list("state", flat=True)) == {RateState.REJECTED}
    again = bring(HISTORY.encode(), treasurer)
    assert again.new_count == 5


def test_nobody_confirms_the_own_file_nor_another_organizations() -> None:
    treasurer = make_user(make_organization(), Role.TREASURY)
    made = bring(HISTORY.encode(), treasurer)

    with pytest.raises(OwnRate):
        confirm_rate_import(made, version=made.version, actor=treasurer)
    with pytest.raises(Forbidden):
        stranger = make_user(make_organization(), Role.TREASURY)
        confirm_rate_import(made, version=made.version, actor=stranger)


def test_a_refused_upload_keeps_why_and_changes_nothing() -> None:
    treasurer = make_user(make_organization(), Role.TREASURY)

    made = bring(HISTORY[:-3].encode(), treasurer)

    assert made.state == State.FAILED
    assert sentence_of(*stored_failure(made.failure)).startswith("Line 4: ")
    assert not ExchangeRate.objects.exists()


def test_a_job_that_was_stopped_is_started_again() -> None:
    treasurer = make_user(make_organization(), Role.TREASURY)
    made = rate_imports.upload_rates(HISTORY.encode(), "h.csv", actor=treasurer)
    job = job_of(made)
    assert job is not None
    cancel_job(job, actor=treasurer)
    assert job_of(made) is None

    continue_rate_import(made, actor=treasurer)

    assert work_on(made).new_count == 5


def test_a_job_that_runs_twice_changes_nothing_more() -> None:
    made = bring(HISTORY.encode(), make_user(make_organization(), Role.TREASURY))
    assert continue_rate_import(made, actor=make_user(make_organization())) is None

    read_import(Job.objects.get(), work=NoWork())

    assert ExchangeRate.objects.count() == 5


class NoWork:
    """A worker that nobody watches."""

    def expect(self, total: int) -> None:
        """Hear of the total."""

    def advance(self, count: int = 1) -> None:
        """Hear of progress."""

    def hold(self) -> None:
        """Hold nothing."""
