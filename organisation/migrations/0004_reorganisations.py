import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisation', '0003_role_labels'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reorganisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(help_text='of the decision, as printed on it', max_length=60)),
                ('title', models.CharField(max_length=300)),
                ('in_force', models.DateField(help_text='first day of the new structure')),
                ('note', models.TextField(blank=True)),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved'), ('applied', 'Applied'), ('undone', 'Undone')], default='draft', max_length=10)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('approved_at', models.DateTimeField(null=True)),
                ('applied_at', models.DateTimeField(null=True)),
                ('undone_at', models.DateTimeField(null=True)),
                ('failure', models.TextField(blank=True, help_text='why it could not be applied when its day had come')),
                ('record', models.JSONField(blank=True, default=dict, help_text='what applying it wrote, for undoing it')),
            ],
            options={
                'ordering': ['-in_force', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ReorganisationMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.BigIntegerField()),
                ('posting_id', models.BigIntegerField()),
                ('new_posting_id', models.BigIntegerField(null=True)),
                ('valid_to', models.DateField(help_text='the day the posting was to end when it was carried over', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ReorganisationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('merge', 'Merge'), ('split', 'Split'), ('move', 'Move'), ('rename', 'Rename'), ('create', 'Create'), ('dissolve', 'Dissolve')], max_length=10)),
                ('content', models.JSONField()),
            ],
            options={
                'ordering': ['reorganisation', 'order'],
            },
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_whole', models.BooleanField(help_text='everybody went there')),
                ('is_main', models.BooleanField()),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='unit_has_not_ended_on_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (\n            SELECT unit_id, max(coalesce(upper(valid), 'infinity')) AS ends FROM written GROUP BY unit_id\n        ) AS needed\n        WHERE NOT EXISTS (\n            SELECT 1 FROM organisation_unitversion v\n            WHERE v.unit_id = needed.unit_id AND coalesce(upper(v.valid), 'infinity') >= needed.ends\n        )\n    ) THEN\n        RAISE EXCEPTION 'a posting lasts no longer than its unit'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_within_its_unit';\n    END IF;\n    RETURN NULL;\n", hash='4ab7acd185eccad38f7d870e2159e6741d33fe6a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_unit_has_not_ended_on_insert_415d6', referencing='REFERENCING NEW TABLE AS written ', table='organisation_posting', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='unit_has_not_ended_on_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (\n            SELECT unit_id, max(coalesce(upper(valid), 'infinity')) AS ends FROM written GROUP BY unit_id\n        ) AS needed\n        WHERE NOT EXISTS (\n            SELECT 1 FROM organisation_unitversion v\n            WHERE v.unit_id = needed.unit_id AND coalesce(upper(v.valid), 'infinity') >= needed.ends\n        )\n    ) THEN\n        RAISE EXCEPTION 'a posting lasts no longer than its unit'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_within_its_unit';\n    END IF;\n    RETURN NULL;\n", hash='59ebf98755cab22a91b24b1398a1b46b40ea1b6c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_unit_has_not_ended_on_update_a9ef9', referencing='REFERENCING NEW TABLE AS written ', table='organisation_posting', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unitversion',
            trigger=pgtrigger.compiler.Trigger(name='no_gap_on_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM organisation_unitversion WHERE unit_id IN (SELECT unit_id FROM written)\n        GROUP BY unit_id HAVING range_agg(valid) <> datemultirange(range_merge(range_agg(valid)))\n    ) THEN\n        RAISE EXCEPTION 'the versions of a unit leave no day out'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_version_no_gap';\n    END IF;\n    RETURN NULL;\n", hash='c96876e47307eeb2397b6c9c7797e93842f3f782', level='STATEMENT', operation='INSERT', pgid='pgtrigger_no_gap_on_insert_13c43', referencing='REFERENCING NEW TABLE AS written ', table='organisation_unitversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unitversion',
            trigger=pgtrigger.compiler.Trigger(name='no_gap_on_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM organisation_unitversion WHERE unit_id IN (SELECT unit_id FROM written)\n        GROUP BY unit_id HAVING range_agg(valid) <> datemultirange(range_merge(range_agg(valid)))\n    ) THEN\n        RAISE EXCEPTION 'the versions of a unit leave no day out'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_version_no_gap';\n    END IF;\n    RETURN NULL;\n", hash='99172f8360b78a302941e06146d0173eda0ca48f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_no_gap_on_update_11ccb', referencing='REFERENCING NEW TABLE AS written ', table='organisation_unitversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unitversion',
            trigger=pgtrigger.compiler.Trigger(name='no_posting_left_behind', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', declare='DECLARE ends date;', func="\n    SELECT coalesce(max(coalesce(upper(valid), 'infinity')), '-infinity') INTO ends\n    FROM organisation_unitversion WHERE unit_id = OLD.unit_id;\n    IF ends < 'infinity' AND EXISTS (\n        SELECT 1 FROM organisation_posting\n        WHERE unit_id = OLD.unit_id AND coalesce(upper(valid), 'infinity') > ends\n    ) THEN\n        RAISE EXCEPTION 'a posting lasts no longer than its unit'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_within_its_unit';\n    END IF;\n    RETURN NULL;\n", hash='097c6a7d8e8c3c467d3f24b43c877f562b329ff9', operation='UPDATE OR DELETE', pgid='pgtrigger_no_posting_left_behind_bc558', table='organisation_unitversion', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        migrations.AddField(
            model_name='reorganisation',
            name='approved_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reorganisation',
            name='author',
            field=models.ForeignKey(help_text='empty: command', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reorganisation',
            name='scope',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit'),
        ),
        migrations.AddField(
            model_name='reorganisation',
            name='undone_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reorganisationmove',
            name='from_unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit'),
        ),
        migrations.AddField(
            model_name='reorganisationmove',
            name='reorganisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='organisation.reorganisation'),
        ),
        migrations.AddField(
            model_name='reorganisationmove',
            name='to_unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit'),
        ),
        migrations.AddField(
            model_name='reorganisationstep',
            name='reorganisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='organisation.reorganisation'),
        ),
        migrations.AddField(
            model_name='succession',
            name='predecessor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successors', to='organisation.unit'),
        ),
        migrations.AddField(
            model_name='succession',
            name='reorganisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successions', to='organisation.reorganisation'),
        ),
        migrations.AddField(
            model_name='succession',
            name='successor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='organisation.unit'),
        ),
        migrations.AddConstraint(
            model_name='reorganisation',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', None), ('author', None), models.Q(('approved_by', models.F('author')), _negated=True), _connector='OR'), name='approved_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='reorganisation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['approved', 'applied']), _negated=True), ('approved_by__isnull', False), _connector='OR'), name='applied_only_when_approved'),
        ),
        migrations.AddIndex(
            model_name='reorganisationmove',
            index=models.Index(fields=['from_unit', 'person_id'], name='organisatio_from_un_6271a6_idx'),
        ),
        migrations.AddConstraint(
            model_name='reorganisationmove',
            constraint=models.UniqueConstraint(fields=('reorganisation', 'posting_id'), name='posting_moved_once'),
        ),
        migrations.AddConstraint(
            model_name='reorganisationstep',
            constraint=models.UniqueConstraint(fields=('reorganisation', 'order'), name='one_step_in_each_place'),
        ),
        migrations.AddConstraint(
            model_name='succession',
            constraint=models.UniqueConstraint(fields=('reorganisation', 'predecessor', 'successor'), name='succession_once'),
        ),
        migrations.AddConstraint(
            model_name='succession',
            constraint=models.UniqueConstraint(condition=models.Q(('is_main', True)), fields=('reorganisation', 'predecessor'), name='one_main_successor'),
        ),
        migrations.AddConstraint(
            model_name='succession',
            constraint=models.CheckConstraint(condition=models.Q(('is_whole', False), ('is_main', True), _connector='OR'), name='whole_is_main'),
        ),
        migrations.RunSQL(
            "ALTER TABLE organisation_unitversion"
            " ADD CONSTRAINT unit_version_periods UNIQUE (unit_id, valid WITHOUT OVERLAPS);"
            " ALTER TABLE organisation_unitversion ADD CONSTRAINT parent_in_force FOREIGN KEY (parent_id, PERIOD valid)"
            " REFERENCES organisation_unitversion (unit_id, PERIOD valid) DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE organisation_unitversion DROP CONSTRAINT parent_in_force;"
            " ALTER TABLE organisation_unitversion DROP CONSTRAINT unit_version_periods",
        ),
    ]
