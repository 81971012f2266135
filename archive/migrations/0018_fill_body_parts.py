"""The body parts of series that are stored already. Apart, as PostgreSQL alters no table with rows on the way."""

from typing import Any

import orjson
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery
from isal import isal_zlib

from archive.dicom import dicom_json
from archive.queryable import Level, columns

BATCH = 500


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As one instance of each says: they agree."""
    all_series = apps.get_model("archive", "Series").objects
    metadata = apps.get_model("archive", "InstanceMetadata").objects
    instances = apps.get_model("archive", "Instance").objects.filter(series=OuterRef("pk"))
    one = Subquery(instances.order_by("instance_number", "pk").values("pk")[:1])
    last = 0
    while batch := list(all_series.filter(pk__gt=last).order_by("pk").annotate(one=one)[:BATCH]):
        stored = metadata.only("dicom_json").in_bulk([series.one for series in batch])
        for series in batch:
            series.body_part_examined = _body_part(stored.get(series.one))
        all_series.bulk_update([one for one in batch if one.body_part_examined], ["body_part_examined"], batch_size=300)
        last = batch[-1].pk


def _body_part(stored: Any) -> str:
    if stored is None:
        return ""
    data_set = orjson.loads(dicom_json.resolve(isal_zlib.decompress(bytes(stored.dicom_json)), ""))
    text: str = columns(data_set, Level.SERIES)["body_part_examined"]
    return text


class Migration(migrations.Migration):
    dependencies = [("archive", "0017_labels")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
