"""What `verify_books` proves of matching rules: who saved what after which trial."""

from __future__ import annotations

from apps.reconciliation.domain.rules import digest_of
from apps.reconciliation.models import RuleTrial

_OF_LEDGER = "coalesce(c.ledger_id = %(ledger)s, true)"
_CHANNEL = """JOIN reconciliation_ruleset s ON s.id = v.rule_set_id
        JOIN statements_channel c ON c.id = s.channel_id"""

RULE_QUERIES = {
    # Versions from before there were trials have none, nor has what a channel begins with.
    "matching rules were saved after exactly they were tried": f"""
        SELECT 'rules', c.code, 'v' || v.number, 'trial', t.id
        FROM reconciliation_rulesetversion v {_CHANNEL}
        LEFT JOIN reconciliation_ruletrial t ON t.id = v.trial_id
        WHERE {_OF_LEDGER} AND CASE WHEN v.trial_id IS NULL
          THEN v.number > 1 AND v.created_at > (SELECT min(created_at)
            FROM reconciliation_ruletrial)
          ELSE t.id IS NULL OR t.state <> 'done' OR t.channel_id <> c.id
            OR (t.passes, t.options) IS DISTINCT FROM (v.passes, v.options)
            OR t.finished_at > v.created_at END""",
    "matching rules were activated by another person than who wrote them": f"""
        SELECT 'rules', c.code, 'v' || v.number, v.state
        FROM reconciliation_rulesetversion v {_CHANNEL}
        WHERE {_OF_LEDGER} AND (v.activated_by_id = v.created_by_id
          OR v.state = 'draft' AND v.activated_by_id IS NOT NULL
          OR v.activated_by_id IS NOT NULL AND v.activated_at IS NULL
          OR v.state = 'active' AND v.activated_by_id IS NULL
            AND (v.number > 1 OR v.trial_id IS NOT NULL))""",
    "both rules of a trial placed the same rows": f"""
        SELECT 'trial', t.id, n.side, n.before, n.now, 'of', t.result->'rows'->>n.side
        FROM reconciliation_ruletrial t
        JOIN statements_channel c ON c.id = t.channel_id
        CROSS JOIN LATERAL (
          SELECT side, coalesce(sum(before), 0) AS before, coalesce(sum(now), 0) AS now,
            coalesce(bool_or(before_sum <> now_sum), false) AS differs,
            coalesce(sum(more), 0) AS more
          FROM (VALUES ('book'), ('statement')) AS sides(side)
          LEFT JOIN LATERAL (
            SELECT sum((b->>3)::bigint) AS before, sum((b->>5)::bigint) AS now,
              sum((b->>4)::numeric) AS before_sum, sum((b->>6)::numeric) AS now_sum,
              sum(greatest((b->>5)::bigint - (b->>3)::bigint, 0)) AS more
            FROM jsonb_array_elements(t.result->'buckets') AS b
            WHERE b->>0 = sides.side GROUP BY b->>2) AS by_currency ON true
          GROUP BY side) AS n
        WHERE {_OF_LEDGER} AND t.state = 'done' AND (n.before <> n.now OR n.differs
          OR n.now IS DISTINCT FROM (t.result->'rows'->>n.side)::bigint
          OR n.now > (t.result->'all'->>n.side)::bigint
          OR n.more > (t.result->>'changed')::bigint
          OR jsonb_array_length(t.result->'changes') > (t.result->>'changed')::bigint)""",
}


def changed_trials(ledger_id: int | None) -> list[str]:
    """Return the trials whose rules are not those that were written, by their digest."""
    trials = RuleTrial.objects.order_by("pk")
    if ledger_id is not None:
        trials = trials.filter(channel__ledger=ledger_id)
    return [
        f"trial {trial.pk} has other rules"
        for trial in trials.only("passes", "options", "digest").iterator()
        if digest_of(trial.passes, trial.options) != trial.digest
    ]
