"""The Chinese catalogue is whole: what the source says, the catalogue says too.

Messages are read as `makemessages` reads them (Django turns a template into gettext calls),
but without its tools, so that a string added without its translation fails here.
"""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import override
from django.utils.translation.template import templatize

from apps.audit.words import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog, Message

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_noop": None,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
Key = tuple[str, str]


@cache
def catalogue() -> Catalog:
    """Return the catalogue as it stands in the repository."""
    path = settings.BASE_DIR / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    with path.open("rb") as source:
        return read_po(source, abort_invalid=True)


def messages() -> list[Message]:
    """Return every message but the header."""
    return [message for message in catalogue() if message.id]


def texts(value: str | list[str] | tuple[str, ...]) -> list[str]:
    """Return the forms of a message: one, or singular and plural."""
    return [value] if isinstance(value, str) else list(value)


def key_of(message: Message) -> Key:
    """Return what gettext looks a message up by."""
    return (message.context or "", texts(message.id)[0])


def sources() -> Iterator[str]:
    """Return every file that can hold messages, templates turned into gettext calls."""
    root = settings.BASE_DIR
    for folder in ("apps", "finance_mis"):
        for path in (root / folder).rglob("*.py"):
            yield path.read_text(encoding="utf-8")
    for path in (root / "templates").rglob("*.html"):
        yield templatize(path.read_text(encoding="utf-8"))


@cache
def said() -> frozenset[Key]:
    """Return the messages of the source."""
    return frozenset(
        (context or "", texts(message)[0])
        for text in sources()
        for _line, message, _comments, context in extract(
            "python", BytesIO(text.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
        )
    )


def test_it_translates_every_message_of_the_source() -> None:
    known = {key_of(message) for message in messages()}

    missing = said() - known

    assert not missing


def test_it_keeps_no_message_that_the_source_does_not_say() -> None:
    known = {key_of(message) for message in messages()}

    unused = known - said()

    assert not unused
    assert not catalogue().obsolete


def test_it_leaves_no_message_empty_or_guessed() -> None:
    unfinished = [
        message.id for message in messages() if message.fuzzy or not all(texts(message.string))
    ]

    assert not unfinished


def test_it_keeps_the_placeholders_of_every_message() -> None:
    differing = [
        message.id
        for message in messages()
        for text in texts(message.string)
        if sorted(PLACEHOLDER.findall(texts(message.id)[-1]))
        != sorted(PLACEHOLDER.findall(text))
    ]

    assert not differing


@pytest.mark.parametrize("label", ["audit", "ledgers", "organizations"])
def test_it_has_a_chinese_word_for_every_column_that_the_audit_trail_shows(label: str) -> None:
    names: set[str | Promise] = set()
    for model in apps.get_app_config(label).get_models():
        if not model.__name__.startswith("Historical"):
            names |= {model._meta.verbose_name or ""}
            names |= {field.verbose_name for field in model._meta.concrete_fields}

    with override("zh-hans"):
        english = {text for text in map(in_words, names) if text.isascii()}

    assert english <= {"ID", "SHA-256"}
