import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('competencies', '0004_joint_estimates'),
        ('organisation', '0006_history_by_statement'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RequirementOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(null=True)),
                ('reason', models.CharField(max_length=500)),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('set_at', models.DateTimeField(auto_now_add=True)),
                ('competency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='competencies.competency')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='requirement_overrides', to='organisation.person')),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='RequirementOverrideEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('level', models.PositiveSmallIntegerField(null=True)),
                ('reason', models.CharField(max_length=500)),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('set_at', models.DateTimeField(auto_now_add=True)),
                ('competency', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='competencies.competency')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='organisation.person')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='competencies.requirementoverride')),
                ('set_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='requirementoverride',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('competency', '='), ('valid', '&&')], name='one_override_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='requirementoverride',
            constraint=models.CheckConstraint(condition=models.Q(('valid__isempty', False)), name='override_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='requirementoverride',
            constraint=models.CheckConstraint(condition=models.Q(('level__isnull', True), models.Q(('level__gte', 1), ('level__lte', 8)), _connector='OR'), name='override_level_1_to_8'),
        ),
        migrations.AddConstraint(
            model_name='requirementoverride',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='override_has_a_reason'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='requirementoverride',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "competencies_requirementoverrideevent" ("competency_id", "id", "level", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "set_at", "set_by_id", "valid") VALUES (NEW."competency_id", NEW."id", NEW."level", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."set_at", NEW."set_by_id", NEW."valid"); RETURN NULL;', hash='e9063a7f527e02ff0c3aaec39d75395658530605', operation='INSERT', pgid='pgtrigger_insert_insert_db9b3', table='competencies_requirementoverride', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='requirementoverride',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "competencies_requirementoverrideevent" ("competency_id", "id", "level", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "set_at", "set_by_id", "valid") VALUES (NEW."competency_id", NEW."id", NEW."level", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."set_at", NEW."set_by_id", NEW."valid"); RETURN NULL;', hash='083d695df4d95688b36e74a41cad20de89f6d487', operation='UPDATE', pgid='pgtrigger_update_update_781cd', table='competencies_requirementoverride', when='AFTER')),
        ),
    ]
