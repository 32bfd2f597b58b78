"""From the file to the lines, through HTTP and the worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.jobs.services.running import run_job
from apps.statements.domain.mapping import FIELDS
from apps.statements.errors import BalancesDisagree, StatementCameBefore
from apps.statements.forms.mappings import MappingForm
from apps.statements.models import (
    Channel,
    FormatMapping,
    StatementFile,
    StatementLine,
    StatementPartner,
)
from apps.statements.services.channels import create_partner, save_mapping
from apps.statements.services.pages import (
    channel_gaps,
    failure_of_statement,
    findings_of,
    rows_of_channels,
    try_mapping,
)
from apps.statements.services.samples import guessed_mapping
from apps.statements.services.statement_files import (
    discard_statement,
    import_statement,
    job_of,
    read_again,
    takes_files,
    upload_statement,
)
from apps.statements.services.statement_jobs import (
    import_at_once,
    import_read_statement,
    read_statement,
)
from tests.factories import make_account, make_ledger, make_senior
from tests.statements import files
from tests.statements.world import make_channel, make_line, make_statement, read

pytestmark = pytest.mark.django_db
STEPS = (read_statement, import_read_statement)


@pytest.fixture
def channel() -> Channel:
    """Return a channel of the account that the files are of."""
    return make_channel(external_account=files.ACCOUNT)


@pytest.fixture
def client(channel: Channel) -> Client:
    """Return a browser of a senior accountant."""
    browser = Client()
    browser.force_login(make_senior(channel.ledger))
    return browser


def work_on(statement: StatementFile) -> StatementFile:
    """Do the waiting job of a statement."""
    job = job_of(statement)
    assert job is not None
    run_job(job.pk)
    statement.refresh_from_db()
    return statement


def sent(client: Client, channel: Channel, text: str = files.MT940) -> StatementFile:
    """Return a file that was brought through the page and read."""
    url = reverse("statements:statement_upload", args=(channel.code,))
    client.post(url, {"file": SimpleUploadedFile("january.sta", text.encode())})
    return work_on(StatementFile.objects.latest("pk"))


def press(client: Client, step: str, statement: StatementFile, **values: object) -> None:
    """Press a button of the page of a statement."""
    url = reverse(f"statements:statement_{step}", args=(statement.channel.code, statement.pk))
    client.post(url, {"version": statement.version, **values})


def test_a_file_is_looked_at_and_then_imported(client: Client, channel: Channel) -> None:
    statement = sent(client, channel)
    page = client.get(statement.get_absolute_url()).content.decode()
    assert (statement.state, StatementLine.objects.count()) == ("ready", 0)
    assert "Preview: 3 of 3 lines" in page
    assert "Alpha Ltd" in page

    press(client, "import", statement)

    assert work_on(statement).state == "imported"
    assert (statement.new_count, statement.closing_balance) == (3, 1200)
    assert "INV-2026-000000042" in client.get(statement.get_absolute_url()).content.decode()
    assert "without gaps" in client.get(reverse("statements:channel_list")).content.decode()


def test_the_same_file_is_recognised(client: Client, channel: Channel) -> None:
    statement = sent(client, channel)
    press(client, "import", statement)
    work_on(statement)
    url = reverse("statements:statement_upload", args=(channel.code,))

    answer = client.post(url, {"file": SimpleUploadedFile("x.sta", files.MT940.encode())})

    assert answer.status_code == 409
    assert "This very file came on" in answer.content.decode()
    with pytest.raises(StatementCameBefore, match=statement.created_by.display_name()):
        upload_statement(
            channel, files.MT940.encode(), "x.sta", actor=make_senior(channel.ledger)
        )
    assert StatementFile.objects.count() == 1


def test_a_refused_file_says_why_and_may_come_again(client: Client, channel: Channel) -> None:
    broken = files.MT940.replace("C260116CNY1200", "C260116CNY1201")

    statement = sent(client, channel, broken)

    assert statement.state == "failed"
    assert "1201" in failure_of_statement(statement)
    page = client.get(statement.get_absolute_url()).content.decode()
    assert "nothing was changed" in page
    assert sent(client, channel, broken).pk != statement.pk
    assert StatementLine.objects.count() == 0


def test_a_gap_before_a_statement_is_told_before_it_is_imported(
    client: Client, channel: Channel
) -> None:
    early = read(make_line("5.00"), opening="0", closing="5")
    make_statement(channel, early)

    statement = sent(client, channel)

    (gap,) = findings_of(statement)["gaps"]
    assert (gap["expected"], gap["found"]) == (5, 1000)
    assert "A statement is missing" in client.get(statement.get_absolute_url()).content.decode()
    assert channel_gaps(channel) == []


def test_the_page_of_a_channel_shows_its_gaps(client: Client, channel: Channel) -> None:
    first = make_line("5.00")
    make_statement(channel, read(first, opening="0"))
    later = make_line("1.00", day=first.booked_on + timedelta(days=9))
    make_statement(channel, read(later, opening="7"))

    page = client.get(channel.get_absolute_url()).content.decode()

    assert "A statement is missing" in page
    assert later.booked_on.isoformat() in page


def test_contradictions_are_shown_and_need_a_word(client: Client, channel: Channel) -> None:
    def part(*amounts: str) -> object:
        days = zip(amounts, (1, 10, 20), strict=True)
        lines = [make_line(one, day=make_line("1").booked_on.replace(day=d)) for one, d in days]
        return read(*lines, opening=None)

    make_statement(channel, part("1", "2", "3"))  # type: ignore[arg-type]
    table = "Date,Amount\n2026-01-01,1.00\n2026-01-10,9.00\n2026-01-20,3.00\n"
    mapping = save_mapping(
        None,
        name="m",
        rules=guessed_mapping(table.encode()),
        actor=make_senior(channel.ledger),
    )
    Channel.objects.filter(pk=channel.pk).update(format="table", mapping=mapping)
    statement = sent(client, channel, table)
    assert statement.findings["conflicts"] == 2

    press(client, "import", statement)
    assert work_on(statement).state == "ready"
    press(client, "import", statement, accepts_conflicts="on")

    assert work_on(statement).state == "imported"
    assert (statement.line_count, statement.new_count) == (3, 1)


def test_a_program_imports_a_file_at_once_or_not_at_all(channel: Channel) -> None:
    actor = make_senior(channel.ledger)

    done = import_at_once(channel, files.MT940.encode(), "x.sta", actor=actor)

    assert (done.state, done.new_count) == ("imported", 3)
    with pytest.raises(BalancesDisagree):
        broken = files.MT940.replace("CR250,50", "CR250,51").encode()
        import_at_once(channel, broken, "y.sta", actor=actor)
    assert StatementFile.objects.count() == 1


def test_a_day_goes_on_in_the_next_statement(channel: Channel) -> None:
    first = read(make_line("3.50", text="coffee"), opening="0")
    make_statement(channel, first)

    later = make_statement(channel, read(make_line("3.50", text="coffee"), opening="3.50"))

    assert later.new_count == 1
    assert StatementLine.objects.count() == 2


def test_a_file_that_waits_can_be_discarded(client: Client, channel: Channel) -> None:
    statement = sent(client, channel)

    press(client, "discard", statement)

    statement.refresh_from_db()
    assert statement.state == "discarded"
    press(client, "import", statement)
    assert job_of(statement) is None
    for step in (discard_statement, import_statement, read_again, *STEPS):
        assert callable(step)


def test_a_channel_and_its_partner_are_made_on_pages(client: Client, channel: Channel) -> None:
    ledger = channel.ledger
    account = make_account(ledger)
    partner = {"code": "icbc", "name": "ICBC", "name_zh": "工商银行"}
    client.post(reverse("statements:partner_create"), partner)
    values = {
        "code": "icbc-cny",
        "name": "ICBC",
        "source_kind": "bank",
        "partner": StatementPartner.objects.get().pk,
        "ledger": ledger.code,
        "account": account.code,
        "currency": "CNY",
        "format": "camt053",
    }

    answer = client.post(reverse("statements:channel_create"), values)

    made = Channel.objects.get(code="icbc-cny")
    assert answer["Location"] == made.get_absolute_url()
    again = client.post(reverse("statements:channel_create"), values)
    assert (again.status_code, Channel.objects.count()) == (422, 2)
    edit = reverse("statements:channel_edit", args=(made.code,))
    client.post(edit, {"name": "New", "format": "table", "version": 1})
    made.refresh_from_db()
    assert (made.name, made.is_active, takes_files(made)) == ("New", False, False)
    assert client.post(edit, {"name": "Old", "format": "ofx", "version": 1}).status_code == 422


@pytest.mark.parametrize(
    ("typed", "is_open"),
    [
        ({"column_text": "摘要"}, (False, False)),
        ({"column_fee": "手续费"}, (True, False)),
        ({"skip_head": "-1"}, (False, True)),
    ],
)
def test_rare_parts_of_a_mapping_are_folded_unless_they_say_something(
    typed: dict[str, str], is_open: tuple[bool, bool]
) -> None:
    form = MappingForm({"name": "ICBC", "skip_head": "0", "skip_tail": "0", **typed})

    assert (form.has_other_columns, form.has_wrong_shape) == is_open
    names = {field.name for field in [*form.usual_columns, *form.other_columns]}
    assert names == {f"column_{name}" for name in FIELDS}


def test_a_mapping_is_tried_on_a_sample_before_it_is_saved(
    client: Client, channel: Channel
) -> None:
    url = reverse("statements:mapping_create")
    file = SimpleUploadedFile("bank.csv", files.CSV.encode("gb18030"))
    looked = client.post(url, {"step": "sample", "file": file})
    assert "2 lines of the sample" in looked.content.decode()
    values = {name: value or "" for name, value in looked.context["form"].initial.items()}
    values |= {"name": "Bank", "step": "save", "skip_tail": 0}
    del values["columns"], values["is_negated"]

    wrong = client.post(url, values | {"column_date": "摘要"})
    client.post(url, values)

    assert (wrong.status_code, FormatMapping.objects.count()) == (422, 1)
    mapping = FormatMapping.objects.get()
    assert mapping.rules["columns"]["money_in"] == "收入"
    page = client.get(reverse("statements:mapping_edit", args=(mapping.pk,)))
    assert page.status_code == 200
    assert try_mapping([], guessed_mapping(b"a,b\n")).lines == []


def test_other_organizations_meet_404(channel: Channel) -> None:
    stranger = Client()
    stranger.force_login(make_senior(make_ledger()))

    for name in ("channel_detail", "channel_edit", "statement_upload"):
        url = reverse(f"statements:{name}", args=(channel.code,))
        assert stranger.get(url).status_code == 404
    assert len(rows_of_channels([channel])) == 1
    made = create_partner(code="x", name="X", name_zh="", actor=make_senior(channel.ledger))
    assert made.label == "X"
