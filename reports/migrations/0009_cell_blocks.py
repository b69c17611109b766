import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F, Q

# Blocks are read whole: they stay on their page, up to the largest that one holds, instead of in a table beside.
VIEW = """
    ALTER TABLE reports_cellblock SET (toast_tuple_target = 8160);
    CREATE VIEW reports_cell AS
    SELECT b.id * 100000 + at AS id, b.unit_id, b.scope, b.competencies[at] AS competency_id, b.position_group_id,
           b.sums[14 * at - 13]::int AS required, b.sums[14 * at - 12]::int AS assessed, b.sums[14 * at - 11] AS sum_below,
           b.sums[14 * at - 10] AS sum_spread, b.sums[14 * at - 9] AS sum_unit_variance,
           b.sums[14 * at - 8] AS sum_shortfall, b.sums[14 * at - 7 : 14 * at] AS level_counts, b.folded_at
    FROM reports_cellblock b CROSS JOIN LATERAL generate_series(1, cardinality(b.competencies)) AS at
"""


class Migration(migrations.Migration):
    """Cells are made anew by the first fold: what they stood on is forgotten."""

    dependencies = [
        ("organisation", "0006_history_by_statement"),
        ("reports", "0008_outgoing"),
    ]

    operations = [
        migrations.RunSQL("DELETE FROM reports_cellbasis", migrations.RunSQL.noop),
        migrations.DeleteModel(name="Cell"),
        migrations.AddField("cellbasis", "tree", models.CharField(help_text="digest of the tree of units", max_length=64)),
        migrations.AddField(
            "cellbasis",
            "parents",
            models.JSONField(help_text="that tree: each unit's primary key -> that of the unit above it, or null"),
        ),
        migrations.AlterField(
            "cellbasis",
            "digest",
            models.CharField(help_text="of the day, the cut scores and the position groups", max_length=64),
        ),
        migrations.AlterField(
            "foldedperson",
            "person",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="organisation.person",
            ),
        ),
        migrations.CreateModel(
            name="CellBlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(choices=[("own", "Own"), ("subtree", "Subtree")], max_length=7)),
                ("competencies", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text="primary keys, ascending", size=None)),
                ("sums", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text="of each competency: the six sums of a cell, and its levels", size=None)),
                ("beside_groups", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text="of a subtree: other groups, for disclosure control", size=None)),
                ("beside", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), help_text="of each of these and each competency: people of this block's group who are required (assessed) and whose unit has required (assessed) people of the other group too", size=None)),
                ("folded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("position_group", models.ForeignKey(help_text="empty: all groups together", null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="organisation.positiongroup")),
                ("unit", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="organisation.unit")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "scope", "position_group"), name="one_block_each", nulls_distinct=False),
                    models.CheckConstraint(
                        condition=Q(
                            ("sums__len", F("competencies__len") * 14),
                            ("beside__len", F("competencies__len") * F("beside_groups__len") * 2),
                        ),
                        name="block_is_whole",
                    ),
                ],
            },
        ),
        migrations.RunSQL(VIEW, "DROP VIEW reports_cell"),
        migrations.CreateModel(
            name="Cell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("required", models.PositiveIntegerField(help_text="people whose post requires the competency")),
                ("assessed", models.PositiveIntegerField(help_text="of these, people with an estimate from evidence")),
                ("sum_below", models.BigIntegerField(help_text="millionths: sum of P(below the requirement) over the assessed")),
                ("sum_spread", models.BigIntegerField(help_text="millionths: each person's own part of the variance of sum_below")),
                ("sum_unit_variance", models.BigIntegerField(help_text="millionths: variance of sum_below from the unit's mean")),
                ("sum_shortfall", models.BigIntegerField(help_text="millionths of levels: sum of expected shortfall")),
                ("level_counts", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text="millionths: expected people at each level", size=8)),
                ("scope", models.CharField(choices=[("own", "Own"), ("subtree", "Subtree")], max_length=7)),
                ("folded_at", models.DateTimeField()),
            ],
            options={"db_table": "reports_cell", "managed": False},
        ),
    ]
