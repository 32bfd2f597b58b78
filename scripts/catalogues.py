"""Compile the translations: .po to .mo by Babel, so that no gettext tools are needed."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from scripts.places import ROOT, SetupError


def compile_catalogues(folder: Path = ROOT / "locale") -> None:
    """Write each .mo that is older than its .po.

    Raises:
        SetupError: a .po cannot be read.
    """
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        try:
            with source.open("rb") as text:
                catalogue = read_po(text, abort_invalid=True)
        except ValueError as error:
            raise SetupError(f"{source}: {error}") from error
        unfinished = target.with_suffix(".mo.new")
        with unfinished.open("wb") as output:
            write_mo(output, catalogue)
        unfinished.rename(target)


if __name__ == "__main__":
    compile_catalogues()
