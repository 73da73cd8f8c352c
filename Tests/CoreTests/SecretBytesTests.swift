import Core
import Testing

@Suite("Secret bytes")
struct SecretBytesTests {
    @Test("two secrets are equal only where all their bytes are")
    func equality() {
        let bytes: [UInt8] = [1, 2, 3]
        let one = SecretBytes(copying: bytes)
        let copy = SecretBytes(copying: bytes)
        #expect(SecretBytes.isEqual(one, copy) == true)
        #expect(SecretBytes.isEqual(one, one.copy()) == true)
        let (changed, longer): ([UInt8], [UInt8]) = ([1, 2, 4], [1, 2, 3, 0])
        #expect(SecretBytes.isEqual(one, SecretBytes(copying: changed)) == false)
        #expect(SecretBytes.isEqual(one, SecretBytes(copying: longer)) == false)
    }

    @Test("the array that a secret came in is emptied")
    func source() {
        var bytes: [UInt8] = [1, 2, 3]
        let secret = SecretBytes(wiping: &bytes)
        #expect(bytes.isEmpty)
        #expect(secret.count == 3)
        let lent = secret.withBytes { $0.byteCount }
        #expect(lent == 3)
    }

    @Test("a secret is filled in place")
    func filled() {
        let secret = SecretBytes(count: 2) { (output: inout MutableRawSpan) in
            output.storeBytes(of: 7, toByteOffset: 1, as: UInt8.self)
        }
        let expected: [UInt8] = [0, 7]
        #expect(SecretBytes.isEqual(secret, SecretBytes(copying: expected)) == true)
    }
}
