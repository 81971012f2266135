"""The conformance statement: OTH-05."""

import re

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from archive.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from archive.services.outcomes import FailureReason
from dicomweb import conformance
from dicomweb.resource import table


@pytest.fixture
def document() -> str:
    return (settings.BASE_DIR / conformance.DOCUMENT).read_text(encoding="utf-8")


def test_OTH_05_the_statement_is_up_to_date(document):
    """If this fails: `make conformance`."""
    assert conformance.refreshed(document) == document


def test_OTH_05_every_table_is_in_the_statement(document):
    names = re.findall(r"<!-- table: ([a-z-]+) -->", document)

    assert sorted(names) == sorted(conformance.TABLES)
    assert document.count("<!-- end -->") == len(names)


def test_OTH_05_the_statement_names_every_resource_transfer_syntax_and_code(document):
    for route in table():
        assert f"`/{conformance.capabilities.template(route)}`" in document
    for uid in TRANSFER_SYNTAXES:
        assert f"| {uid} |" in document
    for reason in FailureReason:
        assert f"| `{reason.value:04X}` | {reason.value} |" in document


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param("origin server", id="role"),
        pytest.param("SOP Class", id="sop-classes"),
        pytest.param("most results of one search", id="maximum-matches"),
        pytest.param("Fuzzy", id="fuzzy-matching"),
        pytest.param("mpty value", id="empty-value-matching"),
        pytest.param("ultiple value", id="multiple-value-matching"),
        pytest.param("Character sets", id="character-sets"),
        pytest.param("humbnails", id="thumbnails"),
        pytest.param("Security", id="security"),
        pytest.param("notifications", id="notifications"),
        pytest.param("this archive's own", id="own-codes"),
        pytest.param("final state are kept for", id="worklist-retention"),
        pytest.param("Deletion locks are granted unless", id="worklist-locks"),
        pytest.param("Subscriptions are refused to", id="worklist-refusal"),
        pytest.param("No subscription comes of itself", id="worklist-auto-subscription"),
        pytest.param("What the archive changes", id="worklist-changes"),
    ],
)
def test_OTH_05_the_statement_says_what_the_standard_asks_for(document, subject):
    """PS3.18 Sections 8.8, 8.10.2, 8.11, 10.4.5, 10.5.5 and 10.6.5; of the worklist UPS-D4-5."""
    assert subject in document


def test_a_stale_table_is_brought_up_to_date(tmp_path, settings, document):
    copy = tmp_path / conformance.DOCUMENT
    copy.parent.mkdir()
    (tmp_path / conformance.OPERATING).write_text((settings.BASE_DIR / conformance.OPERATING).read_text())
    copy.write_text(document.replace("| `POST` | `/studies` |", "| `PUT` | `/nonsense` |"))
    settings.BASE_DIR = tmp_path

    with pytest.raises(CommandError, match="make conformance"):
        call_command("conformance_statement", check=True)
    call_command("conformance_statement")

    assert copy.read_text() == document
    call_command("conformance_statement", check=True)
