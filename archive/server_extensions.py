"""What WebSockets need of the server, and ASGI has not."""

#: A message: the server goes down, and waits until its channels are closed.
SHUTDOWN = "archive.shutdown"
#: An extension: when the client has a frame, the server calls what the frame's message has under this name.
RECEIPTS = "archive.receipts"
