"""UIDs of the demo: the same every time, and below an arc that nobody else has, so that all of it is found again."""

#: From a UUID (PS3.5 Section B.2).
ROOT = "2.25.145628655375981691584798582527883149313"

STUDIES, FRAMES_OF_REFERENCE, DEVICES, WORKITEMS, TRACKS, SMALL_STUDIES = range(1, 7)


def uid(*numbers: int) -> str:
    """A UID by numbers that name the object: what it is, of the constants above, and which of these."""
    return ".".join((ROOT, *map(str, numbers)))


def is_demo(identifier: str) -> bool:
    """Whether it is a UID of the demo."""
    return identifier.startswith(f"{ROOT}.")
