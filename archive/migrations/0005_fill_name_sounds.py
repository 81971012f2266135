"""How the names that are stored already sound. Apart from the new column: PostgreSQL alters no table with rows on the way."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from archive.dicom.matching.person_names import sounds_of_word

#: Model of the names' rows -> the column of whose name it is.
OWNERS = {"PatientNameKey": "patient_id", "ReferringPhysicianNameKey": "study_id"}


def fill_sounds(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for model, owner in OWNERS.items():
        keys = apps.get_model("archive", model).objects
        for word in list(keys.exclude(key="").values_list("key", flat=True).distinct()):
            first, *others = [sound[:400] for sound in sounds_of_word(word)] or [""]
            if first:
                keys.filter(key=word).update(sound=first)
            if others:
                owners = keys.filter(key=word).values_list(owner, flat=True)
                keys.bulk_create(keys.model(**{owner: pk, "sound": sound}) for pk in owners for sound in others)


class Migration(migrations.Migration):
    dependencies = [("archive", "0004_name_sounds")]
    operations = [migrations.RunPython(fill_sounds, migrations.RunPython.noop)]
