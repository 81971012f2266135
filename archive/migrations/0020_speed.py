"""What came on a day is summed up from an index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0019_sending"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="study",
            name="study_received",
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(
                fields=["created_at", "id", "modalities_in_study", "number_of_study_related_instances", "size"],
                name="study_received",
            ),
        ),
    ]
