"""How the values of a policy document are read: strictly, from the text in the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

import yaml
from django.utils.translation import gettext as _

from apps.core.errors import FinanceError
from apps.policies.errors import FileError, FileHasErrors
from apps.policies.services.yaml_nodes import Key, entries_of

Value = TypeVar("Value")

_NUMBER = re.compile(r"^\d{1,16}(?:\.\d{1,10})?$", re.ASCII)
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_WHOLE = re.compile(r"^\d{1,4}$", re.ASCII)
_LONGEST_TEXT = 500
UNLIMITED = "unlimited"


def missing(root: yaml.MappingNode, name: str) -> FileError:
    """Return the error of a key that is not there."""
    line = root.start_mark.line + 1
    return FileError(line=line, key=name, problem=_("the key is missing"))


def read_text(key: Key) -> str:
    """Return a text on one line."""
    text = _scalar(key).strip()
    if not text or len(text) > _LONGEST_TEXT:
        raise key.error(
            _("write a text of at most %(most)s characters") % {"most": _LONGEST_TEXT}
        )
    return text


def read_day(key: Key) -> date:
    """Return a calendar day."""
    text = _scalar(key)
    try:
        if _DAY.match(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise key.error(_("write a date such as %(example)s") % {"example": "2026-01-31"})


def read_number(key: Key) -> Decimal:
    """Return a plain decimal, exactly as it stands in the file."""
    text = _scalar(key)
    if not _NUMBER.match(text):
        raise key.error(_("write a number such as %(example)s") % {"example": "0.13"})
    return Decimal(text)


def read_days(key: Key) -> int:
    """Return a number of days."""
    text = _scalar(key)
    if not _WHOLE.match(text):
        raise key.error(_("write a number of days such as %(example)s") % {"example": "30"})
    return int(text)


def read_limit(key: Key) -> Decimal | None:
    """Return an amount, or None for `unlimited`."""
    return None if _scalar(key) == UNLIMITED else read_number(key)


def choice_of(words: Collection[str]) -> Callable[[Key], str]:
    """Return the reader of one of some words."""

    def read(key: Key) -> str:
        text = _scalar(key)
        if text not in words:
            raise key.error(_("write one of: %(words)s") % {"words": ", ".join(words)})
        return text

    return read


def list_of(read: Callable[[Key], Value]) -> Callable[[Key], tuple[Value, ...]]:
    """Return the reader of a list, each of whose values stands there once."""

    def read_all(key: Key) -> tuple[Value, ...]:
        if not isinstance(key.node, yaml.SequenceNode):
            raise key.error(_("write a list such as %(example)s") % {"example": "[30, 60]"})
        items = [Key(key.name, node.start_mark.line + 1, node) for node in key.node.value]
        found = tuple(read(item) for item in items)
        if len(set(found)) < len(found):
            raise key.error(_("a value stands here twice"))
        return found

    return read_all


def mapping_of(
    names: Collection[str], read: Callable[[Key], Value], *, is_complete: bool = False
) -> Callable[[Key], Mapping[str, Value]]:
    """Return the reader of a mapping from some of the names, or from all of them."""

    def read_all(key: Key) -> Mapping[str, Any]:
        if not isinstance(key.node, yaml.MappingNode):
            raise key.error(_("write keys with values, one in a line"))
        errors: list[FinanceError] = []
        inside = list(entries_of(key.node, set(names), errors))
        absent = [name for name in names if name not in {entry.name for entry in inside}]
        if is_complete and absent and not errors:
            errors.append(key.error(_("%(names)s is missing") % {"names": ", ".join(absent)}))
        if errors:
            raise FileHasErrors(errors)
        return MappingProxyType({entry.name: read(entry) for entry in inside})

    return read_all


def _scalar(key: Key) -> str:
    if not isinstance(key.node, yaml.ScalarNode):
        raise key.error(_("write one value here"))
    return str(key.node.value)
