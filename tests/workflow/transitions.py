"""The cells of PS3.4 Table CC.1.1-2, from `transitions.csv`.

There is no wrong lock for what is scheduled: any Transaction UID may claim it.
"""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cell:
    """What becomes of a workitem.

    Args:
        event: a requested state, "create" or "cancel request".
        lock: of the one who asks: "ok", "missing" or "wrong".
        state: before; "" where there is no workitem.
        code: the status code; 0 for success.
        becomes: the state afterwards.
        reports: the types of the event reports, with the states that those of type 1 tell.
    """

    event: str
    lock: str
    state: str
    code: int
    becomes: str
    reports: tuple[str, ...]

    def __str__(self) -> str:
        lock = f", lock {self.lock}" if self.lock else ""
        return f"{self.event}{lock}, {self.state or 'none'}"


def _cells() -> list[Cell]:
    with Path(__file__).with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        return [
            Cell(
                row["event"],
                row["lock"],
                row["state"],
                int(row["code"], 16),
                row["becomes"],
                tuple(row["reports"].split(";")) if row["reports"] else (),
            )
            for row in csv.DictReader(file)
        ]


CELLS = _cells()
