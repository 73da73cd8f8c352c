"""An application that keeps the heads of the requests it gets, byte by byte, for the check of the job."""

import socketserver
import threading

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nrecorded"


class Recorder:
    """Serves on 127.0.0.1:`port` until `stop`."""

    def __init__(self):
        heads: list[bytes] = []

        class Connection(socketserver.StreamRequestHandler):
            def handle(self):
                while self.rfile.peek(1):
                    lines = []
                    while (line := self.rfile.readline()) not in (b"\r\n", b""):
                        lines.append(line)
                    heads.append(b"".join(lines))
                    self.wfile.write(ANSWER)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # A proxy that stops cuts its connections.

        self._heads = heads
        self._server = Server(("127.0.0.1", 0), Connection)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self) -> list[bytes]:
        """The heads since the last call, in order of arrival."""
        taken = self._heads[:]
        self._heads.clear()
        return taken

    def stop(self) -> None:
        """Closes the listening socket."""
        self._server.shutdown()
        self._server.server_close()
