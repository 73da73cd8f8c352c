import Testing

@testable import Portal

@Suite("A body is one flat JSON object, read strictly")
struct JSONObjectReaderTests {
    private func read(_ text: String) throws -> [String: JSONObjectReader.Value] {
        try JSONObjectReader.read(Array(text.utf8))
    }

    @Test(
        "texts, lists of texts, booleans and null are read",
        arguments: [
            (#"{}"#, [:]), (#" { "a" : "b" } "#, ["a": .text(Array("b".utf8))]),
            (#"{"a":["b","c"],"d":[]}"#, ["a": .texts([Array("b".utf8), Array("c".utf8)]), "d": .texts([])]),
            (#"{"a":true,"b":false,"c":null}"#, ["a": .flag(true), "b": .flag(false), "c": .null]),
            (#"{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é"}"#, ["a": .text(Array("\"\\/\u{8}\u{C}\n\r\té😀é".utf8))]),
        ] as [(String, [String: JSONObjectReader.Value])])
    func accepted(text: String, members: [String: JSONObjectReader.Value]) throws {
        #expect(try read(text) == members)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "[]", "null", #""a""#, "{", #"{"a"}"#, #"{"a":}"#, #"{"a":"b",}"#, #"{"a":"b"} x"#, #"{"a":"b"}{}"#,
            #"{"a":1}"#, #"{"a":-1}"#, #"{"a":{}}"#, #"{"a":[["b"]]}"#, #"{"a":[1]}"#, #"{"a":["b",]}"#, #"{a:"b"}"#,
            #"{'a':'b'}"#, #"{"a":"b","a":"c"}"#, #"{"a":"b","\u0061":"c"}"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#,
            #"{"a":"\ud83d"}"#, #"{"a":"\ude00"}"#, #"{"a":"\ud83d\u0041"}"#, "{\"a\":\"b\nc\"}", #"{"a":"b"#,
            #"{"a":tru}"#, "\u{FEFF}{}",
        ])
    func refused(text: String) {
        #expect(throws: JSONObjectReader.Malformed.self) { try read(text) }
    }

    @Test("bytes that are no UTF-8 are refused")
    func invalidUTF8() {
        #expect(throws: JSONObjectReader.Malformed.self) {
            try JSONObjectReader.read(Array(#"{"a":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8))
        }
    }

    @Test("members and entries have bounds, each of which is still accepted")
    func bounds() throws {
        func object(_ count: Int) -> String {
            "{" + (0..<count).map { #""m\#($0)":"""# }.joined(separator: ",") + "}"
        }
        func list(_ count: Int) -> String {
            #"{"a":["# + Array(repeating: #""""#, count: count).joined(separator: ",") + "]}"
        }
        #expect(try read(object(JSONObjectReader.mostMembers)).count == JSONObjectReader.mostMembers)
        #expect(throws: JSONObjectReader.Malformed.self) { try read(object(JSONObjectReader.mostMembers + 1)) }
        #expect(try read(list(JSONObjectReader.mostEntries)).count == 1)
        #expect(throws: JSONObjectReader.Malformed.self) { try read(list(JSONObjectReader.mostEntries + 1)) }
    }
}
