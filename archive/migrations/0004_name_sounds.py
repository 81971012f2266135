"""How names sound, for fuzzy matching; the next migration fills it in for the names that are stored already."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archive", "0003_tombstones")]
    operations = [
        migrations.AddField(
            model_name=model,
            name="sound",
            field=models.CharField(blank=True, db_index=True, default="", max_length=400),
        )
        for model in ("patientnamekey", "referringphysiciannamekey")
    ]
