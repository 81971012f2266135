"""What a page does besides what it shows."""

from playwright.sync_api import ConsoleMessage, Page, Request, Response


class Watched:
    """A page's requests to other hosts, answers that say no, and errors, from now on."""

    def __init__(self, page: Page, root: str) -> None:
        self.complaints: list[str] = []
        self._own = (f"{root}/", "data:", f"blob:{root}/")
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(self._own):
            self.complaints.append(f"request to {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} from {response.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")
