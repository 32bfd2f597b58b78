"""What the URLs of statements are about."""

from __future__ import annotations

from apps.ledgers.models import Account, Ledger
from apps.organizations.models import User
from apps.statements.domain.mapping import TableMapping
from apps.statements.services.channels import create_partner, save_mapping
from tests.reconciliation.permission_things import make_reconciliation
from tests.statements.world import make_channel, make_line, make_stated, make_statement, read


def make_statements(ledger: Ledger, account: Account, senior: User) -> dict[str, object]:
    """Return a channel with an imported statement, and a mapping."""
    channel = make_channel(ledger, account, actor=senior)
    # Before a file of the channel tells balances: then none is stated any more.
    stated = make_stated(channel, "1.00", actor=senior)
    statement = make_statement(channel, read(make_line("1.00", "A")), actor=senior)
    mapping = save_mapping(None, name="Bank", rules=TableMapping(), actor=senior)
    partner = create_partner(code="bank", name="Bank", name_zh="", actor=senior)
    keys = {"channel": channel.code, "statement": statement.pk, "mapping": mapping.pk}
    keys |= {"partner": partner.code, "balance": stated.pk}
    return keys | make_reconciliation(channel, senior)
