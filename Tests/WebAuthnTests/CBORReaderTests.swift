import TestAuthenticator
import Testing

@testable import WebAuthn

@Suite("CBOR")
struct CBORReaderTests {
    private func read(_ hexadecimal: String, deepest: Int = 4) throws(WebAuthnRefusal) -> CBORItem {
        try CBORReader.read(bytes(hexadecimal), deepest: deepest)
    }

    private func map(_ entries: [(CBORItem, CBORItem)]) -> CBORItem {
        .map(CBORMap(entries: entries.map { CBORMap.Entry(key: $0.0, value: $0.1) }))
    }

    @Test("the examples of RFC 8949 appendix A are read, as far as CTAP2 has such items")
    func examples() throws {
        let examples: [(String, CBORItem)] = [
            ("00", .integer(0)), ("01", .integer(1)), ("0a", .integer(10)), ("17", .integer(23)),
            ("1818", .integer(24)), ("1819", .integer(25)), ("1864", .integer(100)), ("1903e8", .integer(1000)),
            ("1a000f4240", .integer(1_000_000)), ("1b000000e8d4a51000", .integer(1_000_000_000_000)),
            ("20", .integer(-1)), ("29", .integer(-10)), ("3863", .integer(-100)), ("3903e7", .integer(-1000)),
            ("1b7fffffffffffffff", .integer(.max)), ("3b7fffffffffffffff", .integer(.min)),
            ("f4", .flag(false)), ("f5", .flag(true)), ("f6", .null),
            ("40", .bytes([])), ("4401020304", .bytes([1, 2, 3, 4])),
            ("60", .text([])), ("6449455446", .text(Array("IETF".utf8))), ("62c3bc", .text(Array("ü".utf8))),
            ("80", .array([])), ("83010203", .array([.integer(1), .integer(2), .integer(3)])),
            (
                "8301820203820405",
                .array([
                    .integer(1), .array([.integer(2), .integer(3)]), .array([.integer(4), .integer(5)]),
                ])
            ),
            ("a0", map([])), ("a201020304", map([(.integer(1), .integer(2)), (.integer(3), .integer(4))])),
            (
                "a26161016162820203",
                map([
                    (.text([0x61]), .integer(1)), (.text([0x62]), .array([.integer(2), .integer(3)])),
                ])
            ),
        ]
        for (text, item) in examples { #expect(try read(text) == item) }
    }

    @Test(
        "what is not in canonical form, or not whole, is refused",
        arguments: [
            // Nothing, cut off, too much.
            "", "18", "1900", "1a000000", "1b00000000000000", "41", "4201", "61", "81", "8201", "a1", "a101", "a20102",
            "0000", "a000", "8000",
            // Longer than need be.
            "1800", "1817", "190000", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "5800", "580101",
            "780161", "9800", "980101", "b800", "b8010101", "5900021234",
            // Beyond 63 bits.
            "1b8000000000000000", "1bffffffffffffffff", "3b8000000000000000", "3bffffffffffffffff",
            // Lengths beyond the bytes.
            "5b7fffffffffffffff", "7b7fffffffffffffff", "9b7fffffffffffffff", "bb7fffffffffffffff", "9affffffff00",
            "ba7fffffff0000", "5bffffffffffffffff", "5affffffff",
            // Indefinite lengths and reserved ones.
            "5f4101ff", "7f6161ff", "9fff", "9f01ff", "bfff", "bf0101ff", "ff", "1c", "1d", "1e", "1f", "3f", "5c",
            "7d",
            // Keys twice, out of order, of other kinds.
            "a201010101", "a2616101616101", "a202010101", "a203010101", "a2616201616101", "a262616101616201",
            "a220010101", "a26161010101", "a1410101", "a1f401", "a18001", "a1a001", "a1f600",
            // No UTF-8.
            "61ff", "62c328", "63eda080",
            // Tags, floating point, other simple values.
            "c000", "c11a514b67b0", "d9d9f700", "f90000", "fa00000000", "fb0000000000000000", "f7", "e0", "f820", "f3",
        ])
    func refused(_ text: String) {
        #expect(throws: WebAuthnRefusal.cborMalformed) { try read(text) }
    }

    @Test("keys ascend by type, then by length, then by bytes")
    func order() throws {
        for text in ["a201002000", "a21700181800", "a2 0a 00 6161 00", "a2 6162 00 626161 00", "a2 20 00 3818 00"] {
            _ = try read(text)
        }
        for text in ["a220000100", "a21818001700", "a2 6161 00 0a 00", "a2 626161 00 6162 00", "a2 3818 00 20 00"] {
            #expect(throws: WebAuthnRefusal.cborMalformed) { try read(text) }
        }
    }

    @Test("the depth has a bound, of arrays and of maps")
    func depth() throws {
        _ = try read("8181818100")
        _ = try read("a100a100a100a10000")
        _ = try read("8181818180", deepest: 5)
        for text in ["818181818100", "8181818180", "a100a100a100a100a0", String(repeating: "81", count: 10_000) + "00"]
        {
            #expect(throws: WebAuthnRefusal.cborMalformed) { try read(text) }
        }
    }

    @Test("what a test writes is read as it was meant")
    func roundTrip() throws {
        let written = TestCBOR.map([
            (.integer(1), .bytes([UInt8](repeating: 9, count: 300))), (.integer(-1), .array([.integer(70000)])),
            (.text("x"), .flag(true)),
        ])
        let item = try CBORReader.read(written.encoded, deepest: 4)
        #expect(
            item
                == map([
                    (.integer(1), .bytes([UInt8](repeating: 9, count: 300))),
                    (.integer(-1), .array([.integer(70000)])), (.text(Array("x".utf8)), .flag(true)),
                ]))
    }
}
