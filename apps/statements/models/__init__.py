"""Rows of statements.

    StatementPartner 1 ──* Channel *── 1 Account (the one in the books that mirrors it)
    FormatMapping    1 ──* Channel 1 ──* StatementFile 1 ──* StatementPart
                                   1 ──* StatementLine *── 1 StatementFile
                                   1 ──* StatedBalance, where files tell none

Amounts are seen from our side: money that comes in is positive, money that goes out negative,
as an asset account in the books has it. A line never changes and never goes.
"""

from apps.statements.models.channels import (
    Channel,
    FormatMapping,
    SourceKind,
    StatementFormat,
    StatementPartner,
)
from apps.statements.models.files import StatementFile, StatementPart
from apps.statements.models.lines import StatementLine
from apps.statements.models.stated import StatedBalance

__all__ = (
    "Channel",
    "FormatMapping",
    "SourceKind",
    "StatedBalance",
    "StatementFile",
    "StatementFormat",
    "StatementLine",
    "StatementPart",
    "StatementPartner",
)
