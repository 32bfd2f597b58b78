-- What lines and parts are added to is being imported, and is of the same channel and currency.
-- The new lines are looked at once, as there may be a million; what they belong to is little.
CREATE OR REPLACE FUNCTION statements_line_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  belongings jsonb := (SELECT jsonb_agg(b) FROM (
    SELECT DISTINCT n.statement_id, n.channel_id, n.currency_id, n.gross_currency_id
    FROM new_rows n) b);
BEGIN
  PERFORM 1 FROM statements_statementfile f WHERE f.id IN (
    SELECT b.statement_id FROM jsonb_to_recordset(belongings) AS b (statement_id bigint))
    ORDER BY f.id FOR SHARE;
  IF EXISTS (
    SELECT 1 FROM jsonb_to_recordset(belongings) AS b (statement_id bigint, channel_id bigint,
      currency_id text, gross_currency_id text)
    LEFT JOIN statements_statementfile f ON f.id = b.statement_id AND f.state = 'importing'
      AND f.channel_id = b.channel_id AND f.currency_id = b.currency_id
    LEFT JOIN organizations_currency c ON c.code = b.gross_currency_id
    WHERE f.id IS NULL OR b.gross_currency_id IS NOT NULL AND c.code IS NULL) THEN
    PERFORM statements_refuse('FM111', 'lines are added to their statement while it is imported');
  END IF;
  RETURN NULL;
END $$;
