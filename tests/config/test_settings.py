"""Starting with environment variables that are wrong, and with some that are right."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def python(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project with these variables over the defaults."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {"ARCHIVE_DATA_DIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=kept | environment | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ARCHIVE_PORT", "eighty-eighty"),
        ("ARCHIVE_ANONYMOUS_ACCESS", "everybody"),
        ("ARCHIVE_TRUSTED_PROXIES", "the-proxy"),
        ("ARCHIVE_PUBLIC_URL", "pacs.example"),
        ("ARCHIVE_CORS_ORIGINS", "viewer.example"),
        ("DATABASE_URL", "oracle-of-delphi://user:hunter2@host/db"),
        ("DATABASE_URL", "postgres://user:hunter2@host:port/db"),
        ("REDIS_URL", "http://hunter2@host"),
        ("ARCHIVE_DATA_DIR", "/dev/null/folder"),
    ],
)
def test_a_wrong_variable_stops_the_start_with_one_sentence(tmp_path, variable, value):
    done = python("manage.py", "check", folder=tmp_path, **{variable: value})

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"The archive cannot start: {variable} ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


def test_pages_of_any_origin_and_writing_without_a_sign_in_do_not_go_together(tmp_path):
    both = {"ARCHIVE_CORS_ORIGINS": "*", "ARCHIVE_ANONYMOUS_ACCESS": "write"}

    assert python("manage.py", "check", folder=tmp_path, **both).stderr.startswith("The archive cannot start: ")
    for access in ("none", "read"):
        done = python("manage.py", "check", folder=tmp_path, **both | {"ARCHIVE_ANONYMOUS_ACCESS": access})
        assert done.returncode == 0, done.stderr


SHOW = """
import django
from django.conf import settings
django.setup()
print(settings.ALLOWED_HOSTS, settings.SESSION_COOKIE_SECURE, settings.CSRF_TRUSTED_ORIGINS)
print(settings.STORAGES["blobs"]["BACKEND"], settings.DATABASES["default"]["ENGINE"], settings.DEBUG)
"""


def test_the_defaults_need_no_variable_and_are_closed(tmp_path):
    done = python("-c", SHOW, folder=tmp_path / "data", DJANGO_SETTINGS_MODULE="config.settings")

    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first == "['127.0.0.1', 'localhost', '[::1]'] False []"
    assert second == "django.core.files.storage.FileSystemStorage django.db.backends.sqlite3 False"
    assert (tmp_path / "data" / "incoming").is_dir()


def test_a_hospital_sets_everything_by_variables(tmp_path):
    done = python(
        "-c",
        SHOW,
        folder=tmp_path,
        DJANGO_SETTINGS_MODULE="config.settings",
        ARCHIVE_PUBLIC_URL="https://pacs.example/archive/",
        ARCHIVE_ALLOWED_HOSTS="inside.example",
        ARCHIVE_S3_BUCKET="images",
        DATABASE_URL="postgres://archive@database.example/archive",
        REDIS_URL="redis://redis.example",
    )

    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    hosts = "['inside.example', '127.0.0.1', 'localhost', '[::1]', 'pacs.example']"
    assert first == f"{hosts} True ['https://pacs.example']"
    assert second == "storages.backends.s3.S3Storage django.db.backends.postgresql False"


def test_the_client_of_redis_waits_as_long_as_redis_does(tmp_path):
    """Else a process without news warns every few seconds, its next wake-up is late, and it may not stop."""
    show = """
import django; django.setup()
from channels.layers import get_channel_layer
from channels_redis.utils import create_pool
layer = get_channel_layer()
print(create_pool(layer.hosts[0]).make_connection().socket_timeout)
"""
    variables = {"DJANGO_SETTINGS_MODULE": "config.settings", "REDIS_URL": "rediss://redis.example/1"}

    done = python("-c", show, folder=tmp_path, **variables)

    assert done.stdout == "None\n", done.stderr


def test_the_secret_key_is_kept_in_the_data_folder_unless_it_is_given(tmp_path):
    show = "from django.conf import settings; print(settings.SECRET_KEY)"

    kept = python("-c", show, folder=tmp_path, DJANGO_SETTINGS_MODULE="config.settings").stdout.strip()
    again = python("-c", show, folder=tmp_path, DJANGO_SETTINGS_MODULE="config.settings").stdout.strip()
    given = python(
        "-c", show, folder=tmp_path, DJANGO_SETTINGS_MODULE="config.settings", ARCHIVE_SECRET_KEY="given"
    ).stdout.strip()

    assert kept == again == (tmp_path / "secret-key").read_text()
    assert given == "given"
