from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0010_conditions_and_certificates")]

    operations = [
        migrations.AddField(
            model_name="assessment",
            name="one_page",
            field=models.BooleanField(
                default=False,
                db_default=False,
                help_text="all questions of a form on one page, where they can be",
            ),
        ),
    ]
