"""Values of the Warning header (RFC 7234 Section 5.5), which PS3.18 uses to say what a status cannot."""

import re

AGENT = "dicomweb-archive"


def warning(text: str) -> str:
    """`299 dicomweb-archive "text"`: a persistent warning. Several are joined with a comma."""
    one_line = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())
    ascii_only = one_line.encode("ascii", "replace").decode("ascii")
    escaped = ascii_only.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 {AGENT} "{escaped}"'


def service_warning(service: str, text: str) -> str:
    """`299 <service>: <text>`, as PS3.18 Section 11 has the warnings of the worklist; the service by its base URL."""
    return f"299 {service}: {text}"
