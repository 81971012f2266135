"""Attributes by name, and where a data set has them (PS3.18 Section 8.3.1.1): by tags or keywords, down into sequences,
and private ones by their creator.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from pydicom.datadict import dictionary_VM, keyword_dict, tag_for_keyword

from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.value_representations import dictionary_vr

#: Sequences within sequences that a query may name.
DEEPEST_PATH = 16

_TAG = re.compile(r"[0-9A-Fa-f]{8}")
_LIKE_KEYWORDS = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*|\w+(?:\.\w*)+", re.ASCII)
_PRIVATE = re.compile(r"[0-9A-F]{3}[13579BDF](?!00)[0-9A-F]{4}")


@dataclass(frozen=True, slots=True)
class PrivateTag:
    """A private attribute. Which block its creator has in a data set, each data set says itself (PS3.5 Section 7.8.1).

    Args:
        tag: as the query has it, with the block of the query.
    """

    tag: str
    creator: str

    def __str__(self) -> str:
        return self.tag


Tag = str | PrivateTag

#: The tags from an attribute of the data set down to one in its sequences: `("00400275", "00400009")`.
AttributePath = tuple[Tag, ...]


class MalformedAttribute(ValueError):
    """An attribute is named neither by tags nor by keywords, or is private and nobody says whose."""


def attribute_path(name: str) -> AttributePath | None:
    """The attribute of a name such as `00400275.RequestedProcedureID`.

    None when a part of the name is no keyword of PS3.6.

    Raises:
        MalformedAttribute: a part of the name begins with a digit and is not a tag, or there are too many parts.
    """
    parts = name.split(".")
    tags = [_tag(part) for part in parts[: DEEPEST_PATH + 1]]
    if None in tags:
        return None
    if len(parts) > DEEPEST_PATH:
        raise MalformedAttribute("An attribute is too deep within sequences.")
    return tuple(tag for tag in tags if tag)


def _tag(name: str) -> str | None:
    if _TAG.fullmatch(name):
        return name.upper()
    if name[:1].isdigit():
        raise MalformedAttribute("An attribute is named neither by its keyword nor by the eight digits of its tag.")
    tag = tag_for_keyword(name) if name else None  # some tags of PS3.6 have no keyword
    return None if tag is None else f"{tag:08X}"


def name_of(path: AttributePath) -> str:
    return ".".join(map(str, path))


def resembles_attribute(name: str) -> bool:
    """Whether a name that is no attribute seems to be meant as one: it is written as keywords are, with a capital or
    with dots between names, or is a keyword but for upper and lower case.
    """
    return bool(_LIKE_KEYWORDS.fullmatch(name)) or name.lower() in _keywords_in_lower_case()


@cache
def _keywords_in_lower_case() -> frozenset[str]:
    return frozenset(keyword.lower() for keyword in keyword_dict if keyword)


# -- private attributes ----------------------------------------------------------


def with_creators(path: AttributePath, values: Mapping[AttributePath, Sequence[str]]) -> AttributePath:
    """The path with the creators of its private attributes, which the same query names: `00230010=AcmeCompany`.

    Raises:
        MalformedAttribute: it does not name one of them (QIDO-20).
    """
    if not any(isinstance(tag, str) and _PRIVATE.fullmatch(tag) for tag in path):
        return path
    return tuple(_with_creator(path[:depth], tag, values) for depth, tag in enumerate(path))


def _with_creator(parents: AttributePath, tag: Tag, values: Mapping[AttributePath, Sequence[str]]) -> Tag:
    if not isinstance(tag, str) or not _PRIVATE.fullmatch(tag):
        return tag
    creators = values.get((*parents, _creator_tag(tag)), ())
    if len(creators) != 1:
        raise MalformedAttribute(f"The query has the private attribute {tag}, and not its creator.")
    return PrivateTag(tag, creators[0].strip(" "))


def creators_of(path: AttributePath) -> list[AttributePath]:
    """Where a query names the creators of the private attributes in a path."""
    return [(*path[:depth], _creator_tag(tag.tag)) for depth, tag in enumerate(path) if isinstance(tag, PrivateTag)]


def _creator_tag(tag: str) -> str:
    return f"{tag[:4]}00{tag[4:6]}"


# -- what PS3.6 says of them -----------------------------------------------------


@lru_cache(maxsize=8192)
def vr_of(tag: Tag) -> str:
    """The VR of PS3.6 or of a known private dictionary; UN when there is none."""
    if isinstance(tag, str):
        return dictionary_vr(int(tag, 16), {})
    return dictionary_vr(int(tag.tag, 16), {_creator_tag(tag.tag): {"vr": "LO", "Value": [tag.creator]}})


@lru_cache(maxsize=8192)
def is_multi_valued(tag: Tag) -> bool:
    """Whether it may have more than one value; of private attributes nobody knows that they may not."""
    try:
        return not isinstance(tag, str) or dictionary_VM(int(tag, 16)) != "1"
    except KeyError:
        return True


# -- where a data set has them ---------------------------------------------------


def find(data_set: DataSet, tag: Tag) -> tuple[str, Element] | None:
    """An attribute under the tag it has in this data set; None when it has none."""
    key = tag if isinstance(tag, str) else _private_key(data_set, tag)
    return (key, data_set[key]) if key is not None and key in data_set else None


def _private_key(data_set: DataSet, tag: PrivateTag) -> str | None:
    creator = _creator_key(data_set, tag)
    return creator and f"{creator[:4]}{creator[6:]}{tag.tag[6:]}"


def _creator_key(data_set: DataSet, tag: PrivateTag) -> str | None:
    group = f"{tag.tag[:4]}00"
    return next(
        (key for key, element in data_set.items() if key.startswith(group) and _value(element) == tag.creator), None
    )


def _value(element: Element) -> str | None:
    value = next(iter(element.get("Value", ())), None)
    return value.strip(" ") if isinstance(value, str) else None


def select(data_set: DataSet, paths: Iterable[AttributePath]) -> DataSet:
    """What the paths name of a data set: of a sequence only the attributes named within it, unless it is named itself.

    A private attribute comes with its creator (QIDO-65).
    """
    within: dict[Tag, list[AttributePath]] = {}
    for head, *rest in paths:
        within.setdefault(head, []).append(tuple(rest))
    selected: DataSet = {}
    for tag, rests in within.items():
        if found := find(data_set, tag):
            key, element = found
            selected[key] = element if () in rests else _items(element, rests)
            if isinstance(tag, PrivateTag) and (creator := _creator_key(data_set, tag)):
                selected[creator] = data_set[creator]
    return dict(sorted(selected.items()))


def _items(element: Element, paths: Sequence[AttributePath]) -> Element:
    if element.get("vr") != "SQ":
        return element
    items = [select(item, paths) for item in element.get("Value", ()) if isinstance(item, dict)]
    return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
