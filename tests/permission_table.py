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
organizations:entity_create         GET,POST  D
organizations:entity_edit           GET,POST  D
organizations:department_create     GET,POST  D
organizations:department_edit       GET,POST  D

ledgers:ledger_create               GET,POST  S

audit:operation_list                GET       U D
audit:operation_detail              GET       U D
audit:operation_export              GET       U D

portal:home                         GET       any
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

credit:credit_overview              GET       S P T U D
credit:credit_check_create          POST      S P T
credit:breaker_force_open           POST      D
credit:breaker_reset                POST      D

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
ledgers:settlement_undo             POST      A S

ledgers:journal_import_list         GET       A S P T U C
ledgers:journal_import_create       GET,POST  A S C
ledgers:journal_import_map          GET,POST  A S C
ledgers:journal_import_detail       GET       A S P T U C
ledgers:journal_import_start        POST      A S C
ledgers:journal_import_errors       GET       A S P T U C
ledgers:journal_import_approve      POST      S P
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
