"""What the Basic Application Level Confidentiality Profile (PS3.15 Annex E) leaves of keys that stand beside objects,
such as those of a DICOMDIR, in the DICOM JSON Model.

Where the profile would have a dummy, a key is empty: a date that was invented would be believed.
"""

from archive.dicom.confidentiality.basic_profile import Action, action
from archive.dicom.confidentiality.pseudonyms import Pseudonyms
from archive.dicom.dicom_json import DataSet, Element

PATIENT_ID = "00100020"


def deidentified_keys(data_set: DataSet, pseudonyms: Pseudonyms) -> DataSet:
    """The same keys, with the values that they may have. Their UIDs are those of the de-identified objects."""
    return {tag: _element(tag, element, pseudonyms) for tag, element in data_set.items()}


def _element(tag: str, element: Element, pseudonyms: Pseudonyms) -> Element:
    vr, values = element["vr"], element.get("Value", [])
    what = action(int(tag, 16))
    if tag == PATIENT_ID:
        values = [pseudonyms.identifier(f"{value or ''}".encode()).decode("ascii") for value in values]
    elif what is Action.UID:
        values = [pseudonyms.uids(f"{value or ''}".encode()).decode("ascii") for value in values]
    elif what is not Action.KEEP:
        values = []
    elif vr == "SQ":
        values = [deidentified_keys(item, pseudonyms) for item in values]
    return {"vr": vr, "Value": values} if values else {"vr": vr}
