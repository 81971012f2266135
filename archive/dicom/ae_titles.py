"""Application Entity titles: PS3.5 Table 6.2-1, VR AE."""

import re

LONGEST = 16
#: The default repertoire without its control characters and the backslash; not only spaces.
_AE_TITLE = re.compile(rf"(?! *\Z)[ -\[\]-~]{{1,{LONGEST}}}")


def ae_title(text: str) -> str | None:
    """The title without the spaces around it, which say nothing; None when the text can be none."""
    return text.strip(" ") if _AE_TITLE.fullmatch(text) else None
