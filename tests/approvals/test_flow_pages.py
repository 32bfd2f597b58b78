"""Flows for administrators: written as copies, rehearsed, activated, retired, discarded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from apps.approvals.forms.flows import StepForm, rows_of
from apps.approvals.models import ApprovalFlow, FlowStep
from apps.approvals.services.flow_drafts import discard_flow, rewrite_flow
from apps.approvals.services.flow_lists import edition_of, flows_by_kind
from apps.approvals.services.flow_words import changes_between, history_of, scope_words
from apps.approvals.services.flows import create_flow, has_flows
from apps.approvals.services.rehearsal import Trial, rehearse
from apps.approvals.words import Resolver
from apps.core.errors import Forbidden, StaleVersion
from apps.organizations.permissions import Role
from tests.approvals.rounds import KIND, ask, ask_approvers, ask_for, make_entry, make_flow
from tests.factories import make_department, make_ledger, make_organization, make_user
from tests.permission_world import signed_in

pytestmark = pytest.mark.django_db
NEW = reverse("approvals:flow_create")
STEP = {
    "number": "1", "name": "Check", "resolver": "role", "role": "approver", "rule": "any",
    "skip": "never",
}  # fmt: skip


def form(*steps: dict[str, str], **head: object) -> dict[str, object]:
    """Return what the browser sends for a flow with steps."""
    rows = {
        f"form-{n}-{key}": text for n, step in enumerate(steps) for key, text in step.items()
    }
    counts = {"form-TOTAL_FORMS": len(steps), "form-INITIAL_FORMS": 0}
    return {"word": "v1", **counts, **rows, **head}


class Office:
    """An organization with an administrator, two approvers and an accountant."""

    def __init__(self) -> None:
        """Make them."""
        self.ledger = make_ledger()
        self.home = self.ledger.organization
        self.admin = make_user(self.home, Role.ADMIN)
        self.ann = make_user(self.home, Role.APPROVER, first_name="Ann")
        self.bob = make_user(self.home, Role.APPROVER, first_name="Bob")
        self.maker = make_user(self.home, Role.ACCOUNTANT)
        self.browser = signed_in(self.admin)

    def send(self, name: str, flow: ApprovalFlow, **more: object) -> Any:
        """Press a button at the version that was seen."""
        url = reverse(f"approvals:{name}", args=(flow.pk,))
        return self.browser.post(url, {"version": flow.version} | more, follow=True)

    def try_out(self, flow: ApprovalFlow, amount: str) -> str:
        """Return the page of a flow with a rehearsal."""
        query: dict[str, str | int] = {
            "amount": amount,
            "maker": self.maker.pk,
            "ledger": self.ledger.pk,
        }
        url = reverse("approvals:flow_detail", args=(flow.pk,))
        return self.browser.get(url, query).content.decode()


@pytest.fixture
def office() -> Office:
    """Return an office."""
    return Office()


def test_a_flow_is_written_as_a_copy_and_then_activated(office: Office) -> None:
    before = make_flow(office.home, ask(office.ann))
    assert b"Check" in office.browser.get(NEW, {"source": before.pk}).content
    office.browser.post(NEW, form(STEP, STEP | {"number": "2", "rule": "all"}))
    draft = ApprovalFlow.objects.get(state="draft")

    page = office.browser.get(reverse("approvals:flow_activate", args=(draft.pk,)))
    office.send("flow_activate", draft)

    assert "all of them" in page.content.decode()
    draft.refresh_from_db()
    before.refresh_from_db()
    assert (draft.state, before.state) == ("active", "retired")


def test_what_waits_is_counted_before_its_flow_is_replaced(office: Office) -> None:
    before = make_flow(office.home, ask_approvers())
    request = ask_for(make_entry(office.ledger))
    draft = create_flow(KIND, "v1", [ask(office.ann)], actor=office.admin)

    page = office.browser.get(reverse("approvals:flow_activate", args=(draft.pk,)))
    office.send("flow_activate", draft)

    assert "1 request waits by the flow of before" in page.content.decode()
    request.refresh_from_db()
    assert (request.flow, request.state) == (before, "open")


def test_rows_come_and_go_without_a_script_and_nothing_is_written(office: Office) -> None:
    typed = form(STEP, STEP | {"number": "2", "name": "Second", "above": "x"})

    more = office.browser.post(NEW, typed | {"change": "add"}).context["steps"]
    less = office.browser.post(NEW, typed | {"change": "remove-0"}).context["steps"]

    assert [row["number"].value() for row in more] == ["1", "2", 3]
    assert [row["name"].value() for row in less] == ["Second"]
    assert not ApprovalFlow.objects.exists()


def test_a_copy_keeps_every_column_of_a_step() -> None:
    columns = {field.name for field in FlowStep._meta.concrete_fields} - {"id", "flow"}

    assert set(StepForm.base_fields) == columns
    assert set(rows_of([FlowStep()])[0]) == columns


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"role": ""}, "role"),
        ({"resolver": "user"}, "person"),
        ({"rule": "n_of_m"}, "needed"),
        ({"above": "5", "up_to": "5"}, "up_to"),
        ({"above": "1e3"}, "above"),
        ({"escalate_after": "4"}, "escalate_role"),
        ({"escalate_role": "approver"}, "escalate_after"),
        ({"number": "0"}, "number"),
    ],
)
def test_a_step_that_is_not_complete_is_refused(
    office: Office, typed: dict[str, str], field: str
) -> None:
    answer = office.browser.post(NEW, form(STEP | typed))

    assert answer.status_code == 422
    assert list(answer.context["steps"].errors[0]) == [field]
    assert not ApprovalFlow.objects.exists()


def test_a_flow_without_steps_or_of_another_tenant_is_refused(office: Office) -> None:
    foreign = make_ledger()

    assert office.browser.post(NEW, form()).status_code == 422
    assert office.browser.post(NEW, form(STEP, {})).status_code == 422
    assert office.browser.post(NEW, form(STEP | {"checks_credit": "on"})).status_code == 422
    assert office.browser.post(NEW, form(STEP, ledger=foreign.pk)).status_code == 422
    assert office.browser.get(NEW, {"kind": "x"}).status_code == 404
    assert not ApprovalFlow.objects.exists()


def test_a_draft_that_is_edited_is_written_anew(office: Office) -> None:
    draft = create_flow(KIND, "v1", [ask(office.ann)], actor=office.admin)
    typed = form(STEP, source=draft.pk, version=draft.version)

    office.browser.post(NEW, typed)
    again = office.browser.post(NEW, typed)

    draft.refresh_from_db()
    assert draft.state == "dropped"
    assert again.status_code == 422
    other = ApprovalFlow.objects.get(state="draft")
    with pytest.raises(StaleVersion):
        rewrite_flow(other, "v1", [ask(office.bob)], version=7, actor=office.admin)


def test_a_discarded_draft_counts_for_nothing(office: Office) -> None:
    draft = create_flow(KIND, "v1", [ask(office.ann)], actor=office.admin)

    with pytest.raises(Forbidden):
        discard_flow(draft, version=1, actor=make_user(make_organization(), Role.ADMIN))
    office.send("flow_discard", draft)
    draft.refresh_from_db()
    answer = office.send("flow_activate", draft)

    assert (draft.state, has_flows(KIND, office.home.pk)) == ("dropped", False)
    assert "The flow is discarded" in answer.content.decode()


def test_the_last_flow_is_not_retired_and_a_narrower_one_is(office: Office) -> None:
    wide = make_flow(office.home, ask_approvers())
    office.browser.post(NEW, form(STEP, ledger=office.ledger.pk))
    narrow = ApprovalFlow.objects.get(state="draft")
    office.send("flow_activate", narrow)
    narrow.refresh_from_db()

    pages = [office.send("flow_retire", flow).content.decode() for flow in (wide, narrow)]

    states = dict(ApprovalFlow.objects.values_list("pk", "state"))
    assert states == {wide.pk: "active", narrow.pk: "retired"}
    assert ["Every department needs it" in page for page in pages] == [True, False]
    assert "Retire…" not in pages[0]


def test_a_rehearsal_says_who_would_be_asked_and_writes_nothing(office: Office) -> None:
    flow = make_flow(office.home, ask_approvers(), ask(office.bob, 2, above=500))

    small, large = office.try_out(flow, "100"), office.try_out(flow, "1,000")

    assert "Not asked for this amount" in small
    assert "Not asked for this amount" not in large
    assert "Ann" in small
    assert not flow.requests.exists()


def test_a_rehearsal_says_why_a_submission_would_be_refused(office: Office) -> None:
    nobody = FlowStep(number=1, name="Head", resolver=Resolver.DEPARTMENT_HEAD)
    flow = make_flow(office.home, nobody)
    trial = Trial(Decimal(1), office.maker, make_department(office.home), office.ledger)

    far = rehearse(make_flow(office.home, ask(office.ann, above=Decimal(5))), trial)
    assert "meets no step" in far.refusal
    steps = ask(office.ann, above=Decimal(5)), ask(office.ann, 2, checks_credit=True)
    doubts = rehearse(make_flow(office.home, *steps), trial)
    assert "meets no step" in doubts.refusal
    assert "people other than the maker: 1 needed" in rehearse(flow, trial).refusal
    assert "would be refused" in office.try_out(flow, "1")
    url = reverse("approvals:flow_detail", args=(flow.pk,))
    assert office.browser.get(url, {"amount": "much"}).status_code == 422


def test_flows_are_listed_by_kind_with_their_editions(office: Office) -> None:
    first = make_flow(office.home, ask_approvers())
    second = make_flow(office.home, ask(office.ann))
    make_flow(make_organization())

    kinds = flows_by_kind(ApprovalFlow.objects.filter(organization=office.home))
    entries = next(one for one in kinds if one.kind == KIND)

    assert [(row.flow, row.edition) for row in entries.current + entries.over] == [
        (second, 2), (first, 1),
    ]  # fmt: skip
    assert edition_of(second, ApprovalFlow.objects.filter(organization=office.home)) == 2
    assert [step["what"] for step in history_of(first)] == [
        "wrote it",
        "activated it",
        "retired it",
    ]


def test_words_say_what_differs(office: Office) -> None:
    ladder = [
        ask_approvers(above=Decimal(5), up_to=Decimal(10)),
        ask(office.ann, 2, sla_hours=4),
    ]

    (change,) = changes_between([ask_approvers(above=Decimal(5), up_to=Decimal(10))], ladder)

    assert change["field"] == "Step 2"
    assert change["before"] == ""
    assert "Ann" in change["after"]
    assert "due within 4 hours" in change["after"]
    assert scope_words(make_flow(office.home)) == "whole organization"
