import Core
import Testing

@Suite("Base32")
struct Base32Tests {
    @Test(
        "the vectors of RFC 4648 §10 hold, without their padding",
        arguments: [
            ("", ""), ("f", "MY======"), ("fo", "MZXQ===="), ("foo", "MZXW6==="), ("foob", "MZXW6YQ="),
            ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI======"),
        ])
    func known(plain: String, text: String) {
        let bare = String(text.prefix { $0 != "=" })
        #expect(Base32.encode(Array(plain.utf8)) == bare)
        #expect(Base32.decode(bare.utf8) == Array(plain.utf8))
    }

    @Test("every byte comes back, in every place and length")
    func roundTrip() {
        for length in 0..<12 {
            for byte in UInt8.min...UInt8.max {
                let bytes = (0..<length).map { byte &+ UInt8($0) &* 37 }
                let text = Base32.encode(bytes)
                #expect(text.utf8.count == (length * 8 + 4) / 5)
                #expect(Base32.decode(text.utf8) == bytes)
            }
        }
    }

    @Test(
        "a text that is not the one of its bytes is refused: padding, lower case, other characters, bits left over",
        arguments: ["MY======", "my", "M", "MZX", "MZXW6Y", "MZ", "M0", "M1", "M8", "M Y", "MY\n", "MÝ"])
    func strict(text: String) { #expect(Base32.decode(text.utf8) == nil) }
}
