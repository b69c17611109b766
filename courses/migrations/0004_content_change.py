"""Triggers that note each transaction which changes what everybody's learning pages show."""

from django.db import migrations, models

_TABLES = (
    "organisation_unit",
    "organisation_unitversion",
    "organisation_positiongroup",
    "organisation_position",
    "competencies_framework",
    "competencies_domain",
    "competencies_competency",
    "competencies_standard",
    "competencies_cutscore",
    "competencies_roleprofile",
    "competencies_requirement",
    "assessments_item",
    "assessments_itemversion",
    "assessments_assessment",
    "assessments_assessment_audience_units",
    "assessments_assessment_audience_positions",
    "assessments_assessment_audience_people",
    "assessments_assessmentcompetency",
    "assessments_assessmentsection",
    "assessments_sectionitem",
    "assessments_sectiondraw",
    "assessments_invigilation",
    "courses_course",
    "courses_courseassessment",
    "courses_module",
    "courses_moduleoutcome",
    "courses_lesson",
    "courses_block",
)
_FUNCTION = """
    CREATE FUNCTION note_content_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO courses_contentchange (xid) VALUES (pg_current_xact_id()::text::bigint) ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
"""
_TRIGGER = """
    CREATE TRIGGER note_content_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION note_content_change()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0003_lesson_edited_at"),
        ("assessments", "0010_conditions_and_certificates"),
        ("competencies", "0005_requirement_overrides"),
        ("organisation", "0007_staff_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContentChange",
            fields=[("xid", models.BigIntegerField(primary_key=True, serialize=False))],
        ),
        migrations.RunSQL(_FUNCTION, "DROP FUNCTION note_content_change"),
        *(
            migrations.RunSQL(_TRIGGER.format(table=table), f"DROP TRIGGER note_content_change ON {table}")
            for table in _TABLES
        ),
    ]
