"""The viewer in a browser: it shows what is stored, asks nobody else for anything, and complains of nothing."""

import re
from io import BytesIO
from struct import pack
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from pydicom import Dataset
from pydicom.uid import generate_uid

from tests.browser.segmented import segmentation
from tests.browser.slides import RED, slide_image
from tests.builders import instance, part10

SIDE, SLICES = 64, 12


@pytest.fixture(scope="module")
def volume(archive) -> list[Dataset]:
    """A stored series of a volume whose slices get brighter, with a segmentation of a square in its middle."""
    common: dict[str, Any] = {
        "StudyInstanceUID": generate_uid(),
        "SeriesInstanceUID": generate_uid(),
        "FrameOfReferenceUID": generate_uid(),
        "PatientID": "VOLUME",
        "SeriesDescription": "Brighter slices",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [1, 1],
        "SliceThickness": 3,
        "RescaleIntercept": 0,
        "RescaleSlope": 1,
        "WindowCenter": 1000,
        "WindowWidth": 2000,
        "Rows": SIDE,
        "Columns": SIDE,
    }
    slices = [
        instance(
            **common,
            InstanceNumber=number + 1,
            ImagePositionPatient=[0, 0, 3 * number],
            PixelData=pack(f"<{SIDE * SIDE}H", *[100 + 150 * number] * (SIDE * SIDE)),
        )
        for number in range(SLICES)
    ]
    assert archive.store(*map(part10, [*slices, segmentation(slices)])).status_code == 200
    return slices


def brightness(page: Page) -> list[float]:
    """The mean brightness of the middle of each image that is shown, 0 to 255."""
    shown = page.locator("canvas.cornerstone-canvas")
    return [_middle(shown.nth(number).screenshot()).mean() for number in range(shown.count())]


def colors(page: Page) -> np.ndarray:
    """The mean red, green and blue of the middle of the image that is shown."""
    return _middle(page.locator("canvas.cornerstone-canvas").first.screenshot()).mean(axis=(0, 1))


def _middle(screenshot: bytes) -> np.ndarray:
    pixels = np.asarray(Image.open(BytesIO(screenshot)).convert("RGB"), dtype=float)
    rows, columns = pixels.shape[0] // 2, pixels.shape[1] // 2
    return pixels[rows - 20 : rows + 20, columns - 20 : columns + 20]


def settled(page: Page, condition, tries: int = 120) -> None:
    """Wait until the condition holds for what is shown."""
    for _ in range(tries):
        if condition():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"not within {tries / 4} seconds: {page.inner_text('body')[:500]}")


def open_study(page: Page, archive, study: str, **query: str) -> None:
    more = "".join(f"&{name}={value}" for name, value in query.items())
    page.goto(f"{archive.root}/viewer/viewer?StudyInstanceUIDs={study}{more}")


def test_a_series_is_shown_and_scrolled_through(page, archive, volume):
    open_study(page, archive, volume[0].StudyInstanceUID)
    settled(page, lambda: any(value > 5 for value in brightness(page)))
    (first,) = brightness(page)
    page.locator("canvas.cornerstone-canvas").hover()
    for _ in range(SLICES - 1):
        page.mouse.wheel(0, 100)
        page.wait_for_timeout(50)
    settled(page, lambda: abs(brightness(page)[0] - first) > 100)
    expect(page.get_by_text("Not for diagnosis")).to_be_visible()


def test_a_volume_is_cut_in_three_planes(page, archive, volume):
    open_study(page, archive, volume[0].StudyInstanceUID, hangingprotocolId="mpr")
    settled(page, lambda: len(brightness(page)) == 3 and min(brightness(page)) > 50)


def test_a_segmentation_is_laid_over_its_images(page, archive, volume):
    open_study(page, archive, volume[0].StudyInstanceUID)
    settled(page, lambda: any(value > 5 for value in brightness(page)))
    page.get_by_text("A square").first.dblclick()
    settled(page, lambda: np.ptp(colors(page)) > 20)
    red, green, blue = colors(page)
    assert red > max(green, blue)


def test_a_length_is_measured(page, archive, volume):
    open_study(page, archive, volume[0].StudyInstanceUID)
    settled(page, lambda: any(value > 5 for value in brightness(page)))
    page.locator("[data-cy=Length]").first.click()
    place = page.locator("canvas.cornerstone-canvas").bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x - 80, y)
    page.mouse.down()
    page.mouse.move(x + 80, y, steps=8)
    page.mouse.up()
    # The volume is 64 mm wide, and as high as the viewport.
    length = 160 * SIDE / min(place["width"], place["height"])
    text = page.locator("svg.svg-layer").get_by_text(re.compile(r"^[\d.]+ mm$")).first
    expect(text).to_be_visible()
    settled(page, lambda: float((text.text_content() or "").split()[0]) == pytest.approx(length, rel=0.05))


def test_what_was_made_of_images_is_shown(page, archive, demo):
    """A document, what was segmented and outlined on the images, and what was measured on them."""
    open_study(page, archive, demo["chest-ct"])
    settled(page, lambda: any(value > 5 for value in brightness(page)))
    pane = page.locator("[data-cy=viewport-pane]")
    assert not reds(page)

    for label, kind in (("Nodule, right upper lobe", "SEG"), ("Structures", "RTSTRUCT")):
        page.get_by_text(label).first.dblclick()
        expect(pane.get_by_text(kind, exact=True)).to_be_visible()
        settled(page, lambda: reds(page))
    page.get_by_text("Measurements", exact=True).first.dblclick()
    expect(pane.get_by_text("SR", exact=True)).to_be_visible()
    settled(page, lambda: any(value > 5 for value in brightness(page)))
    page.get_by_text("Report", exact=True).first.dblclick()
    expect(pane.locator("object[type='application/pdf']")).to_be_visible()


def reds(page: Page) -> bool:
    """Whether something red lies over the image."""
    pixels = np.asarray(Image.open(BytesIO(page.locator("canvas.cornerstone-canvas").screenshot())).convert("RGB"), int)
    middle = pixels[pixels.shape[0] // 5 : -pixels.shape[0] // 5]
    return bool(((middle[..., 0] - middle[..., 1:].max(axis=2)) > 60).sum() > 20)


def test_an_electrocardiogram_is_drawn(page, archive, demo):
    open_study(page, archive, demo["ecg"])
    pane = page.locator("[data-cy=viewport-pane]")
    settled(page, lambda: _middle(pane.screenshot()).std() > 5)


@pytest.mark.parametrize("link", ["Open in the viewer", "Open series 1 in the viewer"])
def test_the_page_of_a_study_leads_to_its_images(page, demo, link):
    page.goto(f"/studies/{demo['head-mr']}")
    page.get_by_role("link", name=link).click()
    settled(page, lambda: any(value > 5 for value in brightness(page)))


def test_a_file_is_uploaded_through_the_viewers_study_list(page, archive):
    dataset = instance(PatientName="Uploaded^In Viewer", PatientID="UPLOADED")
    page.goto(f"{archive.root}/viewer/")
    page.get_by_text("Upload", exact=True).click()
    file = FilePayload(name="image.dcm", mimeType="application/dicom", buffer=part10(dataset))
    page.locator("input[type=file]").first.set_input_files(files=[file])
    expect(page.get_by_text("1 file completed")).to_be_visible()
    with archive.session() as session:
        (found,) = session.get(f"{archive.url}/studies?StudyInstanceUID={dataset.StudyInstanceUID}").json()
    assert found["00100010"]["Value"] == [{"Alphabetic": "Uploaded^In Viewer"}]


def test_a_slide_is_shown_by_the_microscopy_viewer(page, archive):
    slide = slide_image()
    assert archive.store(part10(slide)).status_code == 200
    page.goto(f"{archive.root}/viewer/microscopy?StudyInstanceUIDs={slide.StudyInstanceUID}")
    settled(page, lambda: _is_red(page.screenshot()))


def _is_red(screenshot: bytes) -> bool:
    pixels = np.asarray(Image.open(BytesIO(screenshot)).convert("RGB"), dtype=int)
    return bool((np.abs(pixels - RED).max(axis=2) < 8).mean() > 0.02)


def test_who_is_signed_out_meanwhile_is_asked_to_sign_in(page, watched, archive):
    watched.expects("401")
    page.goto(f"{archive.root}/viewer/")
    expect(page.get_by_text("Study List")).to_be_visible()
    page.context.clear_cookies()
    page.evaluate(
        "() => { const r = new XMLHttpRequest(); r.open('GET', window.config.dataSources[0].configuration.qidoRoot"
        " + '/studies'); r.send(); }"
    )
    page.wait_for_url("**/login/**")
