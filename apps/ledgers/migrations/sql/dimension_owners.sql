-- Dimension values: who answers for one is of its organization (FM006, see entry_guards.sql).

CREATE FUNCTION ledgers_dimension_owner_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.owner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM organizations_user
      WHERE id = NEW.owner_id AND organization_id = NEW.organization_id) THEN
    PERFORM ledgers_refuse('FM006', 'the owner of a value is of its organization');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER dimension_owner_guard
  BEFORE INSERT OR UPDATE OF owner_id, organization_id ON ledgers_dimensionvalue
  FOR EACH ROW EXECUTE FUNCTION ledgers_dimension_owner_guard();
