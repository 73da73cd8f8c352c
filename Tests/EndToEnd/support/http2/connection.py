"""One HTTP/2 connection to the gateway: sends bytes exactly as given, reads frames strictly, keeps what was seen."""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import replace

import hpack

from ..client import RECEIVE_BYTES, Endpoint
from . import frames
from .fields import Decoder, Field
from .seen import Goaway, Seen, SeenStream


def speaking_http2(endpoint: Endpoint, protocols: tuple[str, ...] = ("h2",)) -> Endpoint:
    """The same place, for clients that offer HTTP/2 alone."""
    if endpoint.tls is None:
        return endpoint
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata="".join(
        ssl.DER_cert_to_PEM_cert(each) for each in endpoint.tls.get_ca_certs(binary_form=True)))
    context.set_alpn_protocols(list(protocols))
    return replace(endpoint, tls=context)


class Connection:
    """A context manager that closes it.  It acknowledges and opens windows as a client should, unless it is `mute`."""

    def __init__(self, endpoint: Endpoint, source_address: str = "127.0.0.1", is_mute: bool = False) -> None:
        self.patience_seconds = endpoint.patience_seconds
        self.is_mute = is_mute
        self.opens_windows = True
        self.seen = Seen()
        self.decoder = Decoder()
        self.credit = frames.DEFAULT_WINDOW
        """Bytes of DATA that the gateway has ever allowed on the connection (RFC 9113 §6.9.1)."""
        self.sent: dict[int, int] = {0: 0}
        """Bytes of DATA that were sent, by stream and (0) together; kept by whoever sends them."""
        self._replies = bytearray()
        """Acknowledgements and windows, which wait until what is being sent has been sent: they are frames too."""
        self.may_reply = True
        """False until our own SETTINGS have gone: nothing may stand before them (RFC 9113 §3.4)."""
        self._is_leaving = False
        self._buffer = bytearray()
        self._block: tuple[int, int, bytes] | None = None
        plain = socket.create_connection((endpoint.host, endpoint.port), self.patience_seconds, (source_address, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket: socket.socket = plain
        if endpoint.tls is not None:
            wrapped = endpoint.tls.wrap_socket(plain, server_hostname=endpoint.server_name)
            self.socket = wrapped
            assert wrapped.selected_alpn_protocol() == "h2", f"ALPN chose {wrapped.selected_alpn_protocol()}, not h2"

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    # --- sending ----------------------------------------------------------------------------------------------------

    def send(self, data: bytes, piece_bytes: int | None = None) -> bool:
        """Sends everything, in pieces of their own TLS records where asked; False where the gateway has closed.

        What comes meanwhile is read, so that neither end waits for the other; it is replied to afterwards.
        """
        step = piece_bytes or RECEIVE_BYTES
        for start in range(0, len(data), step):
            self.receive(0)
            if self.seen.ending != "open":
                return False
            if not self.push(data[start : start + step]):
                return False
        return self._reply()

    def _reply(self) -> bool:
        if not self._replies or self.is_mute or self._is_leaving or not self.may_reply:
            return True
        data = bytes(self._replies)
        self._replies.clear()
        return self.push(data)

    def push(self, data: bytes, reads: bool = True) -> bool:
        """Sends everything or until nothing goes for the whole patience; `reads` takes what comes while it waits."""
        self.socket.settimeout(0)
        view = memoryview(data)
        deadline = time.monotonic() + self.patience_seconds
        while view:
            try:
                view = view[self.socket.send(view) :]
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                if time.monotonic() > deadline:
                    return False
                select.select([self.socket] if reads else [], [self.socket], [], 0.05)
                if reads:
                    self.receive(0)
                self.socket.settimeout(0)
                if self.seen.ending != "open":
                    return False
            except OSError:
                return False
        return True

    def room(self, stream: int) -> int:
        """How many bytes of DATA may be sent on the stream now."""
        # The gateway holds us to its own settings from our acknowledgement on (RFC 9113 §6.5.3), so that goes first.
        self._reply()
        allowed = self.seen.settings.get(frames.PARAMETERS["INITIAL_WINDOW_SIZE"], frames.DEFAULT_WINDOW)
        of_stream = allowed + self.stream(stream).credit - self.sent.get(stream, 0)
        return min(of_stream, self.credit - self.sent[0])

    def count_data(self, stream: int, size: int) -> None:
        """Takes DATA that is sent off the windows."""
        self.sent[stream] = self.sent.get(stream, 0) + size
        self.sent[0] += size

    # --- reading ----------------------------------------------------------------------------------------------------

    def read_until(self, is_enough: Callable[[Seen], bool], patience_seconds: float | None = None) -> bool:
        """Reads until this holds; False where the connection ended before, or nothing came within the patience."""
        patience = self.patience_seconds if patience_seconds is None else patience_seconds
        while not is_enough(self.seen):
            self._reply()
            if self.seen.ending != "open":
                return False
            if not self.receive(patience):
                if patience_seconds is None:
                    self.seen.ending = "hung"
                return False
        return True

    def read_to_end(self) -> None:
        """Reads until the gateway closes."""
        self.read_until(lambda seen: seen.ending != "open")

    def end_sending(self) -> None:
        """Ends our direction of the TCP connection without a goodbye; what still comes cannot be decrypted."""
        self._is_leaving = True
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def receive(self, patience_seconds: float) -> bool:
        """Takes what comes within this time; False where nothing does."""
        deadline = time.monotonic() + patience_seconds
        while True:
            self.socket.settimeout(0)
            try:
                data = self.socket.recv(RECEIVE_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError):
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                select.select([self.socket], [], [], left)
                continue
            except OSError:
                data = b""
            if not data:
                self.seen.ending = "closed"
                if self._buffer and not self._is_leaving:
                    self._fault(f"{len(self._buffer)} bytes of an unfinished frame at the end")
                return True
            if self._is_leaving:
                return True
            self._buffer += data
            while (taken := frames.next_frame(self._buffer)) is not None:
                self._take(taken)
            return True

    def _fault(self, text: str) -> None:
        self.seen.faults.append(text)

    def stream(self, number: int) -> SeenStream:
        """What was seen of a stream."""
        return self.seen.streams.setdefault(number, SeenStream())

    def _take(self, taken: frames.Frame) -> None:
        if len(taken.payload) > frames.LARGEST_FRAME:
            self._fault(f"a frame of {len(taken.payload)} bytes")
        if self._block is not None and taken.kind != frames.CONTINUATION:
            self._fault("a frame between HEADERS and CONTINUATION")
        if taken.kind == frames.DATA:
            self._take_data(taken)
        elif taken.kind in (frames.HEADERS, frames.CONTINUATION):
            self._take_block(taken)
        elif taken.kind == frames.RST_STREAM:
            self.stream(taken.stream).reset = frames.error_name(int.from_bytes(taken.payload, "big"))
        elif taken.kind == frames.SETTINGS:
            self._take_settings(taken)
        elif taken.kind == frames.PING:
            if taken.flags & frames.ACK:
                self.seen.pongs.append(taken.payload)
            else:
                self._replies += frames.ping(taken.payload, is_ack=True)
        elif taken.kind == frames.GOAWAY:
            last, code = (int.from_bytes(taken.payload[start : start + 4], "big") for start in (0, 4))
            self.seen.goaways.append(Goaway(last, frames.error_name(code), taken.payload[8:]))
        elif taken.kind == frames.WINDOW_UPDATE:
            self.seen.window_updates += 1
            increment = int.from_bytes(taken.payload, "big")
            if taken.stream:
                self.stream(taken.stream).credit += increment
            else:
                self.credit += increment
        else:
            self._fault(f"a frame of type {taken.kind}, which a server does not send here")

    def _take_settings(self, taken: frames.Frame) -> None:
        if taken.flags & frames.ACK:
            self.seen.settings_acks += 1
            return
        for start in range(0, len(taken.payload), 6):
            number = int.from_bytes(taken.payload[start : start + 2], "big")
            self.seen.settings[number] = int.from_bytes(taken.payload[start + 2 : start + 6], "big")
        self._replies += frames.settings(is_ack=True)

    def _take_data(self, taken: frames.Frame) -> None:
        stream = self.stream(taken.stream)
        body = taken.payload
        if taken.flags & frames.PADDED:
            body = body[1 : len(body) - body[0]]
        if fault := stream.take_data(body, bool(taken.flags & frames.END_STREAM)):
            self._fault(f"stream {taken.stream}: {fault}")
        if self.opens_windows and taken.payload:
            self._replies += frames.window_update(0, len(taken.payload))
            if not stream.is_over:
                self._replies += frames.window_update(taken.stream, len(taken.payload))

    def _take_block(self, taken: frames.Frame) -> None:
        block = taken.payload
        if taken.kind == frames.HEADERS:
            if taken.flags & frames.PADDED:
                block = block[1 : len(block) - block[0]]
            if taken.flags & frames.PRIORITIZED:
                block = block[5:]
            self._block = (taken.stream, taken.flags, block)
        elif self._block is None or self._block[0] != taken.stream:
            self._fault("CONTINUATION of nothing")
            return
        else:
            self._block = (taken.stream, self._block[1], self._block[2] + block)
        if not taken.flags & frames.END_HEADERS:
            return
        number, flags, block = self._block
        self._block = None
        try:
            found: list[Field] = self.decoder.decode(block)
        except hpack.HPACKError as failure:
            self._fault(f"a header block that cannot be decoded: {failure}")
            return
        if fault := self.stream(number).take_fields(found, bool(flags & frames.END_STREAM)):
            self._fault(f"stream {number}: {fault}")
