"""What the groups may do with the worklist: viewers, schedulers, performers and admins."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

#: Group -> permissions of this app; None: every one.
PERMISSIONS = {
    "viewers": ["view_workitem"],
    "schedulers": ["view_workitem", "add_workitem", "cancel_workitem"],
    "performers": ["view_workitem", "perform_workitem"],
    "admins": None,
}


def create_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Django creates permissions only after all migrations; the groups need them now.
    config = apps.get_app_config("workflow")
    models, config.models_module = getattr(config, "models_module", None), True  # type: ignore[assignment]
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = models
    group_model = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="workflow")
    for name, codenames in PERMISSIONS.items():
        group, _ = group_model.objects.get_or_create(name=name)
        group.permissions.add(*(p for p in permissions if codenames is None or p.codename in codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0001_initial"),
        ("archive", "0002_groups"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(create_groups, migrations.RunPython.noop)]
