import django.db.models.deletion
from django.db import migrations, models

VIEW = """
    CREATE VIEW reports_cell AS
    SELECT (2 * b.id + (shown.scope <> b.scope)::int) * 100000 + at AS id, b.unit_id, shown.scope,
           b.competencies[at] AS competency_id, b.position_group_id,
           b.sums[14 * at - 13]::int AS required, b.sums[14 * at - 12]::int AS assessed, b.sums[14 * at - 11] AS sum_below,
           b.sums[14 * at - 10] AS sum_spread, b.sums[14 * at - 9] AS sum_unit_variance,
           b.sums[14 * at - 8] AS sum_shortfall, b.sums[14 * at - 7 : 14 * at] AS level_counts, b.folded_at
    FROM reports_cellblock b
    JOIN (VALUES ('own', 'own'), ('subtree', 'subtree'), ('alone', 'own'), ('alone', 'subtree')) AS shown (stored, scope)
        ON shown.stored = b.scope
    CROSS JOIN LATERAL generate_series(1, cardinality(b.competencies)) AS at
"""

# A person's estimates lie together, so a sample of the table's pages tells of far too few people, and the planner of far
# too many estimates of each: it would read the whole table for a few thousand people.
ESTIMATES = "ALTER TABLE competencies_estimate ALTER person_id {} (n_distinct{})"


class Migration(migrations.Migration):
    """A unit with nothing below it has one block where it had two. Cells are made anew by the first fold."""

    dependencies = [
        ("competencies", "0006_scoring_version_integer"),
        ("organisation", "0006_history_by_statement"),
        ("reports", "0009_cell_blocks"),
    ]

    operations = [
        migrations.RunSQL("DROP VIEW reports_cell; DELETE FROM reports_cellbasis", migrations.RunSQL.noop),
        migrations.AlterField(
            "cellblock",
            "scope",
            models.CharField(choices=[("own", "Own"), ("subtree", "Subtree"), ("alone", "Alone")], max_length=7),
        ),
        migrations.AlterField(
            "cellblock",
            "unit",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="organisation.unit",
            ),
        ),
        migrations.AlterField(
            "cellblock",
            "position_group",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                help_text="empty: all groups together",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="organisation.positiongroup",
            ),
        ),
        migrations.AlterField(
            "foldedperson",
            "person",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="organisation.person",
            ),
        ),
        migrations.AlterField(
            "foldedperson",
            "unit",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="organisation.unit",
            ),
        ),
        migrations.RunSQL(ESTIMATES.format("SET", " = -0.04"), ESTIMATES.format("RESET", "")),
        migrations.RunSQL(VIEW, "DROP VIEW reports_cell; DELETE FROM reports_cellbasis"),
    ]
