"""uvicorn's HTTP protocol with a limit to the head of a request, which its parser would collect without end."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Far more than any client sends, and more than arrives in one piece.
LONGEST_HEAD = 512 * 1024

TOO_LARGE = b"The head of the request is too large."
ANSWER = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-type: text/plain\r\n"


class LimitedHead(HttpToolsProtocol):
    """Answers 431 (RFC 6585 Section 5) and closes the connection, before anybody is asked who is calling."""

    _in_head = False
    _head_length = 0

    def on_message_begin(self) -> None:
        self._in_head, self._head_length = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._in_head:
            self._head_length += len(data)
            if self._head_length > LONGEST_HEAD:
                length = b"content-length: %d\r\n\r\n" % len(TOO_LARGE)
                self.transport.write(ANSWER + length + TOO_LARGE)
                self.transport.close()
