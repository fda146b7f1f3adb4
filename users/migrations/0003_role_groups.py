"""One group per role, which holds the role's permissions; who has a role is a fact of the account, not a row here."""

from django.db import migrations

ROLES = ("observer", "researcher", "moderator")
# Django makes permissions after all migrations, so those that a group begins with are made here.
MODERATOR = (("view_rolerequest", "Can view role request"), ("decide_rolerequest", "Can decide requests for a role"))


def make_groups(apps, schema_editor):
    groups = {name: apps.get_model("auth", "Group").objects.get_or_create(name=name)[0] for name in ROLES}
    model, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label="users", model="rolerequest")
    for codename, name in MODERATOR:
        permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=model, codename=codename, defaults={"name": name}
        )
        groups["moderator"].permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0002_profile_role_request_audit"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
