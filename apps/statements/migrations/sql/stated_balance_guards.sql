-- Balances that people state: kept as they were said, version after version, and only where no
-- file tells a balance.
--
-- FM114      a balance would be stated by hand although files of the channel tell balances
--
-- FM115, a balance under a proof that is signed off, is raised by apps/reconciliation.

CREATE FUNCTION statements_stated_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- One at a time, and none while a file of the channel is imported.
  PERFORM 1 FROM statements_channel c JOIN organizations_user u ON u.id = NEW.stated_by_id
    WHERE c.id = NEW.channel_id AND u.organization_id = c.organization_id
    FOR NO KEY UPDATE OF c;
  IF NOT FOUND THEN
    PERFORM statements_refuse('FM111', 'a balance is stated by people of the organization');
  END IF;
  IF NEW.version <> (SELECT coalesce(max(s.version), 0) + 1 FROM statements_statedbalance s
      WHERE s.channel_id = NEW.channel_id AND s.at_on = NEW.at_on) THEN
    PERFORM statements_refuse('FM113', 'a version of a stated balance follows the one before');
  END IF;
  IF EXISTS (SELECT 1 FROM statements_statementpart p
      JOIN statements_statementfile f ON f.id = p.statement_id AND f.state = 'imported'
      WHERE f.channel_id = NEW.channel_id AND p.closing_balance IS NOT NULL) THEN
    PERFORM statements_refuse('FM114', 'the files of the channel tell its balances');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER stated_guard BEFORE INSERT ON statements_statedbalance
  FOR EACH ROW EXECUTE FUNCTION statements_stated_guard();
CREATE TRIGGER stated_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON statements_statedbalance
  FOR EACH STATEMENT EXECUTE FUNCTION statements_keep();
