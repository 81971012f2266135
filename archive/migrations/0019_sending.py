"""Destinations, and orders to send studies to them."""

import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

#: Group -> what its people may do besides.
GIVEN = {"senders": ["send_study"], "admins": ["send_study", "manage_destination"]}


def give_permissions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Django creates permissions only after all migrations; the groups need them now.
    config = apps.get_app_config("archive")
    models, config.models_module = getattr(config, "models_module", None), True  # type: ignore[assignment]
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = models
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="archive")
    for name, codenames in GIVEN.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*permissions.filter(codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0018_fill_body_parts"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Destination",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "url",
                    models.CharField(
                        help_text="Of the DICOMweb service, such as https://pacs.example.org/dicom-web; /studies is below it.",
                        max_length=500,
                        verbose_name="URL",
                    ),
                ),
                (
                    "sign_in",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("bearer", "bearer token"),
                            ("token", "token of an archive like this one"),
                            ("basic", "user name and password"),
                        ],
                        default="none",
                        max_length=6,
                        verbose_name="sign-in",
                    ),
                ),
                ("user_name", models.CharField(blank=True, default="", max_length=150)),
                ("secret", models.BinaryField(default=b"")),
                (
                    "enabled",
                    models.BooleanField(default=True, help_text="Else nothing is sent to it: what waits, waits."),
                ),
                (
                    "deidentified_only",
                    models.BooleanField(
                        default=False,
                        help_text="Nothing is sent to it but without what identifies the patient.",
                        verbose_name="de-identified only",
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Who may send to it, of those who may send studies. None: all of them.",
                        related_name="+",
                        to="auth.group",
                    ),
                ),
            ],
            options={
                "permissions": [("manage_destination", "Can manage destinations, and what others send")],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SendOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("deidentified", models.BooleanField(default=False)),
                ("ordered_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sending", "Sending"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("canceled", "Canceled"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("problem", models.CharField(blank=True, default="", max_length=400)),
                ("total", models.PositiveIntegerField(default=0)),
                ("sent", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                (
                    "destination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="archive.destination"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "permissions": [("send_study", "Can send studies to destinations")],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="OrderedInstance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("study_instance_uid", models.CharField(max_length=64)),
                ("series_instance_uid", models.CharField(max_length=64)),
                ("sop_instance_uid", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sent", "Sent"),
                            ("known", "already there"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("reason", models.CharField(blank=True, default="", max_length=400)),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="instances",
                        to="archive.sendorder",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="sendorder",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "sending"])),
                fields=["due_at"],
                name="send_order_under_way",
            ),
        ),
        migrations.AddIndex(
            model_name="sendorder",
            index=models.Index(fields=["user", "-id"], name="send_orders_of_user"),
        ),
        migrations.AddIndex(
            model_name="sendorder",
            index=models.Index(fields=["ordered_at"], name="send_order_by_age"),
        ),
        migrations.AddIndex(
            model_name="orderedinstance",
            index=models.Index(fields=["order", "state", "tries", "id"], name="ordered_instances"),
        ),
        migrations.RunPython(give_permissions, migrations.RunPython.noop),
    ]
