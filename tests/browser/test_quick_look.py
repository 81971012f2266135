"""The quick look in a browser: what people do changes what they see, and it asks nobody else for anything."""

import re
from collections.abc import Sequence
from io import BytesIO
from struct import pack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, Route, expect
from pydicom import dcmread
from pydicom.uid import BasicTextSRStorage, generate_uid

from tests.archive.dicom.rendering.waveforms.built import ecg_file
from tests.browser.slides import RED, slide_image
from tests.builders import instance, part10

SIDE, SLICES = 64, 12


@pytest.fixture(scope="module")
def series(archive) -> str:
    """Where the quick look of a series is whose slices get brighter, and darker towards the bottom."""
    place: dict[str, Any] = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    slices = [
        instance(
            **place,
            InstanceNumber=number + 1,
            PatientName="Quick^Look",
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            RescaleIntercept=-1000,
            RescaleSlope=1,
            WindowCenter=0,
            WindowWidth=2000,
            WindowCenterWidthExplanation="Wide",
            SliceLocation=3 * number,
            Rows=SIDE,
            Columns=SIDE,
            PixelData=pack(f"<{SIDE * SIDE}H", *[100 + 150 * number - row for row in range(SIDE) for _ in range(SIDE)]),
        )
        for number in range(SLICES)
    ]
    return look_at(archive, *slices)


def look_at(archive, *data_sets) -> str:
    assert archive.store(*map(part10, data_sets)).status_code == 200
    place = data_sets[0]
    return f"{archive.root}/studies/{place.StudyInstanceUID}/series/{place.SeriesInstanceUID}/look"


def pixels(page: Page) -> NDArray[np.float64]:
    return np.asarray(Image.open(BytesIO(page.locator("#stage").screenshot())).convert("RGB"), dtype=float)


def seen(page: Page) -> float:
    """The mean of the middle of the stage, 0 to 255."""
    image = pixels(page)
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    return float(image[rows - 20 : rows + 20, columns - 20 : columns + 20].mean())


def brightness(page: Page) -> float:
    """The same of what is drawn, which takes less time to look at."""
    return page.evaluate(
        """() => {
          const canvas = document.getElementById("canvas");
          const part = [canvas.width / 2 - 20, canvas.height / 2 - 20, 40, 40];
          const { data } = canvas.getContext("2d").getImageData(...part);
          let sum = 0;
          for (let at = 0; at < data.length; at += 4) sum += data[at] + data[at + 1] + data[at + 2];
          return sum / (0.75 * data.length);
        }"""
    )


def settled(page: Page, condition, tries: int = 100) -> None:
    """Wait until the condition holds for what is shown."""
    for _ in range(tries):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not within {tries / 20} seconds: {page.inner_text('body')}")


def opened(page: Page, address: str) -> float:
    """The quick look with its first image there; how bright that is."""
    page.goto(address)
    shown(page)
    return brightness(page)


def shown(page: Page) -> None:
    expect(page.locator("#stage[aria-busy=false]")).to_be_visible()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def drag(page: Page, across: int, down: int) -> None:
    page.locator("#stage").hover()
    page.mouse.down()
    box = page.locator("#stage").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2 + across, box["y"] + box["height"] / 2 + down, steps=5)
    page.mouse.up()


def windows_of(requests: list[str]) -> list[str]:
    return [window for request in requests for window in parse_qs(urlsplit(request).query).get("window", [])]


# -- images ----------------------------------------------------------------------


def test_the_wheel_leads_through_the_series(page, series):
    first = opened(page, series)
    page.locator("#stage").hover()
    for _ in range(SLICES - 1):
        page.mouse.wheel(0, 100)

    expect(page.locator("#count")).to_have_text(f"Image {SLICES} of {SLICES}")
    settled(page, lambda: brightness(page) > first + 100)
    expect(page.locator("#lines")).to_contain_text("Location 33 mm")
    assert page.url.endswith(f"#{SLICES}")


def test_the_slider_leads_through_the_series(page, series):
    first = opened(page, series)
    page.locator("#slider").fill(str(SLICES))

    settled(page, lambda: brightness(page) > first + 100)


def test_an_address_leads_to_its_image(page, series):
    opened(page, f"{series}#7")

    expect(page.locator("#count")).to_have_text(f"Image 7 of {SLICES}")
    assert page.locator("#slider").get_attribute("aria-valuetext") == f"Image 7 of {SLICES}"


def test_it_can_be_used_by_keys_alone(page, series):
    first = opened(page, series)
    for key, image in (("ArrowDown", 2), ("ArrowRight", 3), ("ArrowUp", 2), ("PageDown", 12), ("Home", 1), ("End", 12)):
        page.keyboard.press(key)
        expect(page.locator("#count")).to_have_text(f"Image {image} of {SLICES}")
    settled(page, lambda: brightness(page) > first + 100)
    bright = brightness(page)
    assert abs(seen(page) - bright) < 3
    page.keyboard.press("i")
    settled(page, lambda: abs(seen(page) - (255 - bright)) < 3)
    page.keyboard.press("0")
    settled(page, lambda: abs(brightness(page) - bright) < 1)
    page.keyboard.press("t")
    expect(page.locator(".of-patient")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_focused()
    expect(page.get_by_text("Black and white exchanged")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_neighbors_are_loaded_a_few_at_a_time_and_what_nobody_waits_for_is_given_up(page, series):
    """Nobody answers the first four: that four others are asked for says that those have been given up."""
    held: list[Route] = []
    page.route("**/rendered*", lambda route: held.append(route))  # noqa: PLW0108  Playwright marks what it is given
    page.goto(series)
    settled(page, lambda: len(held) == 4)
    page.wait_for_timeout(200)
    assert len(held) == 4

    page.keyboard.press("End")

    settled(page, lambda: len(held) == 8)
    assert len({route.request.url for route in held}) == 8
    for route in held[4:]:
        route.continue_()
    shown(page)


def test_a_film_plays_and_pauses(page, series):
    opened(page, series)
    count = page.locator("#count")
    page.keyboard.press(" ")
    expect(page.locator("#do-film")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#rate")).to_have_text("10 images a second")
    seen = set()
    settled(page, lambda: seen.add(count.inner_text()) or len(seen) > 5)
    page.keyboard.press(".")
    expect(page.locator("#rate")).to_have_text("20 images a second")
    page.keyboard.press(" ")
    before = count.inner_text()
    page.wait_for_timeout(400)
    assert count.inner_text() == before


# -- windows ---------------------------------------------------------------------


def test_a_drag_changes_the_window_by_small_pictures_until_it_ends(page, series):
    first = opened(page, f"{series}#6")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))

    drag(page, 0, -150)

    settled(page, lambda: brightness(page) > first + 50)
    expect(page.locator("#window")).to_have_text("Window -1000 / 2000")
    pictures = [request for request in requests if "/rendered" in request]
    drafts = [request for request in pictures if "quality=60" in request]
    assert drafts
    assert all("&v=" not in request and "?v=" not in request for request in drafts)
    assert "quality" not in pictures[len(drafts)]
    assert windows_of(pictures)[-1] == "-1000,2000,linear"


def test_windows_can_be_chosen(page, series):
    first = opened(page, f"{series}#6")
    assert page.locator("#choice option").all_inner_texts() == [
        "Default: Wide", "Abdomen", "Lung", "Bone", "Brain", "Mediastinum", "Auto",
    ]  # fmt: skip

    page.select_option("#choice", label="Lung")
    settled(page, lambda: brightness(page) > first + 40)
    expect(page.locator("#window")).to_have_text("Window -600 / 1500")
    page.select_option("#choice", label="Brain")
    settled(page, lambda: brightness(page) < 5)
    page.select_option("#choice", label="Auto")
    settled(page, lambda: 100 < brightness(page) < 160)
    page.keyboard.press("0")
    expect(page.locator("#window")).to_have_text("Window 0 / 2000")
    settled(page, lambda: abs(brightness(page) - first) < 1)


def test_a_window_that_the_pixels_decide_can_be_dragged_too(page, archive):
    values = pack(f"<{SIDE * SIDE}H", *(column * 10 for _ in range(SIDE) for column in range(SIDE)))
    address = look_at(archive, instance(Modality="MR", Rows=SIDE, Columns=SIDE, PixelData=values))
    first = opened(page, address)
    expect(page.locator("#window")).to_have_text("")

    page.keyboard.press("b")

    settled(page, lambda: brightness(page) > first + 20)
    expect(page.locator("#window")).to_have_text("Window 231 / 630")


# -- placement -------------------------------------------------------------------


def test_it_is_enlarged_at_the_pointer_and_moved(page, series):
    opened(page, series)
    whole = page.locator("#zoom").inner_text()
    page.locator("#stage").hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    assert int(page.locator("#zoom").inner_text().split()[0]) > 2 * int(whole.split()[0])
    page.keyboard.press("z")
    expect(page.locator("#zoom")).to_have_text("100 %")
    page.keyboard.press("End")
    settled(page, lambda: brightness(page) > 100)
    middle = brightness(page)
    page.keyboard.press("m")
    drag(page, 200, 0)
    settled(page, lambda: brightness(page) == 0)
    page.keyboard.press("f")
    expect(page.locator("#zoom")).to_have_text(whole)
    settled(page, lambda: abs(brightness(page) - middle) < 3)


def test_letters_turn_with_the_patient(page, series):
    opened(page, series)

    def sides() -> str:
        return "".join(page.locator(f"#side-{side}").inner_text() for side in ("top", "right", "bottom", "left"))

    assert sides() == "ALPR"
    for key, expected in (("r", "RALP"), ("h", "RPLA"), ("v", "LPRA"), ("0", "ALPR"), ("h", "ARPL"), ("v", "PRAL")):
        page.keyboard.press(key)
        assert sides() == expected, key


def test_letters_are_where_the_pixels_go(page, archive, series):
    """Through every order of turns and flips: the side that a letter is written at is the one that its edge is at."""
    page.goto(series)
    mistakes = page.evaluate(
        """async (root) => {
          const at = await import(`${root}/static/js/quicklook/placement.js`);
          const changes = [at.turned, at.flippedAcross, at.flippedDown];
          const edges = { A: [32, 0], L: [64, 32], P: [32, 64], R: [0, 32] };
          const [image, stage] = [{ width: 64, height: 64 }, { width: 200, height: 200 }];
          const mistakes = [];
          for (let order = 0; order < 3 ** 5; order += 1) {
            let placement = { ...at.UPRIGHT, ...at.FITTED };
            for (let rest = order, step = 0; step < 5; rest = Math.floor(rest / 3), step += 1) {
              placement = changes[rest % 3](placement);
            }
            const sides = at.sidesOf(placement, ["L", "P"]);
            for (const [letter, [x, y]] of Object.entries(edges)) {
              const point = at.matrixOf(placement, image, stage).transformPoint({ x, y });
              const side = point.y < 50 ? 0 : point.x > 150 ? 1 : point.y > 150 ? 2 : 3;
              if (sides[side] !== letter) mistakes.push([order, letter]);
            }
          }
          return mistakes;
        }""",
        archive.root,
    )
    assert mistakes == []


# -- other kinds -----------------------------------------------------------------


def test_a_slide_is_seen_as_a_whole(page, archive):
    opened(page, look_at(archive, slide_image()))

    settled(page, lambda: bool((np.abs(pixels(page) - RED).max(axis=2) < 8).mean() > 0.3))


def test_a_report_is_read_in_a_frame_that_runs_nothing(page, archive):
    title = instance(CodeValue="1", CodingSchemeDesignator="99TEST", CodeMeaning="Findings").group_dataset(8)
    report = instance(
        SOPClassUID=BasicTextSRStorage,
        Modality="SR",
        PixelData=None,
        ValueType="CONTAINER",
        ContinuityOfContent="SEPARATE",
        CompletionFlag="COMPLETE",
        VerificationFlag="UNVERIFIED",
        ConceptNameCodeSequence=[title],
    )
    page.goto(look_at(archive, report))

    frame = page.locator("#other iframe")
    expect(frame).to_have_attribute("sandbox", "")
    expect(page.get_by_role("toolbar")).to_be_hidden()
    expect(page.frame_locator("#other iframe").locator("body")).to_contain_text("Findings")


def test_a_waveform_is_seen_as_a_whole(page, archive):
    recording = dcmread(ecg_file())
    assert archive.store(part10(recording)).status_code == 200
    place = f"studies/{recording.StudyInstanceUID}/series/{recording.SeriesInstanceUID}/look"
    page.goto(f"{archive.root}/{place}")

    drawing = page.locator("#other img")
    expect(drawing).to_have_js_property("complete", True)
    assert drawing.evaluate("image => image.naturalWidth") > 0
    assert drawing.bounding_box() == page.locator("#stage").bounding_box()
    expect(page.locator("#other a")).to_have_attribute("href", re.compile(r"accept=image%2Fsvg%2Bxml$"))


def test_what_cannot_be_shown_says_so(page, watched, archive):
    watched.expects("406")
    dataset = instance(PhotometricInterpretation="HSV", SamplesPerPixel=3, BitsAllocated=8, PixelData=bytes(192))
    page.goto(look_at(archive, dataset))

    expect(page.locator("#problem")).to_have_text("There is no way to show this image.")


# -- telephones and readers of screens -------------------------------------------


def test_it_fits_a_telephone_and_fingers_lead_through_it(new_window, series):
    page = new_window(viewport={"width": 360, "height": 640}, has_touch=True)
    opened(page, series)

    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator("[data-do=reset]").bounding_box()["x"] < 320
    touch(page, [[(180, 150 + 10 * step)] for step in range(6)])
    expect(page.locator("#count")).to_have_text(f"Image 4 of {SLICES}")
    touch(page, [[(150, 250 - 10 * step), (210, 250 - 10 * step)] for step in range(6)])
    expect(page.locator("#window")).to_have_text(re.compile(r"Window -\d+ / 2000"))
    before = page.locator("#zoom").inner_text()
    touch(page, [[(170 - 10 * step, 200), (190 + 10 * step, 200)] for step in range(6)])
    expect(page.locator("#zoom")).not_to_have_text(before)
    assert page.locator("#count").inner_text() == f"Image 4 of {SLICES}"


def touch(page: Page, steps: Sequence[Sequence[tuple[int, int]]]) -> None:
    """Where fingers are, step by step."""
    session = page.context.new_cdp_session(page)
    for kind, fingers in [("Start", steps[0]), *(("Move", step) for step in steps[1:]), ("End", [])]:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})


def test_everything_that_can_be_pressed_has_a_name(page, series):
    opened(page, series)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, a, select, input, canvas, main, iframe")]
             .filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim() || one.labels?.length))
             .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    expect(page.locator("#announcement")).to_have_text(f"Image 1 of {SLICES}. Window 0 / 2000")
    assert "Location 0 mm" in page.locator("#canvas").get_attribute("aria-label")
