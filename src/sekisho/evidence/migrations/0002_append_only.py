"""Evidence is append-only in the database itself: no row changes but to receive its index, none is deleted."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# REPLACE deletes without firing delete triggers, so an insert over an existing row is refused as well.
SQLITE = (
    """CREATE TRIGGER evidence_entry_no_delete BEFORE DELETE ON evidence_entry
       BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END""",
    """CREATE TRIGGER evidence_entry_index_once BEFORE UPDATE ON evidence_entry
       WHEN OLD."index" IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.entry IS NOT OLD.entry
         OR NEW.kind IS NOT OLD.kind OR NEW.leaf IS NOT OLD.leaf OR NEW.leaf_hash IS NOT OLD.leaf_hash
         OR NEW.at IS NOT OLD.at OR NEW.written_at IS NOT OLD.written_at
       BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END""",
    """CREATE TRIGGER evidence_entry_no_replace BEFORE INSERT ON evidence_entry
       WHEN NEW."index" IS NOT NULL OR EXISTS (SELECT 1 FROM evidence_entry WHERE id = NEW.id OR entry = NEW.entry)
       BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END""",
    """CREATE TRIGGER evidence_checkpoint_no_delete BEFORE DELETE ON evidence_checkpoint
       BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END""",
    """CREATE TRIGGER evidence_checkpoint_no_update BEFORE UPDATE ON evidence_checkpoint
       BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END""",
    """CREATE TRIGGER evidence_checkpoint_no_replace BEFORE INSERT ON evidence_checkpoint
       WHEN EXISTS (SELECT 1 FROM evidence_checkpoint WHERE id = NEW.id OR size = NEW.size)
       BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION evidence_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'evidence is append-only'; END $$""",
    """CREATE FUNCTION evidence_index_once() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF OLD."index" IS NOT NULL
            OR (NEW.id, NEW.entry, NEW.kind, NEW.leaf, NEW.leaf_hash, NEW.at, NEW.written_at)
               IS DISTINCT FROM (OLD.id, OLD.entry, OLD.kind, OLD.leaf, OLD.leaf_hash, OLD.at, OLD.written_at)
         THEN RAISE EXCEPTION 'evidence is append-only'; END IF;
         RETURN NEW;
       END $$""",
    """CREATE FUNCTION evidence_unnumbered() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW."index" IS NOT NULL THEN RAISE EXCEPTION 'evidence is append-only'; END IF;
         RETURN NEW;
       END $$""",
    """CREATE TRIGGER evidence_entry_no_delete BEFORE DELETE ON evidence_entry
       FOR EACH ROW EXECUTE FUNCTION evidence_refuse()""",
    """CREATE TRIGGER evidence_entry_no_truncate BEFORE TRUNCATE ON evidence_entry
       FOR EACH STATEMENT EXECUTE FUNCTION evidence_refuse()""",
    """CREATE TRIGGER evidence_entry_index_once BEFORE UPDATE ON evidence_entry
       FOR EACH ROW EXECUTE FUNCTION evidence_index_once()""",
    """CREATE TRIGGER evidence_entry_no_replace BEFORE INSERT ON evidence_entry
       FOR EACH ROW EXECUTE FUNCTION evidence_unnumbered()""",
    """CREATE TRIGGER evidence_checkpoint_no_delete BEFORE DELETE OR UPDATE ON evidence_checkpoint
       FOR EACH ROW EXECUTE FUNCTION evidence_refuse()""",
    """CREATE TRIGGER evidence_checkpoint_no_truncate BEFORE TRUNCATE ON evidence_checkpoint
       FOR EACH STATEMENT EXECUTE FUNCTION evidence_refuse()""",
)


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
