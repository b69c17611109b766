"""An assessment's count of sittings is on no page: when people hand in, nobody's pages have to be made anew."""

from django.db import migrations

_OF_ALL = """
    CREATE TRIGGER note_content_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON assessments_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION note_content_change()
"""
_OF_ROWS = """
    CREATE TRIGGER note_content_change AFTER INSERT OR DELETE OR TRUNCATE ON assessments_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION note_content_change();
    CREATE TRIGGER note_content_update AFTER UPDATE ON assessments_assessment
    FOR EACH ROW WHEN (to_jsonb(OLD) - 'sittings' IS DISTINCT FROM to_jsonb(NEW) - 'sittings')
    EXECUTE FUNCTION note_content_change()
"""
_DROP = "DROP TRIGGER note_content_change ON assessments_assessment;"
_DROP_BOTH = _DROP + "DROP TRIGGER note_content_update ON assessments_assessment;"


class Migration(migrations.Migration):
    dependencies = [("courses", "0005_effects_of_courses")]

    operations = [migrations.RunSQL(_DROP + _OF_ROWS, _DROP_BOTH + _OF_ALL)]
