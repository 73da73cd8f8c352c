import HTTPWire
import TestSupport
import Testing

@Suite("Wire buffer: bytes on their way")
struct WireBufferTests {
    @Test("10,000 random steps leave what an array would hold")
    func model() {
        var random = SeededGenerator(seed: 20_260)
        var buffer = WireBuffer()
        var model: [UInt8] = []
        for step in 0..<10_000 {
            let count = Int.random(in: 0...700, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            switch Int.random(in: 0..<12, using: &random) {
            case 0, 1, 2:
                buffer.append(bytes)
                model += bytes
            case 3:
                buffer.append(bytes.span.bytes)
                model += bytes
            case 4:
                buffer.append(UInt8(truncatingIfNeeded: step))
                model.append(UInt8(truncatingIfNeeded: step))
            case 5, 6:
                let used = min(count, model.count)
                buffer.consume(used)
                model.removeFirst(used)
            case 7:
                var other = WireBuffer()
                other.append(bytes)
                buffer.append(moving: &other)
                #expect(other.isEmpty == true)
                model += bytes
            case 8:
                let written = min(count, 64)
                let result = buffer.withRoom(count) { room in
                    #expect(room.byteCount >= count)
                    for index in 0..<written { room.storeBytes(of: bytes[index], toByteOffset: index, as: UInt8.self) }
                    return (written, room.byteCount)
                }
                #expect(result >= max(count, 1))
                model += bytes.prefix(written)
            case 9:
                buffer.reserve(count)
            case 10 where step % 50 == 0:
                buffer.removeAll()
                model = []
            case 11 where step % 50 == 0:
                buffer.releaseStorage()
                #expect(buffer.heldBytes == 0)
                model = []
            default:
                buffer.append("literal")
                model += Array("literal".utf8)
            }
            #expect(buffer.count == model.count)
            if step % 16 == 0 { #expect(buffer.copied() == model) }
            #expect(buffer.heldBytes >= buffer.count)
        }
        #expect(buffer.copied() == model)
    }

    @Test("nothing can be appended to a buffer that has no memory yet")
    func nothing() {
        var buffer = WireBuffer()
        buffer.append("")
        buffer.append([])
        var other = WireBuffer()
        buffer.append(moving: &other)
        #expect(buffer.isEmpty == true)
        #expect(buffer.heldBytes == 0)
        #expect(buffer.copied() == [])
        buffer.consume(0)
        buffer.withBytes { #expect($0.byteCount == 0) }
    }

    @Test("memory is re-used while the bytes fit, and does not creep")
    func steady() {
        var buffer = WireBuffer()
        let part = [UInt8](repeating: 7, count: 300)
        for _ in 0..<10_000 {
            buffer.append(part)
            buffer.consume(299)
            buffer.consume(1)
        }
        #expect(buffer.heldBytes <= 1024)
        for _ in 0..<10_000 {
            buffer.append(part)
            if buffer.count > 600 { buffer.consume(300) }
        }
        #expect(buffer.heldBytes <= 4096)
    }

    @Test("numbers are written without leading zeros, or to a width")
    func numbers() {
        for number in [0, 1, 9, 10, 99, 100, 1_000_000_007, UInt64.max, UInt64.max - 1, 10_000_000_000_000_000_000] {
            var buffer = WireBuffer()
            buffer.append(decimal: number)
            #expect(buffer.text == String(number))
            buffer.removeAll()
            buffer.append(hexadecimal: number)
            #expect(buffer.text == String(number, radix: 16))
            buffer.removeAll()
            buffer.append(hexadecimal16: number)
            #expect(
                buffer.text == String(repeating: "0", count: 16 - String(number, radix: 16).count)
                    + String(number, radix: 16))
        }
    }

    @Test("a chunk is framed so that a reader finds it again")
    func chunks() {
        var buffer = WireBuffer()
        ChunkWriter.begin(255, into: &buffer)
        buffer.append([UInt8](repeating: 0x61, count: 255))
        ChunkWriter.end(into: &buffer)
        ChunkWriter.last(into: &buffer)
        buffer.append("\r\n")
        #expect(buffer.text == "ff\r\n\(String(repeating: "a", count: 255))\r\n0\r\n\r\n")
    }
}
