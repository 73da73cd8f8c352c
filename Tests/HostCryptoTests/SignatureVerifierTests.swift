import HostCrypto
import TestAuthenticator
import Testing

@Suite("Signatures by foreign keys")
struct SignatureVerifierTests {
    static let message = Array("what was signed".utf8)
    static let kinds: [(TestKey.Kind, SignatureAlgorithm)] = [
        (.p256, .es256), (.p384, .es384), (.rsa, .rs256), (.ed25519, .eddsa),
    ]

    static func key(_ kind: TestKey.Kind) -> TestKey { kind == .rsa ? .rsa2048 : TestKey(kind) }

    static func material(_ key: TestKey) -> PublicKeyMaterial {
        switch key.kind {
        case .p384: .p384(x: key.first, y: key.second)
        case .rsa: .rsa(modulus: key.first, exponent: key.second)
        case .ed25519: .ed25519(key.first)
        default: .p256(x: key.first, y: key.second)
        }
    }

    @Test("a key's signature is valid; changed, cut, or of another message or key it is not")
    func signatures() throws {
        for (kind, algorithm) in Self.kinds {
            let key = Self.key(kind)
            let verifier = try #require(SignatureVerifier(Self.material(key), algorithm))
            let signature = key.signature(of: Self.message)
            #expect(verifier.isValid(signature, for: Self.message))
            #expect(!verifier.isValid(signature, for: Self.message + [0]))
            #expect(!verifier.isValid(signature, for: []))
            #expect(!verifier.isValid([], for: Self.message))
            #expect(!verifier.isValid(signature + [0], for: Self.message))
            #expect(!verifier.isValid(Array(signature.dropLast()), for: Self.message))
            for position in stride(from: 0, to: signature.count, by: 5) {
                var changed = signature
                changed[position] ^= 4
                #expect(!verifier.isValid(changed, for: Self.message))
            }
            let other = kind == .rsa ? TestKey(.rsa) : TestKey(kind)
            #expect(!verifier.isValid(other.signature(of: Self.message), for: Self.message))
        }
    }

    @Test("a signature under another digest is not valid")
    func digest() throws {
        for (kind, algorithm, digest) in [
            (TestKey.Kind.p256, SignatureAlgorithm.es256, "SHA384"), (.p384, .es384, "SHA256"), (.rsa, .rs256, "SHA1"),
        ] {
            let key = Self.key(kind)
            let verifier = try #require(SignatureVerifier(Self.material(key), algorithm))
            #expect(!verifier.isValid(key.signature(of: Self.message, digest: digest), for: Self.message))
        }
    }

    @Test("an empty message has a signature, too")
    func empty() throws {
        for (kind, algorithm) in Self.kinds {
            let key = Self.key(kind)
            let verifier = try #require(SignatureVerifier(Self.material(key), algorithm))
            #expect(verifier.isValid(key.signature(of: []), for: []))
        }
    }

    @Test("a key is one for its own algorithm only")
    func otherAlgorithm() {
        for (kind, algorithm) in Self.kinds {
            for other in SignatureAlgorithm.allCases where other != algorithm {
                #expect(SignatureVerifier(Self.material(Self.key(kind)), other) == nil)
            }
        }
    }

    @Test("a point off the curve, or with coordinates of other lengths, is no key")
    func points() {
        let (first, second) = (TestKey(.p256), TestKey(.p384))
        var off = first.second
        off[0] ^= 1
        let (x, y) = (first.first, first.second)
        let wrong: [PublicKeyMaterial] = [
            .p256(x: x, y: off), .p256(x: y, y: x), .p256(x: [], y: []), .p256(x: [0] + x, y: y),
            .p256(x: Array(x.dropLast()), y: y), .p256(x: x, y: []),
            .p256(x: [UInt8](repeating: 0, count: 32), y: [UInt8](repeating: 0, count: 32)),
            .p256(x: [UInt8](repeating: 0xFF, count: 32), y: y), .p256(x: second.first, y: second.second),
        ]
        for key in wrong { #expect(SignatureVerifier(key, .es256) == nil) }
        #expect(SignatureVerifier(.p384(x: x, y: y), .es384) == nil)
        #expect(SignatureVerifier(.p384(x: second.first, y: second.first), .es384) == nil)
        let foreign = TestKey(.secp256k1)
        #expect(SignatureVerifier(.p256(x: foreign.first, y: foreign.second), .es256) == nil)
    }

    @Test("RSA has 2048 to 8192 bits, and an odd exponent of 3 to 64 bits")
    func rsa() {
        func isKey(_ modulus: [UInt8], _ exponent: [UInt8]) -> Bool {
            SignatureVerifier(.rsa(modulus: modulus, exponent: exponent), .rs256) != nil
        }
        func modulus(bits: Int) -> [UInt8] {
            var bytes = [UInt8](repeating: 0xFF, count: (bits + 7) / 8)
            if bits % 8 != 0 { bytes[0] = 0xFF >> UInt8(8 - bits % 8) }
            return bytes
        }
        let exponent: [UInt8] = [1, 0, 1]
        #expect(isKey(modulus(bits: 2048), exponent))
        #expect(isKey(modulus(bits: 8192), exponent))
        #expect(!isKey(modulus(bits: 2047), exponent))
        #expect(!isKey(modulus(bits: 8193), exponent))
        #expect(!isKey(TestKey.rsa1024.first, exponent))
        #expect(!isKey([], exponent))
        #expect(!isKey(modulus(bits: 2048).dropLast() + [0xFE], exponent))
        for right in [[3], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]] as [[UInt8]] {
            #expect(isKey(modulus(bits: 2048), right))
        }
        for wrong in [[], [0], [1], [2], [1, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 1]] as [[UInt8]] {
            #expect(!isKey(modulus(bits: 2048), wrong))
        }
    }

    @Test("Ed25519 verifies RFC 8032 §7.1, test 2; other lengths are no key")
    func ed25519() throws {
        let key = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        let verifier = try #require(SignatureVerifier(.ed25519(key), .eddsa))
        let signature = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
        #expect(verifier.isValid(signature, for: [0x72]))
        #expect(!verifier.isValid(signature, for: [0x73]))
        #expect(SignatureVerifier(.ed25519(Array(key.dropLast())), .eddsa) == nil)
        #expect(SignatureVerifier(.ed25519(key + [0]), .eddsa) == nil)
        #expect(SignatureVerifier(.ed25519([]), .eddsa) == nil)
        // No point of the curve: found by the verification.
        let none = try #require(SignatureVerifier(.ed25519([2] + [UInt8](repeating: 0, count: 31)), .eddsa))
        #expect(!none.isValid(signature, for: [0x72]))
    }
}
