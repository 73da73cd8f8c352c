"""A gRPC service whose messages are plain bytes, and the health service beside it, on grpcio's own server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

SERVICE = "public"
"""Its methods are `/public/…`, which the tests' route is for."""
PATIENCE_SECONDS = 30


class GrpcService:
    """A context manager around the server, on a free port, in clear text (h2c with prior knowledge)."""

    def __init__(self, service: str = SERVICE) -> None:
        self.go_on = threading.Semaphore(0)
        """Released by a test for each message of `Drip`."""
        self.cancelled = threading.Event()
        self.is_waiting = threading.Event()
        self.heard: list[dict[str, str | bytes]] = []
        """The metadata of each call."""
        self.remaining: list[float | None] = []
        """What each call's deadline left, in seconds."""
        unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
        methods = {
            "Echo": unary(self._echo), "Metadata": unary(self._metadata), "Fail": unary(self._fail),
            "Wait": unary(self._wait), "Count": stream(self._count), "Drip": stream(self._drip),
            "FailLater": stream(self._fail_later),
            "Sum": grpc.stream_unary_rpc_method_handler(self._sum),
            "Talk": grpc.stream_stream_rpc_method_handler(self._talk),
        }
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), options=[("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
        self.health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self._server)
        self.health.set(service, health_pb2.HealthCheckResponse.SERVING)
        self.port: int = self._server.add_insecure_port("127.0.0.1:0")

    def __enter__(self) -> GrpcService:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(None).wait(PATIENCE_SECONDS)

    def _note(self, context: grpc.ServicerContext) -> None:
        self.heard.append({key: value for key, value in context.invocation_metadata()})
        self.remaining.append(context.time_remaining())

    def _echo(self, message: bytes, context: grpc.ServicerContext) -> bytes:
        self._note(context)
        return message

    def _metadata(self, message: bytes, context: grpc.ServicerContext) -> bytes:
        self._note(context)
        context.send_initial_metadata([("x-early", "first"), ("x-early-bin", b"\x00\xff")])
        context.set_trailing_metadata([("x-late", "last"), ("x-late-bin", b"\xff\x00")])
        return message

    def _fail(self, message: bytes, context: grpc.ServicerContext) -> bytes:
        context.abort(grpc.StatusCode.NOT_FOUND, "no Käse: 100 %")

    def _wait(self, message: bytes, context: grpc.ServicerContext) -> bytes:
        self._note(context)
        context.add_callback(self.cancelled.set)
        self.is_waiting.set()
        self.cancelled.wait(PATIENCE_SECONDS)
        return b"nobody reads this"

    def _count(self, message: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        for number in range(int(message)):
            yield b"%d" % number

    def _drip(self, message: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        for number in range(int(message)):
            self.go_on.acquire(timeout=PATIENCE_SECONDS)
            yield b"%d" % number

    def _fail_later(self, message: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        yield b"one"
        yield b"two"
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "enough")

    def _sum(self, messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        return b"%d" % sum(int(message) for message in messages)

    def _talk(self, messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        for message in messages:
            yield b"heard " + message
