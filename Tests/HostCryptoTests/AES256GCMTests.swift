import Core
import HostCrypto
import Testing

@Suite("AES-256-GCM")
struct AES256GCMTests {
    struct Vector: Sendable {
        var key, nonce, plain, associated, sealed: String
    }

    static let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
    static let nonce = "cafebabefacedbaddecaf888"
    static let plain =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
        + "b16aedf5aa0de657ba637b39"
    static let vectors = [
        Vector(
            key: String(repeating: "0", count: 64), nonce: String(repeating: "0", count: 24), plain: "",
            associated: "", sealed: "530f8afbc74536b9a963b4f1c4cb738b"),
        Vector(
            key: String(repeating: "0", count: 64), nonce: String(repeating: "0", count: 24),
            plain: String(repeating: "0", count: 32), associated: "",
            sealed: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
        Vector(
            key: key, nonce: nonce, plain: plain + "1aafd255", associated: "",
            sealed: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                + "c5f61e6393ba7a0abcc9f662898015adb094dac5d93471bdec1a502270e3cc6c"),
        Vector(
            key: key, nonce: nonce, plain: plain, associated: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            sealed: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                + "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"),
    ]

    @Test("NIST's vectors open", arguments: 0..<vectors.count)
    func known(index: Int) throws {
        let vector = Self.vectors[index]
        let sealed = bytes(vector.nonce + vector.sealed)
        let opened = try AES256GCM.open(
            sealed, key: secret(bytes(vector.key)), associatedData: bytes(vector.associated))
        #expect(opened == bytes(vector.plain))
    }

    @Test("no changed byte opens", arguments: 0..<vectors.count)
    func changed(index: Int) {
        let vector = Self.vectors[index]
        let sealed = bytes(vector.nonce + vector.sealed)
        for position in sealed.indices {
            var copy = sealed
            copy[position] ^= 1
            #expect(throws: AES256GCM.DoesNotOpen.self) {
                try AES256GCM.open(
                    copy, key: secret(bytes(vector.key)),
                    associatedData: bytes(vector.associated))
            }
        }
    }

    @Test("what was sealed opens under the same key and associated data, and under no other")
    func roundTrip() throws {
        let key = SecureRandom.secret(32)
        let other = SecureRandom.secret(32)
        for count in [0, 1, 15, 16, 17, 1000, 100_000] {
            let plain = SecureRandom.bytes(count)
            let (data, otherData) = (Array("tenant".utf8), Array("tenants".utf8))
            let sealed = AES256GCM.seal(plain, key: key, associatedData: data)
            #expect(sealed.count == count + AES256GCM.overhead)
            #expect(try AES256GCM.open(sealed, key: key, associatedData: data) == plain)
            #expect(throws: AES256GCM.DoesNotOpen.self) {
                try AES256GCM.open(sealed, key: other, associatedData: data)
            }
            #expect(throws: AES256GCM.DoesNotOpen.self) {
                try AES256GCM.open(sealed, key: key, associatedData: otherData)
            }
        }
    }

    @Test("no nonce is used twice, and what is shorter than nonce and tag does not open")
    func nonces() {
        let key = SecureRandom.secret(32)
        let none: [UInt8] = []
        let nonces = (0..<1000).map { _ in
            Array(AES256GCM.seal(none, key: key, associatedData: none).prefix(12))
        }
        #expect(Set(nonces).count == 1000)
        for count in 0..<28 {
            let short = [UInt8](repeating: 0, count: count)
            #expect(throws: AES256GCM.DoesNotOpen.self) {
                try AES256GCM.open(short, key: key, associatedData: none)
            }
        }
    }
}
