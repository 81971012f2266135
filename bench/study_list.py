"""How long the list of studies takes, for every sort and filter, among as many studies as a hospital has.

    ARCHIVE_DATA_DIR=/tmp/bench PYTHONPATH=. .venv/bin/python bench/study_list.py --fill 100000
    ARCHIVE_DATA_DIR=/tmp/bench PYTHONPATH=. .venv/bin/python bench/study_list.py

On PostgreSQL with DATABASE_URL. `--fill` makes rows in an empty database of its own, without objects; without it every
query is measured, the best of three; queries after the options are measured instead of those here.
"""

import argparse
import os
import random
import time
from datetime import date, timedelta
from urllib.parse import parse_qs

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from archive.dicom.matching.person_names import sort_key  # noqa: E402
from archive.queryable import description_keys, name_keys  # noqa: E402
from archive.selectors import body_parts, labels  # noqa: E402
from archive.selectors.study_list import study_page  # noqa: E402
from archive.study_list_query import SORTS, StudyListQuery  # noqa: E402
from archive.study_steps import provided  # noqa: E402
from workflow.queryable import study_paths  # noqa: E402

SYLLABLES = "an ber cor del el fa gor hun is jen ka lo mar ne ol per qui ros sti tor ul vas wei xi yor zan"
#: How often each comes.
MODALITIES = {
    "CT": 22,
    "MR": 16,
    "CR": 14,
    "US": 14,
    "DX": 10,
    "MG": 5,
    "NM": 3,
    "XA": 2,
    "OT": 1,
    "ECG": 1,
    "DOC": 1,
    "CT\\SR": 5,
    "CT\\PT": 3,
    "MR\\SR": 2,
    "CT\\RTDOSE\\RTPLAN\\RTSTRUCT": 0.5,
    "SM": 0.3,
    "ES": 0.2,
    "OPV": 0.001,
}
REGIONS = "Brain Chest Abdomen Pelvis Knee Hip Shoulder Spine Neck Breast Hand Foot Heart Liver Thyroid Aorta"
DETAILS = ["", "with contrast", "w/o contrast", "follow-up", "PA and lateral", "left", "right", "low dose", "screening"]

TODAY = date(2025, 12, 20)
#: In the query of the URL. Names that few have, that many have, and that nobody has; and so for the others.
QUERIES = [
    *(f"sort={sign}{column}" for column in sorted(SORTS) for sign in ("", "-")),
    *("page=400", "sort=name&page=400", "sort=sex&page=400", "sort=-images&page=400"),
    *("q=s", "q=an", "q=anber", "q=anber&sort=name", "q=P0012", "q=A0001", "q=A", "q=P", "q=zzz", "q=fagor jen"),
    *("q=an an", "name=an&sort=description", "name=anber&sort=name", "id=P00", "id=p0012&sort=name"),
    *("accession=A1&sort=name", "description=brain", "description=brain contrast&sort=name", "description=zebra"),
    *("description=c&sort=name", "referrer=an", "referrer=anber&sort=-images", "born=1950-01-01", "days=today"),
    *("days=30", "days=30&sort=name", "days=30&sort=received", "days=30&modality=CT&sort=name", "modality=CT"),
    *("modality=CT&sort=name", "modality=XA&sort=name", "modality=OPV", "modality=SM&sort=-images", "modality=ZZ"),
    *("since=2022-01-01&sort=name", "since=2022-01-01&until=2022-12-31&sort=sex", "q=an&days=30&modality=CT"),
    *("label=1", "label=1&sort=name", "label=2", "label=3&sort=-images", "label=4", "label=1&label=2&modality=CT"),
    *("label=2&days=30", "q=an&label=3", "body=chest", "body=k&sort=name", "body=heart&label=3", "body=zz"),
    *("steps=open", "steps=open&sort=name", "steps=open&label=2&modality=MR", "q=an&steps=open"),
    *("q=s&modality=OPV", "name=an&description=brain&modality=MR", "q=an&description=zebra"),
]

TABLES = {
    "archive_patient": "id patient_id issuer_of_patient_id patient_name patient_name_key patient_birth_date"
    " patient_sex",
    "archive_patientnamekey": "patient_id key sound",
    "archive_study": "id patient_id study_instance_uid study_date study_time study_time_key accession_number "
    "referring_physician_name study_id study_description timezone_offset_from_utc modalities_in_study "
    "number_of_study_related_series number_of_study_related_instances size created_at updated_at last_instance_at",
    "archive_referringphysiciannamekey": "study_id key sound",
    "archive_studydescriptionkey": "study_id key",
    "archive_series": "study_id series_instance_uid modality series_description body_part_examined"
    " performed_procedure_step_start_date performed_procedure_step_start_time performed_procedure_step_start_time_key"
    " timezone_offset_from_utc number_of_series_related_instances created_at updated_at",
    "archive_label": "id name name_key color",
    "archive_studylabel": "study_id label_id added_at",
    "workflow_workitem": "id sop_instance_uid transaction_uid procedure_step_state input_readiness_state"
    " scheduled_procedure_step_priority procedure_step_label worklist_label scheduled_procedure_step_start_date_time"
    " scheduled_procedure_step_start_as_shown expected_completion_date_time expected_completion_as_shown patient_name"
    " patient_id issuer_of_patient_id patient_birth_date patient_sex admission_id indexed_whole dicom_json created_at"
    " updated_at",
    "workflow_indexedvalue": "workitem_id path item value",
}
#: How many studies of a thousand have each; and steps.
LABELS = {"teaching": 600, "trial A": 40, "second opinion": 5, "nobody": 0, **{f"label {n}": 10 for n in range(5, 31)}}
STEPS = {"COMPLETED": 500, "SCHEDULED": 20, "IN PROGRESS": 2}


class Names:
    """Names as often as people have them: a few are frequent."""

    def __init__(self, choose, number, syllables):
        self._choose = choose
        words = {
            "".join(choose.choices(SYLLABLES.split(), k=choose.randint(2, syllables))).capitalize()
            for _ in range(number)
        }
        self._words = sorted(words)

    def one(self):
        return self._words[int(len(self._words) * self._choose.random() ** 2)]


def rows(studies):
    """Rows of every table, a patient with its studies at a time."""
    choose = random.Random(4)
    families, given = Names(choose, 6000, 3), Names(choose, 900, 2)
    physicians = [f"{families.one()}^{given.one()}" for _ in range(400)]
    now, first_day, study, step = timezone.now(), date(2021, 1, 1), 0, 0
    for label, name in enumerate(LABELS, 1):
        yield "archive_label", (label, name, name.casefold(), "blue")
    patient = 0
    while study < studies:
        patient += 1
        name = f"{families.one()}^{given.one()}"
        birth = (date(1930, 1, 1) + timedelta(choose.randrange(33000))).strftime("%Y%m%d")
        identifier, sex = f"P{patient * 7919 % 10**8:08}", choose.choice("FFFMMMO")
        yield "archive_patient", (patient, identifier, "", name, sort_key(name), birth, sex)
        for key in name_keys(name):
            yield "archive_patientnamekey", (patient, key["key"], key["sound"])
        for _ in range(min(choose.choice((1, 1, 1, 2, 2, 4)), studies - study)):
            study += 1
            day = (first_day + timedelta(int(1826 * choose.random() ** 0.7))).strftime("%Y%m%d")
            clock = f"{choose.randrange(24):02}{choose.randrange(60):02}{choose.randrange(60):02}"
            description = (
                f"{choose.choice(REGIONS.split())} {choose.choice(DETAILS)}".strip() if choose.random() < 0.9 else ""
            )
            physician = choose.choice(physicians)
            modalities = choose.choices(list(MODALITIES), list(MODALITIES.values()))[0]
            number = choose.choice((1, 1, 2, 3, 5, 8))
            yield "archive_study", (
                study, patient, f"1.2.826.0.1.3680043.8.498.{study}", day, clock, f"{clock}.000000",
                f"A{study * 104729 % 10**9:09}", physician, str(study), description, "", modalities,
                number, number * choose.randint(1, 300), number * choose.randint(1, 300) << 19, now, now, now,
            )  # fmt: skip
            body_part = choose.choice(("", *REGIONS.upper().split()))
            uid = f"1.2.826.0.1.3680043.8.498.{study}"
            yield "archive_series", (study, f"{uid}.1", "CT", "", body_part, "", "", "", "", 1, now, now)
            for label, thousandth in enumerate(LABELS.values(), 1):
                if choose.randrange(1000) < thousandth:
                    yield "archive_studylabel", (study, label, now)
            for state, thousandth in STEPS.items():
                if choose.randrange(1000) < thousandth:
                    step += 1
                    yield "workflow_workitem", (
                        step, f"2.25.{step}", "", state, "READY", "HIGH", "Read", "", day, "", "", "", "", "", "", "",
                        "", "", True, b"{}", now, now,
                    )  # fmt: skip
                    yield "workflow_indexedvalue", (step, study_paths()[0], 0, uid)
            for key in name_keys(physician):
                yield "archive_referringphysiciannamekey", (study, key["key"], key["sound"])
            for word in description_keys(description):
                yield "archive_studydescriptionkey", (study, word)


def fill(studies):
    waiting = {table: [] for table in TABLES}
    for table, row in rows(studies):
        waiting[table].append(row)
        if table == "archive_study" and len(waiting[table]) == 20_000:
            flush(waiting)
    flush(waiting)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def flush(waiting):
    with transaction.atomic(), connection.cursor() as cursor:
        for table, columns in TABLES.items():
            names = ", ".join(columns.split())
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in waiting[table]:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(columns.split()))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", waiting[table])
            waiting[table].clear()


def measure(queries):
    for text in queries:
        query = StudyListQuery.read(parse_qs(text))
        times = []
        for _ in range(3):
            start = time.perf_counter()
            page = study_page(query, TODAY)
            times.append(1000 * (time.perf_counter() - start))
        print(f"{text:55} {min(times):8.1f} ms   {page.total:6} found", flush=True)


def measure_page():
    """What a page of the list shows besides its studies."""
    studies = study_page(StudyListQuery(rows=100), TODAY).studies
    pks, uids = [study.pk for study in studies], [study.study_instance_uid for study in studies]
    for name, ask in (
        ("labels with their counts", labels.labels),
        ("labels of 100 studies", lambda: labels.of_studies(pks)),
        ("labels among 100 studies", lambda: labels.among(uids)),
        ("all body parts", body_parts.body_parts),
        ("body parts of 100 studies", lambda: body_parts.of_studies(pks)),
        ("steps of 100 studies", lambda: provided().of(uids)),
    ):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            ask()
            times.append(1000 * (time.perf_counter() - start))
        print(f"{name:55} {min(times):8.1f} ms", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fill", type=int, metavar="STUDIES")
    parser.add_argument("queries", nargs="*", default=QUERIES)
    options = parser.parse_args()
    if options.fill:
        call_command("migrate", verbosity=0)
        fill(options.fill)
    else:
        measure(options.queries)
        measure_page()


if __name__ == "__main__":
    main()
