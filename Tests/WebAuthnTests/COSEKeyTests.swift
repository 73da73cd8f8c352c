import TestAuthenticator
import Testing

@testable import WebAuthn

@Suite("COSE keys")
struct COSEKeyTests {
    /// A key's parameters by number, to be changed.
    private func changed(_ kind: TestKey.Kind, _ change: (inout [(Int, TestCBOR)]) -> Void) -> [UInt8] {
        var entries: [(Int, TestCBOR)] = []
        guard case .map(let all) = TestAuthenticator(kind).coseKey else { return [] }
        for (key, value) in all {
            if case .integer(let number) = key { entries.append((number, value)) }
        }
        change(&entries)
        // CTAP2's order: what is not below 0 first, then outwards.
        entries.sort { ($0.0 < 0 ? 1000 - $0.0 : $0.0) < ($1.0 < 0 ? 1000 - $1.0 : $1.0) }
        return TestCBOR.map(entries.map { (.integer($0.0), $0.1) }).encoded
    }

    private func set(_ label: Int, _ value: TestCBOR?) -> (inout [(Int, TestCBOR)]) -> Void {
        { entries in
            entries.removeAll { $0.0 == label }
            if let value { entries.append((label, value)) }
        }
    }

    /// Registers an authenticator that shows this key.
    private func register(_ key: [UInt8]) throws -> VerifiedRegistration {
        let data = TestAuthenticator().authenticatorData(isNew: true, coseKey: .raw(key))
        return try Ceremony.register(object: TestAuthenticator.attestationObject(data))
    }

    @Test("a key of each algorithm is read", arguments: [TestKey.Kind.p256, .p384, .ed25519, .rsa])
    func read(_ kind: TestKey.Kind) throws {
        let key = changed(kind) { _ in }
        #expect(try register(key).publicKey == key)
    }

    @Test("each parameter must be there and right", arguments: [TestKey.Kind.p256, .p384, .ed25519, .rsa])
    func parameters(_ kind: TestKey.Kind) {
        let labels = kind == .p256 || kind == .p384 ? [1, -1, -2, -3] : [1, -1, -2]
        for label in labels {
            for value in [nil, .integer(99), .bytes([]), .bytes([1]), .text("P-256"), .flag(true)] as [TestCBOR?] {
                // One byte may be an exponent of an RSA key, but not 1.
                #expect(throws: WebAuthnRefusal.publicKeyInvalid) { try register(changed(kind, set(label, value))) }
            }
        }
    }

    @Test("no parameter may be there that the algorithm does not have")
    func others() {
        for kind in [TestKey.Kind.p256, .p384, .ed25519, .rsa] {
            for label in [2, 4, 5, -4, -70] {
                #expect(throws: WebAuthnRefusal.publicKeyInvalid) {
                    try register(changed(kind, set(label, .bytes([1]))))
                }
            }
        }
    }

    @Test("an algorithm that is not known is unsupported; without one it is no key")
    func algorithm() {
        for number in [-36, -37, -258, -65535, -47, -53, 7, 0, -9, -19, .min, .max] {
            #expect(throws: WebAuthnRefusal.algorithmUnsupported) {
                // The test's encoder writes no more than 32 bits.
                let value: TestCBOR =
                    number == .min
                    ? .raw([0x3B, 0x7F] + [UInt8](repeating: 0xFF, count: 7))
                    : number == .max ? .raw([0x1B, 0x7F] + [UInt8](repeating: 0xFF, count: 7)) : .integer(number)
                return try register(changed(.p256, set(3, value)))
            }
        }
        for value in [nil, .text("ES256"), .bytes([])] as [TestCBOR?] {
            #expect(throws: WebAuthnRefusal.publicKeyInvalid) { try register(changed(.p256, set(3, value))) }
        }
        for key in [TestCBOR.array([]), .integer(1), .map([])] {
            #expect(throws: WebAuthnRefusal.publicKeyInvalid) { try register(key.encoded) }
        }
    }

    @Test("the curve is the algorithm's")
    func curve() {
        // A point of P-384 under ES256, one of P-256 under ES384, and Ed448's number under EdDSA.
        #expect(throws: WebAuthnRefusal.publicKeyInvalid) { try register(changed(.p384, set(3, .integer(-7)))) }
        #expect(throws: WebAuthnRefusal.publicKeyInvalid) { try register(changed(.p256, set(3, .integer(-35)))) }
        #expect(throws: WebAuthnRefusal.publicKeyInvalid) { try register(changed(.p256, set(3, .integer(-8)))) }
        #expect(throws: WebAuthnRefusal.publicKeyInvalid) { try register(changed(.ed448, set(3, .integer(-8)))) }
        #expect(throws: WebAuthnRefusal.publicKeyInvalid) { try register(changed(.ed25519, set(3, .integer(-7)))) }
        #expect(throws: WebAuthnRefusal.publicKeyInvalid) { try register(changed(.p256, set(-1, .integer(8)))) }
    }

    @Test("a point off the curve, compressed, or with a coordinate of another length is refused")
    func point() {
        let key = TestKey(.p256)
        var off = key.second
        off[31] ^= 1
        let wrong: [(Int, TestCBOR)] = [
            (-3, .bytes(off)), (-3, .flag(true)), (-2, .bytes([0] + key.first)),
            (-2, .bytes(Array(key.first.dropFirst()))),
            (-2, .bytes([UInt8](repeating: 0xFF, count: 32))), (-2, .bytes([UInt8](repeating: 0, count: 32))),
        ]
        for (label, value) in wrong {
            #expect(throws: WebAuthnRefusal.publicKeyInvalid) {
                try register(
                    changed(.p256) { entries in
                        set(-2, .bytes(key.first))(&entries)
                        set(-3, .bytes(key.second))(&entries)
                        set(label, value)(&entries)
                    })
            }
        }
    }

    @Test("an RSA key that is too short, or not in its shortest form, is refused")
    func rsa() throws {
        let (short, right) = (TestKey.rsa1024, TestKey.rsa2048)
        let wrong: [(Int, TestCBOR)] = [
            (-1, .bytes(short.first)), (-1, .bytes([0] + right.first)), (-2, .bytes([0, 1, 0, 1])),
            (-2, .bytes([1])), (-2, .bytes([2])), (-2, .bytes([0])), (-2, .bytes([1, 0, 0])),
            (-2, .bytes([UInt8](repeating: 0xFF, count: 9))),
            (-1, .bytes([UInt8](repeating: 0xFF, count: 1025))),
        ]
        for (label, value) in wrong {
            #expect(throws: WebAuthnRefusal.publicKeyInvalid) { try register(changed(.rsa, set(label, value))) }
        }
        #expect(throws: Never.self) { try register(changed(.rsa, set(-2, .bytes([3])))) }
    }

    @Test("a key that is not in canonical form is refused")
    func form() {
        let key = TestKey(.ed25519)
        let entries: [(key: TestCBOR, value: TestCBOR)] = [
            (.integer(1), .integer(1)), (.integer(3), .integer(-8)), (.integer(-1), .integer(6)),
            (.integer(-2), .bytes(key.first)),
        ]
        #expect(throws: Never.self) { try register(TestCBOR.map(entries).encoded) }
        for wrong in [
            [entries[1], entries[0], entries[2], entries[3]], [entries[0], entries[1], entries[3], entries[2]],
            [entries[0], entries[0], entries[1], entries[2], entries[3]],
            [entries[0], (.integer(3), .raw([0x38, 0x07])), entries[2], entries[3]],
        ] {
            #expect(throws: WebAuthnRefusal.cborMalformed) { try register(TestCBOR.map(wrong).encoded) }
        }
    }
}
