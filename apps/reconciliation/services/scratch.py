"""Folders in which workers match; what a killed one left goes when its work begins again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings


@contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """Give a new folder for a piece of work, which goes with the block whatever happens."""
    scratch = Path(settings.RECONCILIATION_SCRATCH)
    scratch.mkdir(parents=True, exist_ok=True)
    prefix = f"reconciliation-{name}-"
    for left in scratch.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(mkdtemp(prefix=prefix, dir=scratch))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
