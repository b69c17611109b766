from django.db import migrations, models
from django.db.models.functions import Length
from django.db.models.lookups import Exact

# Blocks are read whole: they stay on their page, as 0009 says. Bytes of a number are as PostgreSQL sends it.
VIEW = """
    CREATE VIEW reports_cell AS
    SELECT (2 * b.id + (shown.scope <> b.scope)::int) * 100000 + at AS id, b.unit_id, shown.scope,
           b.competencies[at] AS competency_id, b.position_group_id,
           substr(b.counts, 8 * at - 7, 4)::int AS required, substr(b.counts, 8 * at - 3, 4)::int AS assessed,
           substr(b.sums, 96 * at - 95, 8)::bigint AS sum_below, substr(b.sums, 96 * at - 87, 8)::bigint AS sum_spread,
           substr(b.sums, 96 * at - 79, 8)::bigint AS sum_unit_variance,
           substr(b.sums, 96 * at - 71, 8)::bigint AS sum_shortfall,
           ARRAY(SELECT substr(b.sums, 96 * at - 71 + 8 * level, 8)::bigint FROM generate_series(1, 8) level)
               AS level_counts,
           b.folded_at
    FROM reports_cellblock b
    JOIN (VALUES ('own', 'own'), ('subtree', 'subtree'), ('alone', 'own'), ('alone', 'subtree')) AS shown (stored, scope)
        ON shown.stored = b.scope
    CROSS JOIN LATERAL generate_series(1, cardinality(b.competencies)) AS at
"""


class Migration(migrations.Migration):
    """People are counted apart from the sums, for disclosure control reads the counts of many more cells than a page
    shows. Cells are made anew by the first fold.
    """

    dependencies = [
        ("reports", "0011_kept_staff"),
    ]

    operations = [
        migrations.RunSQL(
            "DROP VIEW reports_cell; DELETE FROM reports_cellbasis; TRUNCATE reports_cellblock", migrations.RunSQL.noop
        ),
        migrations.RemoveConstraint("cellblock", "block_is_whole"),
        migrations.RemoveField("cellblock", "sums"),
        migrations.RemoveField("cellblock", "beside"),
        migrations.AddField(
            "cellblock",
            "counts",
            models.BinaryField(
                help_text="of each competency, people required and assessed; then of each of beside_groups the same of"
                " this block's people whose unit has required (assessed) people of that group too"
            ),
        ),
        migrations.AddField(
            "cellblock",
            "sums",
            models.BinaryField(help_text="of each competency: the four other sums of a cell, and its levels"),
        ),
        migrations.AddConstraint(
            "cellblock",
            models.CheckConstraint(
                condition=models.Q(Exact(Length("sums"), models.F("competencies__len") * 8 * 12))
                & models.Q(
                    Exact(
                        Length("counts"),
                        models.F("competencies__len") * (models.F("beside_groups__len") + 1) * 8,
                    )
                ),
                name="block_is_whole",
            ),
        ),
        migrations.RunSQL(VIEW, "DROP VIEW reports_cell; DELETE FROM reports_cellbasis; TRUNCATE reports_cellblock"),
    ]
