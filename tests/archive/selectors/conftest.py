"""Instances to search for."""

import pytest

from archive.models import Instance
from tests import factories


@pytest.fixture
def two_instances() -> tuple[Instance, Instance]:
    """Two instances that differ in every attribute that can be searched for."""
    return _instance("1"), _instance("2")


def _instance(n: str) -> Instance:
    study = factories.study(
        patient=factories.patient(patient_id=f"P{n}", patient_name=f"Doe{n}^Jane", patient_birth_date=f"1970010{n}"),
        study_date=f"2024010{n}",
        study_time=f"10{n}0",
        accession_number=f"A{n}",
        referring_physician_name=f"House{n}^G",
        study_id=f"S{n}",
        study_description=f"Chest {n}",
    )
    series = factories.series(
        study,
        modality={"1": "CT", "2": "MR"}[n],
        series_number=int(n),
        series_description=f"Axial {n}",
        performed_procedure_step_start_date=f"2024020{n}",
        performed_procedure_step_start_time=f"11{n}0",
        request_attributes=[{"scheduled_procedure_step_id": f"SPS{n}", "requested_procedure_id": f"RP{n}"}],
    )
    return factories.instance(series, instance_number=int(n), rows=int(n), sop_class_uid=f"1.2.{n}")
