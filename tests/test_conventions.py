"""The rules of this code that no linter knows; docs/architecture.md gives their reasons."""

from __future__ import annotations

import ast
import re

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model

from tests.sources import (
    ROOT,
    TEMPLATES,
    functions_in,
    name_of,
    our_urls,
    public_services,
    python_files,
    translatable_texts,
)

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
LONGEST_PAGE = 80
LAYERS = (
    ("core",),
    ("organizations",),
    ("audit",),
    ("fx", "policies"),
    ("ledgers",),
    ("settlement", "reconciliation"),
    ("approvals",),
    ("reports",),
    ("portal",),
)
RANK = {app: rank for rank, layer in enumerate(LAYERS) for app in layer}
OUR_MODELS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.app_config and model._meta.app_config.name.startswith("apps.")
]
# Pages that more than one URL shows.
SHARED_PAGES = {
    "ledgers/journal_entry_form.html": "journal_entry_create and journal_entry_edit",
}
# Tables whose changes the operation log does not hold row by row.
NOT_IN_THE_LOG = {
    "audit_operationlog": "it is the log",
    "ledgers_accountbalance": "sums of posted lines, proved by verify_books",
    "ledgers_accounttotal": "as above",
    "ledgers_entrycounter": "counts the numbers of posted entries",
    "ledgers_journalimporterror": "the findings of one import, which is in the log",
    "ledgers_journalline": "a trigger of its own logs lines of drafts; posted ones are final",
    "organizations_currency": "ISO 4217, changed by migrations alone",
    "organizations_user_groups": "Django's groups are not used: roles are",
    "organizations_user_user_permissions": "as above",
}


@pytest.mark.parametrize("path", [*python_files(), ROOT / "run"], ids=name_of)
def test_a_file_is_short_enough_to_be_read_at_once(path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", [*python_files(), ROOT / "run"], ids=name_of)
def test_a_function_fits_on_a_screen(path) -> None:
    lengths = {
        function.name: (function.end_lineno or 0) - function.lineno + 1
        for function in functions_in(path)
    }

    assert {n: length for n, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_is_short(path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_PAGE


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_keeps_to_the_content_security_policy(path) -> None:
    markup = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", path.read_text(), flags=re.DOTALL)
    scripts = [tag for tag in re.findall(r"<script\b[^>]*>", markup) if "src=" not in tag]
    attributes = re.findall(r"<[^>]*\s((?:style|on[a-z]+)=)", markup)

    assert scripts + attributes + re.findall(r"<style\b", markup) == []


@pytest.mark.parametrize("path", python_files("apps"), ids=name_of)
def test_money_is_never_a_float(path) -> None:
    names = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name | ast.Attribute)
    }

    assert names & {"float", "FloatField"} == set()


@pytest.mark.parametrize(
    ("app", "url"), list(our_urls()), ids=[f"{app}:{url.name}" for app, url in our_urls()]
)
def test_a_url_is_named_after_its_view_which_states_its_permission(app, url) -> None:
    assert url.callback.__name__ == url.name
    assert url.callback.__module__.startswith(f"apps.{app}.views")
    assert hasattr(url.callback, "permission")


def test_a_page_is_named_after_the_view_that_shows_it() -> None:
    known = {f"{app}/{url.name}.html" for app, url in our_urls()} | set(SHARED_PAGES)
    pages = {
        path.relative_to(ROOT / "templates").as_posix()
        for path in TEMPLATES
        if path.parent.name in RANK and not path.name.startswith("_")
    }

    assert pages - known == set()


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_a_foreign_key_points_to_its_own_layer_or_down(model) -> None:
    targets = [field.related_model for field in model._meta.get_fields() if field.concrete]
    above = [
        target._meta.label
        for target in targets
        if isinstance(target, type) and _rank(target) > _rank(model)
    ]

    assert above == []


def _rank(model: type[Model]) -> int:
    """Return the layer of a model; what Django brings lies below all of ours."""
    return RANK[model._meta.app_label] if model in OUR_MODELS else -1


@pytest.mark.parametrize("app", sorted(RANK), ids=str)
def test_every_service_is_named_in_a_test(app) -> None:
    own = ROOT / "tests" / "test_conventions.py"
    tests = "\n".join(p.read_text() for p in python_files("tests") if p != own)
    views = "\n".join(p.read_text() for p in python_files(f"apps/{app}"))

    untested = [
        name
        for name in public_services(ROOT / "apps" / app)
        if not re.search(rf"\b{name}\b", tests)
    ]

    assert untested == []


@pytest.mark.django_db
def test_every_table_is_in_the_operation_log_or_has_a_reason_not_to_be() -> None:
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
        if not model._meta.model_name.startswith("historical")
    }

    assert tables - logged == set(NOT_IN_THE_LOG)


def _catalogue() -> Catalog:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def _is_unfinished(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(message.id) and (message.fuzzy or not all(texts))


def test_the_chinese_catalogue_is_complete() -> None:
    catalogue = _catalogue()
    known = {m.id[0] if isinstance(m.id, tuple | list) else m.id for m in catalogue}

    assert [message.id for message in catalogue if _is_unfinished(message)] == []
    assert sorted(translatable_texts() - known) == []


def test_chinese_keeps_every_placeholder() -> None:
    holes = re.compile(r"%\(\w+\)[sd]")
    lost = [
        message.id
        for message in _catalogue()
        if isinstance(message.id, str)
        and set(holes.findall(message.id)) != set(holes.findall(str(message.string)))
    ]

    assert lost == []


@pytest.mark.parametrize("document", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/*.md")), ids=name_of)
def test_a_document_names_commands_that_exist(document) -> None:
    text = document.read_text()
    runner = (ROOT / "scripts/__main__.py").read_text() + '"setup"'
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = {path.stem for path in ROOT.glob("apps/*/management/commands/[a-z]*.py")}
    known = commands | {"check", "migrate", "shell", "createsuperuser", "makemigrations"}
    known |= {"collectstatic", "test", "compilemessages", "makemessages", "changepassword"}

    assert [w for w in re.findall(r"\./run ([a-z]+)", text) if f'"{w}"' not in runner] == []
    assert [w for w in re.findall(r"`make ([a-z]+)", text) if w not in targets] == []
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) - known == set()


def test_migrations_are_named_after_what_they_do() -> None:
    names = [path.stem for path in ROOT.glob("apps/*/migrations/0*.py")]

    assert [n for n in names if re.search(r"_(auto|initial|merge|alter)(_|$)", n)] == []


def test_the_version_stands_in_one_way_everywhere() -> None:
    assert f'version = "{settings.VERSION}"' in (ROOT / "pyproject.toml").read_text()
