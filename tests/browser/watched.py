"""What pages do besides what they show."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response


class Watched:
    """Requests of pages to other hosts, answers that say no, and errors: there are none, unless a test expects them."""

    def __init__(self, root: str) -> None:
        self.complaints: list[str] = []
        self._expected: list[str] = []
        self._tolerated: list[str] = []
        # Chromium shows PDF in a page of its own.
        self._own: tuple[str, ...] = ("data:", "chrome:", "chrome-extension:")
        self.belongs_to(root)

    def belongs_to(self, root: str) -> None:
        """This is no other host."""
        self._own += (f"{root}/", f"blob:{root}/", f"{root.replace('http', 'ws', 1)}/")

    def watch(self, context: BrowserContext) -> None:
        """All pages of this browser, from now on."""
        context.on("page", self._on_page)
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.complaints.append(f"error: {error.error}"))

    def expects(self, *texts: str) -> None:
        """Complaints with these texts are what the test is about: there has to be one of each."""
        self._expected += texts

    def tolerates(self, *texts: str) -> None:
        """Complaints with these texts may come or not: it depends on what is quicker."""
        self._tolerated += texts

    def surprises(self) -> list[str]:
        """Complaints that were not expected, and those that were and did not come."""
        known = [*self._expected, *self._tolerated]
        unexpected = [one for one in self.complaints if not any(text in one for text in known)]
        missing = [text for text in self._expected if not any(text in one for one in self.complaints)]
        return unexpected + [f"nothing complained of {text}" for text in missing]

    def _on_page(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._on_address(socket.url))

    def _on_request(self, request: Request) -> None:
        self._on_address(request.url)

    def _on_address(self, url: str) -> None:
        if not url.startswith(self._own):
            self.complaints.append(f"request to {url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} from {response.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        # Pages name their icon; for documents that have none the browser looks by itself.
        if message.type == "error" and not message.location["url"].endswith("/favicon.ico"):
            self.complaints.append(f"console: {message.text}")
