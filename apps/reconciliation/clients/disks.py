"""What the disk of a worker does to its files, as Python and DuckDB tell it."""

from __future__ import annotations

import errno
import os

import duckdb

# What a piece of work raises whose files cannot be written or read.
DISK_ERRORS = (OSError, duckdb.IOException, duckdb.OutOfMemoryException)
_FULL = (errno.ENOSPC, errno.EDQUOT)
# DuckDB writes what exceeds its memory to the disk, as long as this setting and the disk allow.
_SPILL_LIMIT = "max_temp_directory_size"


def is_disk_full(error: BaseException) -> bool:
    """Say whether it failed because the disk, or what may be used of it, is full."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    told = str(error)
    return _SPILL_LIMIT in told or any(os.strerror(number) in told for number in _FULL)


def is_disk_broken(error: BaseException) -> bool:
    """Say whether files cannot be read or written for another reason."""
    # The network's errors are errors of the system too, and have nothing to do with files.
    of_network = (ConnectionError, TimeoutError)
    is_of_files = isinstance(error, OSError | duckdb.IOException)
    return is_of_files and not isinstance(error, of_network) and not is_disk_full(error)
