"""axe-core over what a page shows, in both themes."""

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: The rules of WCAG 2.2, levels A and AA, and those that no criterion asks for.
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
BEST_PRACTICE = "best-practice"

#: Ours is in `data-bs-theme`, that of the admin in `data-theme`; colours on their way to others are waited for.
SWITCH = """async (theme) => {
  const { dataset } = document.documentElement;
  for (const name of ["bsTheme", "theme"]) if (name in dataset) dataset[name] = theme;
  await new Promise(requestAnimationFrame);
  const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(transitions.map((one) => one.finished));
}"""


def violations(page: Page, *tags: str, without: str = "") -> list[str]:
    """What axe-core finds against the rules with these tags, in the dark and in the light.

    Args:
        without: a selector of what is not looked at.
    """
    return [
        f"{theme}: {violation['impact']} {violation['id']}: {' '.join(map(str, node['target']))}: {_reason(node)}"
        for theme in ("dark", "light")
        for violation in _found(page, theme, tags, without)
        for node in violation["nodes"]
    ]


def _found(page: Page, theme: str, tags: tuple[str, ...], without: str) -> Iterator[dict[str, Any]]:
    page.evaluate(SWITCH, theme)
    options = {
        "runOnly": {"type": "tag", "values": tags},
        "resultTypes": ["violations"],
        # Documents in frames are looked at by themselves; style sheets are read as they are, not asked for again.
        "iframes": False,
        "preload": False,
    }
    context = {"exclude": [without]} if without else None
    yield from Axe().run(page, context, options).response["violations"]


def _reason(node: dict[str, Any]) -> str:
    return " ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))
