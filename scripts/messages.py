"""Collect the texts to translate into the .po files: `make messages`.

By Babel and Django's own template reader, so that no gettext tools are needed. Texts that are
gone leave the catalogue, new ones arrive empty, and none is guessed from a similar one.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from scripts.places import ROOT

WIDTH = 96
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
_TEXT = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(
    rf"\b(?:_|n?p?gettext)\(\s*{_TEXT}(?:, {_TEXT})*(?:, ?count)?\s*\)", re.DOTALL
)


def marked_texts() -> Catalog:
    """Return every text that code and templates mark for translation."""
    catalogue = Catalog(fuzzy=False)
    for name, source in _sources():
        found = extract("python", io.BytesIO(source), KEYWORDS, options={"encoding": "utf-8"})
        for line, texts, _comments, context in found:
            if texts:
                catalogue.add(texts, None, [(name, line)], context=context)
    return catalogue


def _sources() -> Iterator[tuple[str, bytes]]:
    for folder in ("apps", "finance_mis"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield _name(path), path.read_bytes()
    for path in sorted((ROOT / "templates").rglob("*.*")):
        calls = _CALL.findall(templatize(path.read_text(), origin=str(path)))
        yield _name(path), "\n".join(calls).encode()


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def read_catalogue(path: Path) -> Catalog:
    """Return a .po file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


def update_catalogues() -> int:
    """Bring each .po up to date and return how many texts wait for a translation."""
    settings.configure()
    found, waiting = marked_texts(), 0
    for path in sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po")):
        catalogue = read_catalogue(path)
        catalogue.update(found, no_fuzzy_matching=True, update_creation_date=False)
        with path.open("wb") as file:
            write_po(file, catalogue, width=WIDTH, no_location=True, ignore_obsolete=True)
        empty = [message for message in catalogue if message.id and not message.string]
        waiting += len(empty)
        print(f"{_name(path)}: {len(catalogue)} texts, {len(empty)} to translate")
    return waiting


if __name__ == "__main__":
    update_catalogues()
    sys.exit(0)
