"""What is said of the nodule is true of the images: where it is, and how large."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from archive.dicom.demo.catalogue import catalogue
from archive.dicom.demo.objects import (
    computed_tomography,
    document,
    measurement_report,
    presentation_state,
    segmentation,
    structure_set,
)
from archive.dicom.demo.phantoms import chest

(STUDY,) = [one.study for one in catalogue(date(2026, 11, 25), coarseness=4) if one.name == "chest-ct"]
IMAGES, GRID, SEGMENTS = computed_tomography.series(STUDY), computed_tomography.grid(STUDY), segmentation.series(STUDY)


def read(files: Iterator[bytes]) -> Dataset:
    (file,) = files
    return dcmread(BytesIO(file))


@pytest.fixture(scope="module")
def mask() -> Dataset:
    return read(segmentation.objects(SEGMENTS, IMAGES, GRID))


def test_the_segment_is_where_the_images_have_soft_tissue(mask):
    frame = mask.PerFrameFunctionalGroupsSequence[0]
    z = np.array([float(frame.PlanePositionSequence[0].ImagePositionPatient[2])], np.float32)
    values = chest.hounsfield(GRID.axis, GRID.axis, z)[0]
    inside = np.atleast_3d(mask.pixel_array.reshape(-1, GRID.cells, GRID.cells))[0].astype(bool)

    assert 2 < inside.sum() < 100
    assert values[inside].mean() > -100
    x, y, _ = chest.NODULE
    middle = [GRID.axis[where].mean() for where in np.nonzero(inside)]
    assert np.allclose(middle, [y, x], atol=GRID.spacing)


def test_each_frame_of_the_segment_lies_in_the_image_that_it_comes_from(mask):
    for frame in mask.PerFrameFunctionalGroupsSequence:
        (image,) = frame.DerivationImageSequence[0].SourceImageSequence
        number = int(image.ReferencedSOPInstanceUID.rpartition(".")[2])

        assert frame.PlanePositionSequence[0].ImagePositionPatient == [float(x) for x in GRID.position(number)]


def test_contours_lie_in_the_planes_of_images():
    structures = read(structure_set.objects(structure_set.series(STUDY), IMAGES, GRID))

    for region in structures.ROIContourSequence:
        for contour in region.ContourSequence:
            number = int(contour.ContourImageSequence[0].ReferencedSOPInstanceUID.rpartition(".")[2])
            corners = np.reshape(contour.ContourData, (-1, 3)).astype(float)

            assert len(corners) == contour.NumberOfContourPoints
            assert np.allclose(corners[:, 2], GRID.height(number), atol=1e-3)


def test_the_measured_axis_is_as_long_as_its_line():
    report = read(
        measurement_report.objects(measurement_report.series(STUDY), IMAGES, SEGMENTS, GRID),
    )
    measured = [item for item in report.iterall() if item.keyword == "GraphicData"]
    lengths = [float(np.hypot(*np.diff(np.reshape(line.value, (2, 2)), axis=0)[0])) * GRID.spacing for line in measured]
    values = [float(item.value) for item in report.iterall() if item.keyword == "NumericValue"]

    assert values[:2] == pytest.approx(lengths, abs=0.1)


def test_the_annotation_is_around_the_nodule():
    state = read(presentation_state.objects(presentation_state.series(STUDY), IMAGES, GRID))
    (circle,) = state.GraphicAnnotationSequence[0].GraphicObjectSequence
    x, y = ((place - GRID.cells / 2) * GRID.spacing for place in circle.GraphicData[:2])

    assert (x, y) == pytest.approx(chest.NODULE[:2], abs=0.01)


def test_the_table_of_the_pdf_says_where_its_objects_are():
    file = document.pdf("Title (draft)", ["One", r"Two \ three"])
    start = int(file.split(b"startxref\n")[1].split(b"\n")[0])
    entries = file[start:].split(b"\n")[2:]

    assert file[start : start + 4] == b"xref"
    for number, entry in enumerate(entries[1:7], 1):
        assert file[int(entry[:10]) :].startswith(f"{number} 0 obj".encode())
    assert rb"(Title \(draft\))" in file
    assert rb"(Two \\ three)" in file
