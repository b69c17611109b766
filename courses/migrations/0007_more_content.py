"""Parameters of items and corrections are content too: sittings are planned by them."""

from django.db import migrations

_PARAMETERS = """
    CREATE TRIGGER note_content_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON assessments_itemparameterset
    FOR EACH STATEMENT EXECUTE FUNCTION note_content_change()
"""
# How far a regrade has come is written often and changes nothing of what is asked.
_REGRADES = """
    CREATE TRIGGER note_content_change AFTER INSERT OR DELETE OR TRUNCATE ON assessments_regrade
    FOR EACH STATEMENT EXECUTE FUNCTION note_content_change();
    CREATE TRIGGER note_content_update AFTER UPDATE OF status, corrections ON assessments_regrade
    FOR EACH STATEMENT EXECUTE FUNCTION note_content_change()
"""
_DROP = """
    DROP TRIGGER note_content_change ON assessments_itemparameterset;
    DROP TRIGGER note_content_change ON assessments_regrade;
    DROP TRIGGER note_content_update ON assessments_regrade
"""


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0006_sittings_are_no_content"),
        ("assessments", "0012_one_page"),
    ]

    operations = [migrations.RunSQL(f"{_PARAMETERS};{_REGRADES}", _DROP)]
