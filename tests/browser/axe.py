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


#: The rules that look at colours: nothing else differs between the themes.
OF_COLOURS = ("color-contrast", "link-in-text-block")


def violations(page: Page, *tags: str, without: str = "") -> list[str]:
    """What axe-core finds against the rules with these tags in the dark, and against those of colours in the light.

    Args:
        without: a selector of what is not looked at.
    """
    rules = {"dark": {"type": "tag", "values": tags}, "light": {"type": "rule", "values": OF_COLOURS}}
    return [
        f"{theme}: {violation['impact']} {violation['id']}: {' '.join(map(str, node['target']))}: {_reason(node)}"
        for theme, run_only in rules.items()
        for violation in _found(page, theme, run_only, without)
        for node in violation["nodes"]
    ]


def _found(page: Page, theme: str, run_only: dict[str, Any], without: str) -> Iterator[dict[str, Any]]:
    page.evaluate(SWITCH, theme)
    options = {
        "runOnly": run_only,
        "resultTypes": ["violations"],
        # Documents in frames are looked at by themselves; style sheets are read as they are, not asked for again.
        "iframes": False,
        "preload": False,
    }
    context = {"exclude": [without]} if without else None
    yield from Axe().run(page, context, options).response["violations"]


def _reason(node: dict[str, Any]) -> str:
    return " ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))
