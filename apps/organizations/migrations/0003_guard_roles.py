"""Let PostgreSQL refuse role pairs that one person must not hold, and own role changes."""

from django.db import migrations

ROLE_GUARD = """
CREATE FUNCTION organizations_role_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE actor text := coalesce(nullif(current_setting('app.context', true), ''), '{}')::jsonb
  ->> 'actor_id';
BEGIN
  IF actor = NEW.user_id::text THEN
    RAISE EXCEPTION 'nobody changes the own roles' USING ERRCODE = 'FM014', DETAIL = '{"reason": "own"}';
  END IF;
  IF NEW.revoked_at IS NULL THEN
    PERFORM 1 FROM organizations_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
    IF EXISTS (
      SELECT 1 FROM organizations_roleassignment r
      WHERE r.user_id = NEW.user_id AND r.revoked_at IS NULL AND r.role <> NEW.role
        AND (r.role IN ('admin', 'auditor') OR NEW.role IN ('admin', 'auditor'))
    ) THEN
      RAISE EXCEPTION 'this pair of roles is for two people' USING ERRCODE = 'FM014',
        DETAIL = '{"reason": "pair"}';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER roleassignment_guard BEFORE INSERT OR UPDATE ON organizations_roleassignment
  FOR EACH ROW EXECUTE FUNCTION organizations_role_guard();

CREATE FUNCTION organizations_user_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'users are deactivated, never deleted' USING ERRCODE = 'FM007';
END $$;
CREATE TRIGGER user_keep BEFORE DELETE ON organizations_user
  FOR EACH ROW EXECUTE FUNCTION organizations_user_keep();
"""


class Migration(migrations.Migration):
    """Triggers of roles and users."""

    dependencies = [("organizations", "0002_load_currencies")]

    operations = [
        migrations.RunSQL(
            ROLE_GUARD,
            """
            DROP TRIGGER roleassignment_guard ON organizations_roleassignment;
            DROP TRIGGER user_keep ON organizations_user;
            DROP FUNCTION organizations_role_guard, organizations_user_keep;
            """,
        )
    ]
