import Core
import Foundation
import HTTPWire
import Testing

@testable import Proxy

@Suite("What is recorded")
struct RecordTests {
    @Test("whatever bytes come, the line stays one line of valid JSON")
    func json() throws {
        let all = (0...255).map { UInt8($0) } + Array("\"\\\r\n</script>ä".utf8)
        var buffer = WireBuffer()
        JSONText.append(all.span.bytes, to: &buffer)
        let text = buffer.copied()
        #expect(text.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        let read = try #require(
            try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed) as? String)
        #expect(read.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } == all)
        buffer.removeAll()
        JSONText.append([UInt8]().span.bytes, to: &buffer)
        #expect(buffer.text == "\"\"")
    }

    @Test(
        "a text in quotes reads back as it was", arguments: ["", "route", "ä\u{1F600}", "a\"b\\c", "\u{0}\r\n\t\u{7F}"])
    func quoted(_ text: String) throws {
        let bytes = JSONText.quoted(text)
        #expect(!bytes.contains { $0 < 0x20 })
        #expect(try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) as? String == text)
    }

    @Test("request ids are 32 hexadecimal digits, unique, and ordered by time")
    func requestIDs() {
        var source = RequestIDSource(salt: 0xFFFF_0000_0001)
        var other = RequestIDSource(salt: 0xFFFF_0000_0002)
        var texts: [String] = []
        for wall in [0, 1, 1_700_000_000_000, 1_700_000_000_001] as [Int64] {
            for _ in 0..<50 { texts.append(source.next(wall: wall).text) }
            let (one, two) = (other.next(wall: wall), source.next(wall: wall))
            #expect(one != two)
        }
        #expect(texts == texts.sorted())
        #expect(Set(texts).count == texts.count)
        #expect(texts.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) })
        let id = source.next(wall: 77)
        var buffer = WireBuffer()
        id.append(to: &buffer)
        #expect(buffer.text == id.text)
    }

    @Test("a ring holds its bound and drops what is too much, whole lines only")
    func ring() {
        let ring = LogRing()
        let line = [UInt8](repeating: 0x61, count: 1000)
        var (kept, wakes) = (0, 0)
        for _ in 0..<LogRing.bound / 1000 + 100 {
            let (isKept, isWoken) = ring.append(line.span.bytes)
            if isKept { kept += 1 }
            if isWoken { wakes += 1 }
        }
        #expect(kept == LogRing.bound / 1000)
        #expect(wakes == 1)
        #expect(ring.waiting == kept * 1000)
        var emptied = WireBuffer()
        ring.swap(&emptied)
        #expect(emptied.count == kept * 1000 && ring.waiting == 0)
        #expect(ring.append(line.span.bytes).isKept)
        ring.swap(&emptied)
        #expect(emptied.count == 1000)
    }

    @Test("each counter, reason and bucket counts for itself")
    func counters() {
        let counters = LoopCounters()
        for (index, counter) in LoopCounters.Counter.allCases.enumerated() { counters.add(counter, index + 1) }
        for reason in ReasonCode.allCases { for _ in 0...Int(reason.rawValue) { counters.add(refusal: reason) } }
        for (index, bound) in LoopCounters.durationBounds.enumerated() {
            for _ in 0...index { counters.add(duration: bound) }
        }
        counters.add(duration: 10_001)
        for (index, counter) in LoopCounters.Counter.allCases.enumerated() {
            #expect(counters.value(counter) == UInt64(index + 1), "\(counter)")
        }
        for reason in ReasonCode.allCases { #expect(counters.refusals(reason) == UInt64(reason.rawValue) + 1) }
        let (buckets, sum) = counters.durations
        #expect(buckets == (1...12).map { UInt64($0) } + [1])
        let expected = LoopCounters.durationBounds.enumerated().reduce(10_001) {
            $0 + UInt64($1.offset + 1) * $1.element
        }
        #expect(sum == expected)
    }

    @Test("gauges hold what was set last, and nothing below zero")
    func gauges() {
        let gauges = LoopGauges()
        for (index, gauge) in LoopGauges.Gauge.allCases.enumerated() { gauges.set(gauge, index + 1) }
        for (index, gauge) in LoopGauges.Gauge.allCases.enumerated() {
            #expect(gauges.value(gauge) == UInt64(index + 1))
        }
        gauges.set(.timers, -1)
        #expect(gauges.value(.timers) == 0)
    }
}
