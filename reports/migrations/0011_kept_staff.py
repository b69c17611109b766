from django.db import migrations, models


class Migration(migrations.Migration):
    """What cells count of each person is kept with the person. Cells are made anew by the first fold."""

    dependencies = [("reports", "0010_blocks_alone")]

    operations = [
        migrations.RunSQL("DELETE FROM reports_cellbasis", migrations.RunSQL.noop),
        # A row that a fold changes finds room on its page, so that no index is written.
        migrations.RunSQL(
            "ALTER TABLE reports_foldedperson SET (fillfactor = 90)",
            "ALTER TABLE reports_foldedperson RESET (fillfactor)",
        ),
        migrations.AddField(
            "foldedperson",
            "group",
            models.BigIntegerField(default=0, help_text="primary key of the group of the person's position"),
        ),
        migrations.AddField(
            "foldedperson",
            "rows",
            models.BinaryField(default=b"", help_text="of each competency that is required: see `reports.domain.staff`"),
        ),
    ]
