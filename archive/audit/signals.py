"""What Django says of accounts: who signs in and out, and whose permissions change."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from knox.models import AuthToken

from archive.audit.events import Action
from archive.audit.trail import note

#: What is written whenever somebody signs in, which is noted as such.
_OF_SIGN_INS = {"last_login"}
_CHANGED = {"post_add", "post_remove", "post_clear"}


def connect() -> None:
    """Begin to listen."""
    user: Any = get_user_model()
    user_logged_in.connect(_signed_in)
    user_logged_out.connect(_signed_out)
    user_login_failed.connect(_refused)
    for model in (user, Group, AuthToken):
        post_save.connect(_saved, sender=model)
        post_delete.connect(_deleted, sender=model)
    for relation in (user.groups.through, user.user_permissions.through, Group.permissions.through):
        m2m_changed.connect(_permissions_changed, sender=relation)


def _signed_in(user: Any, **others: Any) -> None:
    note(Action.SIGNED_IN, person=user.get_username())


def _signed_out(user: Any, **others: Any) -> None:
    if user is not None:
        note(Action.SIGNED_OUT, person=user.get_username())


def _refused(credentials: dict[str, Any], **others: Any) -> None:
    """Under a name that nobody has, none is kept: people type passwords there."""
    model: Any = get_user_model()
    name = str(credentials.get(model.USERNAME_FIELD, ""))
    known = "\0" not in name and model._default_manager.filter(**{model.USERNAME_FIELD: name}).exists()
    note(Action.SIGNED_IN, succeeded=False, person=name if known else "")


def _saved(instance: Model, *, created: bool, update_fields: Any = None, **others: Any) -> None:
    if update_fields is None or not set(update_fields) <= _OF_SIGN_INS:
        _note(instance, "made" if created else "changed")


def _deleted(instance: Model, **others: Any) -> None:
    _note(instance, "removed")


def _permissions_changed(instance: Model, action: str, **others: Any) -> None:
    if action in _CHANGED:
        _note(instance, "given or taken permissions or groups")


def _note(account: Any, what: str) -> None:
    match account:
        case Group():
            subject = f"group {account.name}"
        case Permission():
            subject = f"permission {account.codename}"
        case AuthToken():
            subject = f"token {account.token_key[:8]} of {account.user.get_username()}"
        case _:
            subject = f"user {account.get_username()}"
    note(Action.ACCESS_CHANGED, subject=f"{subject}: {what}")
