"""Real files go in and come out again, over a socket, with the client that Python programs use."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import requests
from dicomweb_client import DICOMwebClient
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

from tests.builders import instance, multipart, part10
from tests.flows.files import IMAGES, UNDECODABLE, frames_of, native_frames_of, path_of, uids
from tests.live_archive import LiveArchive

AS_STORED = (("application/dicom", "*"),)
NEVER_SENT = {ImplicitVRLittleEndian, ExplicitVRBigEndian}

#: What pydicom says of values in old files.
pytestmark = pytest.mark.filterwarnings("ignore:Invalid value for VR")


def in_pieces(data: bytes, size: int = 1000) -> Iterator[bytes]:
    """A body without a length: `requests` sends it in the chunked transfer coding."""
    return (data[start : start + size] for start in range(0, len(data), size))


def retrieve(session: requests.Session, archive: LiveArchive, dataset: Dataset) -> bytes:
    study, series, sop_instance = uids(dataset)
    url = f"{archive.url}/studies/{study}/series/{series}/instances/{sop_instance}"
    response = session.get(url, headers={"Accept": "application/dicom; transfer-syntax=*"})
    assert response.status_code == 200
    return response.content


def assert_the_same(answered: Dataset, dataset: Dataset) -> None:
    """In Explicit VR Little Endian, if the other one is never sent; without group lengths then."""
    if dataset.file_meta.TransferSyntaxUID not in NEVER_SENT:
        assert answered == dataset
        assert answered.file_meta == dataset.file_meta
        return
    assert answered.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    for element in dataset:
        if element.keyword == "PixelData":
            assert (answered.pixel_array == dataset.pixel_array).all()
        elif element.tag.element:
            assert answered[element.tag].value == element.value, element.tag


def store(archive: LiveArchive, path: Path) -> Dataset:
    assert archive.store(path.read_bytes()).status_code == 200
    return dcmread(path)


@pytest.mark.parametrize("several_parts", [True, False], ids=["STOW-03-multipart", "STOW-06-single-part"])
@pytest.mark.parametrize("chunked", [True, False], ids=["STOW-12-chunked", "STOW-12-with-length"])
def test_a_file_comes_back_byte_for_byte_however_it_was_sent(
    archive: LiveArchive, session: requests.Session, several_parts: bool, chunked: bool
) -> None:
    dataset = instance()
    sent = part10(dataset)
    body, content_type = multipart([sent]) if several_parts else (sent, "application/dicom")
    answer = session.post(
        f"{archive.url}/studies", data=in_pieces(body) if chunked else body, headers={"Content-Type": content_type}
    )
    assert answer.status_code == 200
    assert retrieve(session, archive, dataset) == sent


def test_every_file_comes_back_byte_for_byte(archive: LiveArchive, session: requests.Session, file: Path) -> None:
    """WADO-25; but what is stored in implicit VR or big endian is never sent so (WADO-07)."""
    dataset = store(archive, file)
    retrieved = retrieve(session, archive, dataset)
    if dataset.file_meta.TransferSyntaxUID in NEVER_SENT:
        assert_the_same(dcmread(BytesIO(retrieved)), dataset)
    else:
        assert retrieved == file.read_bytes()


@pytest.mark.parametrize("chunk_size", [1000, 10**6], ids=["STOW-12-chunked", "STOW-12-with-length"])
def test_the_client_stores_and_finds_what_it_stored(
    archive: LiveArchive, session: requests.Session, chunk_size: int
) -> None:
    """QIDO-95: what has been answered is found at once."""
    client = DICOMwebClient(archive.url, session=session, chunk_size=chunk_size)
    patient, study, series = generate_uid(), generate_uid(), generate_uid()
    parts = [
        dcmread(BytesIO(part10(instance(PatientID=patient, StudyInstanceUID=study, SeriesInstanceUID=series))))
        for _ in range(3)
    ]
    answer = client.store_instances(parts)
    stored = {item.ReferencedSOPInstanceUID for item in answer.ReferencedSOPSequence}
    assert stored == {part.SOPInstanceUID for part in parts}

    (found,) = client.search_for_studies(search_filters={"PatientID": patient})
    assert Dataset.from_json(found).StudyInstanceUID == study
    assert Dataset.from_json(found).NumberOfStudyRelatedInstances == 3
    (found,) = client.search_for_series(study)
    assert Dataset.from_json(found).SeriesInstanceUID == series
    instances = [Dataset.from_json(found) for found in client.search_for_instances(study, series)]
    assert {one.SOPInstanceUID for one in instances} == stored


@pytest.mark.parametrize("level", ["WADO-01-study", "WADO-02-series", "WADO-03-instance"])
def test_the_client_retrieves_the_data_set_that_was_stored(
    archive: LiveArchive, client: DICOMwebClient, file: Path, level: str
) -> None:
    dataset = store(archive, file)
    study, series, sop_instance = uids(dataset)
    match level:
        case "WADO-01-study":
            answered = client.retrieve_study(study, media_types=AS_STORED)
        case "WADO-02-series":
            answered = client.retrieve_series(study, series, media_types=AS_STORED)
        case _:
            answered = [client.retrieve_instance(study, series, sop_instance, media_types=AS_STORED)]
    (answered,) = [one for one in answered if one.SOPInstanceUID == sop_instance]
    assert_the_same(answered, dataset)


@pytest.mark.parametrize("image", sorted(set(IMAGES) - {UNDECODABLE}))
def test_the_client_retrieves_images_that_are_not_compressed_whatever_they_were(
    archive: LiveArchive, client: DICOMwebClient, image: str
) -> None:
    """WADO-05"""
    path = path_of(image)
    dataset = store(archive, path)
    answered = client.retrieve_instance(*uids(dataset), media_types=("application/dicom",))
    assert answered.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert answered.PixelData.rstrip(b"\0") == b"".join(native_frames_of(path)).rstrip(b"\0")


def test_a_study_comes_back_with_all_its_instances_and_a_series_with_its_own(
    archive: LiveArchive, client: DICOMwebClient
) -> None:
    """WADO-01, WADO-02"""
    study, first, second = generate_uid(), generate_uid(), generate_uid()
    parts = [instance(StudyInstanceUID=study, SeriesInstanceUID=series) for series in (first, first, second)]
    assert archive.store(*map(part10, parts)).status_code == 200
    assert {one.SOPInstanceUID for one in client.retrieve_study(study)} == {one.SOPInstanceUID for one in parts}
    assert [one.SOPInstanceUID for one in client.retrieve_series(study, second)] == [parts[2].SOPInstanceUID]


def test_metadata_has_every_attribute_and_its_bulk_data_every_byte(
    archive: LiveArchive, client: DICOMwebClient, file: Path
) -> None:
    """META-04, META-09, META-10, WADO-60: metadata with its bulk data put in again is the data set that was stored."""
    dataset = store(archive, file)

    def bulk_data(tag: str, vr: str, uri: str) -> bytes:
        media_types = (
            ("image/jpeg", "*"),
            ("image/jp2", "*"),
            ("image/dicom-rle", "*"),
            ("application/octet-stream", "*"),
        )
        return b"".join(client.retrieve_bulkdata(uri, media_types=media_types))

    metadata = client.retrieve_instance_metadata(*uids(dataset))
    answered = Dataset.from_json(metadata, bulk_data_uri_handler=bulk_data)
    wanted = [element for element in dataset if element.tag.element != 0]  # META-06: no group lengths
    assert [element.tag for element in answered] == [element.tag for element in wanted]
    for element in wanted:
        if element.keyword == "PixelData" and dataset.file_meta.TransferSyntaxUID.is_encapsulated:
            assert answered.PixelData == b"".join(frames_of(file))
        elif element.keyword != "SpecificCharacterSet":  # DICOM JSON is in UTF-8, whatever the file is in
            assert answered[element.tag].value == element.value, element.tag


def test_the_client_retrieves_each_frame(archive: LiveArchive, client: DICOMwebClient, image: Path) -> None:
    """WADO-40 to WADO-42"""
    dataset = store(archive, image)
    frames = frames_of(image)
    numbers = range(1, len(frames) + 1)
    assert client.retrieve_instance_frames(*uids(dataset), numbers, media_types=(("*/*", "*"),)) == frames


@pytest.mark.parametrize("image", sorted(set(IMAGES) - {UNDECODABLE}))
def test_the_client_retrieves_each_frame_decoded_when_it_asks_for_nothing(
    archive: LiveArchive, client: DICOMwebClient, image: str
) -> None:
    """WADO-16, NEG-03"""
    path = path_of(image)
    dataset = store(archive, path)
    frames = native_frames_of(path)
    assert client.retrieve_instance_frames(*uids(dataset), range(1, len(frames) + 1)) == frames
