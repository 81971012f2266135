"""Whose document it is, what it is, and who answers for it."""

from archive.dicom.rendering.reports.documents import report
from archive.dicom.rendering.reports.report import Reference
from tests.archive.dicom.rendering.reports.built import attributes_of, code, evidence, sop
from tests.archive.dicom.rendering.shown import item


def head(**elements) -> dict[str, tuple]:
    return {field.name: field.values for field in report(attributes_of(**elements)).head}


def test_the_head_says_whose_document_it_is_and_what_it_is():
    assert head(StudyDescription="Chest", CompletionFlagDescription="All done", InstitutionName="St. Elsewhere") == {
        "Patient": ("Jane Doe",),
        "Patient ID": ("ID-1",),
        "Birth date": ("1970-01-02",),
        "Sex": ("F",),
        "Study": ("Chest",),
        "Study date": ("2024-01-31 10:15:30",),
        "Accession number": ("ACC-1",),
        "Institution": ("St. Elsewhere",),
        "Document": ("Comprehensive SR",),
        "Document date": ("2024-01-31 10:15:30",),
        "Completion": ("COMPLETE, All done",),
        "Verification": ("UNVERIFIED",),
    }


def test_those_who_verified_it_are_named():
    observers = [
        item(VerifyingObserverName="Doe^John", VerifyingOrganization="Here", VerificationDateTime="20240131"),
        item(VerifyingObserverName="Roe^Jane", VerifyingObserverIdentificationCodeSequence=[code("Roe")]),
    ]
    found = head(VerificationFlag="VERIFIED", VerifyingObserverSequence=observers)
    assert found["Verification"] == ("VERIFIED",)
    assert found["Verified by"] == ("John Doe, Here, 2024-01-31", "Jane Roe")


def test_authors_are_people_or_devices_and_others_took_part():
    found = head(
        AuthorObserverSequence=[
            item(ObserverType="PSN", PersonName="Doe^John", InstitutionName="Here"),
            item(ObserverType="DEV", Manufacturer="Acme", ManufacturerModelName="CAD 1"),
        ],
        ParticipantSequence=[item(ParticipationType="ENT", PersonName="Typist^A", ParticipationDateTime="2024")],
        CustodialOrganizationSequence=[item(InstitutionName="There")],
    )
    assert found["Author"] == ("John Doe, Here", "Acme, CAD 1")
    assert found["Participant"] == ("ENT, A Typist, 2024",)
    assert found["Custodian"] == ("There",)


def test_the_documents_that_it_replaces_or_repeats_are_there():
    earlier = evidence(sop("1.2.3.4", "1.2.840.10008.5.1.4.1.1.88.11"))
    found = head(PredecessorDocumentsSequence=[earlier], IdenticalDocumentsSequence=[earlier])
    reference = Reference("Basic Text SR", "1.2.3.4", "1.2", "1.2.3")
    assert found["Replaces"] == found["Identical to"] == (reference,)
