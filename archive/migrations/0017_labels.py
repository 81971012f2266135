"""Labels, who puts them on studies, and the body parts of series; the next migration reads these for what is stored."""

from importlib import import_module

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0016_share_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="series",
            name="body_part_examined",
            field=models.CharField(blank=True, default="", max_length=400),
        ),
        migrations.AddIndex(
            model_name="series",
            index=models.Index(fields=["body_part_examined", "study"], name="series_by_body_part"),
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("name_key", models.CharField(editable=False, max_length=120, unique=True)),
                (
                    "color",
                    models.CharField(
                        choices=[
                            ("blue", "Blue"),
                            ("green", "Green"),
                            ("orange", "Orange"),
                            ("violet", "Violet"),
                            ("teal", "Teal"),
                            ("pink", "Pink"),
                            ("yellow", "Yellow"),
                            ("red", "Red"),
                            ("gray", "Gray"),
                        ],
                        default="blue",
                        max_length=6,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StudyLabel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "label",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="study_labels",
                        to="archive.label",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="study_labels",
                        to="archive.study",
                    ),
                ),
            ],
            options={
                "permissions": [("label_study", "Can put labels on studies and take them off")],
                "default_permissions": (),
                "indexes": [models.Index(fields=["label", "study"], name="studies_with_a_label")],
                "constraints": [models.UniqueConstraint(fields=("study", "label"), name="label_is_on_a_study_once")],
            },
        ),
        migrations.RunPython(import_module("archive.migrations.0002_groups").create_groups, migrations.RunPython.noop),
    ]
