"""Any number of small studies, one image each: for lists, searches and pages as long as those of a hospital."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from random import Random

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import SecondaryCaptureImageStorage

from archive.dicom.demo.data_sets import part10
from archive.dicom.demo.identifiers import SMALL_STUDIES, uid
from archive.dicom.demo.people import FAMILIES, GIVEN, PHYSICIANS
from archive.dicom.demo.pixels import set_gray
from archive.dicom.demo.studies import Patient, Series, Study

_SIZE = 32
#: Over so many days, more of them recent.
_DAYS = 730
#: Each patient has so many studies, more or less.
_STUDIES_OF_A_PATIENT = 3

#: Modality, Study Description, and Body Part Examined. None is of the right or the left.
_EXAMINATIONS = (
    ("CR", "Chest PA", "CHEST"),
    ("CR", "Cervical spine", "CSPINE"),
    ("DX", "Pelvis AP", "PELVIS"),
    ("CT", "CT abdomen", "ABDOMEN"),
    ("CT", "CT head", "HEAD"),
    ("MR", "MR pelvis", "PELVIS"),
    ("MR", "MR lumbar spine", "LSPINE"),
    ("US", "US abdomen", "ABDOMEN"),
    ("US", "US thyroid", "THYROID"),
    ("NM", "Bone scan", "WHOLEBODY"),
    ("XA", "Coronary angiography", "HEART"),
    ("RF", "Barium swallow", "ESOPHAGUS"),
)


@dataclass(frozen=True, slots=True)
class SmallStudy:
    """Counted from 1; the same whatever others there are."""

    number: int
    today: date

    @property
    def uid(self) -> str:
        return uid(SMALL_STUDIES, self.number)

    def file(self) -> bytes:
        """Its one instance as a DICOM file."""
        random = Random(self.number)  # noqa: S311  nothing is secret about it
        modality, description, body_part = random.choice(_EXAMINATIONS)
        began = datetime.combine(self.today - timedelta(days=int(_DAYS * random.random() ** 2)), _time(random))
        study = Study(
            number=self.number,
            patient=_patient(Random(self.number // _STUDIES_OF_A_PATIENT), self.number // _STUDIES_OF_A_PATIENT),  # noqa: S311
            description=description,
            began=began,
            referring_physician=random.choice(PHYSICIANS),
        )
        series = Series(
            study=study,
            number=1,
            modality=modality,
            sop_class=SecondaryCaptureImageStorage,
            description=description,
            body_part=body_part,
        )
        image = series.instance(
            1,
            StudyInstanceUID=self.uid,
            SeriesInstanceUID=f"{self.uid}.1",
            SOPInstanceUID=f"{self.uid}.1.1",
            AccessionNumber=f"S{self.number:07d}",
            ImageType=["DERIVED", "SECONDARY"],
            ConversionType="SYN",
            PatientOrientation="",
        )
        set_gray(image, [_picture(self.number % 16)])
        return part10(image)


def small_studies(count: int, today: date) -> Iterator[SmallStudy]:
    return (SmallStudy(number, today) for number in range(1, count + 1))


def _patient(random: Random, number: int) -> Patient:
    sex = random.choice("FM")
    born = date(1930, 1, 1) + timedelta(days=random.randrange(30_000))
    name = f"{random.choice(FAMILIES)}^{random.choice(GIVEN[sex])}"
    return Patient(f"S-{number:06d}", name, born, sex, "ISO_IR 192")


def _time(random: Random) -> time:
    return time(random.randrange(7, 19), random.randrange(60), random.randrange(60))


@lru_cache(maxsize=16)
def _picture(kind: int) -> NDArray[np.uint8]:
    """A disc on a ramp."""
    places = np.linspace(-1, 1, _SIZE)
    distance = np.hypot(places[:, None], places[None, :] + (kind % 4 - 1.5) / 4)
    return np.where(distance < 0.3 + kind / 32, 220, 90 + 60 * places[:, None]).astype(np.uint8)
