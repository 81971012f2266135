"""Patients, studies and series of the demo, and what every instance of them says (PS3.3 Sections C.7.1 to C.7.5).

Everybody here is made up, and so is what they suffer from.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydicom.dataset import Dataset

from archive.dicom.demo.data_sets import data_set, reference
from archive.dicom.demo.identifiers import FRAMES_OF_REFERENCE, STUDIES, uid

INSTITUTION, MANUFACTURER = "Demonstration Hospital", "Phantom Works"


@dataclass(frozen=True, slots=True)
class Patient:
    """`character_set`: of everything that is said of the patient (PS3.3 Section C.12.1.1.2)."""

    patient_id: str
    name: str
    birth_date: date
    sex: str
    character_set: str | list[str] = "ISO_IR 100"
    weight: int = 70
    size: float = 1.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    number: int
    patient: Patient
    description: str
    began: datetime
    referring_physician: str
    #: Everything is drawn so many times coarser: for who wants objects of the same kinds that are quickly made.
    coarseness: int = 1

    @property
    def uid(self) -> str:
        return uid(STUDIES, self.number)

    @property
    def accession_number(self) -> str:
        return f"D{self.number:06d}"

    @property
    def frame_of_reference(self) -> str:
        return uid(FRAMES_OF_REFERENCE, self.number)

    def cells(self, number: int) -> int:
        """How many there are in place of so many."""
        return max(number // self.coarseness, 1)

    def attributes(self) -> dict[str, Any]:
        """Patient, General Study and Patient Study modules."""
        patient, born = self.patient, self.patient.birth_date
        age = self.began.year - born.year - ((self.began.month, self.began.day) < (born.month, born.day))
        return {
            "SpecificCharacterSet": patient.character_set,
            "PatientName": patient.name,
            "PatientID": patient.patient_id,
            "IssuerOfPatientID": "DEMO",
            "PatientBirthDate": f"{born:%Y%m%d}",
            "PatientSex": patient.sex,
            "PatientAge": f"{age:03d}Y",
            "PatientWeight": str(patient.weight),
            "PatientSize": str(patient.size),
            "StudyInstanceUID": self.uid,
            "StudyDate": f"{self.began:%Y%m%d}",
            "StudyTime": f"{self.began:%H%M%S}",
            "StudyID": str(self.number),
            "AccessionNumber": self.accession_number,
            "ReferringPhysicianName": self.referring_physician,
            "StudyDescription": self.description,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """`sop_class`: of all its instances."""

    study: Study
    number: int
    modality: str
    sop_class: str
    description: str
    body_part: str = ""
    model: str = "Demo"
    in_frame_of_reference: bool = False

    @property
    def uid(self) -> str:
        return uid(STUDIES, self.study.number, self.number)

    def instance_uid(self, number: int) -> str:
        return uid(STUDIES, self.study.number, self.number, number)

    def instance(self, number: int, **attributes: Any) -> Dataset:
        """An instance, with what it has in common with all others; an attribute given as None is left out."""
        return data_set(**(self.study.attributes() | self._attributes(number) | attributes))

    def reference(self, number: int, **attributes: Any) -> Dataset:
        """A reference to one of its instances."""
        return reference(self.sop_class, self.instance_uid(number), **attributes)

    def references(self, numbers: Iterable[int], *, sequence: str = "ReferencedSOPSequence") -> Dataset:
        """An item of a sequence of references by series (PS3.3 Table 10-4)."""
        return data_set(SeriesInstanceUID=self.uid, **{sequence: [self.reference(number) for number in numbers]})

    def _attributes(self, number: int) -> dict[str, Any]:
        """General Series, Frame of Reference, General Equipment and SOP Common modules."""
        day, time = f"{self.study.began:%Y%m%d}", f"{self.study.began:%H%M%S}"
        attributes: dict[str, Any] = {
            "SOPClassUID": self.sop_class,
            "SOPInstanceUID": self.instance_uid(number),
            "InstanceNumber": str(number),
            "InstanceCreationDate": day,
            "InstanceCreationTime": time,
            "ContentDate": day,
            "ContentTime": time,
            "Modality": self.modality,
            "SeriesInstanceUID": self.uid,
            "SeriesNumber": str(self.number),
            "SeriesDate": day,
            "SeriesTime": time,
            "SeriesDescription": self.description,
            "Manufacturer": MANUFACTURER,
            "ManufacturerModelName": self.model,
            "DeviceSerialNumber": "1",
            "SoftwareVersions": "1.0",
            "InstitutionName": INSTITUTION,
            "StationName": f"DEMO{self.modality}",
        }
        if self.body_part:
            attributes["BodyPartExamined"] = self.body_part
        if self.in_frame_of_reference:
            attributes |= {"FrameOfReferenceUID": self.study.frame_of_reference, "PositionReferenceIndicator": ""}
        return attributes
