"""The page of the quick look, and what it tells its scripts."""

import json
import re
from typing import Any

import numpy as np
import pytest
from django.test import Client
from pydicom.uid import BasicTextSRStorage, EncapsulatedPDFStorage, EncapsulatedSTLStorage

from archive.selectors import stack
from archive.storage import StorageUnavailable
from tests import builders
from tests.archive.dicom.rendering.presentation import states
from tests.dicomweb.pictures import cine, flat, image
from tests.storing import StoredFile, stored, stored_study

pytestmark = pytest.mark.django_db


def path(file: StoredFile) -> str:
    return f"/studies/{file.study}/series/{file.series}/look"


def page(client: Client, file: StoredFile, query: str = "") -> str:
    response = client.get(path(file) + query)
    assert response.status_code == 200
    return response.content.decode()


def told(client: Client, file: StoredFile) -> dict[str, Any]:
    found = re.search(r'<script id="look" type="application/json">(.*?)</script>', page(client, file), re.DOTALL)
    return json.loads(found[1])


def windows(client: Client, file: StoredFile, **query: Any) -> Any:
    return client.get(f"{path(file)}/windows", {"instance": file.instance} | query)


# -- the page --------------------------------------------------------------------


def test_the_page_says_who_it_is_and_its_title_and_address_do_not(viewer):
    file = stored(PatientName="Doe^Jane", StudyDescription="Knee")

    text = page(viewer, file)

    assert "<bdi>Doe, Jane</bdi>" in text
    assert "<title>Quick look | Archive</title>" in text


def test_every_series_of_a_study_has_a_quick_look(viewer):
    series = stored_study([2, 1])

    text = viewer.get(f"/studies/{series[0][0].study}").content.decode()

    for file, *_ in series:
        assert f'href="{path(file)}"' in text


def test_the_series_beside_it_are_a_key_away(viewer):
    (first, *_), (second, *_) = stored_study([1, 1])

    assert f'rel="next" href="{path(second)}"' in page(viewer, first)
    assert f'rel="prev" href="{path(first)}"' in page(viewer, second)


def test_a_long_series_has_parts(viewer, monkeypatch):
    monkeypatch.setattr(stack, "MOST_INSTANCES", 2)
    ((first, *_),) = stored_study([5])

    text = page(viewer, first, "?from=3")

    assert "Objects 3 to 4 of 5" in text
    assert 'href="?from=1"' in text
    assert 'href="?from=5"' in text
    assert "Earlier" not in page(viewer, first, "?from=x")


def test_what_is_not_there_is_404_and_who_may_not_see_it_is_told_so(viewer, stranger, client):
    file = stored()

    for series in ("1.2.3", "none"):
        assert viewer.get(f"/studies/{file.study}/series/{series}/look").status_code == 404
    for address in (path(file), f"{path(file)}/windows?instance={file.instance}"):
        assert stranger.get(address).status_code == 403
        assert client.get(address)["Location"].startswith("/login/")
        assert viewer.get(address)["Cache-Control"] == "private, no-store"


# -- what the scripts are told ---------------------------------------------------


def test_images_have_addresses_that_the_archive_answers(viewer):
    file = cine([10, 20], FrameTime=40, WindowCenter=40, WindowWidth=400)

    look = told(viewer, file)

    (entry,) = look["stack"]
    assert look["instances"] == f"{file.series_path}/instances"
    assert {key: entry[key] for key in ("kind", "frames", "several", "columns", "rows", "gray", "times")} == {
        "kind": "image",
        "frames": 2,
        "several": True,
        "columns": 8,
        "rows": 8,
        "gray": True,
        "times": [40],
    }
    assert entry["facts"][0]["windows"] == [["", 40, 400, "linear"]]
    answer = viewer.get(f"{look['instances']}/{entry['uid']}/frames/2/rendered?v={entry['v']}&window=40,400,linear")
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("modality", "names"), [("CT", {"Abdomen", "Lung", "Bone", "Brain", "Mediastinum"}), ("MR", set())]
)
def test_windows_are_those_of_the_modality(viewer, modality, names):
    assert {name for name, *_ in told(viewer, stored(Modality=modality))["presets"]} == names


@pytest.mark.parametrize(
    ("sop_class", "kind"),
    [
        (BasicTextSRStorage, "page"),
        (EncapsulatedPDFStorage, "pdf"),
        (EncapsulatedSTLStorage, "file"),
        ("1.2.840.10008.5.1.4.1.1.104.2", "page"),
        ("1.2.840.10008.5.1.4.1.1.9.1.1", "drawing"),
        ("1.2.840.10008.5.1.4.1.1.481.3", "none"),
    ],
)
def test_what_is_no_image_is_of_another_kind(viewer, sop_class, kind):
    (entry,) = told(viewer, stored(SOPClassUID=sop_class, PixelData=None))["stack"]

    assert entry["kind"] == kind


def test_a_video_is_one(viewer):
    file = stored(builders.encapsulated([bytes(200)]), transfer_syntax="1.2.840.10008.1.2.4.102")

    assert [entry["kind"] for entry in told(viewer, file)["stack"]] == ["video"]


def test_tiles_are_seen_as_one_image(viewer):
    tiled = {"TotalPixelMatrixColumns": 16, "TotalPixelMatrixRows": 8, "DimensionOrganizationType": "TILED_FULL"}
    file = cine([1, 2], **tiled)

    (entry,) = told(viewer, file)["stack"]

    assert (entry["kind"], entry["frames"]) == ("slide", 1)
    assert viewer.get(f"{file.path}/thumbnail?viewport=1024,1024&v={entry['v']}").status_code == 200


def test_images_that_a_presentation_state_shows_have_addresses_that_the_archive_answers(viewer):
    film = states.image(np.zeros((2, 8, 8), np.uint8))
    single = states.image(flat(9), StudyInstanceUID=film.StudyInstanceUID)
    state, *_ = (stored(data_set) for data_set in (states.state_of(film, single), film, single))

    entries = told(viewer, state)["stack"]

    assert [entry["kind"] for entry in entries] == ["presented"] * 3
    for entry in entries:
        assert viewer.get(f"{entry['url']}&rows=64&columns=64")["Content-Type"] == "image/jpeg"


def test_nothing_that_is_stored_ends_the_script_that_it_is_told_in(viewer):
    file = stored(WindowCenter=1, WindowWidth=2, WindowCenterWidthExplanation="</script><b>")

    assert told(viewer, file)["stack"][0]["facts"][0]["windows"][0][0] == "</script><b>"


# -- windows of pixels -----------------------------------------------------------


def test_a_frame_says_by_which_window_it_is_shown_and_which_its_pixels_suggest(viewer):
    values = np.arange(1000, 1064, dtype=np.uint16).reshape(8, 8)
    plain = stored(PixelData=values.tobytes(), RescaleIntercept=-1000, RescaleSlope=1)
    windowed = stored(PixelData=values.tobytes(), WindowCenter=40, WindowWidth=400)

    assert windows(viewer, plain).json()["shown"] == [31.5, 63, "linear-exact"]
    center, width, _ = windows(viewer, plain).json()["contrast"]
    assert (center, width) == (31.5, 63)
    assert windows(viewer, windowed).json()["shown"] == [40, 400, "linear"]


def test_padding_suggests_no_window(viewer):
    values = np.full(64, 60_000, np.uint16)
    values[:8] = range(8)
    some, all_of_it = (
        stored(PixelData=pixels.tobytes(), PixelPaddingValue=60_000)
        for pixels in (values, np.full_like(values, 60_000))
    )

    assert windows(viewer, some).json()["shown"] == [3.5, 7, "linear-exact"]
    assert windows(viewer, all_of_it).status_code == 404


def test_where_there_is_no_window_there_is_none_to_ask_for(viewer):
    gray = cine([1, 2])
    for file, query in (
        (image(np.zeros((8, 8, 3), np.uint8)), {}),
        (stored(PixelData=None, SOPClassUID=BasicTextSRStorage), {}),
        (gray, {"frame": 3}),
        (gray, {"instance": "1.2.3"}),
        (gray, {"instance": "\0"}),
    ):
        assert windows(viewer, file, **query).status_code == 404
    assert windows(viewer, gray, frame=2).status_code == 200


def test_a_blob_that_cannot_be_read_now_is_for_another_time(viewer, monkeypatch):
    def unavailable(*_: Any) -> Any:
        raise StorageUnavailable("away")

    monkeypatch.setattr("archive.selectors.native_frames.NativeFrames.frame", unavailable)

    assert windows(viewer, stored()).status_code == 503
