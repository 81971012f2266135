"""When an attribute with a condition is missed, and when it is not: the macros of PS3.4 Annex CC."""

import pytest

from tests.full_workitems import CONTENTS, CT_IMAGE_STORAGE, content, designator, issuer, retrievable, storage
from tests.workflow.checking import MISSING, OTHER_VALUE, WITHOUT_VALUE, created, problems, updated
from tests.workitems import code, data_set, performer, progress, references, tag, workitem

STATION = "ScheduledStationNameCodeSequence"
INPUT = "InputInformationSequence"
RETRIEVALS = (
    *("DICOMRetrievalSequence", "DICOMMediaRetrievalSequence", "WADORetrievalSequence", "XDSRetrievalSequence"),
    "WADORSRetrievalSequence",
)


def less(item, *keywords):
    gone = {tag(keyword) for keyword in keywords}
    return {key: found for key, found in item.items() if key not in gone}


def accepted(**attributes):
    return not created(workitem(**attributes), strict=True).modified


# -- codes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "item",
    [
        code("A"),
        data_set(LongCodeValue="A" * 20, CodingSchemeDesignator="99TEST", CodeMeaning="What it means"),
        data_set(URNCodeValue="urn:oid:1.2.3", CodeMeaning="What it means"),
        data_set(CodeValue="A", LongCodeValue=[], CodingSchemeDesignator="99TEST", CodeMeaning="What it means"),
    ],
)
def test_a_code_has_one_of_its_values(item):
    assert accepted(**{STATION: [item]})


def test_a_code_without_any_value():
    given = workitem(**{STATION: [data_set(CodeMeaning="What it means", CodingSchemeDesignator="99TEST")]})
    assert problems(created, given) == {f"{STATION}[1].CodeValue": MISSING}
    with pytest.raises(Exception, match=r"CodeValue \(0008,0100\) is missing, nor is there LongCodeValue or U"):
        created(given)


def test_a_code_with_an_empty_value():
    given = workitem(**{STATION: [data_set(CodeValue=[], CodingSchemeDesignator="99TEST", CodeMeaning="What")]})
    assert problems(created, given) == {f"{STATION}[1].CodeValue": WITHOUT_VALUE}


@pytest.mark.parametrize("value", ["CodeValue", "LongCodeValue"])
def test_a_code_value_has_a_scheme(value):
    given = workitem(**{STATION: [data_set(**{value: "A", "CodeMeaning": "What it means"})]})
    assert problems(created, given) == {f"{STATION}[1].CodingSchemeDesignator": MISSING}


# -- content items ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("value_type", "keyword"), [(value_type, keyword) for value_type, values in CONTENTS.items() for keyword in values]
)
def test_a_content_item_has_the_values_of_its_type(value_type, keyword):
    whole = content(value_type)
    assert accepted(ScheduledProcessingParametersSequence=[whole])
    name = f"ScheduledProcessingParametersSequence[1].{keyword}"
    given = {"ScheduledProcessingParametersSequence": [less(whole, keyword)]}
    assert problems(created, workitem(**given)) == {name: MISSING}
    assert problems(updated, data_set(**given)) == {name: MISSING}


def test_content_items_have_their_types():
    """PS3.4 Table CC.2.5-3 prints their values as required in N-SET, whatever the type: nothing could have them all."""
    items = [content(value_type) for value_type in CONTENTS]
    assert not updated(progress(ProcedureStepProgressParametersSequence=items)).modified


def test_a_type_of_content_that_there_is_not():
    item = content("TEXT", ValueType="IMAGE")
    given = workitem(ScheduledProcessingParametersSequence=[item])
    assert problems(created, given) == {"ScheduledProcessingParametersSequence[1].ValueType": OTHER_VALUE}


# -- hierarchic designators ------------------------------------------------------


@pytest.mark.parametrize(
    "left_out", [[], ["LocalNamespaceEntityID"], ["UniversalEntityID", "UniversalEntityIDType"], ["UniversalEntityID"]]
)
def test_a_designator_is_local_or_universal(left_out):
    assert accepted(IssuerOfAdmissionIDSequence=[less(designator(), *left_out)])


def test_a_designator_is_one():
    given = workitem(IssuerOfAdmissionIDSequence=[data_set(UniversalEntityIDType="ISO")])
    assert problems(created, given) == {"IssuerOfAdmissionIDSequence[1].LocalNamespaceEntityID": MISSING}


def test_a_universal_designator_has_a_type():
    given = workitem(IssuerOfAdmissionIDSequence=[less(designator(), "UniversalEntityIDType")])
    assert problems(created, given) == {"IssuerOfAdmissionIDSequence[1].UniversalEntityIDType": MISSING}


def test_an_issuer_of_patient_ids_with_a_universal_entity_has_its_type():
    (qualifiers,) = issuer()["IssuerOfPatientIDQualifiersSequence"]
    name = "IssuerOfPatientIDQualifiersSequence"
    assert problems(created, workitem(**{name: [less(qualifiers, "UniversalEntityIDType")]})) == {
        f"{name}[1].UniversalEntityIDType": MISSING
    }
    anonymous = less(qualifiers, "UniversalEntityID", "UniversalEntityIDType") | data_set(UniversalEntityID=[])
    assert accepted(**{name: [anonymous]})


# -- referenced instances --------------------------------------------------------


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID"])
def test_instances_of_dicom_are_in_a_study_and_series(keyword):
    given = workitem(InputInformationSequence=[less(retrievable(), keyword)])
    assert problems(created, given) == {f"{INPUT}[1].{keyword}": MISSING}


@pytest.mark.parametrize(
    "sop_class",
    [
        "1.2.840.10008.5.1.4.38.1",  # Hanging Protocol
        "1.2.840.10008.5.1.4.39.1",  # Color Palette
        "1.2.840.10008.5.1.4.43.1",  # Generic Implant Template
        "1.2.840.10008.5.1.4.1.1.200.1",  # CT Defined Procedure Protocol
    ],
)
def test_instances_of_some_classes_are_in_no_study(sop_class):
    item = references((sop_class, "1.2.3.4.5"), StudyInstanceUID=None, SeriesInstanceUID=None)
    assert accepted(InputInformationSequence=[item])


@pytest.mark.parametrize("sop_class", [CT_IMAGE_STORAGE, "1.2.840.10008.5.1.4.1.1.200.10"])
def test_other_instances_beside_them_are(sop_class):
    hanging_protocol = ("1.2.840.10008.5.1.4.38.1", "1.2.3.4.5")
    item = references(hanging_protocol, (sop_class, "1.2.3.4.6"), StudyInstanceUID=None)
    assert problems(created, workitem(InputInformationSequence=[item])) == {f"{INPUT}[1].StudyInstanceUID": MISSING}


def test_documents_have_an_identifier_instead():
    reference = data_set(ReferencedSOPClassUID="1.2.3", ReferencedSOPInstanceUID="1.2.4", HL7InstanceIdentifier="1.2^3")
    documents = {"TypeOfInstances": "CDA", "StudyInstanceUID": None, "SeriesInstanceUID": None}
    assert accepted(InputInformationSequence=[references(**documents, ReferencedSOPSequence=[reference])])
    nameless = references(**documents, ReferencedSOPSequence=[less(reference, "HL7InstanceIdentifier")])
    assert problems(created, workitem(InputInformationSequence=[nameless])) == {
        f"{INPUT}[1].ReferencedSOPSequence[1].HL7InstanceIdentifier": MISSING
    }


@pytest.mark.parametrize("way", RETRIEVALS)
def test_instances_can_be_retrieved_in_one_way(way):
    assert accepted(InputInformationSequence=[less(retrievable(), *set(RETRIEVALS) - {way})])


def test_instances_can_be_retrieved_somehow():
    given = workitem(InputInformationSequence=[less(retrievable(), *RETRIEVALS)])
    assert problems(created, given) == {f"{INPUT}[1].DICOMRetrievalSequence": MISSING}
    with pytest.raises(Exception, match=r"nor is there .* or WADORSRetrievalSequence"):
        created(given)


STORAGES = ("DICOMStorageSequence", "STOWRSStorageSequence", "XDSStorageSequence")


@pytest.mark.parametrize("way", STORAGES)
def test_output_can_be_stored_in_one_way(way):
    assert accepted(OutputDestinationSequence=[less(storage(), "ReferencedSOPClassUID", *set(STORAGES) - {way})])


def test_output_can_be_stored_somehow():
    given = workitem(OutputDestinationSequence=[less(storage(), *STORAGES)])
    assert problems(created, given) == {"OutputDestinationSequence[1].DICOMStorageSequence": MISSING}


# -- sex parameters --------------------------------------------------------------

SPECIFIED = data_set(
    SexParametersForClinicalUseCategoryCodeSequence=[code("131232", "Specified", "DCM")],
    SexParametersForClinicalUseCategoryComment="Text",
    SexParametersForClinicalUseCategoryReference="https://records.example/1",
)


@pytest.mark.parametrize(
    "keyword", ["SexParametersForClinicalUseCategoryComment", "SexParametersForClinicalUseCategoryReference"]
)
def test_specified_sex_parameters_say_which(keyword):
    name = "SexParametersForClinicalUseCategorySequence"
    assert accepted(**{name: [SPECIFIED]})
    given = workitem(**{name: [less(SPECIFIED, keyword)]})
    assert problems(created, given, strict=True) == {f"{name}[1].{keyword}": MISSING}
    checked = created(given)
    assert checked.modified
    assert checked.data_set[tag(name)]["Value"][0][tag(keyword)] == {"vr": SPECIFIED[tag(keyword)]["vr"]}


def test_other_sex_parameters_need_no_comment():
    other = data_set(SexParametersForClinicalUseCategoryCodeSequence=[code("131232", "Something else", "99TEST")])
    assert accepted(SexParametersForClinicalUseCategorySequence=[other])


# -- what nobody but the sender knows --------------------------------------------


@pytest.mark.parametrize(
    "attributes",
    [
        {"PatientName": "Müller^Jörg"},  # needs a character set that JSON does not
        {"ScheduledHumanPerformersSequence": None},
        {"ScheduledHumanPerformersSequence": [performer()]},
        {"StudyInstanceUID": None, "PatientID": None, "ReplacedProcedureStepSequence": None},
        {"InputInformationSequence": [references((CT_IMAGE_STORAGE, "1.2.3"))]},  # of some frames, or of all
    ],
)
def test_what_nobody_can_know_is_not_missed(attributes):
    assert accepted(**attributes)
