import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('organisation', '0005_hr_systems'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='posting',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='posting',
            name='update_update',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_postingevent" ("id", "kind", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position_id", "unit_id", "valid") SELECT new_values."id", new_values."kind", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."position_id", new_values."unit_id", new_values."valid" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='eb0ee78039e4295ad1c297363e64c43300b241d5', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_977b4', referencing='REFERENCING NEW TABLE AS new_values ', table='organisation_posting', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_postingevent" ("id", "kind", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position_id", "unit_id", "valid") SELECT new_values."id", new_values."kind", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."position_id", new_values."unit_id", new_values."valid" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9137dc4b41dd541856dc3b76059082b0beb551b0', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_2b8df', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='organisation_posting', when='AFTER')),
        ),
    ]
