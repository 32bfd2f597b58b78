"""Another process that checks credit: `python -m tests.credit.client 7`.

It reads a line for each check, the moment in milliseconds, and answers with source and outcome.
"""

from __future__ import annotations

import sys
from decimal import Decimal

import django


def main() -> None:
    """Check as often as somebody writes a moment."""
    django.setup()
    from django.conf import settings  # noqa: PLC0415  (after the set-up)

    from apps.credit.clients.breakers import breakers  # noqa: PLC0415
    from apps.credit.services.checks import check_credit  # noqa: PLC0415
    from apps.organizations.models import Organization  # noqa: PLC0415

    settings.CREDIT_BUREAU_URL = sys.argv[2]
    organization = Organization.objects.get(pk=sys.argv[1])
    for line in sys.stdin:
        moment = int(line)
        breakers().shared.clock = lambda moment=moment: moment
        result = check_credit(
            organization=organization,
            counterparty="Huaxin Trading",
            amount=Decimal(100),
            currency="CNY",
        )
        print(result.source, result.outcome, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
