"""One key against one field in SQL (PS3.4 Section C.2.2.2)."""

from functools import reduce
from operator import and_, or_

from django.db.models import Q

from archive.dicom.matching.rules import AllOf, AnyOf, Match, NoValue, Range, SingleValue, SoundsLike, Wildcard
from archive.lookups import DicomWildcard


def compare(field: str, match: Match, *, as_sent: str = "") -> Q:
    """What a key asks of one field; where that holds a form to compare, `as_sent` is the field of the text as sent."""
    match match:
        case NoValue():
            return Q(**{as_sent or field: ""})
        case SingleValue():
            return Q(**{field: match.value})
        case Wildcard():
            return Q(**{f"{field}__{DicomWildcard.lookup_name}": match.pattern})
        case SoundsLike():
            return Q(sound__in=match.codes)  # in the rows that hold the keys of names
        case Range():
            since = Q(**{f"{field}__gte": match.low}) if match.low else Q(**{f"{field}__gt": ""})
            return since & Q(**{f"{field}__lte": match.high}) if match.high else since
        case AnyOf() if all(isinstance(one, SingleValue) for one in match.matches):
            return Q(**{f"{field}__in": [one.value for one in match.matches if isinstance(one, SingleValue)]})
        case AnyOf():
            return reduce(or_, (compare(field, one, as_sent=as_sent) for one in match.matches))
        case AllOf():
            return reduce(and_, (compare(field, one, as_sent=as_sent) for one in match.matches))
    return Q()
