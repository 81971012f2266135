"""The studies of the demo: what there is of whom, and when it was made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from archive.dicom.demo import people
from archive.dicom.demo.objects import (
    computed_tomography,
    document,
    electrocardiogram,
    key_objects,
    magnetic_resonance,
    mammography,
    measurement_report,
    microscopy,
    positron_emission,
    presentation_state,
    radiography,
    secondary_capture,
    segmentation,
    structure_set,
    ultrasound,
)
from archive.dicom.demo.studies import Patient, Study
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN

JPEG_LS, JPEG_2000, RLE = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.5"
HTJ2K, HTJ2K_RPCL = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202"

#: DICOM files of a study, made while they are taken.
Make = Callable[[Study], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class DemoStudy:
    name: str
    study: Study
    make: Make

    def files(self) -> Iterator[bytes]:
        """Its instances as DICOM files, the same every time on the same day."""
        return self.make(self.study)


def catalogue(today: date, *, coarseness: int = 1) -> list[DemoStudy]:
    """The studies, the oldest first.

    Args:
        coarseness: images have so many times fewer rows, columns and slices.
    """
    return [
        DemoStudy(
            name,
            Study(
                number=number,
                patient=patient,
                description=description,
                began=datetime.combine(today - timedelta(days=days), at),
                referring_physician=people.PHYSICIANS[number % len(people.PHYSICIANS)],
                coarseness=coarseness,
            ),
            make,
        )
        for number, (name, patient, description, days, at, make) in enumerate(_ROWS, 1)
    ]


def names() -> list[str]:
    return [name for name, *_ in _ROWS]


# -- what is in a study ----------------------------------------------------------


def _chest_ct(study: Study) -> Iterator[bytes]:
    """A nodule, and all that is made of a CT when there is one."""
    images, grid = computed_tomography.series(study), computed_tomography.grid(study)
    segments = segmentation.series(study)
    yield from computed_tomography.images(images, grid, HTJ2K)
    yield from segmentation.objects(segments, images, grid)
    yield from structure_set.objects(structure_set.series(study), images, grid)
    yield from measurement_report.objects(measurement_report.series(study), images, segments, grid)
    yield from key_objects.objects(key_objects.series(study), images, grid)
    yield from presentation_state.objects(presentation_state.series(study), images, grid)
    yield from document.objects(document.series(study))
    yield from secondary_capture.images(secondary_capture.series(study), RLE)


def _earlier_chest_ct(study: Study) -> Iterator[bytes]:
    images = computed_tomography.series(study, description="Thorax axial 8 mm")
    grid = computed_tomography.grid(study, slices=31)
    return computed_tomography.images(images, grid, JPEG_LS, nodule_radius=6)


def _pet_ct(study: Study) -> Iterator[bytes]:
    images = computed_tomography.series(study, description="Low dose CT")
    yield from computed_tomography.images(images, computed_tomography.grid(study, cells=256), RLE)
    emission = positron_emission.series(study)
    yield from positron_emission.images(emission, positron_emission.grid(study), EXPLICIT_VR_LITTLE_ENDIAN)


def _screening_ct(study: Study) -> Iterator[bytes]:
    images = computed_tomography.series(study, description="Low dose, 8 mm")
    grid = computed_tomography.grid(study, cells=256, slices=31)
    return computed_tomography.images(images, grid, HTJ2K_RPCL, nodule_radius=1.5)


def _radiograph(study: Study) -> Iterator[bytes]:
    return radiography.images(radiography.series(study), JPEG_2000)


def _computed_radiograph(study: Study) -> Iterator[bytes]:
    return radiography.images(radiography.series(study, digital=False), RLE, inverted=True)


def _head_mr(study: Study) -> Iterator[bytes]:
    grid = magnetic_resonance.grid(study)
    for number, weighting, syntax in ((1, magnetic_resonance.T1, JPEG_2000), (2, magnetic_resonance.T2, JPEG_LS)):
        series = magnetic_resonance.series(study, number, weighting)
        yield from magnetic_resonance.images(series, grid, weighting, syntax)


def _earlier_head_mr(study: Study) -> Iterator[bytes]:
    weighting = magnetic_resonance.T2
    series = magnetic_resonance.series(study, 1, weighting)
    return magnetic_resonance.images(series, magnetic_resonance.grid(study), weighting, EXPLICIT_VR_LITTLE_ENDIAN)


def _echocardiogram(study: Study) -> Iterator[bytes]:
    return ultrasound.images(ultrasound.series(study))


def _electrocardiogram(study: Study) -> Iterator[bytes]:
    return electrocardiogram.objects(electrocardiogram.series(study))


def _mammogram(study: Study) -> Iterator[bytes]:
    return mammography.images(mammography.series(study), JPEG_2000)


def _slide(study: Study) -> Iterator[bytes]:
    return microscopy.images(microscopy.series(study))


#: Name, patient, Study Description, days ago, time of day, and what is in it. A study's number is its place here.
_ROWS: tuple[tuple[str, Patient, str, int, time, Make], ...] = (
    ("chest-ct-earlier", people.ANNE, "CT chest", 58, time(10, 5), _earlier_chest_ct),
    ("head-mr-earlier", people.TARO, "MR head", 41, time(15, 20), _earlier_head_mr),
    ("ecg-earlier", people.HUBERT, "ECG at rest", 33, time(8, 2), _electrocardiogram),
    ("chest-ct-screening", people.XIAODONG, "CT lung screening", 26, time(13, 45), _screening_ct),
    ("chest-cr", people.GEORGIOS, "Chest PA", 19, time(9, 12), _computed_radiograph),
    ("mammogram", people.FATIMA, "Mammography screening", 12, time(11, 30), _mammogram),
    ("chest-dx", people.ANNE, "Chest PA", 9, time(9, 40), _radiograph),
    ("ecg", people.GILDONG, "ECG before surgery", 7, time(7, 55), _electrocardiogram),
    ("chest-ct", people.ANNE, "CT chest with contrast", 6, time(14, 10), _chest_ct),
    ("head-mr", people.TARO, "MR head, follow-up", 4, time(16, 5), _head_mr),
    ("pet-ct", people.ANNE, "PET/CT chest, FDG", 3, time(8, 30), _pet_ct),
    ("biopsy", people.ANNE, "Lung biopsy, histology", 1, time(12, 0), _slide),
    ("echocardiogram", people.MARIA, "Echocardiography", 0, time(7, 40), _echocardiogram),
)
