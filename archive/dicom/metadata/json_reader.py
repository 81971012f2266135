"""DICOM JSON (PS3.18 Annex F) as it comes from outside: its syntax. What it says, `received_model` looks at.

Numbers stay the text that was sent: no digit is lost, and none is worked on before its VR is known.
"""

import json
from typing import Any, NoReturn

from archive.dicom.errors import MalformedMetadata

#: Objects, arrays and values of one request. A byte or two of JSON can become a hundred in memory.
MOST_VALUES = 8_000_000
_STRUCTURE = (b",", b"{", b"[")


def instances(document: bytes) -> list[Any]:
    """The data sets of an array of instances (PS3.18 Section 10.5.1.4), for `received_model.read`.

    Raises:
        MalformedMetadata: it is not JSON, not UTF-8, names something twice, or is not an array of any (STOW-44).
    """
    root = _parse(document, MOST_VALUES)
    if not isinstance(root, list):
        raise MalformedMetadata("The metadata are not an array of instances.")
    if not root:
        raise MalformedMetadata("The metadata have no instance.")
    return root


def data_set(document: bytes, *, most_values: int) -> Any:
    """The one data set of an array, or of an object without the array around it, for `received_model.read`.

    Raises:
        MalformedMetadata: it is not JSON, not UTF-8, names something twice, or has no data set or several.
    """
    root = _parse(document, most_values)
    if not isinstance(root, list):
        return root
    if len(root) != 1:
        raise MalformedMetadata(f"There has to be one data set, and there are {len(root)}.")
    return root[0]


def _parse(document: bytes, most_values: int) -> Any:
    if sum(map(document.count, _STRUCTURE)) > most_values:
        raise MalformedMetadata(f"The metadata have more than {most_values} values.")
    try:
        return json.loads(
            document.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        raise MalformedMetadata(f"The metadata are not UTF-8 from byte {error.start} on.") from None
    except json.JSONDecodeError as error:
        raise MalformedMetadata(f"The metadata are not JSON from character {error.pos} on.") from None
    except RecursionError:
        raise MalformedMetadata("The metadata are nested too deeply.") from None


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise MalformedMetadata("The metadata have an object with two members of one name.")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedMetadata("The metadata have a NaN or an infinity, which are not JSON.")
