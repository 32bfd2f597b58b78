"""Rules, runs, what became of each row, the work on what is left, and what two people signed.

Channel 1 ─ 1 RuleSet 1 ─ * RuleSetVersion 1 ─ * ReconciliationRun 1 ─ * MatchedItem
   1 ─ * RuleTrial 1 ─ * RuleSetVersion
   1 ─ * Break 1 ─ * BreakComment, BreakAttachment
   1 ─ * LiveItem
   1 ─ * HandMatch, WriteOff 1 ─ * Break
   1 ─ 1 RunSchedule
   1 ─ 1 AlertThresholds, 1 ─ * Alert 1 ─ * AlertNotice
ReconciliationRun 1 ─ * RunOutcome, RunPartition, RunFile
ReconciliationRun 1 ─ * SignOff 1 ─ * CarriedItem, SignOffWithdrawal
"""

from apps.reconciliation.models.alerts import (
    Alert,
    AlertNotice,
    AlertThresholds,
    AlertWebhook,
)
from apps.reconciliation.models.break_talk import BreakAttachment, BreakComment
from apps.reconciliation.models.breaks import Break, BreakRollForward
from apps.reconciliation.models.hand_matches import HandMatch, WriteOff
from apps.reconciliation.models.items import MatchedItem
from apps.reconciliation.models.live import LiveItem
from apps.reconciliation.models.outcomes import RunOutcome
from apps.reconciliation.models.partitions import RunFile, RunPartition
from apps.reconciliation.models.rules import RuleSet, RuleSetVersion, RuleTrial
from apps.reconciliation.models.runs import ReconciliationRun
from apps.reconciliation.models.schedules import RunSchedule
from apps.reconciliation.models.sign_offs import CarriedItem, SignOff, SignOffWithdrawal
from apps.reconciliation.models.splits import RowPart, RowSplit

__all__ = (
    "Alert",
    "AlertNotice",
    "AlertThresholds",
    "AlertWebhook",
    "Break",
    "BreakAttachment",
    "BreakComment",
    "BreakRollForward",
    "CarriedItem",
    "HandMatch",
    "LiveItem",
    "MatchedItem",
    "ReconciliationRun",
    "RowPart",
    "RowSplit",
    "RuleSet",
    "RuleSetVersion",
    "RuleTrial",
    "RunFile",
    "RunOutcome",
    "RunPartition",
    "RunSchedule",
    "SignOff",
    "SignOffWithdrawal",
    "WriteOff",
)
