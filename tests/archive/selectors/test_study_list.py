"""Which studies a list shows, in which order."""

from datetime import date
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from archive.patience import TookTooLong
from archive.selectors import study_list
from archive.selectors.study_list import ORDERS, arrived_since, study_page
from archive.study_list_query import MOST_LISTED, SORTS, StudyListQuery
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2024, 3, 1)

PEOPLE = {
    "müller": {"patient_name": "Müller-Lüdenscheidt^Jane=山田^花子", "patient_id": "ID-1", "patient_sex": "F"},
    "smith": {"patient_name": "Smith^John", "patient_id": "id-2", "patient_birth_date": "19500201"},
    "nobody": {"patient_name": "", "patient_id": ""},
}
HEAD = "CT-Schädel_nativ (left/right)"
STUDIES = {
    "head": (
        "müller",
        {"study_date": "20240301", "study_description": "CT-Schädel_nativ (left/right)", "accession_number": "ACC1"},
    ),
    "knee": ("müller", {"study_date": "20240229", "study_description": "Knee left", "accession_number": "acc2"}),
    "chest": ("smith", {"study_date": "20240210", "referring_physician_name": "Brown^Ann", "accession_number": "X_1"}),
    "old": ("nobody", {"study_date": "", "study_description": "", "accession_number": "100%"}),
}
MODALITIES = {"head": ["CT", "SR"], "knee": ["MR"], "chest": ["CR"], "old": [""]}
BODY_PARTS = {"head": "HEAD", "knee": "KNEE", "chest": "Chest", "old": ""}
#: Labels have the primary keys 1001, 1002, 1003.
LABELS = {"teaching": ["head", "old"], "trial A": ["head", "chest"], "unused": []}


def let_be_many(monkeypatch: pytest.MonkeyPatch, most: int = 0, *, fewest: int = 0) -> None:
    """More than `most` are too many to be sorted; less than `fewest` are too few to be found while walking."""
    monkeypatch.setattr(study_list, "MOST_LISTED", most)
    monkeypatch.setattr(study_list, "FEWEST", fewest)


@pytest.fixture(params=["few", "many"])
def names(request, monkeypatch) -> dict[int, str]:
    """Some studies by primary key, found first and sorted then, or looked for while an order is walked."""
    if request.param == "many":
        let_be_many(monkeypatch)
    people = {name: factories.patient(**columns) for name, columns in PEOPLE.items()}
    rows = {name: factories.study(patient=people[who], **columns) for name, (who, columns) in STUDIES.items()}
    for name, modalities in MODALITIES.items():
        for modality in modalities:
            factories.instance(factories.series(rows[name], modality=modality, body_part_examined=BODY_PARTS[name]))
    for pk, (name, labeled) in enumerate(LABELS.items(), 1001):
        factories.label(name, *(rows[one] for one in labeled), pk=pk)
    return {row.pk: name for name, row in rows.items()}


def listed(names: dict[int, str], query: str) -> list[str]:
    page = study_page(StudyListQuery.read(parse_qs(query)), TODAY)
    return [names[study.pk] for study in page.studies]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"head", "knee", "chest", "old"}),
        ("q=mull", {"head", "knee"}),
        ("q=MÜLLER", {"head", "knee"}),
        ("q=jane lüd", set()),
        ("q=jane müll", {"head", "knee"}),
        ("q=müller, jane", {"head", "knee"}),
        ("q=花", {"head", "knee"}),
        ("q=id-1", {"head", "knee"}),
        ("q=ID", {"head", "knee", "chest"}),
        ("q=acc", {"head", "knee"}),
        ("q=*cc2", {"knee"}),
        ("q=smith john nobody", set()),
        ("q=^^", set()),
        ("q=,", set()),
        ("q=%", set()),
        ("q=100%25", {"old"}),
        ("q=X_", {"chest"}),
        ("q=_", set()),
        ("q=[a-z]", set()),
        ("q=smith&name=john", {"chest"}),
        ("q=smith&name=jane", set()),
        ("name=lüdenscheidt", set()),
        ("name=*lüdenscheidt", {"head", "knee"}),
        ("id=ID-2", {"chest"}),
        ("id=D-", set()),
        ("accession=ACC", {"head", "knee"}),
        ("born=1950-02-01", {"chest"}),
        ("description=schadel", {"head"}),
        ("description=nativ ct", {"head"}),
        ("description=schädel, RIGHT", {"head"}),
        ("description=*adel", {"head"}),
        ("description=nee", set()),
        ("description=(", set()),
        ("referrer=ann bro", {"chest"}),
        ("referrer=smith", set()),
        ("days=today", {"head"}),
        ("days=yesterday", {"knee"}),
        ("days=7", {"head", "knee"}),
        ("days=30", {"head", "knee", "chest"}),
        ("until=2024-02-10", {"chest"}),
        ("since=2024-02-11&sort=name", {"head", "knee"}),
        ("modality=SR", {"head"}),
        ("modality=CT&modality=MR&sort=name", {"head", "knee"}),
        ("modality=C", set()),
        ("label=1001", {"head", "old"}),
        ("label=1001&label=1002", {"head", "chest", "old"}),
        ("label=1003", set()),
        ("label=9", set()),
        ("label=1002&modality=CT&sort=name", {"head"}),
        ("q=smith&label=1002", {"chest"}),
        ("body=head", {"head"}),
        ("body=CHE", {"chest"}),
        ("body=EE", set()),
        ("body=*", set()),
        ("body=h&label=1001&q=müller&sort=-images", {"head"}),
        ("modality=CR&days=30&referrer=brown&q=smith", {"chest"}),
    ],
)
def test_studies_are_found(names, query, found):
    assert set(listed(names, query)) == found


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("-date", ["head", "knee", "chest", "old"]),
        ("date", ["old", "chest", "knee", "head"]),
        ("name", ["old", "head", "knee", "chest"]),
        ("-name", ["chest", "knee", "head", "old"]),
        ("id", ["old", "head", "knee", "chest"]),
        ("born", ["head", "knee", "old", "chest"]),
        ("-sex", ["knee", "head", "old", "chest"]),
        ("-modality", ["knee", "head", "chest", "old"]),
        ("-referrer", ["chest", "old", "knee", "head"]),
        ("-series", ["head", "old", "chest", "knee"]),
        ("-images", ["head", "old", "chest", "knee"]),
        ("received", ["head", "knee", "chest", "old"]),
        ("description", ["chest", "old", "head", "knee"]),
        ("-accession", ["knee", "chest", "head", "old"]),
    ],
)
def test_studies_are_sorted_by_every_column(names, sort, order):
    assert listed(names, f"sort={sort}") == order


def test_every_column_has_an_order():
    assert ORDERS.keys() == SORTS


def test_names_are_sorted_without_case_and_accents():
    for name in ("zeta^A", "Ärmel^B", "=山田^太郎", "Eta^C"):
        factories.study(patient=factories.patient(patient_name=name))

    page = study_page(StudyListQuery.read({"sort": ["name"]}), TODAY)

    assert [study.patient.patient_name for study in page.studies] == ["Ärmel^B", "Eta^C", "zeta^A", "=山田^太郎"]


def test_more_than_are_listed_are_not_counted(monkeypatch):
    let_be_many(monkeypatch, 3)
    owner = factories.patient()
    for _ in range(3):
        factories.study(patient=owner)
    assert study_page(StudyListQuery(), TODAY).total == 3
    factories.study(patient=owner)

    assert study_page(StudyListQuery(), TODAY).total == 4
    assert study_page(StudyListQuery(q="doe"), TODAY).total == 4
    assert MOST_LISTED == 10_000


def described(*descriptions: str) -> None:
    for description in descriptions:
        factories.study(study_description=description)


def page_of(query: str) -> tuple[list[str], study_list.StudyPage]:
    page = study_page(StudyListQuery.read(parse_qs(query)), TODAY)
    return [study.study_description for study in page.studies], page


def test_of_many_an_order_is_walked_no_farther_than_the_page_that_is_asked_for(monkeypatch):
    let_be_many(monkeypatch, 2)
    monkeypatch.setattr(study_list, "MOST_WALKED", 30)
    described(*(f"{number:02} knee" for number in range(29)))

    first, page = page_of("description=knee&sort=description")
    rest, last = page_of("description=knee&sort=description&page=2")

    assert first + rest == [f"{number:02} knee" for number in range(29)]
    assert (page.total, page.listed, page.sampled) == (3, None, False)
    assert (last.total, last.listed, last.sampled) == (3, 29, False)


def test_what_is_beyond_the_walk_is_not_listed(monkeypatch):
    let_be_many(monkeypatch, 2)
    monkeypatch.setattr(study_list, "MOST_WALKED", 3)
    described("a knee", "b chest", "c knee", "d knee", "e knee")

    found, page = page_of("description=knee&sort=description")

    assert found == ["a knee", "c knee"]
    assert (page.total, page.listed, page.sampled) == (3, 2, False)


@pytest.mark.parametrize("query", ["description=knee&sort=description", "q=doe&description=knee&sort=description"])
def test_where_few_of_many_are_found_walking_some_of_them_are_sorted(monkeypatch, query):
    let_be_many(monkeypatch, 2, fewest=3)
    monkeypatch.setattr(study_list, "MOST_WALKED", 3)
    described("a chest", "b chest", "c chest", "d knee", "e knee", "f knee")

    found, page = page_of(query)

    assert len(found) == 2
    assert found == sorted(found)
    assert {*found} < {"d knee", "e knee", "f knee"}
    assert (page.total, page.listed, page.sampled) == (3, 2, True)


def let_finding_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(ways: object) -> list[int]:
        raise TookTooLong

    monkeypatch.setattr(study_list, "_found", find)


def test_what_takes_too_long_to_be_found_is_looked_for_among_the_first_of_the_order(monkeypatch):
    let_finding_take_too_long(monkeypatch)
    monkeypatch.setattr(study_list, "MOST_WALKED", 3)
    described("a knee", "b chest", "c knee", "d knee")

    found, page = page_of("description=knee&sort=description")

    assert found == ["a knee", "c knee"]
    assert (page.total, page.listed, page.sampled) == (None, 2, False)
    assert page_of("description=zebra")[0] == []


def test_what_takes_too_long_to_be_found_although_nothing_is_looked_for_is_the_first_of_the_order(monkeypatch):
    let_finding_take_too_long(monkeypatch)
    described("b chest", "a knee")

    found, page = page_of("sort=description")

    assert found == ["a knee", "b chest"]
    assert (page.total, page.listed) == (None, 2)


@pytest.mark.parametrize("query", ["q=doe", "description=knee left&sort=name", "name=doe&referrer=ann&sort=date"])
def test_while_walking_no_other_index_is_taken_and_nothing_is_sorted(monkeypatch, query):
    """In SQLite, which says so: the index of the order, and for each study those of its own words."""
    if connection.vendor != "sqlite":
        return
    let_finding_take_too_long(monkeypatch)
    with CaptureQueriesContext(connection) as queries:
        page_of(query)
    walk = next(one["sql"] for one in queries if "walked" in one["sql"])
    with connection.cursor() as cursor:
        plan = [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {walk}").fetchall()]

    assert not [line for line in plan if "TEMP B-TREE" in line], plan
    assert not [line for line in plan if " U0 " in line and "_of_" not in line], plan


def test_by_date_the_walk_begins_where_the_period_does(monkeypatch):
    let_be_many(monkeypatch, 1)
    monkeypatch.setattr(study_list, "MOST_WALKED", 2)
    for day in ("20240101", "20240102", "20240103", "20240201", "20240202"):
        factories.study(study_date=day)

    found = study_page(StudyListQuery.read(parse_qs("since=2024-02-01&sort=date")), TODAY)

    assert [study.study_date for study in found.studies] == ["20240201", "20240202"]


def test_what_has_come_since_is_looked_for_no_farther_than_orders_are_walked(monkeypatch):
    monkeypatch.setattr(study_list, "MOST_WALKED", 2)
    described("knee", "knee", "knee")

    assert arrived_since(StudyListQuery(description="knee"), TODAY, 0) == 2


class PagesOfAnOrder(TestCase):
    """Pages neither overlap nor skip, whatever they are sorted by."""

    @given(
        sort=st.sampled_from(sorted(SORTS)),
        sign=st.sampled_from(["", "-"]),
        sexes=st.lists(st.sampled_from(["F", "M", ""]), min_size=1, max_size=6),
    )
    @settings(max_examples=15)
    def test_together_they_are_the_whole(self, sort, sign, sexes):
        people = [factories.patient(patient_sex=sex) for sex in sexes]
        pks = {factories.study(patient=person).pk for person in people for _ in range(2)}
        query = StudyListQuery(sort=sign + sort, rows=3)
        pages = [
            study_page(StudyListQuery(sort=query.sort, rows=3, page=number), TODAY).studies for number in range(1, 6)
        ]

        assert [len(page) for page in pages] == [min(3, max(0, len(pks) - 3 * number)) for number in range(5)]
        assert {study.pk for page in pages for study in page} == pks


def test_what_has_come_since_is_counted_where_the_list_would_show_it():
    factories.study(study_description="Knee")
    newest = study_page(StudyListQuery(), TODAY).newest
    assert arrived_since(StudyListQuery(), TODAY, newest) == 0
    for description in ("Knee left", "Chest"):
        factories.study(study_description=description)

    assert arrived_since(StudyListQuery(), TODAY, newest) == 2
    assert arrived_since(StudyListQuery(description="knee"), TODAY, newest) == 1
    assert arrived_since(StudyListQuery(q="nobody"), TODAY, newest) == 0


def test_a_page_takes_as_many_queries_with_many_rows_as_with_one(django_assert_max_num_queries):
    factories.instance()
    for _ in range(12):
        factories.study()
    with django_assert_max_num_queries(8):
        for study in study_page(StudyListQuery(), TODAY).studies:
            assert study.patient.patient_name
