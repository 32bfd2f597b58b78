"""Operations have words in both languages on the pages of the audit trail."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from django.utils import translation
from pytest_django.asserts import assertContains

from apps.approvals.words import VERDICTS, FlowState
from apps.audit.operation_words import DONE, THINGS, label_of, parts_of
from apps.audit.services import record_event
from apps.jobs.services.kinds import KINDS
from apps.ledgers.models import JournalImport, PeriodState
from apps.organizations.permissions import Role
from apps.rollout.words import ChangeKind
from tests.factories import make_organization, make_user
from tests.sources import python_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

# Functions that take the kind of an operation, or hand it on.
TAKERS = {
    "operation",
    "operation_context",
    "record_event",
    "recorded",
    "_operation",
    "_change",
    "_decide",
}


def called(call: ast.Call) -> str:
    """Return the name of the function that is called."""
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def kinds_in(tree: ast.AST) -> Iterator[str]:
    """Yield the kinds that a module writes out; of computed ones the part that is written."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and called(call) in TAKERS:
            for argument in call.args[:2]:
                yield from (
                    text.value
                    for text in ast.walk(argument)
                    if isinstance(text, ast.Constant) and isinstance(text.value, str)
                )


def written() -> set[str]:
    """Return all kinds that code writes out whole."""
    trees = [ast.parse(path.read_text()) for path in python_files("apps")]
    found = {kind for tree in trees for kind in kinds_in(tree)}
    return {kind for kind in found if "." in kind.strip(".") and " " not in kind}


def computed() -> set[str]:
    """Return the kinds that are put together from states and the like."""
    leased = ("journal_import", "job", "reconciliation", "reconciliation.partition")
    return (
        {f"period.{state}" for state in PeriodState.values}
        | {f"journal_import.{state}" for state in JournalImport.State.values}
        | {f"approval_flow.{state}" for state in FlowState.values}
        | {f"approval.{verdict}" for verdict in VERDICTS}
        | {f"rollout.{kind}" for kind in ChangeKind.values}
        | {f"{name}.{step}" for name in leased for step in ("claim", "lease", "finish")}
        | {f"job.{kind}" for kind in KINDS}
    )


def test_every_kind_of_operation_has_words() -> None:
    found = {kind: parts_of(kind) for kind in written() | computed()}
    assert {"rules.activate", "break.dispute", "statement.store"} <= found.keys()

    assert {kind for kind, (thing, _done) in found.items() if thing not in THINGS} == set()
    assert {kind for kind, (_thing, done) in found.items() if done not in DONE} == set()


def test_no_words_are_of_operations_that_nobody_does() -> None:
    things = {parts_of(kind)[0] for kind in written() | computed()}

    assert set(THINGS) - things == set()


def test_an_operation_is_read_in_both_languages() -> None:
    with translation.override("en"):
        assert label_of("rules.activate") == "Matching rules: activated"
        assert label_of("reconciliation.partition.begin") == "Part of a reconciliation: begun"
    with translation.override("zh-hans"):
        assert label_of("rules.activate") == "匹配规则：启用"
        assert label_of("job.statement_read") == "后台任务：启动"
        assert label_of("sql") == "直接写入数据库"


def test_a_kind_of_before_is_shown_as_it_was_written() -> None:
    with translation.override("en"):
        assert label_of("payment.send") == "payment.send"
        assert label_of("rules.praise_much") == "Matching rules: praise much"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("en", "Journal: exported"), ("zh-hans", "凭证清单：导出")]
)
def test_the_pages_tell_words_and_kind(client: Client, language: str, words: str) -> None:
    person = make_user(make_organization(), Role.AUDITOR)
    row = record_event("journal.export", actor=person, resource=("session", "x"))
    client.force_login(person)

    for path in ("/audit/", f"/audit/{row.pk}/"):
        page = client.get(path, headers={"accept-language": language})
        assertContains(page, words)
        assertContains(page, "journal.export")
