"""What every URL lets whom do: the expectation, written by hand, not read from the code.

    who     A accountant, S senior accountant, P approver, T treasury, U auditor,
            D administrator, C API client; `any` everybody signed in; `public` everybody
    methods what the URL answers; every other method is refused to everybody

A URL that does not stand here fails the test.
"""

from __future__ import annotations

from apps.organizations.permissions import Role

LETTERS = dict(zip("ASPTUDC", Role, strict=True))

TABLE = """
organizations:sign_in               GET,POST  public
organizations:sign_out              POST      public
organizations:person_list           GET       U D
organizations:person_detail         GET       U D
organizations:role_grant            POST      D
organizations:role_revoke           POST      D
organizations:limit_change          POST      D
organizations:access_change         POST      D
organizations:permission_matrix     GET       U D
organizations:person_create         GET,POST  D
organizations:password_link_create  POST      D
organizations:password_set          GET,POST  public
organizations:password_change       GET,POST  any
organizations:organization_detail   GET       U D
organizations:settlement_limit_edit GET,POST  D
organizations:entity_create         GET,POST  D
organizations:entity_edit           GET,POST  D
organizations:department_create     GET,POST  D
organizations:department_edit       GET,POST  D

ledgers:ledger_create               GET,POST  S

audit:operation_list                GET       U D
audit:operation_detail              GET       U D
audit:operation_export              GET       U D
events:event_list                   GET       U D
events:event_detail                 GET       U D
events:trouble_list                 GET       U D
events:trouble_retry                POST      D
events:trouble_discard              POST      D
events:trouble_decide               POST      D
events:event_replay                 GET,POST  D

portal:home                         GET       any
portal:activity                     GET       A S P T U C
portal:healthz                      GET       public
portal:metrics                      GET       public
portal:set_preferences              POST      public
portal:ledger_switch                POST      A S P T U C

jobs:job_list                       GET       A S P T U C
jobs:job_detail                     GET       A S P T U C
jobs:job_cancel                     POST      S T
jobs:job_resume                     POST      S T

policies:policy_list                GET       A S P T U D C
policies:policy_detail              GET       A S P T U D C
policies:policy_download            GET       A S P T U D C
policies:policy_calculator          GET       A S P T U D C
policies:policy_propose             GET,POST  S
policies:policy_import              GET,POST  S
policies:policy_confirm             POST      S P
policies:policy_reject              POST      S P
ledgers:policy_preview              GET       A S P T U C

budgets:budget_list                 GET       A S P T U C
budgets:budget_detail               GET       A S P T U C
budgets:budget_create               GET,POST  S
budgets:budget_edit                 GET,POST  S

statements:channel_list             GET       A S P T U C
statements:channel_detail           GET       A S P T U C
statements:channel_create           GET,POST  S T
statements:channel_edit             GET,POST  S T
statements:partner_create           GET,POST  S T
statements:partner_list             GET       A S P T U C
statements:partner_edit             GET,POST  S T
statements:statement_upload         GET,POST  A S T
statements:statement_take           GET,POST  A S T
statements:statement_detail         GET       A S P T U C
statements:statement_download       GET       A S P T U C
statements:statement_read           POST      A S T
statements:statement_import         POST      A S T
statements:statement_discard        POST      A S T
statements:balance_create           GET,POST  A S T
statements:balance_edit             GET,POST  A S T
statements:balance_download         GET       A S P T U C
statements:mapping_list             GET       A S P T U C
statements:mapping_create           GET,POST  S T
statements:mapping_edit             GET,POST  S T
reconciliation:run_list             GET       A S P T U C
reconciliation:run_create           GET,POST  A S T
reconciliation:run_detail           GET       A S P T U C
reconciliation:run_export           GET       A S P T U C
reconciliation:run_cancel           POST      A S T
reconciliation:run_resume           POST      A S T
reconciliation:sign_off_list        GET       A S P T U C
reconciliation:proof_detail         GET       A S P T U C
reconciliation:proof_download       GET       A S P T U C
reconciliation:proof_prepare        POST      A S T
reconciliation:sign_off_sign        POST      S P
reconciliation:sign_off_return      POST      A S P T
reconciliation:sign_off_withdraw    POST      A S T
reconciliation:sign_off_decide      POST      S P
reconciliation:alert_list           GET       A S P T U C
reconciliation:alert_acknowledge    POST      A S T
reconciliation:alert_thresholds     GET,POST  S T
reconciliation:rate_list            GET       A S P T U C
reconciliation:rate_detail          GET       A S P T U C
reconciliation:rate_export          GET       A S P T U C
reconciliation:run_schedule         GET,POST  A S T
reconciliation:alert_webhook        GET,POST  D
reconciliation:rule_list            GET       A S P T U C
reconciliation:rule_create          GET,POST  S T
reconciliation:rule_detail          GET       A S P T U C
reconciliation:rule_activate        POST      S T
reconciliation:rule_withdraw        POST      S T
reconciliation:rule_trial_detail    GET       A S P T U C
reconciliation:rule_trial_save      POST      S T
reconciliation:break_list           GET       A S P T U C
reconciliation:break_detail         GET       A S P T U C
reconciliation:break_assign         POST      A S T
reconciliation:break_step           POST      A S T
reconciliation:break_attachment_download GET  A S P T U C
reconciliation:match_create         GET,POST  A S T
reconciliation:hand_match_undo      POST      A S T
reconciliation:break_split          GET,POST  A S T
reconciliation:row_split_undo       POST      A S T

rollout:flag_list                   GET       U D
rollout:flag_detail                 GET       U D
rollout:flag_rehearsal              GET       U D
rollout:flag_history                GET       U D
rollout:exposure_export             GET       U D
rollout:flag_change                 GET,POST  D
rollout:flag_stop                   GET,POST  D
rollout:flag_start                  GET,POST  D
rollout:override_edit               GET,POST  D
rollout:ramp_edit                   GET,POST  D
rollout:ramp_resume                 GET,POST  D
rollout:guardrail_edit              GET,POST  D

approvals:flow_list                 GET       U D
approvals:flow_create               GET,POST  D
approvals:flow_detail               GET       U D
approvals:flow_activate             GET,POST  D
approvals:flow_retire               GET,POST  D
approvals:flow_discard              POST      D
approvals:delegation_list           GET       S P T U D
approvals:delegation_create         GET,POST  S P T
approvals:delegation_revoke         POST      S P T D
approvals:digest_settings           GET,POST  S P T
approvals:decision_list             GET       S P T
approvals:decision_export           GET       S P T
approvals:saved_filter_create       POST      A S P T U C
approvals:saved_filter_delete       POST      A S P T U C

credit:credit_overview              GET       S P T U D
credit:credit_check_create          POST      S P T
credit:breaker_force_open           POST      D
credit:breaker_reset                POST      D

approvals:approval_list             GET       A S P T U C
approvals:approval_detail           GET       A S P T U C
approvals:approval_approve          POST      S P T
approvals:approval_reject           POST      S P T
approvals:approval_delegate         GET,POST  S P T
approvals:approval_return           POST      S P T
approvals:approval_ask              POST      S P T
approvals:approval_answer           POST      A S P T U C
approvals:approval_comment          POST      A S P T U C
approvals:approval_attach           POST      A S P T U C
approvals:request_attachment_download GET     A S P T U C
approvals:batch_create              POST      S P T
approvals:batch_detail              GET       S P T
approvals:batch_undo                POST      S P T

reports:trial_balance               GET       A S P T U C
reports:trial_balance_export        GET       A S P T U C
reports:income_statement            GET       A S P T U C
reports:income_statement_export     GET       A S P T U C
reports:balance_sheet               GET       A S P T U C
reports:balance_sheet_export        GET       A S P T U C

fx:rate_list                        GET       A S P T U C
fx:rate_export                      GET       A S P T U C
fx:rate_convert                     GET       A S P T U C
fx:pair_detail                      GET       A S P T U C
fx:rate_detail                      GET       A S P T U C
fx:rate_create                      GET,POST  T
fx:rate_confirm                     POST      S T
fx:rate_reject                      POST      S T
fx:rate_import_create               GET,POST  T
fx:rate_import_detail               GET       A S P T U C
fx:rate_import_continue             POST      S T
fx:rate_import_confirm              POST      S T
fx:rate_import_reject               POST      S T

ledgers:account_list                GET       A S P T U C
ledgers:account_options             GET       A S P T U C
ledgers:account_detail              GET       A S P T U C
ledgers:account_detail_export       GET       A S P T U C
ledgers:account_create              GET,POST  S
ledgers:account_edit                GET,POST  S
ledgers:chart_import                GET,POST  S
ledgers:dimension_list              GET       A S P T U C
ledgers:dimension_options           GET       A S P T U C
ledgers:dimension_owner_edit        GET,POST  S
ledgers:dimension_value_create      GET,POST  S
ledgers:period_list                 GET       A S P T U C
ledgers:period_change               POST      S
ledgers:fiscal_year_create          POST      S
ledgers:period_close                GET       A S P T U C
ledgers:period_close_step           POST      S
ledgers:period_reopen_request       POST      S
ledgers:period_reopen_decide        POST      S P
ledgers:closing_settings            GET,POST  S

ledgers:journal_entry_list          GET       A S P T U C
ledgers:journal_entry_totals        GET       A S P T U C
ledgers:journal_entry_export        GET       A S P T U C
ledgers:journal_entry_detail        GET       A S P T U C
ledgers:journal_entry_print         GET       A S P T U C
ledgers:journal_entry_create        GET,POST  A S C
ledgers:journal_entry_edit          GET,POST  A S C
ledgers:journal_entry_autosave      POST      A S C
ledgers:journal_entry_conflict      POST      A S C
ledgers:journal_entry_copy          POST      A S C
ledgers:journal_entry_submit        POST      A S C
ledgers:journal_entry_withdraw      POST      A S C
ledgers:journal_entry_cancel        POST      A S C
ledgers:journal_entry_approve       POST      S P
ledgers:journal_entry_reject        POST      S P
ledgers:journal_entry_unapprove     POST      S P
ledgers:journal_entry_post          POST      S
ledgers:journal_entry_bulk          POST      S P
ledgers:journal_entry_reverse       GET,POST  S
ledgers:currency_options            GET       A S P T U C
ledgers:line_rate                   GET       A S P T U C
ledgers:attachment_create           POST      A S C
ledgers:attachment_download         GET       A S P T U C
ledgers:saved_view_create           POST      A S P T U C
ledgers:saved_view_delete           POST      A S P T U C

ledgers:open_item_list              GET       A S P T U C
ledgers:open_item_detail            GET       A S P T U C
ledgers:open_item_edit              POST      A S
ledgers:settlement_create           GET,POST  A S
ledgers:settlement_detail           GET       A S P T U C
ledgers:settlement_proposal_detail  GET       A S P T U C
ledgers:settlement_proposal_decide  POST      A S P
ledgers:settlement_undo             POST      A S

ledgers:journal_import_list         GET       A S P T U C
ledgers:journal_import_create       GET,POST  A S C
ledgers:journal_import_map          GET,POST  A S C
ledgers:journal_import_detail       GET       A S P T U C
ledgers:journal_import_start        POST      A S C
ledgers:journal_import_errors       GET       A S P T U C
ledgers:journal_import_approve      POST      S P
ledgers:journal_import_decide       POST      A S P C
"""


class Expected:
    """A row of the table."""

    def __init__(self, row: str) -> None:
        """Read it."""
        self.name, methods, *who = row.split()
        self.methods = frozenset(methods.split(","))
        self.is_public = who == ["public"]
        everybody = who in (["public"], ["any"])
        self.roles = frozenset(Role if everybody else (LETTERS[letter] for letter in who))


EXPECTED = {row.name: row for row in map(Expected, filter(None, TABLE.splitlines()))}
