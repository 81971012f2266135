"""`manage.py reindex`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from archive.models import Instance
from archive.storage import blobs
from tests.storing import stored

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("reindex", *arguments, stdout=said, stderr=said)
    return said.getvalue()


def spoil() -> None:
    Instance.objects.update(rows=None)


def put_right() -> set[str]:
    return set(Instance.objects.exclude(rows=None).values_list("sop_instance_uid", flat=True))


def test_a_study_is_indexed_again_or_all():
    one, other = stored(), stored()
    spoil()

    assert "1 indexed again, 0 not." in run("--study", one.study)
    assert put_right() == {one.instance}
    assert "2 indexed again, 0 not." in run("--all")
    assert put_right() == {one.instance, other.instance}


def test_it_goes_on_where_it_was_interrupted():
    one, other = stored(), stored()
    spoil()

    run("--all", "--after", str(Instance.objects.get(sop_instance_uid=one.instance).pk))

    assert put_right() == {other.instance}


def test_what_cannot_be_read_is_named_and_the_rest_is_done():
    one, other = stored(), stored()
    spoil()
    blobs().delete(Instance.objects.get(sop_instance_uid=one.instance).blob_key)

    with pytest.raises(CommandError, match="Some could not be read"):
        run("--all")

    assert put_right() == {other.instance}
