"""The bytes of studies that are stored already. Apart, as PostgreSQL alters no table with rows on the way."""

from django.db import migrations

FILL = """
UPDATE archive_study SET size = COALESCE((
    SELECT sum(instance.size) FROM archive_instance instance
    JOIN archive_series series ON series.id = instance.series_id
    WHERE series.study_id = archive_study.id
), 0)
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0012_dashboard")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
