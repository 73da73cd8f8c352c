"""Header blocks: literals exactly as given (RFC 7541 §6.2.2), or compressed as browsers do it."""

from __future__ import annotations

import hpack

Field = tuple[bytes, bytes]


def integer(value: int, prefix_bits: int, first: int = 0) -> bytes:
    """RFC 7541 §5.1; `first` holds the bits above the prefix."""
    largest = (1 << prefix_bits) - 1
    if value < largest:
        return bytes([first | value])
    out = bytearray([first | largest])
    value -= largest
    while value >= 128:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def text(value: bytes) -> bytes:
    """A string literal without Huffman coding (RFC 7541 §5.2)."""
    return integer(len(value), 7) + value


def literal(name: bytes, value: bytes) -> bytes:
    """A literal field without indexing, its name spelt out: no state on either side, and any byte may stand in it."""
    return b"\x00" + text(name) + text(value)


class LiteralEncoder:
    """Writes every field as a literal; headers blocks mean the same wherever they stand."""

    def encode(self, fields: list[Field]) -> bytes:
        """The block."""
        return b"".join(literal(name, value) for name, value in fields)


class CompressingEncoder:
    """Writes as browsers do: static and dynamic table, Huffman strings; names and values are not looked at."""

    def __init__(self) -> None:
        self._encoder = hpack.Encoder()

    def encode(self, fields: list[Field]) -> bytes:
        """The block."""
        return self._encoder.encode(list(fields), huffman=True)


class Decoder:
    """Reads the gateway's header blocks; wrong ones raise `hpack.HPACKError`."""

    def __init__(self) -> None:
        self._decoder = hpack.Decoder(max_header_list_size=1 << 20)

    def limit_table(self, size: int) -> None:
        """What our SETTINGS_HEADER_TABLE_SIZE allows the gateway from now on."""
        self._decoder.max_allowed_table_size = size

    def decode(self, block: bytes) -> list[Field]:
        """The fields of a block."""
        return [(bytes(name), bytes(value)) for name, value in self._decoder.decode(block, raw=True)]
