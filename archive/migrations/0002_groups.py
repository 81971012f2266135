"""The groups that give people their permissions: viewers, uploaders and admins."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

#: Group -> actions on every model of this app.
ACTIONS = {
    "viewers": ["view"],
    "uploaders": ["view", "add", "label"],
    "admins": ["view", "add", "change", "delete", "label", "share"],
}
#: What nobody else sees because they see all other models.
OF_ADMINS = {"auditevent", "sharelink"}


def create_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Django creates permissions only after all migrations; the groups need them now.
    config = apps.get_app_config("archive")
    models, config.models_module = getattr(config, "models_module", None), True  # type: ignore[assignment]
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = models
    group_model = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="archive")
    for name, actions in ACTIONS.items():
        group, _ = group_model.objects.get_or_create(name=name)
        theirs = permissions if name == "admins" else permissions.exclude(content_type__model__in=OF_ADMINS)
        group.permissions.add(*(p for p in theirs if p.codename.partition("_")[0] in actions))


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(create_groups, migrations.RunPython.noop)]
