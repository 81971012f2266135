"""How much of a document is shown: more than anybody reads, and little enough for a browser."""

MOST_ITEMS = 20_000
MOST_CHARACTERS = 4_000_000

#: Content items within each other; the reader of files lets no more pass.
DEEPEST = 64


class Budget:
    """What is left of the limits while a document is read. `is_exceeded` once there was something to leave out."""

    def __init__(self) -> None:
        self.is_exceeded = False
        self._items, self._characters = MOST_ITEMS, MOST_CHARACTERS

    def items(self, wanted: int) -> int:
        """How many of so many more items, cells or lines there is room for."""
        granted = min(wanted, self._items if self._characters else 0)
        self._items -= granted
        self.is_exceeded |= granted < wanted
        return granted

    def text(self, text: str) -> str:
        """As much of a text as there is room for."""
        granted = text[: self._characters]
        self._characters -= len(granted)
        if len(granted) == len(text):
            return text
        self.is_exceeded = True
        return f"{granted}…"
