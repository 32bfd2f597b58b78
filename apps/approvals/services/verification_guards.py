"""The triggers that guard approvals: switched off, anything could pass."""

from __future__ import annotations

# Each with its table, without the name of the app.
GUARDS = (
    ("approvalflow", "flow_guard"),
    ("approvalflow", "flow_keep"),
    ("flowstep", "step_guard"),
    ("flowstep", "approvals_flowstep_append_only"),
    ("approvalrequest", "request_birth"),
    ("approvalrequest", "request_part"),
    ("approvalrequest", "request_guard"),
    ("approvalrequest", "request_import"),
    ("approvalrequest", "request_keep"),
    ("approvaltask", "task_birth"),
    ("approvaltask", "task_guard"),
    ("approvaltask", "task_is_decided"),
    ("approvaltask", "task_is_escalated"),
    ("approvaltask", "task_handed_over"),
    ("approvaltask", "task_keep"),
    ("approvaldecision", "decision_guard"),
    ("approvaldecision", "decision_hands_over"),
    ("approvaldecision", "request_is_undone"),
    ("approvaldecision", "approvals_approvaldecision_append_only"),
    ("approvaldecision", "approvals_approvaldecision_no_truncate"),
    ("approvalflow", "flow_asks_somebody"),
    ("creditfinding", "finding_guard"),
    ("creditfinding", "approvals_creditfinding_append_only"),
    ("delegation", "delegation_guard"),
    ("delegation", "delegation_keep"),
    ("requestcomment", "comment_guard"),
    ("requestcomment", "approvals_requestcomment_append_only"),
    ("requestattachment", "attachment_guard"),
    ("requestattachment", "approvals_requestattachment_append_only"),
    *(
        (table, f"approvals_{table}_audit_{change}")
        for table in ("approvalflow", "approvalrequest", "approvaltask", "delegation")
        for change in ("insert", "update")
    ),
    ("approvaldecision", "approvals_approvaldecision_audit_insert"),
)
# The guards of other tables that ask whether a round approved.
ROUND_GUARDS = (
    ("ledgers_journalentry", "entry_approved_by_round"),
    ("ledgers_journalentry", "entry_keeps_import"),
    ("ledgers_reopenrequest", "round_decides"),
    ("ledgers_settlementproposal", "round_decides"),
    ("policies_financepolicy", "round_decides"),
    ("fx_exchangerate", "round_decides"),
)
_WANTED = ", ".join(
    f"('{table}', '{trigger}')"
    for table, trigger in (
        *((f"approvals_{table}", trigger) for table, trigger in GUARDS),
        *ROUND_GUARDS,
    )
)
GUARDS_MISSING = f"""
    SELECT 'trigger', wanted.name, 'of', wanted.of FROM (VALUES {_WANTED}) AS wanted (of, name)
    LEFT JOIN pg_trigger t ON t.tgname = wanted.name AND t.tgenabled IN ('O', 'A')
      AND t.tgrelid = to_regclass(wanted.of)
    WHERE t.oid IS NULL"""
