"""The project's own text, as the convention tests read it."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation.template import templatize

ROOT: Path = settings.BASE_DIR
FOLDERS = ("apps", "finance_mis", "scripts", "tests", "benchmarks")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
KEYWORDS = {
    name: None for name in ("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext")
} | {"ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2)}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    """Return a path as people write it."""
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below some folders, without what Django generates."""
    found = (path for folder in folders or FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if path.parent.name != "migrations")


def functions_in(path: Path) -> Iterator[Function]:
    """Yield every function and method of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def public_services(app: Path) -> list[str]:
    """Return the public functions of an app's services."""
    files = [*app.glob("services.py"), *app.glob("services/*.py")]
    return [
        node.name
        for path in files
        for node in ast.parse(path.read_text()).body
        if isinstance(node, Function) and not node.name.startswith("_")
    ]


def our_urls(
    resolver: URLResolver | None = None, namespace: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Yield each URL outside the admin with its app."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield namespace, entry
        elif entry.namespace != "admin":
            yield from our_urls(entry, entry.namespace or namespace)


def translatable_texts() -> set[str]:
    """Return every text that the project marks for translation."""
    texts = set()
    for path in python_files("apps", "finance_mis"):
        texts |= _texts_of(path.read_bytes())
    for path in TEMPLATES:
        texts |= _texts_of(_as_python(path).encode())
    return texts


def _texts_of(source: bytes) -> set[str]:
    found = extract("python", io.BytesIO(source), KEYWORDS, options={"encoding": "utf-8"})
    return {
        messages[0] if isinstance(messages, tuple) else messages
        for _line, messages, _comments, _context in found
        if messages
    }


def _as_python(path: Path) -> str:
    """Return the calls of gettext that a template stands for, one in each line."""
    marked = templatize(path.read_text(), origin=str(path))
    calls = r"""\b(?:_|gettext|ngettext|pgettext)\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*").*?\)"""
    return "\n".join(f"_({match[1]})" for match in re.finditer(calls, marked, re.DOTALL))
