"""Snapshots are summed anew, with own staff apart: what parts of one former unit share was left out of the sums."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0014_mails_for_colleagues")]

    operations = [
        migrations.AlterField(
            model_name="snapshotcell",
            name="scope",
            field=models.CharField(
                choices=[("own", "Own"), ("subtree", "Subtree"), ("staff", "Staff")],
                max_length=7,
            ),
        ),
        migrations.RunSQL("UPDATE reports_snapshot SET structure = ''", "UPDATE reports_snapshot SET structure = ''"),
    ]
