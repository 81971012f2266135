"""The worklist in XML: what is sent as XML is the same as in JSON, and comes back the same (PS3.18 Section F.3)."""

import pytest

from archive.dicom.dicom_json import DataSet
from archive.dicom.metadata import native_xml_reader, received_model
from archive.dicom.native_xml import to_xml
from tests.builders import related
from tests.dicomweb.answers import parts
from tests.dicomweb.worklist_requests import JSON, WORKITEMS, XML, path, send, state, told
from tests.workitems import code, data_set, performed, performer, progress, references, tag, workitem
from tests.worklist import LOCK

pytestmark = pytest.mark.django_db

#: With names in several scripts, numbers, and sequences within sequences.
WORKITEM = workitem(
    ProcedureStepLabel="Größe & <Lage>",
    PatientName={"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう"},
    PatientID="ID-1",
    ScheduledStationNameCodeSequence=[code("AIALG"), code("AIALG2")],
    ScheduledHumanPerformersSequence=[performer()],
    InputInformationSequence=[references(("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5"))],
)
MULTIPART = f'multipart/related; type="{XML}"'


def alone(model: DataSet) -> tuple[bytes, str]:
    return to_xml(model), XML


def in_parts(model: DataSet) -> tuple[bytes, str]:
    return related([({"Content-Type": XML}, to_xml(model))], type=XML)


def in_json(model: DataSet) -> tuple[DataSet, str]:
    return model, JSON


def from_xml(document: bytes) -> DataSet:
    return received_model.read(native_xml_reader.instance(document)).data_set


def without_what_is_its_own(model: DataSet) -> DataSet:
    own = {tag("SOPInstanceUID"), tag("ScheduledProcedureStepModificationDateTime")}
    return {key: element for key, element in model.items() if key not in own}


def test_H10_a_workitem_has_the_same_life_in_every_form(worklist):
    finished = {}
    for uid, form in (("1.2.1", in_json), ("1.2.2", alone), ("1.2.3", in_parts)):
        answers = [
            told(send(worklist, method, url, *form(body)))
            for method, url, body in (
                ("POST", f"{WORKITEMS}?workitem={uid}", WORKITEM),
                ("PUT", f"{path(uid)}/state", state("IN PROGRESS", LOCK)),
                ("POST", f"{path(uid)}?transaction={LOCK}", progress("12.50", ProcedureStepProgressDescription="Half")),
                ("POST", path(uid), performed() | data_set(TransactionUID=LOCK)),
                ("PUT", f"{path(uid)}/state", state("COMPLETED", LOCK)),
            )
        ]
        assert answers == [(201, None), (200, None), (200, None), (200, None), (200, None)]
        finished[uid] = without_what_is_its_own(worklist.get(path(uid)).json()[0])

    assert finished["1.2.1"] == finished["1.2.2"] == finished["1.2.3"]
    assert finished["1.2.1"][tag("PatientName")] == WORKITEM[tag("PatientName")]


def test_H10_searches_and_retrieval_agree_in_both(worklist):
    for uid in ("1.2.1", "1.2.2"):
        send(worklist, "POST", f"{WORKITEMS}?{uid}", WORKITEM)

    as_json = worklist.get(f"{WORKITEMS}?includefield=all").json()
    as_xml = [
        from_xml(part.payload)
        for part in parts(worklist.get(f"{WORKITEMS}?includefield=all", headers={"accept": MULTIPART}))
    ]

    assert as_xml == [received_model.read(model).data_set for model in as_json]
    for uid, found in zip(("1.2.1", "1.2.2"), as_xml, strict=True):
        retrieved = from_xml(worklist.get(path(uid), headers={"accept": XML}).content)
        # A search has every attribute of Return Key Type 2, without a value where the workitem does not have it.
        assert {**found, **retrieved} == found


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param('tag="00741204" vr="LO" keyword="PatientName"', "ProcedureStepLabel", id="another-keyword"),
        pytest.param('tag="00741204" vr="SH"', "ProcedureStepLabel", id="another-vr"),
        pytest.param('tag="00741204" vr="UN"', "ProcedureStepLabel", id="unknown-vr"),
        pytest.param('Tag="00741204" VR="LO"', "ProcedureStepLabel", id="capitals"),
        pytest.param('tag="00741204"', "ProcedureStepLabel", id="neither"),
    ],
)
def test_H10_attributes_are_known_by_their_tags(worklist, written, meant):
    rest = {key: element for key, element in workitem().items() if key != tag(meant)}
    attribute = f'<DicomAttribute {written}>\n  <Value number="1">Read</Value>\n</DicomAttribute>'
    document = to_xml(rest).replace(b"</NativeDicomModel>", f"\n{attribute}\n</NativeDicomModel>".encode())

    assert told(send(worklist, "POST", f"{WORKITEMS}?1.2.3", document, XML)) == (201, None)
    assert worklist.get(path("1.2.3")).json()[0][tag(meant)] == {"vr": "LO", "Value": ["Read"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "gb18030", "iso-8859-15"])
@pytest.mark.parametrize("said_by", ["document", "type"])
def test_H10_texts_are_read_in_the_encoding_that_is_said(worklist, encoding, said_by):
    """In Unicode from then on, whatever Specific Character Set says of where they come from."""
    text = to_xml(workitem(ProcedureStepLabel="Größe", SpecificCharacterSet="ISO_IR 100")).decode()
    declared = text.replace(
        'encoding="UTF-8"', f'encoding="{encoding}"' if said_by == "document" else 'encoding="US-ASCII"'
    )
    content_type = XML if said_by == "document" else f"{XML}; charset={encoding}"

    status = send(worklist, "POST", f"{WORKITEMS}?1.2.3", declared.encode(encoding), content_type).status_code

    assert status == 201
    [stored] = worklist.get(path("1.2.3")).json()
    assert stored[tag("ProcedureStepLabel")]["Value"] == ["Größe"]
    assert stored[tag("SpecificCharacterSet")]["Value"] == ["ISO_IR 192"]
