-- What a line is, whichever file it comes in, so that PostgreSQL can prove it: SHA-256 of
-- account, day, amount, currency, reference and text, of which 128 bits are kept. Readers
-- compute the same (apps/statements/clients/line_store.py).

CREATE FUNCTION statements_fingerprint(account text, booked_on date, amount numeric,
  currency text, reference text, words text) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT left(encode(sha256(
    convert_to(account, 'UTF8') || '\x00'::bytea
    || convert_to(to_char(booked_on, 'YYYY-MM-DD'), 'UTF8') || '\x00'::bytea
    || convert_to(amount::numeric(20, 4)::text, 'UTF8') || '\x00'::bytea
    || convert_to(currency, 'UTF8') || '\x00'::bytea
    || convert_to(reference, 'UTF8') || '\x00'::bytea
    || convert_to(words, 'UTF8')), 'hex'), 32)::uuid
$$;

-- Lines that are there were hashed in another way: they stay what they are, and are recognised.
ALTER TABLE statements_statementline DISABLE TRIGGER line_keep;
UPDATE statements_statementline l SET fingerprint = statements_fingerprint(
    f.external_account, l.booked_on, l.amount, l.currency_id, l.reference, l.text)
  FROM statements_statementfile f WHERE f.id = l.statement_id;
ALTER TABLE statements_statementline ENABLE TRIGGER line_keep;
