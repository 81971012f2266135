"""An algorithm that takes its work from the worklist of an archive. docs/worklist.md goes through it.

ARCHIVE=http://127.0.0.1:8000/dicom-web TOKEN=... AE=AIALG python worklist_client.py
"""

import os
import time
from collections import deque
from datetime import UTC, datetime
from io import BytesIO

import requests
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.uid import SecondaryCaptureImageStorage, generate_uid
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

ARCHIVE, AE = os.environ["ARCHIVE"], os.environ["AE"]
http = requests.Session()
http.headers["Authorization"] = f"Token {os.environ['TOKEN']}"

CHANNEL = f"ws{ARCHIVE.removeprefix('http')}/subscribers/{AE}"
FILTERED = "1.2.840.10008.5.1.4.34.5.1"
STATION = f"ScheduledStationNameCodeSequence.CodeValue={AE}"
STATE_REPORT, CANCEL_REQUESTED = 1, 2

ready: deque[str] = deque()  # steps that wait to be performed, by their UIDs
unwanted: set[str] = set()  # steps whose cancellation somebody has asked for


def main() -> None:
    """Perform steps for ever. What happens while no channel is open is told when there is one again."""
    while True:
        try:
            with connect(CHANNEL, additional_headers={"Authorization": http.headers["Authorization"]}) as channel:
                subscribe()
                while True:
                    while ready:
                        perform(ready.popleft(), channel)
                    read_report(channel)
        except (ConnectionClosed, OSError) as error:  # among them whatever requests raises
            print(error, flush=True)
            time.sleep(1)


def subscribe() -> None:
    """Be told of new steps for this station; those that are there already are found by a search."""
    call("POST", f"/workitems/{FILTERED}/subscribers/{AE}", params={"filter": STATION})
    found = call("GET", f"/workitems?{STATION}&ProcedureStepState=SCHEDULED&InputReadinessState=READY")
    ready.extend(step["00080018"]["Value"][0] for step in (found.json() if found.content else []))


def read_report(channel: ClientConnection, timeout: float | None = None) -> None:
    """Note what the next event report says, if it comes in time. Those of other types are passed over."""
    try:
        report = Dataset.from_json(channel.recv(timeout))
    except TimeoutError:
        return
    uid, kind = report[0x00001000].value, report[0x00001002].value
    if kind == CANCEL_REQUESTED:
        unwanted.add(uid)
    elif kind == STATE_REPORT and (report.ProcedureStepState, report.InputReadinessState) == ("SCHEDULED", "READY"):
        ready.append(uid)


def perform(uid: str, channel: ClientConnection) -> None:
    """Claim a step, look at each image of its input, store what was found, and complete the step."""
    lock = generate_uid()
    if not change_state(uid, "IN PROGRESS", lock):
        return  # somebody else was faster
    url, begin, bright = f"/workitems/{uid}?transaction-uid={lock}", now(), 0
    step = Dataset.from_json(call("GET", f"/workitems/{uid}").json()[0])
    images = [(series, image) for series in step.InputInformationSequence for image in series.ReferencedSOPSequence]
    for number, (series, reference) in enumerate(images, 1):
        path = f"/studies/{series.StudyInstanceUID}/series/{series.SeriesInstanceUID}/instances"
        file = call("GET", f"{path}/{reference.ReferencedSOPInstanceUID}", headers={"Accept": "application/dicom"})
        image = dcmread(BytesIO(file.content))
        bright += max(image.get("PixelData") or b"\0") > 127
        progress = data_set(ProcedureStepProgress=100 * number // len(images))
        call("POST", url, data_set(ProcedureStepProgressInformationSequence=[progress]))
        read_report(channel, timeout=0)
        if uid in unwanted:
            change_state(uid, "CANCELED", lock)
            return
    interpretation = data_set(CodeValue="110005", CodingSchemeDesignator="DCM", CodeMeaning="Interpretation")
    performed = data_set(
        PerformedStationNameCodeSequence=step.ScheduledStationNameCodeSequence,
        PerformedWorkitemCodeSequence=[interpretation],
        PerformedProcedureStepStartDateTime=begin,
        PerformedProcedureStepEndDateTime=now(),
        OutputInformationSequence=[store(result_of(image, f"{bright} of {len(images)} images are bright"))],
    )
    call("POST", url, data_set(UnifiedProcedureStepPerformedProcedureSequence=[performed]))
    change_state(uid, "COMPLETED", lock)


def change_state(uid: str, state: str, lock: str) -> bool:
    """Whether the step could be brought into the state."""
    answer = call("PUT", f"/workitems/{uid}/state", data_set(ProcedureStepState=state, TransactionUID=lock), allow=400)
    print(uid, state if answer.ok else answer.headers["Warning"], flush=True)
    return answer.ok


def store(result: Dataset) -> Dataset:
    """Store an object; an item of Output Information Sequence that refers to it."""
    file = BytesIO()
    dcmwrite(file, result, enforce_file_format=True)
    call("POST", "/studies", data=file.getvalue(), headers={"Content-Type": "application/dicom"})
    reference = data_set(ReferencedSOPClassUID=result.SOPClassUID, ReferencedSOPInstanceUID=result.SOPInstanceUID)
    return data_set(
        TypeOfInstances="DICOM",
        StudyInstanceUID=result.StudyInstanceUID,
        SeriesInstanceUID=result.SeriesInstanceUID,
        ReferencedSOPSequence=[reference],
        WADORSRetrievalSequence=[data_set(RetrieveURL=f"{ARCHIVE}/studies/{result.StudyInstanceUID}")],
    )


def result_of(image: Dataset, text: str) -> Dataset:
    """The image once more, as a Secondary Capture in a series of its own that says what was found."""
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    image.SeriesInstanceUID, image.SeriesDescription = generate_uid(), text
    image.Modality, image.ConversionType, image.ImageType = "OT", "WSD", ["DERIVED", "SECONDARY"]
    return image


def call(method: str, path: str, body: Dataset | None = None, allow: int = 0, **options: object) -> requests.Response:
    """A request with a data set or none. The answer has to be a good one, or has this status."""
    if body is not None:
        options |= {"json": [body.to_json_dict()], "headers": {"Content-Type": "application/dicom+json"}}
    answer = http.request(method, ARCHIVE + path, timeout=60, **options)
    if not answer.ok and answer.status_code != allow:
        raise requests.HTTPError(answer.text)  # which says what is wrong
    return answer


def data_set(**attributes: object) -> Dataset:
    result = Dataset()
    result.update(attributes)
    return result


def now() -> str:
    return datetime.now(UTC).strftime("%Y%m%d%H%M%S.%f+0000")


if __name__ == "__main__":
    main()
