"""The audit trail."""

from importlib import import_module

from django.db import migrations, models

UNIQUE = "study_instance_uid hour person action way succeeded credential address subject"
ACTIONS = [
    ("query", "searched"),
    ("accessed", "looked at"),
    ("retrieved", "retrieved"),
    ("exported", "downloaded or exported"),
    ("store begun", "began to store"),
    ("stored", "stored"),
    ("deleted", "deleted"),
    ("labeled", "labeled"),
    ("procedure", "worked on a step"),
    ("signed in", "signed in"),
    ("signed out", "signed out"),
    ("access changed", "changed who may do what"),
    ("study shared", "changed who may see a study"),
    ("trail read", "read the audit trail"),
]
WAYS = [
    ("page", "page"),
    ("viewer", "viewer"),
    ("dicomweb", "DICOMweb"),
    ("admin", "admin"),
    ("share link", "share link"),
    ("command", "command or background work"),
]


class Migration(migrations.Migration):
    dependencies = [("archive", "0014_upload_receipts")]

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("action", models.CharField(choices=ACTIONS, max_length=20)),
                ("succeeded", models.BooleanField()),
                ("person", models.CharField(blank=True, max_length=150)),
                ("credential", models.CharField(blank=True, max_length=40)),
                ("address", models.CharField(blank=True, max_length=45)),
                ("way", models.CharField(choices=WAYS, max_length=10)),
                ("study_instance_uid", models.CharField(blank=True, max_length=64)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("times", models.PositiveIntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
                "default_permissions": ("view",),
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["-last_at", "-id"], name="event_newest_first"),
                    models.Index(fields=["person", "-last_at"], name="event_of_person"),
                ],
                "constraints": [models.UniqueConstraint(fields=UNIQUE.split(), name="event_is_counted_within_an_hour")],
            },
        ),
        migrations.RunPython(import_module("archive.migrations.0002_groups").create_groups, migrations.RunPython.noop),
    ]
