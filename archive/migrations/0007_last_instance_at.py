"""When a study last got an instance; of what is stored already, when it was last changed."""

import django.utils.timezone
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def fill_arrivals(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("archive", "Study").objects.update(last_instance_at=models.F("updated_at"))


class Migration(migrations.Migration):
    dependencies = [("archive", "0006_received_sha256")]
    operations = [
        migrations.AddField(
            model_name="study",
            name="last_instance_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["last_instance_at", "id"], name="study_arrival"),
        ),
        migrations.RunPython(fill_arrivals, migrations.RunPython.noop),
    ]
