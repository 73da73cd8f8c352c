import Core
import HTTPWire
import TestSupport
import Testing
import WireLaws

@Suite("Request head: arrival and bounds")
struct RequestHeadArrivalTests {
    @Test("the laws hold for every case at every split", arguments: RequestHeadParserTests.requestLines)
    func requestLinesSplit(_ given: RequestHeadParserTests.Case) throws {
        try RequestHeadLaws.check(given.refused)
        try RequestHeadLaws.check(given.accepted)
    }

    @Test("the laws hold for every field case at every split", arguments: RequestHeadParserTests.fields)
    func fieldsSplit(_ given: RequestHeadParserTests.Case) throws {
        try RequestHeadLaws.check(given.refused)
        try RequestHeadLaws.check(given.accepted)
    }

    @Test("bytes behind the head are not part of it")
    func length() {
        let bytes = head("X-A: b")
        let parsed = Parsed(bytes + head(method: "BAD BAD"))
        #expect(parsed.outcome == .complete)
        #expect(parsed.head.length == bytes.count)
    }

    @Test("a head of exactly the bound passes, one byte more does not, however it arrives")
    func byteBound() {
        let bytes = head("X-A: b")
        #expect(Parsed(bytes, limits: HeadLimits(bytes: bytes.count, fields: 9)).outcome == .complete)
        let small = HeadLimits(bytes: bytes.count - 1, fields: 9)
        #expect(refusal(bytes, limits: small) == .headerTooLarge)
        #expect(refusal(Array(bytes.dropLast()), limits: small) == .headerTooLarge)
        #expect(Parsed(Array(bytes.dropLast(2)), limits: small).outcome == .incomplete)
    }

    @Test("a fault beyond the bound is not seen: the head is too large, whether or not it has come")
    func faultBeyondTheBound() {
        let bytes = head("X-A: \(String(repeating: "a", count: 200))", "bad line")
        let limits = HeadLimits(bytes: 100, fields: 9)
        #expect(refusal(bytes, limits: limits) == .headerTooLarge)
        #expect(refusal(Array(bytes.prefix(100)), limits: limits) == .headerTooLarge)
    }

    @Test("a request line of its own that fills the bound is a long target, also after another request")
    func longTarget() {
        let limits = HeadLimits(bytes: 100, fields: 9)
        let bytes = head(target: "/" + String(repeating: "a", count: 200))
        #expect(refusal(bytes, limits: limits) == .targetTooLong)
        #expect(refusal(Array(bytes.prefix(100)), limits: limits) == .targetTooLong)
        var used = RequestHead()
        let parser = RequestHeadParser(limits: limits)
        let good = head()
        let first = parser.parse(good.span.bytes, into: &used)
        #expect(first == .complete)
        let second = parser.parse(bytes.span.bytes, into: &used)
        #expect(second == .refused(.targetTooLong))
        #expect(used.target.isEmpty && used.path.isEmpty)
    }

    @Test("exactly the bound of fields passes, one more does not")
    func fieldBound() {
        let bytes = head("A: 1", "B: 2", "C: 3")
        #expect(Parsed(bytes, limits: HeadLimits(bytes: 4096, fields: 4)).outcome == .complete)
        #expect(refusal(bytes, limits: HeadLimits(bytes: 4096, fields: 3)) == .headersTooMany)
    }

    @Test("a control character is found at each of 41 positions, and each of its kind", arguments: 0...40)
    func controls(_ position: Int) {
        for control in Array(UInt8(0)..<0x20) + [0x7F] where control != 0x09 {
            var value = [UInt8](repeating: 0x61, count: 41)
            value[position] = control
            let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + value + Array("\r\n\r\n".utf8)
            #expect(refusal(bytes) == .headerMalformed, "\(control) at \(position)")
        }
        for kind in [UInt8(0x09), 0x20, 0x21, 0x7E, 0x80, 0xFF] {
            var value = [UInt8](repeating: 0x61, count: 41)
            value[position] = kind
            let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + value + Array("\r\n\r\n".utf8)
            #expect(Parsed(bytes).outcome == .complete, "\(kind) at \(position)")
        }
    }

    @Test("a head that was read leaves nothing in the next one's")
    func reuse() {
        var used = RequestHead()
        let parser = RequestHeadParser(limits: HeadLimits(bytes: 4096, fields: 32))
        let rich = head(
            "Content-Length: 5", "Expect: 100-continue", "Connection: close, upgrade, x", "Upgrade: websocket",
            target: "https://app.example.org/a?b")
        let first = parser.parse(rich.span.bytes, into: &used)
        #expect(first == .complete)
        let plain = head(target: "/")
        let second = parser.parse(plain.span.bytes, into: &used)
        #expect(second == .complete)
        #expect(used.framing == .none && used.isPersistent && !used.expectsContinue && !used.hasNominations)
        #expect(!used.wantsUpgrade && used.query == nil && used.authority == nil && used.fields.count == 1)
    }
}
