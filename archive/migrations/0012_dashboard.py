"""What lists of studies in the admin show and are sorted by, and what the dashboard counts."""

from importlib import import_module

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0011_fill_study_list"),
    ]

    operations = [
        migrations.CreateModel(
            name="FailedTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("task", models.CharField(max_length=100)),
                ("arguments", models.CharField(max_length=1000)),
                ("error", models.CharField(blank=True, default="", max_length=400)),
                ("times", models.PositiveIntegerField(default=1)),
                ("failed_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": ("view", "change"),
            },
        ),
        migrations.CreateModel(
            name="WorkerSeen",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="study",
            name="size",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["created_at", "id"], name="study_received"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["size", "id"], name="study_by_size"),
        ),
        migrations.AddConstraint(
            model_name="failedtask",
            constraint=models.UniqueConstraint(fields=("task", "arguments"), name="task_has_failed"),
        ),
        # Those who have them for all other models.
        migrations.RunPython(import_module("archive.migrations.0002_groups").create_groups, migrations.RunPython.noop),
    ]
