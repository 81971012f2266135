"""How much there is, and what came when."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pydicom.uid import generate_uid

from archive.models import Instance, Study
from archive.selectors.holdings import holdings, intake
from archive.selectors.years import years
from archive.services.delete import delete
from tests import factories
from tests.storing import stored, stored_study

pytestmark = pytest.mark.django_db


def sizes() -> dict[str, int]:
    """By study, as the instances have it."""
    found: dict[str, int] = {}
    for uid, size in Instance.objects.values_list("series__study__study_instance_uid", "size"):
        found[uid] = found.get(uid, 0) + size
    return found


def assert_studies_know_their_sizes() -> None:
    assert dict(Study.objects.values_list("study_instance_uid", "size")) == sizes()


@pytest.mark.django_db(transaction=True)
def test_a_study_has_the_bytes_of_its_objects_whatever_happens_to_them(settings):
    settings.ARCHIVE_ON_DUPLICATE = "replace"
    [first, *_], _ = stored_study([3, 2])
    stored()
    assert_studies_know_their_sizes()
    stored(
        StudyInstanceUID=first.study,
        SeriesInstanceUID=first.series,
        SOPInstanceUID=first.instance,
        StudyComments="longer than before " * 20,
    )
    assert_studies_know_their_sizes()
    delete(first.study, first.series, first.instance)
    assert_studies_know_their_sizes()
    delete(first.study, first.series)
    assert_studies_know_their_sizes()
    delete(first.study)
    assert_studies_know_their_sizes()


def test_the_holdings_are_sums_over_studies():
    for size in (10, 20):
        factories.instance(size=size)

    found = holdings()

    assert (found.studies, found.instances, found.size, found.derived) == (2, 2, 30, 0)
    assert found.database > 0


def test_an_empty_archive_holds_nothing():
    found = holdings()

    assert (found.studies, found.instances, found.size, found.derived) == (0, 0, 0, 0)


def came(moment: datetime, *modalities: str) -> None:
    study = factories.study()
    for modality in modalities:
        factories.instance(factories.series(study, modality=modality), size=5)
    Study.objects.filter(pk=study.pk).update(created_at=moment)


def test_what_came_on_a_day_is_counted_by_modality():
    day = date(2026, 3, 2)
    came(datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC), "US")
    came(datetime(2026, 3, 2, 0, 0, tzinfo=UTC), "CT", "SR")
    came(datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC), "CT")
    came(datetime(2026, 3, 3, 0, 0, tzinfo=UTC), "MR")

    found = intake(day)

    assert (found.studies, found.instances, found.size) == (2, 3, 15)
    assert found.modalities == {"CT": 2, "SR": 1}
    assert intake(date(2026, 3, 4)).studies == 0


def test_years_are_those_of_the_dates_the_latest_first():
    for day in ("20240131", "20241231", "19991231", "20260101", "", "not a date"):
        factories.study(study_date=day)

    assert years() == ["2026", "2024", "1999"]


def test_without_dates_there_are_no_years():
    factories.study(study_date="", study_instance_uid=generate_uid())

    assert years() == []


@examples(max_examples=20)
@given(st.lists(st.dates(date(1900, 1, 1), date(2100, 1, 1)), max_size=5))
def test_every_year_is_found_once(days):
    Study.objects.all().delete()
    for day in days:
        factories.study(study_date=f"{day:%Y%m%d}")

    assert years() == sorted({f"{day:%Y}" for day in days}, reverse=True)
