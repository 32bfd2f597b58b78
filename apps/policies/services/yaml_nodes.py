"""YAML as nodes with their lines; nothing but plain mappings, lists and texts gets through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from django.utils.translation import gettext as _

from apps.core.errors import FinanceError
from apps.policies.errors import FileError, UnreadableFile

_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a document with its value, and the line on which it stands."""

    name: str
    line: int
    node: yaml.Node

    def error(self, problem: str) -> FileError:
        """Return an error at this key."""
        return FileError(line=self.line, key=self.name, problem=problem)


def compose_mapping(text: str) -> yaml.MappingNode:
    """Return the only document of a text, which is a mapping.

    Raises:
        UnreadableFile: it is no YAML, or uses tags, anchors, or nests too deep.
    """
    try:
        _refuse_tricks(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise UnreadableFile(problem=_place_of(error)) from error
    if not isinstance(root, yaml.MappingNode):
        raise UnreadableFile(problem=_("it holds no keys"))
    return root


def entries_of(
    node: yaml.MappingNode, known: set[str], errors: list[FinanceError]
) -> Iterator[Key]:
    """Yield the known keys of a mapping, each once; write the others into `errors`."""
    seen: set[str] = set()
    for name_node, value in node.value:
        name = name_node.value if isinstance(name_node, yaml.ScalarNode) else "?"
        key = Key(str(name)[:60], name_node.start_mark.line + 1, value)
        if name not in known:
            errors.append(key.error(_("there is no such key")))
        elif name in seen:
            errors.append(key.error(_("the key stands here twice")))
        else:
            seen.add(name)
            yield key


def _refuse_tricks(text: str) -> None:
    """Look at the stream of events first: it is flat, however deep the document nests."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise UnreadableFile(problem=_at(event, _("anchors are not used here")))
        if getattr(event, "tag", None):
            raise UnreadableFile(problem=_at(event, _("tags are not used here")))
        if depth > _DEEPEST:
            raise UnreadableFile(problem=_at(event, _("it nests too deep")))


def _at(event: yaml.Event, problem: str) -> str:
    line = event.start_mark.line + 1 if event.start_mark is not None else 1
    return _("line %(line)s: %(problem)s") % {"line": line, "problem": problem}


def _place_of(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or error)[:200]
    if mark is None:
        return problem
    return _("line %(line)s: %(problem)s") % {"line": mark.line + 1, "problem": problem}
