"""Links by which one study is shared."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0015_audit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ShareLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_sha256", models.CharField(editable=False, max_length=64, unique=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("may_download", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(editable=False, null=True)),
                ("uses", models.PositiveIntegerField(default=0, editable=False)),
                ("used_at", models.DateTimeField(editable=False, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="share_links", to="archive.study"
                    ),
                ),
            ],
            options={
                "default_permissions": ("view", "change"),
                "permissions": [("share_study", "Can share studies by links")],
                "indexes": [models.Index(fields=["-made_at", "-id"], name="share_link_newest_first")],
            },
        ),
        migrations.RunPython(import_module("archive.migrations.0002_groups").create_groups, migrations.RunPython.noop),
    ]
