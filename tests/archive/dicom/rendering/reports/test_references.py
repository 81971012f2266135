"""Objects that a report refers to."""

import pytest
from pydicom.uid import (
    BasicTextSRStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    HemodynamicWaveformStorage,
    SegmentationStorage,
)

from archive.dicom.rendering.reports.documents import report
from archive.dicom.rendering.reports.references import kind_of
from archive.dicom.rendering.reports.report import Reference
from tests.archive.dicom.rendering.reports.built import attributes_of, content, evidence, only, sop


@pytest.mark.parametrize(
    ("value_type", "referenced", "found"),
    [
        ("IMAGE", sop("1.2.3"), Reference("CT Image", "1.2.3")),
        ("IMAGE", sop("1.2.3", ReferencedFrameNumber=5), Reference("CT Image", "1.2.3", part="frame 5")),
        ("IMAGE", sop("1.2.3", ReferencedFrameNumber=[5, 2]), Reference("CT Image", "1.2.3", part="frames 5, 2")),
        (
            "IMAGE",
            sop("1.2.3", SegmentationStorage, ReferencedSegmentNumber=1),
            Reference("Segmentation", "1.2.3", part="segment 1"),
        ),
        (
            "WAVEFORM",
            sop("1.2.3", HemodynamicWaveformStorage, ReferencedWaveformChannels=[5, 3, 2, 0]),
            Reference("Hemodynamic Waveform", "1.2.3", part="channels 5/3, 2/0"),
        ),
        ("COMPOSITE", sop("1.2.3", BasicTextSRStorage), Reference("Basic Text SR", "1.2.3")),
        ("COMPOSITE", sop("1.2.3", "1.9.9"), Reference("1.9.9", "1.2.3")),
        ("COMPOSITE", sop("", ""), Reference("Object", "")),
    ],
)
def test_an_object_is_named_by_its_class_and_what_of_it_is_meant(value_type, referenced, found):
    assert only(content(value_type, ReferencedSOPSequence=[referenced])).references == (found,)


def test_an_image_comes_with_its_presentation_state():
    state = sop("1.2.4", GrayscaleSoftcopyPresentationStateStorage)
    shown_with = only(content("IMAGE", ReferencedSOPSequence=[sop("1.2.3", ReferencedSOPSequence=[state])])).references
    assert shown_with == (Reference("CT Image", "1.2.3"), Reference("Grayscale Softcopy Presentation State", "1.2.4"))


@pytest.mark.parametrize("sequence", ["CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence"])
def test_the_evidence_says_where_an_object_is(sequence):
    image = content("IMAGE", ReferencedSOPSequence=[sop("1.2.3.4")])
    found = report(attributes_of(image, **{sequence: [evidence(sop("1.2.3.4"), study="1.2", series="1.2.3")]}))
    assert found.content.items[0].references == (Reference("CT Image", "1.2.3.4", "1.2", "1.2.3"),)


@pytest.mark.parametrize(
    ("uid", "kind"),
    [
        ("1.2.840.10008.5.1.4.1.1.2", "CT Image"),
        ("1.2.840.10008.5.1.4.1.1.1.1", "Digital X-Ray Image - For Presentation"),
        ("1.2.840.10008.5.1.4.1.1.88.59", "Key Object Selection Document"),
        ("1.2.3", "1.2.3"),
        ("", ""),
    ],
)
def test_a_kind_is_the_name_of_a_sop_class(uid, kind):
    assert kind_of(uid) == kind
