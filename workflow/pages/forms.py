"""What people write about the steps that they perform."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from archive.announcements import stored_study
from archive.dicom.dicom_json import DataSet
from workflow import study_workitem
from workflow.codes import DISCONTINUATION_REASONS, WORKITEMS, Code, local
from workflow.data_sets import element
from workflow.performed_procedure import Performed
from workflow.readable_steps import inputs, items, studies, text
from workflow.services.rules import root
from workflow.tags import (
    CONTACT_DISPLAY_NAME,
    CONTACT_URI,
    DISCONTINUATION_REASON_CODE_SEQUENCE,
    REASON_FOR_CANCELLATION,
    SCHEDULED_STATION_NAME_CODE_SEQUENCE,
    SCHEDULED_WORKITEM_CODE_SEQUENCE,
)

#: PS3.5 Table 6.2-1: the longest ST, and LT.
LONGEST_DESCRIPTION, LONGEST_REASON = 1024, 10_240
#: Clocks of browsers differ a little.
AHEAD = timedelta(minutes=5)
#: Of more studies the series are not offered.
MOST_STUDIES, MOST_SERIES = 5, 100
MODALITY, SERIES_DESCRIPTION, SERIES_NUMBER = "00080060", "0008103E", "00200011"

_INPUT = {"class": "form-control"}
_SELECT = {"class": "form-select"}
_CHECK = {"class": "form-check-input"}


class ProgressForm(forms.Form):
    percent = forms.IntegerField(
        label="Done, in percent",
        min_value=0,
        max_value=100,
        required=False,
        widget=forms.NumberInput(attrs=_INPUT | {"inputmode": "numeric"}),
    )
    description = forms.CharField(
        label="How it is going",
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.TextInput(attrs=_INPUT | {"autocomplete": "off"}),
    )


class CancelForm(forms.Form):
    """Why a step is canceled, or should be."""

    why = forms.ChoiceField(
        label="Why",
        choices=[(code.value, code.meaning) for code in DISCONTINUATION_REASONS],
        widget=forms.Select(attrs=_SELECT),
    )
    reason = forms.CharField(
        label="In your words",
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs=_INPUT | {"rows": 2}),
    )

    def details(self, user: Any) -> DataSet:
        """As `request_cancellation` has them, with whom to ask."""
        code = next(code for code in DISCONTINUATION_REASONS if code.value == self.cleaned_data["why"])
        details: DataSet = {
            DISCONTINUATION_REASON_CODE_SEQUENCE: element("SQ", code.item()),
            CONTACT_DISPLAY_NAME: element("LO", person(user).meaning[:64]),
        }
        if reason := self.cleaned_data["reason"].strip():
            details[REASON_FOR_CANCELLATION] = element("LT", reason)
        if user.email:
            details[CONTACT_URI] = element("UR", f"mailto:{user.email}")
        return details


class CompleteForm(forms.Form):
    """What was performed: all that a completed step has to say (PS3.4 Section CC.2.5.1.1)."""

    work = forms.ChoiceField(label="What was done", widget=forms.Select(attrs=_SELECT))
    station = forms.ChoiceField(label="Where", widget=forms.Select(attrs=_SELECT))
    began = forms.DateTimeField(label="It began")
    ended = forms.DateTimeField(label="It ended")
    output = forms.MultipleChoiceField(
        label="What came out of it", required=False, widget=forms.CheckboxSelectMultiple(attrs=_CHECK)
    )
    nothing = forms.BooleanField(label="Nothing to store", required=False, widget=forms.CheckboxInput(attrs=_CHECK))

    def __init__(self, options: "Options", data: Any = None, *, began: datetime | None = None) -> None:
        initial = {"began": began, "ended": timezone.now()}
        super().__init__(data, initial=initial)
        self._options = options
        for name, choices in (("work", options.works), ("station", options.stations)):
            self.fields[name].choices = [(key, str(Code.of(item))) for key, item in choices.items()]  # type: ignore[attr-defined]
        self.fields["output"].choices = [(key, series.label) for key, series in options.series.items()]  # type: ignore[attr-defined]
        for name in ("began", "ended"):
            self.fields[name].widget = forms.DateTimeInput(
                attrs=_INPUT | {"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M"
            )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        began, ended = values.get("began"), values.get("ended")
        if began and ended and ended < began:
            self.add_error("ended", "It cannot have ended before it began.")
        if ended and ended > timezone.now() + AHEAD:
            self.add_error("ended", "It cannot have ended yet: this is in the future.")
        if not values.get("output") and not values.get("nothing"):
            self.add_error("output", "Say what came out of it, or that there is nothing to store.")
        if values.get("output") and values.get("nothing"):
            self.add_error("output", "Either something came out of it, or nothing did.")
        return values

    def performed(self, user: Any) -> Performed:
        values, options = self.cleaned_data, self._options
        return Performed(
            station=options.stations[values["station"]],
            work=options.works[values["work"]],
            began=_dt(values["began"]),
            ended=_dt(values["ended"]),
            output=[options.series[key].reference() for key in values["output"]],
            performer=person(user),
            performer_name=_person_name(user),
        )


# -- what there is to choose from ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Series:
    """A stored series of a study that the step is about."""

    study: str
    stored: Any = field(repr=False)

    @property
    def label(self) -> str:
        attributes, number = self.stored.attributes, len(self.stored.instances)
        named = (text(attributes, tag) for tag in (MODALITY, SERIES_NUMBER, SERIES_DESCRIPTION))
        return f"{' '.join(filter(None, named))} ({number} object{'' if number == 1 else 's'})"

    def reference(self) -> DataSet:
        return study_workitem.reference_to(self.study, self.stored, root())


@dataclass(frozen=True, slots=True)
class Options:
    """By the values that the form has for them."""

    works: Mapping[str, DataSet]
    stations: Mapping[str, DataSet]
    series: Mapping[str, Series]


def options(data_set: DataSet, ae_title: str, *, may_see_series: bool) -> Options:
    """What can be chosen when this workitem is completed under this AE title: first what was scheduled."""
    works = [*items(data_set, SCHEDULED_WORKITEM_CODE_SEQUENCE), *(code.item() for code in WORKITEMS)]
    stations = [*items(data_set, SCHEDULED_STATION_NAME_CODE_SEQUENCE), local(ae_title).item()]
    series = _series(data_set) if may_see_series else ()
    by_uids = {f"{one.study}/{one.stored.series_instance_uid}": one for one in series}
    return Options(_by_code(works), _by_code(stations), by_uids)


def _by_code(choices: Sequence[DataSet]) -> dict[str, DataSet]:
    keyed: dict[str, DataSet] = {}
    for item in choices:
        code = Code.of(item)
        keyed.setdefault(f"{code.scheme}:{code.value}", item)
    return keyed


def _series(data_set: DataSet) -> Iterator[Series]:
    """The series of its studies, without those that it reads."""
    read = {(one.study, one.series) for one in inputs(data_set)}
    number = 0
    for uid in studies(data_set)[:MOST_STUDIES]:
        study = stored_study(uid)
        for stored in study.series() if study else ():
            if (uid, stored.series_instance_uid) not in read and number < MOST_SERIES:
                number += 1
                yield Series(uid, stored)


# -- people ----------------------------------------------------------------------

#: What has a meaning in a PN (PS3.5 Section 6.2.1).
_DELIMITERS = str.maketrans("^=\\", "   ")


def person(user: Any) -> Code:
    """Somebody as a code of this archive."""
    return local(user.get_username(), user.get_full_name() or user.get_username())


def _person_name(user: Any) -> str:
    family, given = (name.translate(_DELIMITERS).strip() for name in (user.last_name, user.first_name))
    return f"{family}^{given}"[:64].rstrip("^") or user.get_username()[:64]


def _dt(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}+0000"
