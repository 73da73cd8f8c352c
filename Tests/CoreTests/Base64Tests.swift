import Core
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(
        "the vectors of RFC 4648 §10 hold",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func known(plain: String, text: String) {
        #expect(Base64.encode(Array(plain.utf8), alphabet: .standard) == text)
        #expect(Base64.decode(text.utf8, alphabet: .standard) == Array(plain.utf8))
        let bare = String(text.prefix { $0 != "=" })
        #expect(Base64.encode(Array(plain.utf8), alphabet: .url) == bare)
        #expect(Base64.decode(bare.utf8, alphabet: .url) == Array(plain.utf8))
    }

    @Test("the two alphabets differ in two characters")
    func alphabets() {
        let bytes: [UInt8] = [0xFB, 0xFF]
        #expect(Base64.encode(bytes, alphabet: .standard) == "+/8=")
        #expect(Base64.encode(bytes, alphabet: .url) == "-_8")
        #expect(Base64.decode("-_8=".utf8, alphabet: .standard) == nil)
        #expect(Base64.decode("+/8".utf8, alphabet: .url) == nil)
    }

    @Test(
        "a text that is not the one of its bytes is refused",
        arguments: ["Zg", "Zg=", "Zh==", "Zm9", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 9v", "Zm9v\n", "Zmé"])
    func strict(text: String) { #expect(Base64.decode(text.utf8, alphabet: .standard) == nil) }

    @Test(
        "padding, a single character and bits left over are refused without padding too",
        arguments: ["Zg==", "Z", "Zh"])
    func strictURL(text: String) { #expect(Base64.decode(text.utf8, alphabet: .url) == nil) }
}
