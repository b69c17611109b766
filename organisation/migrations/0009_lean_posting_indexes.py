import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisation', '0008_succession_carries_scope'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='posting',
            name='organisatio_valid_e1cfb6_gist',
        ),
        migrations.AlterField(
            model_name='posting',
            name='unit',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='organisation.unit'),
        ),
    ]
