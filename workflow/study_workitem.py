"""The workitem that a rule creates for a study: the rule's template, and what the study says of itself.

The template leads where the study has nothing to say; patient, request and input are always the study's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from archive.announcements import ArrivedSeries
from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.errors import MalformedAttribute
from archive.dicom.metadata import received_model
from archive.dicom.value_representations import first_value
from workflow.errors import InvalidWorkitem, Problem
from workflow.states import SCHEDULED

STUDY_INSTANCE_UID = "0020000D"
INPUT_INFORMATION_SEQUENCE = "00404021"
REFERENCED_REQUEST_SEQUENCE = "0040A370"
REQUEST_ATTRIBUTES_SEQUENCE = "00400275"
SCHEDULED_PROCEDURE_STEP_START_DATE_TIME = "00404005"
PROCEDURE_STEP_LABEL = "00741204"
ACCESSION_NUMBER = "00080050"
REQUESTED_PROCEDURE_ID = "00401001"

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
        "00080016",  # SOP Class UID
        "00080018",  # SOP Instance UID
        "00081195",  # Transaction UID
    }
)

#: What a template need not say.
DEFAULTS: Mapping[str, tuple[str, str]] = {
    "00080005": ("CS", "ISO_IR 192"),
    "00404041": ("CS", "READY"),  # Input Readiness State
    "00741000": ("CS", SCHEDULED),
    "00741200": ("CS", "MEDIUM"),  # Scheduled Procedure Step Priority
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
    data_set: DataSet = {tag: _element(vr, value) for tag, (vr, value) in DEFAULTS.items()}
    data_set[PROCEDURE_STEP_LABEL] = _element("LO", label)
    data_set |= template
    data_set |= _valued(attributes, OF_PATIENT)
    data_set |= {
        STUDY_INSTANCE_UID: _element("UI", study),
        SCHEDULED_PROCEDURE_STEP_START_DATE_TIME: _element("DT", now),
        REFERENCED_REQUEST_SEQUENCE: _sequence(requests),
        INPUT_INFORMATION_SEQUENCE: _sequence([_input(study, one, root) for one in members]),
    }
    return dict(sorted(data_set.items()))


def _input(study: str, series: ArrivedSeries, root: str) -> DataSet:
    """PS3.3 Table 10-3b, Referenced Instances and Access: a series with all its instances."""
    url = f"{root}/studies/{study}/series/{series.series_instance_uid}"
    return {
        "00081199": _sequence(
            [{"00081150": _element("UI", kind), "00081155": _element("UI", uid)} for kind, uid in series.instances]
        ),
        STUDY_INSTANCE_UID: _element("UI", study),
        "0020000E": _element("UI", series.series_instance_uid),
        "0040E020": _element("CS", "DICOM"),
        "0040E025": _sequence([{"00081190": _element("UR", url)}]),
    }


def _requests(study: str, attributes: DataSet, series: Sequence[ArrivedSeries]) -> Iterator[DataSet]:
    """Each request that the series name, or the one that the study's Accession Number stands for."""
    named = [item for one in series for item in one.attributes.get(REQUEST_ATTRIBUTES_SEQUENCE, {}).get("Value", ())]
    seen = set()
    for item in [item for item in named if item] or [{}]:
        request = _valued(attributes, (*OF_REQUEST, *OF_REQUEST_IF_KNOWN))
        request |= _valued(item, (*OF_REQUEST, *OF_REQUEST_IF_KNOWN))
        identity = first_value(request, ACCESSION_NUMBER), first_value(request, REQUESTED_PROCEDURE_ID)
        if any(identity) and identity not in seen:
            seen.add(identity)
            empty: DataSet = {tag: {"vr": vr} for tag, vr in OF_REQUEST.items()}
            yield dict(sorted((empty | request | {STUDY_INSTANCE_UID: _element("UI", study)}).items()))


def _valued(data_set: DataSet, tags: Iterable[str]) -> DataSet:
    return {tag: data_set[tag] for tag in tags if first_value(data_set, tag) is not None}


def _element(vr: str, value: Any) -> Element:
    return {"vr": vr, "Value": [value]}


def _sequence(items: Sequence[DataSet]) -> Element:
    return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
