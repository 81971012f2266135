"""What is derived from instances. Those that are stored already wait for `manage.py build_derived`."""

from importlib import import_module

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0007_last_instance_at"),
    ]

    operations = [
        migrations.CreateModel(
            name="DerivedTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.BigIntegerField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Derivation",
            fields=[
                (
                    "instance",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="derivation",
                        serialize=False,
                        to="archive.instance",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("failed", "Failed"), ("done", "Done")],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, default="", max_length=400)),
                ("due_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": ("view", "change"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["due_at"], name="derivation_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("state", "failed")), fields=["instance"], name="derivation_failed"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DerivedBlob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("thumbnail", "Thumbnail"), ("frames", "native frames")], max_length=10),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("version", models.PositiveSmallIntegerField()),
                ("blob_key", models.CharField(max_length=100, unique=True)),
                ("size", models.PositiveBigIntegerField()),
                ("frame_length", models.PositiveBigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("used_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "instance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="derived_blobs", to="archive.instance"
                    ),
                ),
            ],
            options={
                "default_permissions": ("view", "delete"),
                "indexes": [models.Index(fields=["used_at", "id"], name="derived_blob_least_used")],
                "constraints": [
                    models.UniqueConstraint(fields=("instance", "kind"), name="instance_has_one_derived_blob_of_a_kind")
                ],
            },
        ),
        # Those who have them for all other models.
        migrations.RunPython(import_module("archive.migrations.0002_groups").create_groups, migrations.RunPython.noop),
    ]
