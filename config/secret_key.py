"""The key that signs sessions: given by the environment, or made once and kept in the data folder."""

import fcntl
import os
import secrets
from pathlib import Path


def kept_secret_key(path: Path) -> str:
    """Read the key, or make it. Several processes may start at once: the first to lock the file decides."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        key = file.read().strip()
        if not key:
            key = secrets.token_urlsafe(50)
            file.write(key)
    return key
