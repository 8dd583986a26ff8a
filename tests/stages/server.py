"""A local server of chat completions, which can be told to go wrong."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Body = dict
"""Of a request: model, messages, temperature, max_tokens, seed."""


@dataclass
class Response:
    """What a server sends once, instead of a reply."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


HANG, DROP, CUT = "hang", "drop", "cut"
"""Says nothing; closes the connection; closes it in the middle of a reply."""


@dataclass
class Served:
    """A server at work."""

    url: str
    answer: Callable[[Body], str]
    script: list[Response | str]
    """What comes first, one for each request; then replies."""
    bodies: list[Body] = field(default_factory=list)
    """What was asked, in order."""
    keys: list[str | None] = field(default_factory=list)
    """The Authorization of each request."""
    usage: bool = True
    """Whether replies say how many tokens they took: words, here."""
    busy: int = 0
    most_busy: int = 0
    """Requests that were answered at the same time."""
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, body: Body, key: str | None) -> Response | str | None:
        """Note a request; return what the script has for it."""
        with self.lock:
            self.bodies.append(body)
            self.keys.append(key)
            self.busy += 1
            self.most_busy = max(self.most_busy, self.busy)
            return self.script.pop(0) if self.script else None

    def leave(self) -> None:
        """Note that a request has been answered."""
        with self.lock:
            self.busy -= 1


def completion(text: str, body: Body, *, usage: bool = True) -> str:
    """Return a reply in the words of the API."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}}
    asked = sum(len(m["content"].split()) for m in body["messages"])
    counts = {"prompt_tokens": asked, "completion_tokens": len(text.split())}
    choices = [choice | {"finish_reason": "stop"}]
    whole = {"object": "chat.completion", "choices": choices}
    return json.dumps(whole | ({"usage": counts} if usage else {}))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer a request, or do what the script says."""
        served: Served = self.server.served
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        planned = served.take(body, self.headers["Authorization"])
        if planned == HANG:
            served.over.wait()
        response = planned
        if planned in (None, CUT):
            text = completion(served.answer(body), body, usage=served.usage)
            response = Response(body=text)
        served.leave()
        if isinstance(response, Response):
            self._send(response, share=0.5 if planned == CUT else 1.0)
        else:
            self._vanish()

    def _send(self, response: Response, share: float = 1.0) -> None:
        """Send a response, or the first part of it."""
        data = response.body.encode()
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: int(share * len(data))])
        if share < 1.0:
            self._vanish()

    def _vanish(self) -> None:
        """Close the connection without a farewell: the peer reads a reset."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve(
    answer: Callable[[Body], str], *script: Response | str, usage: bool = True
) -> Iterator[Served]:
    """Serve replies on a free port of this machine, the script's first."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    url = f"http://127.0.0.1:{server.server_port}/v1"
    server.served = Served(url, answer, list(script), usage=usage)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.served
    finally:
        server.served.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
