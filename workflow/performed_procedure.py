"""What somebody has performed, as a completed workitem says it: PS3.4 Section CC.2.5.1.1, PS3.3 Section C.30.3."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.dicom.dicom_json import DataSet
from workflow.codes import Code
from workflow.data_sets import element, in_order
from workflow.tags import (
    ACTUAL_HUMAN_PERFORMERS_SEQUENCE,
    HUMAN_PERFORMER_CODE_SEQUENCE,
    HUMAN_PERFORMER_NAME,
    OUTPUT_INFORMATION_SEQUENCE,
    PERFORMED_PROCEDURE_SEQUENCE,
    PERFORMED_PROCEDURE_STEP_END_DATE_TIME,
    PERFORMED_PROCEDURE_STEP_START_DATE_TIME,
    PERFORMED_STATION_NAME_CODE_SEQUENCE,
    PERFORMED_WORKITEM_CODE_SEQUENCE,
)


@dataclass(frozen=True, slots=True)
class Performed:
    """One performance of a step.

    Args:
        station, work: where, and what was done, as items of code sequences.
        began, ended: DTs.
        output: items of Output Information Sequence; none where nothing came out.
        performer, performer_name: who did it, as a code and as a PN.
    """

    station: DataSet
    work: DataSet
    began: str
    ended: str
    output: Sequence[DataSet]
    performer: Code
    performer_name: str

    def changes(self, item: DataSet) -> DataSet:
        """The update that says so.

        Args:
            item: what the workitem has of its performance already; what is not said here stays.
        """
        performer: DataSet = {
            HUMAN_PERFORMER_CODE_SEQUENCE: element("SQ", self.performer.item()),
            HUMAN_PERFORMER_NAME: element("PN", {"Alphabetic": self.performer_name}),
        }
        said: DataSet = {
            PERFORMED_WORKITEM_CODE_SEQUENCE: element("SQ", self.work),
            PERFORMED_STATION_NAME_CODE_SEQUENCE: element("SQ", self.station),
            OUTPUT_INFORMATION_SEQUENCE: element("SQ", *self.output),
            ACTUAL_HUMAN_PERFORMERS_SEQUENCE: element("SQ", performer),
            PERFORMED_PROCEDURE_STEP_START_DATE_TIME: element("DT", self.began),
            PERFORMED_PROCEDURE_STEP_END_DATE_TIME: element("DT", self.ended),
        }
        return {PERFORMED_PROCEDURE_SEQUENCE: element("SQ", in_order(item | said))}
