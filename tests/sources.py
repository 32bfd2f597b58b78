"""The project's own text, as the convention tests read it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from scripts.places import ROOT

TABLES = {"permission_table.py", "sources.py", "test_conventions.py"}
FOLDERS = ("apps", "finance_mis", "scripts", "tests", "benchmarks")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

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


def names_in(path: Path) -> set[str]:
    """Return every name and attribute that a file uses."""
    return set(_names_below(ast.parse(path.read_text())))


def public_services() -> Iterator[tuple[str, str]]:
    """Yield the public functions of all services, each with its file."""
    for path in python_files("apps"):
        if "services" not in {path.stem, path.parent.name}:
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, Function) and not node.name.startswith("_"):
                yield name_of(path), node.name


def names_reached_by_tests() -> set[str]:
    """Return the names that tests use, and those that functions of such names use in turn.

    A test of a page reaches the view by the name of its URL, and so the view's services. The
    table of permissions names every URL and proves nothing about what they do: it is left out.
    """
    tests = [path for path in python_files("tests") if path.name not in TABLES]
    reached = {word for path in tests for word in re.findall(r"\w+", path.read_text())}
    uses = {
        (path, function.name): {*_names_below(function)}
        for path in python_files("apps")
        for function in functions_in(path)
    }
    waiting = True
    while waiting:
        found = [key for key in uses if _runs(*key, reached)]
        waiting = bool(found)
        for key in found:
            reached |= uses.pop(key)
    return reached


def _runs(path: Path, name: str, reached: set[str]) -> bool:
    """Tell whether a function runs: it is named, is a named command, or Django starts up."""
    return name in reached or (name == "handle" and path.stem in reached) or name == "ready"


def _names_below(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def our_urls(
    resolver: URLResolver | None = None, namespace: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Yield each URL outside the admin with its app."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield namespace, entry
        elif entry.namespace != "admin":
            yield from our_urls(entry, entry.namespace or namespace)
