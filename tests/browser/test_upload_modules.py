"""The modules of the upload page by themselves, in the browser that runs them."""

import hashlib
import struct
import zipfile
import zlib
from base64 import b64encode
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Error, Page
from pydicom.uid import MediaStorageDirectoryStorage

from tests.browser.watched import Watched
from tests.builders import instance, part10

#: Calls a function of a module; bytes come and go as base64.
CALL = """async ([code, bytes, argument]) => {
  const data = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
  const module = (name) => import(document.querySelector("script[src*='panel.js']").src.replace("panel.js", name));
  return (new Function("module", "data", "argument", `return (async () => { ${code} })()`))(module, data, argument);
}"""


@pytest.fixture(scope="module")
def call(browser, archive, signed_in) -> Any:
    """Runs code on the upload page, with `module`, `data` and `argument`."""
    watched = Watched(archive.root)
    context = browser.new_context(bypass_csp=True)
    watched.watch(context)
    context.add_cookies([{"name": "sessionid", "value": signed_in, "url": archive.root}])
    page: Page = context.new_page()
    page.goto(f"{archive.root}/upload/")
    yield lambda code, data=b"", argument=None: page.evaluate(CALL, [code, b64encode(data).decode(), argument])
    context.close()
    assert watched.surprises() == []


def test_digests_are_those_of_sha_256_however_the_bytes_come(call):
    data = bytes(range(256)) * 5
    code = """
      const { Sha256 } = await module("sha256.js");
      return argument.map(([length, step]) => {
        const sha256 = new Sha256();
        for (let at = 0; at < length; at += step) sha256.update(data.subarray(at, Math.min(length, at + step)));
        return sha256.hex();
      });"""
    cases = [(length, step) for length in [*range(130), 1000, 1280] for step in (1, 7, 64, 65, 2000)]

    assert call(code, data, cases) == [hashlib.sha256(data[:length]).hexdigest() for length, _ in cases]


@pytest.mark.parametrize("size", [100, 17 << 20])
def test_the_worker_gives_the_digest_of_small_and_large_files(call, size):
    code = """
      const { Reader } = await module("reader.js");
      return new Reader().digest(new Blob([new Uint8Array(argument).fill(7)]));"""

    assert call(code, argument=size) == hashlib.sha256(b"\x07" * size).hexdigest()


def test_crcs_are_those_of_zip_archives(call):
    data = bytes(range(256)) * 3
    code = """
      const { crc32 } = await module("crc32.js");
      return argument.map((cut) => crc32(data.subarray(cut), crc32(data.subarray(0, cut))));"""

    assert call(code, data, [0, 1, 500, 768]) == [zlib.crc32(data)] * 4


UNZIP = """
  const { entries } = await module("zip.js");
  const { Reader } = await module("reader.js");
  const archive = new Blob([data]);
  const reader = new Reader();
  const found = [];
  for (const entry of await entries(archive)) {
    const content = await reader.unpack(archive, entry).then((blob) => blob.text(), (error) => `! ${error.message}`);
    found.push([entry.name, content]);
  }
  return found;"""


def zipped(method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytearray:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.mkdir("folder")
        archive.writestr("folder/é.txt", "text " * 100)
        archive.writestr("empty", "")
        archive.comment = comment
    return bytearray(packed.getvalue())


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("comment", [b"", b"PK\x05\x06 as a comment"])
def test_what_is_in_zip_archives_is_found(call, method, comment):
    if comment:
        comment = comment.replace(b"PK\x05\x06", b"PK\x05\x05")

    assert call(UNZIP, bytes(zipped(method, comment))) == [["folder/é.txt", "text " * 100], ["empty", ""]]


def test_zip_archives_of_more_than_four_gigabytes_are_read_as_such(call):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, archive.open("a", "w", force_zip64=True) as entry:
        entry.write(b"content")
    data = bytearray(packed.getvalue())
    # The directory as an archive of that size has it: sizes and offset in the Zip64 extended information.
    directory, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    record = data[directory:end]
    size = struct.unpack_from("<I", record, 24)[0]
    record[20:28] = b"\xff" * 8
    record[42:46] = b"\xff" * 4
    record[30:32] = struct.pack("<H", 28)
    record += struct.pack("<HHQQQ", 1, 24, size, size, 0)
    zip64 = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(record), directory)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, directory + len(record), 1)
    last = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)

    assert call(UNZIP, bytes(data[:directory] + record + zip64 + locator + last)) == [["a", "content"]]


def test_what_is_damaged_encrypted_or_packed_otherwise_in_a_zip_archive_is_said_to_be(call):
    damaged, encrypted = zipped(zipfile.ZIP_STORED), zipped()
    damaged[damaged.index(b"text text")] ^= 1
    encrypted[encrypted.index(b"PK\x01\x02", encrypted.index(b"PK\x01\x02") + 4) + 8] |= 1

    assert call(UNZIP, bytes(damaged))[0] == ["folder/é.txt", "! It is damaged in the zip archive."]
    assert call(UNZIP, bytes(encrypted))[0] == ["folder/é.txt", "! It is encrypted in the zip archive."]
    (first, _) = call(UNZIP, bytes(zipped(zipfile.ZIP_LZMA)))
    assert first == [
        "folder/é.txt",
        "! It is compressed in the zip archive by a method that browsers do not know (14).",
    ]


def test_an_entry_that_inflates_to_more_than_it_says_is_given_up(call):
    bomb = zipped()
    place = bomb.index(b"PK\x01\x02", bomb.index(b"PK\x01\x02") + 4) + 24
    bomb[place : place + 4] = struct.pack("<I", 10)

    assert call(UNZIP, bytes(bomb))[0] == ["folder/é.txt", "! It is damaged in the zip archive."]


@pytest.mark.parametrize("length", [0, 4, 30, 200, -1])
def test_a_zip_archive_that_is_not_all_there_is_damaged(call, length):
    with pytest.raises(Error, match="The zip archive is damaged, or not all there"):
        call(UNZIP, bytes(zipped()[:length]))


def test_dicom_files_say_what_they_are(call):
    dataset = instance()
    directory = part10(instance(SOPClassUID=MediaStorageDirectoryStorage))
    code = """
      const { identity, isDicom } = await module("dicom.js");
      return [isDicom(data), identity(data)];"""

    assert call(code, part10(dataset)) == [True, {"instance": dataset.SOPInstanceUID, "isDirectory": False}]
    assert call(code, directory)[1]["isDirectory"]
    assert call(code, b"\0" * 200)[0] is False
    assert call(code, part10(dataset)[:150]) == [True, {"instance": "", "isDirectory": False}]


def stored_item(uid: str) -> dict[str, Any]:
    url = f"http://a/dicom-web/studies/1.2/series/1.3/instances/{uid}"
    return {"00081155": {"vr": "UI", "Value": [uid]}, "00081190": {"vr": "UR", "Value": [url]}}


OUTCOMES = 'return (await module("store_answer.js")).outcomes(argument[0], argument[1]);'
OTHER_CLASS = {"00081155": {"Value": ["2"]}, "00081197": {"Value": [0x0122]}}
UNREADABLE = {"00081197": {"Value": [0xC000]}}


def test_the_answer_to_a_store_is_read_by_the_uids_in_it(call):
    warned = stored_item("3") | {"00081196": {"Value": [0xB007]}}
    module = {"00081199": {"Value": [warned, stored_item("1")]}, "00081198": {"Value": [OTHER_CLASS]}}

    first, second, third = call(OUTCOMES, argument=[module, ["1", "2", "3"]])

    assert first == {"result": "stored", "reason": "", "study": "1.2", "instance": "1"}
    assert second["result"] == "refused"
    assert second["reason"] == "This archive does not store this kind of object."
    assert third["reason"] == "It was stored, but its pixel data are not all there."


@pytest.mark.parametrize(
    ("stored", "failed", "others", "sent"),
    [
        pytest.param(["1"], [], [UNREADABLE], ["1", "1"], id="a damaged copy"),
        pytest.param(["1"], [], [UNREADABLE], ["1", "2"], id="a damaged file"),
        pytest.param(["1", "2"], [OTHER_CLASS], [], ["1", "2", "2"], id="other content"),
        pytest.param(["1", "2"], [], [], ["1", ""], id="a UID that was not found before"),
        pytest.param(["1", "2"], [], [], ["1", "3"], id="another UID inside"),
        pytest.param(["1"], [], [], ["1", "1"], id="the same twice"),
    ],
)
def test_an_answer_that_does_not_say_which_file_is_which_is_not_believed(call, stored, failed, others, sent):
    items = {"00081199": [stored_item(uid) for uid in stored], "00081198": failed, "0008119A": others}
    module = {tag: {"Value": found} for tag, found in items.items() if found}

    assert call(OUTCOMES, argument=[module, sent]) is None


def test_the_answer_for_one_file_needs_no_uid(call):
    code = 'return (await module("store_answer.js")).onlyOutcome(argument);'

    outcome = call(code, argument={"0008119A": {"Value": [{"00081197": {"Value": [0xABCD]}}]}})

    assert outcome == {"result": "refused", "reason": "The archive refused it (ABCD).", "study": "", "instance": ""}


def test_a_request_has_up_to_twenty_files_or_fifty_megabytes(call):
    code = """
      const { take } = await module("item.js");
      const queue = argument.map(([size, alone]) => ({ size, alone }));
      const taken = [];
      while (queue.length) taken.push(take(queue).length);
      return taken;"""

    assert call(code, argument=[[1, False]] * 45) == [20, 20, 5]
    assert call(code, argument=[[30e6, False], [20e6, False], [1, False], [80e6, False], [1, False]]) == [2, 1, 1, 1]
    assert call(code, argument=[[1, True], [1, True], [1, False], [1, False], [1, True]]) == [1, 1, 2, 1]


def test_progress_is_said_in_words(call):
    code = """
      const { inBytes, inWords, Speed } = await module("progress.js");
      const speed = new Speed();
      const speeds = [[0, 0], [5e5, 1000], [4e6, 4000], [4e6, 40000]].map(([bytes, now]) => speed.sample(bytes, now));
      return [[0, 999, 1000, 15e5, 2e10].map(inBytes), [3, 42, 60, 100, 3600, 8000].map(inWords), speeds];"""

    sizes, words, speeds = call(code)

    assert sizes == ["0 bytes", "999 bytes", "1.0 kB", "1.5 MB", "20 GB"]
    assert words == ["a few seconds", "50 seconds", "a minute", "2 minutes", "60 minutes", "3 hours"]
    assert speeds == [0, 0, 1e6, 0]
