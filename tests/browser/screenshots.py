"""The pictures in the README, of the demo: `make screenshots`. The names on them need fonts of many scripts."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright
from pydicom.uid import generate_uid

from archive.dicom.demo.identifiers import STUDIES, uid
from tests.browser.conftest import CHROMIUM, FLAGS, PASSWORD
from tests.builders import instance, part10
from tests.live_archive import LiveArchive, live_archive
from tests.project import PROJECT

FOLDER = PROJECT / "docs" / "screenshots"
WIDTH, HEIGHT = 1280, 800
#: Colors of a picture; fewer make it smaller.
COLORS = 128
#: Bytes of a picture: the README has seven.
MOST = 200_000

#: A chest CT with everything that is made of one, by its place in the demo's catalogue.
CHEST = 9
STUDY = f"/studies/{uid(STUDIES, CHEST)}"
VIEWER = f"/viewer/viewer?StudyInstanceUIDs={uid(STUDIES, CHEST)}&SeriesInstanceUIDs={uid(STUDIES, CHEST, 2)}"

#: As if the studies had come when they were made, and not all just now.
SPREAD = """
from datetime import datetime, UTC
from archive.models import Study
for study in Study.objects.only("study_date", "study_time"):
    at = datetime.strptime(study.study_date + study.study_time[:6], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    Study.objects.filter(pk=study.pk).update(created_at=at, last_instance_at=at)
"""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: the page, and what is done on it before."""

    name: str
    path: str
    act: Callable[[Page], None] = lambda page: None
    theme: str = "dark"


def _open_series(page: Page) -> None:
    page.locator("tbody.study", has_text="PET/CT chest").get_by_label("Series").click()
    expect(page.locator(".series-strip img").last).to_be_visible()


def _to_the_heart(page: Page) -> None:
    page.locator("#slider").fill("38")
    expect(page.locator("#stage")).to_have_attribute("aria-busy", "false")
    page.locator("#choice").select_option(label="Lung")


def _to_the_heart_in_the_viewer(page: Page) -> None:
    page.locator("canvas").first.wait_for()
    page.wait_for_timeout(10_000)
    page.mouse.move(WIDTH / 2, HEIGHT / 2)
    for _ in range(24):
        page.mouse.wheel(0, 100)
        page.wait_for_timeout(100)


def _upload(page: Page) -> None:
    study = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid(), "PatientName": "Doe^Jane"}
    files = [(f"IM{number:06d}", part10(instance(**study, InstanceNumber=number))) for number in range(1, 25)]
    files += [("IM000025", files[0][1][:600]), ("AUTORUN.INF", b"[autorun]")]
    page.locator("[data-files]").set_input_files(
        [FilePayload(name=name, mimeType="", buffer=content) for name, content in files]
    )
    expect(page.locator("[data-state]")).to_contain_text("Finished")


SHOTS = (
    Shot("study-list", "/", _open_series),
    Shot("study", STUDY),
    Shot("viewer", VIEWER, _to_the_heart_in_the_viewer),
    Shot("quick-look", f"{STUDY}/series/{uid(STUDIES, CHEST, 2)}/look", _to_the_heart),
    Shot("worklist", "/worklist/?state=all"),
    Shot("upload", "/upload/", _upload, theme="light"),
    Shot("dashboard", "/admin/"),
)


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        live_archive(Path(folder), embedded=True, background=True, DJANGO_SUPERUSER_PASSWORD=PASSWORD) as archive,
        sync_playwright() as playwright,
    ):
        archive.manage("fetch_viewer")
        archive.manage("createsuperuser", "--noinput", "--username=reader", "--email=reader@example.org")
        archive.manage("seed_demo", "--scale=30", "--no-progress")
        archive.manage("build_derived")
        archive.manage("shell", "-c", SPREAD)
        with playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser:
            FOLDER.mkdir(exist_ok=True)
            for shot in SHOTS:
                _take(browser, archive, shot)


def _take(browser: Browser, archive: LiveArchive, shot: Shot) -> None:
    with browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce") as context:
        context.add_init_script(f"localStorage.setItem('theme', '{shot.theme}')")
        page = context.new_page()
        page.goto(archive.root)
        page.get_by_label("Username").fill("reader")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"{archive.root}{shot.path}")
        shot.act(page)
        page.wait_for_load_state("networkidle")
        page.mouse.move(0, 0)
        page.wait_for_timeout(500)
        _keep(page.screenshot(), shot.name)


def _keep(screenshot: bytes, name: str) -> None:
    picture = Image.open(BytesIO(screenshot)).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    file = FOLDER / f"{name}.png"
    picture.save(file, optimize=True)
    if file.stat().st_size > MOST:
        raise SystemExit(f"{file.name} has more than {MOST} bytes: fewer colors make it smaller")


if __name__ == "__main__":
    main()
