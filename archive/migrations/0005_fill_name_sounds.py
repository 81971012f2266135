"""How the names that are stored already sound. Apart from the new column: PostgreSQL alters no table with rows on the way."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from archive.dicom.person_names import sounds

BATCH = 2000

#: Model of the names' rows -> the field for whose name it is, and the column there.
NAMES = {
    "PatientNameKey": ("patient", "patient_name"),
    "ReferringPhysicianNameKey": ("study", "referring_physician_name"),
}


def fill_sounds(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for model, (owner, column) in NAMES.items():
        keys = apps.get_model("archive", model)
        named = keys._meta.get_field(owner).related_model.objects.exclude(**{column: ""}).order_by("pk")
        rows = (
            keys(**{f"{owner}_id": pk, "sound": sound[:400]})
            for pk, name in named.values_list("pk", column).iterator(BATCH)
            for sound in sorted(sounds(name))
        )
        keys.objects.bulk_create(rows, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("archive", "0004_name_sounds")]
    operations = [migrations.RunPython(fill_sounds, migrations.RunPython.noop)]
