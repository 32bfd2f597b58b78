"""The rules of this code that no linter knows; docs/architecture.md gives their reasons."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model

from scripts.messages import marked_texts, read_catalogue
from scripts.places import ROOT
from tests.sources import (
    TEMPLATES,
    functions_in,
    name_of,
    names_in,
    names_reached_by_tests,
    our_urls,
    public_services,
    python_files,
)

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
LONGEST_PAGE = 80
LAYERS = (
    ("core",),
    ("organizations",),
    ("audit",),
    ("events",),
    ("jobs",),
    ("fx", "policies", "rollout", "credit"),
    ("ledgers",),
    ("budgets",),
    ("statements",),
    ("settlement", "reconciliation"),
    ("approvals",),
    ("reports",),
    ("portal",),
)
RANK = {app: rank for rank, layer in enumerate(LAYERS) for app in layer}
OUR_MODELS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model.__module__.startswith("apps.")
]
# Pages that more than one URL shows.
SHARED_PAGES = {
    "ledgers/journal_entry_form.html": "journal_entry_create, journal_entry_edit",
    "organizations/structure_form.html": "entity_create, entity_edit, department_create, …",
}
# Tables whose changes the operation log does not hold row by row.
NOT_IN_THE_LOG = {
    "approvals_requestview": "what a person last looked at; it decides nothing",
    "audit_operationlog": "it is the log",
    "budgets_budgettotal": "sums of uses, proved by verify_books",
    "budgets_budgetuse": "sums of lines by the state of their entry, as above",
    "events_consumercursor": "how far a consumer got; it only goes forward",
    "events_eventpartition": "how far a partition was relayed, as above",
    "events_inboxevent": "which events had their effect, and the effect is in the log",
    "events_outboxevent": "append-only itself",
    "events_troubleddelivery": "the relay's work list; what people decide about one is logged",
    "fx_ratestamp": "counts the changes of rates, which are in the log",
    "ledgers_accountbalance": "sums of posted lines, proved by verify_books",
    "ledgers_accounttotal": "as above",
    "ledgers_openitem": "mirrors posted lines; what people change of it is in the log",
    "ledgers_entrycounter": "counts the numbers of posted entries",
    "ledgers_journalline": "comes with its entry; the guard records what is added to a draft",
    "ledgers_journalimporterror": "the findings of one import, which is in the log",
    "ledgers_openingbalance": "sums of closed periods, proved by verify_books",
    "organizations_currency": "ISO 4217, changed by migrations alone",
    "rollout_flag_groups": "waffle's, which PostgreSQL keeps empty",
    "rollout_flag_users": "as above",
    "rollout_flagexposure": "append-only itself, one row for each decision",
    "reconciliation_carrieditem": "comes with its sign-off, which is in the log",
    "reconciliation_breakrollforward": "append-only itself, counted from breaks in the log",
    "reconciliation_liveitem": "is found again by each run from lines that are in the log",
    "reconciliation_matcheditem": "comes with its run, which is in the log, and is proved",
    "reconciliation_runoutcome": "append-only itself, comes with its run, and is proved",
    "reports_dailyfigure": "sums of events, built anew by command and proved by verify_books",
    "statements_statementline": "comes with its file, which is in the log, and never changes",
    "statements_statementpart": "as above",
    "organizations_user_groups": "roles are used, Django's groups are not",
    "organizations_user_user_permissions": "as above",
}
DJANGO_COMMANDS = {
    "changepassword",
    "check",
    "collectstatic",
    "createsuperuser",
    "makemigrations",
    "migrate",
    "shell",
}


def test_a_file_can_be_read_at_once() -> None:
    files = [*python_files(), ROOT / "run", ROOT / "manage.py"]
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in files}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_a_function_fits_on_a_screen() -> None:
    lengths = {
        f"{name_of(path)}: {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in [*python_files(), ROOT / "run"]
        for function in functions_in(path)
    }

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_a_template_is_short() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in TEMPLATES}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_PAGE} == {}


def test_a_template_holds_no_inline_script_or_style() -> None:
    inline = re.compile(
        r"<script\b(?![^>]*\bsrc=)[^>]*>|<style\b|<[^>]*\s(?:style|on[a-z]+)\s*=", re.IGNORECASE
    )
    found = {name_of(path): inline.findall(_markup(path.read_text())) for path in TEMPLATES}

    assert {name: tags for name, tags in found.items() if tags} == {}


def _markup(template: str) -> str:
    """Return a template without its tags, variables and comments."""
    return re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", template, flags=re.DOTALL)


def test_money_is_never_a_float() -> None:
    used = {name_of(path): names_in(path) for path in python_files("apps")}

    assert [name for name, names in used.items() if names & {"float", "FloatField"}] == []


def test_a_url_has_the_name_of_its_view() -> None:
    urls = [(app, url.name, url.callback) for app, url in our_urls()]

    assert [name for _, name, view in urls if view.__name__ != name] == []
    assert [
        name
        for app, name, view in urls
        if not view.__module__.startswith((f"apps.{app}.views", f"apps.{app}.api"))
    ] == []


def test_a_view_states_its_permission() -> None:
    views = [url.callback for _, url in our_urls()]

    assert [view.__name__ for view in views if not hasattr(view, "permission")] == []


def test_a_page_has_the_name_of_the_view_that_shows_it() -> None:
    known = {f"{app}/{url.name}.html" for app, url in our_urls()} | set(SHARED_PAGES)
    pages = {
        path.relative_to(ROOT / "templates").as_posix()
        for path in TEMPLATES
        if path.parent.name in RANK and not path.name.startswith("_")
    }

    assert pages - known == set()


def test_a_foreign_key_points_to_its_own_layer_or_down() -> None:
    keys = [
        (model, field.related_model)
        for model in OUR_MODELS
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation
    ]

    assert [f"{a.__name__}: {b}" for a, b in keys if _rank(b) > _rank(a)] == []


def _rank(model: object) -> int:
    """Return the layer of a model; what Django brings lies below all of ours."""
    if isinstance(model, type) and issubclass(model, Model) and model in OUR_MODELS:
        return RANK[model._meta.app_label]
    return -1


def test_a_service_is_reached_by_a_test() -> None:
    reached = names_reached_by_tests()

    assert [f"{file}: {name}" for file, name in public_services() if name not in reached] == []


@pytest.mark.django_db
def test_a_table_is_in_the_operation_log_or_has_a_reason_not_to_be() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname LIKE %s AND tgenabled <> 'D'",
            ["%_audit_insert"],
        )
        logged = {table for (table,) in cursor.fetchall()}
    tables = {
        model._meta.db_table
        for model in OUR_MODELS
        if not model.__name__.startswith("Historical")
    }

    assert tables - logged == set(NOT_IN_THE_LOG)


def _chinese() -> Catalog:
    return read_catalogue(ROOT / "locale/zh_Hans/LC_MESSAGES/django.po")


def test_the_chinese_catalogue_is_complete() -> None:
    chinese = _chinese()
    marked = [message for message in marked_texts() if message.id]

    missing = [m.id for m in marked if chinese.get(m.id, m.context) is None]
    unfinished = [m.id for m in chinese if m.id and (m.fuzzy or not m.string)]

    assert (missing, unfinished) == ([], [])


def test_a_translation_keeps_every_placeholder() -> None:
    holes = re.compile(r"%\(\w+\)[sd]")
    pairs = [(str(m.id), str(m.string)) for m in _chinese() if m.id and m.string]

    lost = [one for one, other in pairs if {*holes.findall(one)} != {*holes.findall(other)}]

    assert lost == []


def test_a_document_names_commands_that_exist() -> None:
    text = "\n".join(p.read_text() for p in [*ROOT.glob("*.md"), *ROOT.rglob("docs/*.md")])
    runner = re.findall(r'"([a-z]+)": run_', (ROOT / "scripts/__main__.py").read_text())
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = {path.stem for path in ROOT.glob("apps/*/management/commands/[a-z]*.py")}

    assert set(re.findall(r"\./run ([a-z]+)", text)) - {*runner, "setup"} == set()
    assert set(re.findall(r"`make ([a-z]+)", text)) - {*targets} == set()
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) - commands - DJANGO_COMMANDS == set()


def test_a_migration_is_named_after_what_it_does() -> None:
    names = [path.stem for path in ROOT.glob("apps/*/migrations/0*.py")]

    assert [name for name in names if re.search(r"_(auto|initial|merge)(_|$)", name)] == []


def test_the_tests_run_on_the_versions_that_the_application_locks() -> None:
    def locked(name: str) -> dict[str, str]:
        pin = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z0-9,]+\])?==([^ ;]+)", re.MULTILINE)
        return dict(pin.findall((ROOT / name).read_text()))

    tested = locked("requirements-dev.txt")

    assert {
        name: tested.get(name)
        for name, version in locked("requirements.txt").items()
        if tested.get(name) != version
    } == {}


def test_the_version_is_the_same_everywhere() -> None:
    assert f'version = "{settings.VERSION}"' in (ROOT / "pyproject.toml").read_text()
