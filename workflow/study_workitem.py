"""The workitem that a rule creates for a study: the rule's template, and what the study says of itself.

The template leads where the study has nothing to say; patient, request and input are always the study's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from archive.announcements import ArrivedSeries
from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import MalformedAttribute
from archive.dicom.metadata import received_model
from archive.dicom.value_representations import first_value
from workflow.data_sets import element, in_order, valued
from workflow.errors import InvalidWorkitem, Problem
from workflow.states import SCHEDULED
from workflow.tags import (
    ACCESSION_NUMBER,
    INPUT_INFORMATION_SEQUENCE,
    INPUT_READINESS_STATE,
    PROCEDURE_STEP_LABEL,
    PROCEDURE_STEP_STATE,
    REFERENCED_REQUEST_SEQUENCE,
    REFERENCED_SOP_CLASS_UID,
    REFERENCED_SOP_INSTANCE_UID,
    REFERENCED_SOP_SEQUENCE,
    REQUEST_ATTRIBUTES_SEQUENCE,
    REQUESTED_PROCEDURE_ID,
    RETRIEVE_URL,
    SCHEDULED_PROCEDURE_STEP_PRIORITY,
    SCHEDULED_PROCEDURE_STEP_START_DATE_TIME,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    SPECIFIC_CHARACTER_SET,
    STUDY_INSTANCE_UID,
    TRANSACTION_UID,
    TYPE_OF_INSTANCES,
    WADORS_RETRIEVAL_SEQUENCE,
)

#: PS3.4 Table CC.2.5-3, UPS Relationship: the patient and the admission.
OF_PATIENT = (
    "00081080",  # Admitting Diagnoses Description
    "00081084",  # Admitting Diagnoses Code Sequence
    "00100010",  # Patient's Name
    "00100020",  # Patient ID
    "00100021",  # Issuer of Patient ID
    "00100024",  # Issuer of Patient ID Qualifiers Sequence
    "00100030",  # Patient's Birth Date
    "00100040",  # Patient's Sex
    "00101002",  # Other Patient IDs Sequence
    "00380010",  # Admission ID
    "00380014",  # Issuer of Admission ID Sequence
)

#: What an item of Referenced Request Sequence needs, with or without a value.
OF_REQUEST: Mapping[str, str] = {
    ACCESSION_NUMBER: "SH",
    "00080051": "SQ",  # Issuer of Accession Number Sequence
    "00321060": "LO",  # Requested Procedure Description
    "00321064": "SQ",  # Requested Procedure Code Sequence
    "00400026": "SQ",  # Order Placer Identifier Sequence
    "00400027": "SQ",  # Order Filler Identifier Sequence
    REQUESTED_PROCEDURE_ID: "SH",
}
#: And what it takes besides, if there is any.
OF_REQUEST_IF_KNOWN = (
    "00080090",  # Referring Physician's Name
    "00321032",  # Requesting Physician
    "00321033",  # Requesting Service
    "00401002",  # Reason for the Requested Procedure
    "0040100A",  # Reason for Requested Procedure Code Sequence
    "00402016",  # Placer Order Number / Imaging Service Request
    "00402017",  # Filler Order Number / Imaging Service Request
)

#: What is the study's or the archive's to say, so that a template does not.
NOT_OF_A_TEMPLATE = frozenset(
    {
        *OF_PATIENT,
        STUDY_INSTANCE_UID,
        INPUT_INFORMATION_SEQUENCE,
        REFERENCED_REQUEST_SEQUENCE,
        SCHEDULED_PROCEDURE_STEP_START_DATE_TIME,
        SOP_CLASS_UID,
        SOP_INSTANCE_UID,
        TRANSACTION_UID,
    }
)

#: What a template need not say.
DEFAULTS: DataSet = {
    SPECIFIC_CHARACTER_SET: element("CS", "ISO_IR 192"),
    INPUT_READINESS_STATE: element("CS", "READY"),
    PROCEDURE_STEP_STATE: element("CS", SCHEDULED),
    SCHEDULED_PROCEDURE_STEP_PRIORITY: element("CS", "MEDIUM"),
}


def read_template(raw: object) -> DataSet:
    """The template of a rule as the data set that it describes.

    Raises:
        InvalidWorkitem: it is none, or says what is not a template's to say.
    """
    try:
        received = received_model.read(raw)
    except MalformedAttribute as error:
        raise InvalidWorkitem([Problem("", str(error), 0x0106)]) from None
    said = [*received.discarded, *sorted(NOT_OF_A_TEMPLATE & received.data_set.keys())]
    if said:
        raise InvalidWorkitem([Problem(tag, "is not for a template to say", 0x0105) for tag in said])
    return received.data_set


def build(
    template: DataSet,
    study: str,
    attributes: DataSet,
    series: Iterable[ArrivedSeries],
    *,
    label: str,
    now: str,
    root: str,
) -> DataSet:
    """The data set to create.

    Args:
        attributes: of the study and its patient.
        label: the Procedure Step Label where the template has none.
        now: DT.
        root: URL of the DICOMweb service where the input can be retrieved.
    """
    members = list(series)
    requests = list(_requests(study, attributes, members))
    data_set = DEFAULTS | {PROCEDURE_STEP_LABEL: element("LO", label)} | template
    data_set |= valued(attributes, OF_PATIENT)
    data_set |= {
        STUDY_INSTANCE_UID: element("UI", study),
        SCHEDULED_PROCEDURE_STEP_START_DATE_TIME: element("DT", now),
        REFERENCED_REQUEST_SEQUENCE: element("SQ", *requests),
        INPUT_INFORMATION_SEQUENCE: element("SQ", *(reference_to(study, one, root) for one in members)),
    }
    return in_order(data_set)


def reference_to(study: str, series: ArrivedSeries, root: str) -> DataSet:
    """PS3.3 Table 10-3b, Referenced Instances and Access: a series with all its instances."""
    url = f"{root}/studies/{study}/series/{series.series_instance_uid}"
    return {
        REFERENCED_SOP_SEQUENCE: element("SQ", *(_reference(*instance) for instance in series.instances)),
        STUDY_INSTANCE_UID: element("UI", study),
        SERIES_INSTANCE_UID: element("UI", series.series_instance_uid),
        TYPE_OF_INSTANCES: element("CS", "DICOM"),
        WADORS_RETRIEVAL_SEQUENCE: element("SQ", {RETRIEVE_URL: element("UR", url)}),
    }


def _reference(sop_class: str, instance: str) -> DataSet:
    return {
        REFERENCED_SOP_CLASS_UID: element("UI", sop_class),
        REFERENCED_SOP_INSTANCE_UID: element("UI", instance),
    }


def _requests(study: str, attributes: DataSet, series: Sequence[ArrivedSeries]) -> Iterator[DataSet]:
    """Each request that the series name, or the one that the study's Accession Number stands for."""
    named = [item for one in series for item in one.attributes.get(REQUEST_ATTRIBUTES_SEQUENCE, {}).get("Value", ())]
    seen = set()
    for item in [item for item in named if item] or [{}]:
        request = valued(attributes, (*OF_REQUEST, *OF_REQUEST_IF_KNOWN))
        request |= valued(item, (*OF_REQUEST, *OF_REQUEST_IF_KNOWN))
        identity = first_value(request, ACCESSION_NUMBER), first_value(request, REQUESTED_PROCEDURE_ID)
        if any(identity) and identity not in seen:
            seen.add(identity)
            empty: DataSet = {tag: element(vr) for tag, vr in OF_REQUEST.items()}
            yield in_order(empty | request | {STUDY_INSTANCE_UID: element("UI", study)})
