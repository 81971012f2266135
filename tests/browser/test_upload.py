"""Uploads in a browser: what is sent and what is not, what people are told of it, and how it goes on after a break."""

import re
import zipfile
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, expect
from pydicom.uid import generate_uid

from tests.builders import instance, part10

STORE = "**/dicom-web/studies"

#: A folder picker that gives the folder `scan` of the origin's own file system, whose handles need no permission.
PICKER = (
    """window.showDirectoryPicker = async () => (await navigator.storage.getDirectory()).getDirectoryHandle("scan")"""
)

WRITE_SCAN = """async (files) => {
  const scan = await (await navigator.storage.getDirectory()).getDirectoryHandle("scan", { create: true });
  for (const [name, bytes] of files) {
    const writable = await (await scan.getFileHandle(name, { create: true })).createWritable();
    await writable.write(Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)));
    await writable.close();
  }
}"""


RESULTS = """() => Object.fromEntries([...document.querySelectorAll("[data-list] li")].map((line) => [
  line.querySelector(".path").textContent,
  `${line.closest("[data-list]").dataset.list}: ${line.querySelector(".aside").textContent}`,
]))"""


def images(number: int, **elements: object) -> list[bytes]:
    """So many files of a study of their own."""
    common = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()} | elements
    return [part10(instance(**common, InstanceNumber=place + 1)) for place in range(number)]


def payloads(*files: bytes) -> list[FilePayload]:
    return [FilePayload(name=f"{n}.dcm", mimeType="", buffer=content) for n, content in enumerate(files, 1)]


def folder(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / "scan" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root / "scan"


def zipped(files: dict[str, bytes]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def state(page: Page) -> Locator:
    return page.locator("[data-state]")


def results(page: Page) -> dict[str, str]:
    """What the page says became of each file: the result, and the reason."""
    return page.evaluate(RESULTS)


def finished(page: Page) -> None:
    expect(state(page)).to_contain_text("Finished")
    expect(page.locator("[data-studies] a, [data-list=skipped]").first).to_be_visible()


@pytest.fixture
def upload(page: Page, archive) -> Page:
    """The upload page, in a browser that gives no handles."""
    page.add_init_script("delete window.showDirectoryPicker; delete window.showOpenFilePicker")
    page.goto(f"{archive.root}/upload/")
    return page


@pytest.fixture
def sent(upload: Page) -> list[str]:
    """Every store request from now on."""
    requests: list[str] = []
    upload.on(
        "request", lambda request: requests.append(request.url) if request.url.endswith("/dicom-web/studies") else None
    )
    return requests


def test_a_folder_is_uploaded_and_each_file_has_its_result(upload, watched, archive, tmp_path):
    watched.expects("409")
    one, two, three = images(3, PatientName="Uploaded^Folder", PatientID="FOLDER")
    (other_content,) = images(1)
    stored_before = instance()
    assert archive.store(part10(stored_before)).status_code == 200
    stored_before.PatientName = "Other^Content"
    files = {
        "a/1": one,
        "a/2": two,
        "b.zip": zipped({"deep/3": three, "readme.txt": b"Read me"}),
        "damaged": other_content[:400],
        "damaged copy of 1": one[:600],
        "other": part10(stored_before),
        "autorun.inf": b"[autorun]",
        "nothing": b"",
    }

    upload.locator("[data-folder]").set_input_files(folder(tmp_path, files))

    expect(state(upload)).to_have_text("Finished: 3 files were not stored")
    expect(upload.locator("[data-studies]")).to_contain_text("Uploaded, Folder")
    assert results(upload) == {
        "scan/a/1": f"stored: {len(one)} bytes",
        "scan/a/2": f"stored: {len(two)} bytes",
        "scan/b.zip/deep/3": f"stored: {len(three)} bytes",
        "scan/b.zip/readme.txt": "skipped: It is not DICOM.",
        "scan/damaged": "refused: It is damaged, or not all there: the archive cannot read it.",
        "scan/damaged copy of 1": "refused: It is damaged, or not all there: the archive cannot read it.",
        "scan/other": "refused: Other content is stored under its identifier. What is stored has been kept.",
        "scan/autorun.inf": "skipped: It is not DICOM.",
        "scan/nothing": "skipped: It is not DICOM.",
    }


def test_what_the_archive_has_is_not_sent(upload, sent, archive):
    before = images(2)
    archive.store(*before)

    upload.locator("[data-files]").set_input_files(payloads(*before, before[0]))

    expect(state(upload)).to_have_text("Finished: all of it is in the archive")
    assert set(results(upload).values()) == {"known: "}
    assert len(results(upload)) == 3
    assert sent == []


def test_files_go_in_few_requests(upload, sent):
    upload.locator("[data-files]").set_input_files(payloads(*images(45)))

    expect(state(upload)).to_have_text("Finished: all of it is in the archive")
    assert len(sent) == 3
    expect(upload.locator("[data-numbers]")).to_contain_text("45 of 45 files")


def test_an_upload_is_cancelled_and_gone_on_with(upload, sent):
    held: list[Route] = []
    upload.route(STORE, lambda route: held.append(route))  # noqa: PLW0108
    upload.locator("[data-files]").set_input_files(payloads(*images(3)))
    expect(upload.get_by_role("button", name="Cancel")).to_be_visible()
    upload.wait_for_timeout(300)
    assert len(held) == 1

    upload.get_by_role("button", name="Cancel").click()
    expect(state(upload)).to_have_text("Cancelled")
    expect(upload.locator("[data-numbers]")).to_contain_text("0 of 3 files")
    upload.unroute(STORE)

    upload.get_by_role("button", name="Go on").click()
    expect(state(upload)).to_have_text("Finished: all of it is in the archive")
    assert len(sent) == 2


def test_an_upload_waits_for_an_archive_that_does_not_answer(upload, watched):
    watched.expects("ERR_FAILED")
    upload.route(re.compile("dicom-web|/upload/$"), lambda route: route.abort())

    upload.locator("[data-files]").set_input_files(payloads(*images(2)))
    expect(state(upload)).to_contain_text("does not answer")
    upload.unroute_all()

    expect(state(upload)).to_have_text("Finished: all of it is in the archive")


def test_what_has_failed_is_sent_again(upload, watched):
    watched.expects("ERR_FAILED")
    upload.route(STORE, lambda route: route.abort())
    upload.locator("[data-files]").set_input_files(payloads(*images(1)))
    expect(state(upload)).to_have_text("Finished: 1 file was not stored", timeout=20_000)
    assert results(upload) == {"1.dcm": "failed: The connection broke off each time that it was sent."}

    upload.unroute_all()
    upload.get_by_role("button", name="Retry 1 failed file").click()

    expect(state(upload)).to_have_text("Finished: all of it is in the archive")
    assert list(results(upload)) == ["1.dcm"]


def test_who_is_signed_out_meanwhile_signs_in_and_goes_on(upload, watched, signed_in, archive):
    watched.expects("401")
    upload.route("**/upload/known", lambda route: (upload.context.clear_cookies(name="sessionid"), route.continue_()))
    upload.locator("[data-files]").set_input_files(payloads(*images(1)))
    expect(upload.get_by_role("link", name="Sign in in another window")).to_be_visible()

    upload.unroute_all()
    upload.context.add_cookies([{"name": "sessionid", "value": signed_in, "url": archive.root}])
    upload.get_by_role("button", name="Go on").click()

    expect(state(upload)).to_have_text("Finished: all of it is in the archive")


def test_leaving_the_page_is_warned_of_while_files_are_sent(upload):
    leaves = "() => dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert upload.evaluate(leaves)
    upload.route(STORE, lambda route: None)
    upload.locator("[data-files]").set_input_files(payloads(*images(1)))
    expect(state(upload)).to_have_text("Uploading")
    assert not upload.evaluate(leaves)
    upload.get_by_role("button", name="Cancel").click()
    upload.wait_for_function(leaves)


def test_an_upload_goes_on_after_the_page_was_loaded_again(page, archive):
    page.on("dialog", lambda dialog: dialog.accept())
    page.add_init_script(PICKER)
    page.goto(f"{archive.root}/upload/")
    page.evaluate(WRITE_SCAN, [[f"{n}.dcm", b64encode(content).decode()] for n, content in enumerate(images(3), 1)])
    page.route(STORE, lambda route: None)
    page.get_by_role("button", name="Choose a folder").click()
    expect(state(page)).to_have_text("Uploading")
    receipt = page.get_by_role("link", name="Receipt").get_attribute("href")

    page.reload()
    page.unroute_all()
    expect(page.locator("[data-unfinished]")).to_contain_text("An upload was interrupted: scan.")
    page.get_by_role("button", name="Go on").click()

    expect(state(page)).to_have_text("Finished: all of it is in the archive")
    assert page.get_by_role("link", name="Receipt").get_attribute("href") == receipt
    expect(page.locator("[data-studies] a").first).to_be_visible()
    page.reload()
    expect(page.locator("[data-unfinished]")).to_be_hidden()


def test_without_handles_people_are_told_what_to_choose_again(upload, sent, tmp_path):
    scan = folder(tmp_path, {f"{n}": content for n, content in enumerate(images(21), 1)})
    upload.on("dialog", lambda dialog: dialog.accept())
    held: list[Route] = []

    def second(route: Route) -> None:
        held.append(route)
        if len(held) == 1:
            route.continue_()

    upload.route(STORE, second)
    with upload.expect_response(lambda response: "/upload/receipts/" in response.url):
        upload.locator("[data-folder]").set_input_files(scan)
    expect(upload.locator("[data-numbers]")).to_contain_text("20 of 21 files")
    receipt = upload.get_by_role("link", name="Receipt").get_attribute("href")

    upload.reload()
    upload.unroute_all()
    expect(upload.locator("[data-unfinished]")).to_contain_text("Choose the same again, scan:")
    sent.clear()
    upload.locator("[data-folder]").set_input_files(scan)

    expect(state(upload)).to_have_text("Finished: all of it is in the archive")
    assert len(sent) == 1
    expect(upload.locator("[data-studies] a")).to_be_visible()
    upload.goto(upload.url.removesuffix("/upload/") + receipt)
    expect(upload.get_by_role("link", name="Stored 21")).to_be_visible()


def test_a_folder_is_dropped_anywhere_on_the_list_of_studies(page, archive, tmp_path):
    files = dict(zip("ab", images(2, PatientName="Dropped^Folder", PatientID="DROPPED"), strict=True))
    scan = folder(tmp_path, files)
    page.goto(f"{archive.root}/")
    expect(page.locator("[data-upload]")).to_be_hidden()

    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(scan)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 500, "data": data})
    expect(page.get_by_text("Drop to upload")).to_be_visible()
    devtools.send("Input.dispatchDragEvent", {"type": "drop", "x": 300, "y": 500, "data": data})

    expect(state(page)).to_have_text("Finished: all of it is in the archive")
    assert set(results(page)) == {"scan/a", "scan/b"}
    expect(page.get_by_text("Drop to upload")).to_be_hidden()


def test_everything_is_within_reach_on_a_telephone_and_by_keyboard(upload):
    upload.set_viewport_size({"width": 360, "height": 740})
    upload.locator("[data-files]").set_input_files(payloads(*images(1), b"x" * 300))
    finished(upload)

    assert upload.evaluate("document.documentElement.scrollWidth") <= 360
    assert upload.locator("[role=status][data-spoken]").inner_text().startswith("Finished")
    upload.get_by_role("button", name="Choose files").focus()
    upload.keyboard.press("Tab")
    expect(upload.get_by_role("button", name="Choose a folder")).to_be_focused()
