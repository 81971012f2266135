"""What can go wrong in the archive, as facts. Which HTTP status that is, `dicomweb/exceptions.py` says."""

import copyreg
from collections.abc import Iterable
from typing import Any


class ArchiveError(Exception):
    """The base of every error the archive raises on purpose. Messages carry UIDs, tags and codes, never values."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Goes through pickle as it is: what `__init__` makes of its arguments is not made of it again."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class NotStored(ArchiveError):
    """Something was asked for that the archive does not hold."""


class StudyNotFound(NotStored):
    def __init__(self, study: str) -> None:
        super().__init__(f"There is no study {study}.")


class SeriesNotFound(NotStored):
    def __init__(self, study: str, series: str) -> None:
        super().__init__(f"There is no series {series} in study {study}.")


class InstanceNotFound(NotStored):
    def __init__(self, study: str, series: str, instance: str) -> None:
        super().__init__(f"There is no instance {instance} in series {series} of study {study}.")


class Deleted(NotStored):
    """It was stored, and somebody has deleted it since."""

    def __init__(self, study: str, series: str | None = None, instance: str | None = None) -> None:
        place = "Instance" if instance else "Series" if series else "Study"
        super().__init__(f"{place} {instance or series or study} has been deleted.")


class FrameNotFound(NotStored):
    def __init__(self, instance: str, frames: Iterable[int], count: int) -> None:
        numbers = ", ".join(map(str, frames))
        super().__init__(f"Instance {instance} has {count} frames; there is no frame {numbers}.")


class NoPixelData(NotStored):
    def __init__(self, instance: str) -> None:
        super().__init__(f"Instance {instance} has no frames that can be told apart.")


class BulkdataNotFound(NotStored):
    def __init__(self, instance: str) -> None:
        super().__init__(f"Instance {instance} has no bulk data at this URL.")


class NoBulkdata(NotStored):
    def __init__(self) -> None:
        super().__init__("What is stored there has no bulk data.")


class NothingReferenced(NotStored):
    def __init__(self, instance: str) -> None:
        super().__init__(f"No image that presentation state {instance} refers to is stored in its study.")


class NotReferenced(ArchiveError):
    def __init__(self, state: str, instance: str, frame: int) -> None:
        super().__init__(f"Presentation state {state} does not refer to frame {frame} of instance {instance}.")


class SearchTooBroad(ArchiveError):
    def __init__(self, most: int, narrower: str = "StudyDate, PatientID, Modality or StudyInstanceUID") -> None:
        super().__init__(
            f"Some keys can only be matched in stored metadata, and the others leave more than {most} candidates."
            f" Narrow the search, for example by {narrower}."
        )


class NotAUid(ArchiveError):
    def __init__(self) -> None:
        super().__init__("What is named in the address is not a UID.")


class NothingToDownload(ArchiveError):
    def __init__(self) -> None:
        super().__init__("No study is named.")


class TooManyInstances(ArchiveError):
    def __init__(self, most: int) -> None:
        super().__init__(f"These are more than {most} instances, which is the most of one download.")


class CannotReindex(ArchiveError):
    """A stored object cannot be read anew; its rows are as they were."""

    def __init__(self, instance: str, reason: str) -> None:
        super().__init__(f"Instance {instance} cannot be indexed again: {reason}")


class BulkdataMismatch(ArchiveError):
    """The metadata and the bulk data of a request do not belong together."""


class InstancesTooLarge(ArchiveError):
    """Bulk data that many instances share make more of a request than it was."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The instances of the request are larger together than this archive takes ({limit} bytes).")


class MetadataTooLarge(ArchiveError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The metadata are larger than this archive takes ({limit} bytes).")


class NoProcess(ArchiveError):
    def __init__(self, problem: str) -> None:
        super().__init__(f"No process can be started to work on frames in ({problem}); try again.")


class ViewerNotFetched(ArchiveError):
    """The viewer's files could not be had."""


class UnknownViewer(ArchiveError):
    """The viewer's files are not those that the archive knows how to serve."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The files of the viewer are not those that this archive was written for: {reason}.")


class NameTaken(ArchiveError):
    """Somebody keeps something under a name that is in use."""

    def __init__(self) -> None:
        super().__init__("There is a worklist of this name already.")


class MalformedReport(ArchiveError):
    """What a browser says of an upload is not as it should be."""


class TooManyFiles(ArchiveError):
    def __init__(self, most: int) -> None:
        super().__init__(f"One upload has no more than {most} files.")


class NothingToSend(ArchiveError):
    def __init__(self) -> None:
        super().__init__("No study is named that could be sent.")


class TooManyToSend(ArchiveError):
    def __init__(self, most: int) -> None:
        super().__init__(f"These are more than {most} instances, which is the most of one order.")


class DestinationClosed(ArchiveError):
    """A destination takes no orders of this person, or not such ones."""


class NotAnAddress(ArchiveError):
    """What should be the address of a service is none."""


class NothingDeidentified(ArchiveError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"None of these objects can be given without what identifies the patient. {reason}")


class MalformedLabel(ArchiveError):
    def __init__(self, longest: int) -> None:
        super().__init__(f"A label needs a name of up to {longest} letters, digits or other signs, on one line.")


class LabelNotFound(NotStored):
    def __init__(self) -> None:
        super().__init__("There is no such label.")


class TooManyLabels(ArchiveError):
    def __init__(self, most: int) -> None:
        super().__init__(f"There are {most} labels already, which is the most. Use one of them, or delete one first.")
