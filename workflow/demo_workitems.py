"""The worklist of the demo: steps about its studies, in every state that a step can be in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.announcements import ArrivedSeries
from archive.dicom.demo.catalogue import catalogue
from archive.dicom.demo.identifiers import WORKITEMS, uid
from archive.dicom.demo.objects import (
    computed_tomography,
    document,
    magnetic_resonance,
    mammography,
    measurement_report,
    positron_emission,
    radiography,
    segmentation,
    ultrasound,
)
from archive.dicom.demo.studies import Series, Study
from archive.dicom.dicom_json import DataSet
from workflow import study_workitem
from workflow.data_sets import element, in_order
from workflow.states import CANCELED, COMPLETED, IN_PROGRESS, SCHEDULED

#: AE titles of an algorithm, and of a workstation that follows everything.
ALGORITHM, WORKSTATION = "DEMO-AI", "DEMO-READER"

RULE_NAME = "Demo: find nodules in every CT of the chest"
RULE_FILTER = "ModalitiesInStudy=CT&BodyPartExamined=CHEST"

#: Value, scheme and meaning.
_Concept = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Performer:
    station: _Concept
    work: _Concept
    worklist: str


_STATION: _Concept = (ALGORITHM, "99DEMO", "Finds nodules")
_DETECTOR = _Performer(_STATION, ("110004", "DCM", "Computer Aided Detection"), "AI")
_PROCESSOR = _Performer(_STATION, ("110001", "DCM", "Image Processing"), "AI")
_READER = _Performer(("READING", "99DEMO", "Reading room"), ("110005", "DCM", "Interpretation"), "Reading")


@dataclass(frozen=True, slots=True)
class DemoWorkitem:
    """A step, and what is done with it until it is in its state.

    Args:
        progress, performed: the updates that its performer makes.
        canceled: what the request for cancellation says.
    """

    number: int
    state: str
    data_set: DataSet = field(repr=False)
    progress: DataSet = field(default_factory=dict, repr=False)
    performed: DataSet = field(default_factory=dict, repr=False)
    canceled: DataSet = field(default_factory=dict, repr=False)

    @property
    def uid(self) -> str:
        return uid(WORKITEMS, self.number)

    @property
    def transaction_uid(self) -> str:
        """The lock of who performs it."""
        return uid(WORKITEMS, self.number, 1)


def workitems(now: datetime, root: str, *, coarseness: int = 1) -> list[DemoWorkitem]:
    """The worklist as it is at this time.

    Args:
        now: with its zone, which is UTC.
        root: URL of the DICOMweb service where the input can be retrieved.
        coarseness: of the studies (see `catalogue`), which have fewer instances then.
    """
    studies = {one.name: one.study for one in catalogue(now.date(), coarseness=coarseness)}
    step, chest = _Steps(now, root), studies["chest-ct"]
    echo = _Instances(ultrasound.series(studies["echocardiogram"]), 1)
    mammogram = _Instances(mammography.series(studies["mammogram"]), 4)
    head = _Instances(
        magnetic_resonance.series(studies["head-mr"], 2, magnetic_resonance.T2),
        magnetic_resonance.grid(studies["head-mr"]).slices,
    )
    pet = _Instances(positron_emission.series(studies["pet-ct"]), positron_emission.grid(studies["pet-ct"]).slices)
    radiograph = _Instances(radiography.series(studies["chest-dx"]), 1)
    thorax = _Instances(computed_tomography.series(chest), computed_tomography.grid(chest).slices)
    segments, report, letter = (
        _Instances(made.series(chest), 1) for made in (segmentation, measurement_report, document)
    )
    return [
        DemoWorkitem(1, SCHEDULED, step(echo, "Read the echocardiogram", "HIGH", hours=0.5)),
        DemoWorkitem(2, SCHEDULED, step(mammogram, "Second reading", "HIGH", hours=20)),
        DemoWorkitem(3, SCHEDULED, step(head, "Compare with the study before", "MEDIUM", hours=44)),
        DemoWorkitem(4, SCHEDULED, step(radiograph, "Check quality", "LOW", hours=-5, ready="INCOMPLETE")),
        DemoWorkitem(
            5,
            IN_PROGRESS,
            step(pet, "Find nodules", "HIGH", hours=-0.2, performer=_DETECTOR),
            progress=_progress(60, "37 of 62 images", "tel:+49-30-5550100", "On call for algorithms"),
        ),
        DemoWorkitem(
            6,
            IN_PROGRESS,
            step(pet, "Report for the tumor board", "MEDIUM", hours=-1),
            progress=_progress(20, "Dictated", "mailto:reading@hospital.example", "Reading room 2"),
        ),
        DemoWorkitem(
            7,
            COMPLETED,
            step(thorax, "Segment the nodule", "MEDIUM", hours=-72, performer=_PROCESSOR),
            progress=_progress(100, "Done"),
            performed=step.performed(_PROCESSOR, [segments], hours=-71),
        ),
        DemoWorkitem(
            8,
            COMPLETED,
            step(thorax, "Report", "HIGH", hours=-70),
            progress=_progress(100, "Signed"),
            performed=step.performed(_READER, [report, letter], hours=-69),
        ),
        DemoWorkitem(
            9,
            CANCELED,
            step(head, "Calculate perfusion", "LOW", hours=-24, performer=_PROCESSOR),
            canceled={
                "00741238": element("LT", "There is no series with perfusion."),
                "0074100E": element("SQ", _code(("110514", "DCM", "Incorrect worklist entry selected"))),
            },
        ),
    ]


def rule_template() -> DataSet:
    """What the rule adds to what the study says (see `study_workitem`)."""
    return in_order(
        {
            "00404018": element("SQ", _code(_DETECTOR.work)),
            "00404025": element("SQ", _code(_STATION)),
            "00741200": element("CS", "MEDIUM"),
            "00741202": element("LO", "AI"),
            "00741204": element("LO", "Find nodules"),
        }
    )


@dataclass(frozen=True, slots=True)
class _Instances:
    """So many instances of a series: input of a step, or what came out of it."""

    series: Series
    instances: int

    def arrived(self) -> ArrivedSeries:
        numbers = range(1, self.instances + 1)
        return ArrivedSeries(
            self.series.uid, {}, [(self.series.sop_class, self.series.instance_uid(number)) for number in numbers]
        )


@dataclass(frozen=True, slots=True)
class _Steps:
    """Makes steps, as the rules do: what is known of the study, and what is to be done with it."""

    now: datetime
    root: str

    def __call__(
        self,
        wanted: _Instances,
        label: str,
        priority: str,
        *,
        hours: float,
        ready: str = "READY",
        performer: _Performer = _READER,
    ) -> DataSet:
        """`hours`: from now to when it is to start; it is due two hours later."""
        starts = self.now + timedelta(hours=hours)
        template: DataSet = {
            "00404011": element("DT", _moment(starts + timedelta(hours=2))),
            "00404018": element("SQ", _code(performer.work)),
            "00404025": element("SQ", _code(performer.station)),
            "00404041": element("CS", ready),
            "00741200": element("CS", priority),
            "00741202": element("LO", performer.worklist),
        }
        study = wanted.series.study
        return study_workitem.build(
            template,
            study.uid,
            _attributes(study),
            [wanted.arrived()],
            label=label,
            now=_moment(starts),
            root=self.root,
        )

    def performed(self, performer: _Performer, made: Iterable[_Instances], *, hours: float) -> DataSet:
        """What COMPLETED needs (PS3.4 Section CC.2.5.1.1): `hours` from now, a quarter of an hour was enough."""
        began = self.now + timedelta(hours=hours)
        output = [study_workitem.reference_to(one.series.study.uid, one.arrived(), self.root) for one in made]
        item: DataSet = {
            "00404019": element("SQ", _code(performer.work)),
            "00404028": element("SQ", _code(performer.station)),
            "00404033": element("SQ", *output),
            "00404050": element("DT", _moment(began)),
            "00404051": element("DT", _moment(began + timedelta(minutes=15))),
        }
        return {"00741216": element("SQ", in_order(item))}


def _progress(percent: int, description: str, *contact: str) -> DataSet:
    """How far it is, and where its performer can be reached, under which name."""
    item: DataSet = {"00741004": element("DS", percent), "00741006": element("ST", description)}
    if contact:
        uri, name = contact
        item["00741008"] = element("SQ", {"0074100A": element("UR", uri), "0074100C": element("LO", name)})
    return {"00741002": element("SQ", item)}


def _attributes(study: Study) -> DataSet:
    """What a search would return of the study and its patient."""
    patient = study.patient
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), patient.name.split("="), strict=False)
    return {
        "00080050": element("SH", study.accession_number),
        "00080090": element("PN", {"Alphabetic": study.referring_physician}),
        "00100010": element("PN", dict(groups)),
        "00100020": element("LO", patient.patient_id),
        "00100021": element("LO", "DEMO"),
        "00100030": element("DA", f"{patient.birth_date:%Y%m%d}"),
        "00100040": element("CS", patient.sex),
        "00321060": element("LO", study.description),
    }


def _code(concept: _Concept) -> DataSet:
    value, scheme, meaning = concept
    return {
        "00080100": element("SH", value),
        "00080102": element("SH", scheme),
        "00080104": element("LO", meaning),
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}+0000"
