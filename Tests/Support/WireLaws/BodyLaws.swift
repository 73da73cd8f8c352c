import Core
import HTTPWire

/// What must hold for every run of bytes that may come as a body.  The first byte chooses the framing, the second
/// and third where the bytes are split.
public enum BodyLaws {
    /// What a reader made of a body that came in these pieces.
    private struct Reading: Equatable {
        var content: [UInt8] = []
        var trailers: [UInt8] = []
        var end = ReferenceChunks.End.needsMore
        var reason: ReasonCode?
        var consumed = 0

        init(_ pieces: [ArraySlice<UInt8>], _ framing: BodyFraming) throws {
            var reader = BodyReader(framing)
            pieces: for slice in pieces {
                let piece = Array(slice)
                var position = 0
                while true {
                    switch reader.next(piece.span.bytes, &position) {
                    case .content(let range):
                        guard !range.isEmpty, let part = piece.at(range), range.upperBound == position else {
                            throw LawBroken("content \(range) lies outside", piece)
                        }
                        content += part
                    case .needsMore:
                        guard position == piece.count else { throw LawBroken("it stopped early", piece) }
                        consumed += position
                        continue pieces
                    case .end:
                        consumed += position
                        end = .done
                        trailers = reader.trailers
                        guard reader.isComplete else { throw LawBroken("ended but not complete", piece) }
                        break pieces
                    case .malformed(let fault):
                        end = .malformed
                        reason = fault
                        break pieces
                    }
                }
            }
            guard reader.contentBytes == UInt64(content.count) else { throw LawBroken("it counts otherwise", content) }
            if end == .malformed { consumed = 0 }
        }
    }

    /// - Throws: `LawBroken`.
    public static func check(_ input: [UInt8]) throws {
        guard input.count >= 3 else { return }
        let bytes = Array(input.dropFirst(3))
        let framing: BodyFraming
        switch input[0] & 7 {
        case 0: framing = .length(UInt64(input[1]))
        case 1: framing = .untilClose
        case 2: framing = .none
        default: framing = .chunked
        }
        let whole = try Reading([bytes[...]], framing)
        // 1. However the bytes arrive.
        let cuts = [Int(input[1]), Int(input[2])].map { bytes.isEmpty ? 0 : $0 % (bytes.count + 1) }.sorted()
        let parted = try Reading([bytes[..<cuts[0]], bytes[cuts[0]..<cuts[1]], bytes[cuts[1]...]], framing)
        let single = try Reading(bytes.indices.map { bytes[$0...$0] } + [[]], framing)
        guard parted == whole, single == whole else { throw LawBroken("pieces read differently", input) }
        guard framing == .chunked else { return }
        // 2. As a plain decoder reads it.
        let reference = ReferenceChunks(bytes)
        guard reference.end == whole.end else { throw LawBroken("\(whole.end) but \(reference.end)", input) }
        guard whole.end != .malformed, reference.content == whole.content else {
            if whole.end == .malformed { return }
            throw LawBroken("the content differs from a plain decoder's", input)
        }
        guard whole.end == .done else { return }
        guard reference.trailers == whole.trailers, reference.consumed == whole.consumed else {
            throw LawBroken("the end differs from a plain decoder's", input)
        }
        try checkTrailers(whole.trailers)
        // 3. Written anew it reads the same.
        var out = WireBuffer()
        if !whole.content.isEmpty {
            ChunkWriter.begin(whole.content.count, into: &out)
            out.append(whole.content)
            ChunkWriter.end(into: &out)
        }
        ChunkWriter.last(into: &out)
        out.append("\r\n")
        let again = try Reading([out.copied()[...]], .chunked)
        guard again.content == whole.content, again.end == .done else { throw LawBroken("written anew", input) }
    }

    private static func checkTrailers(_ trailers: [UInt8]) throws {
        var broken = false
        _ = TrailerSection.read(trailers.span.bytes) { field in
            if trailers.at(field.name.range) == nil || trailers.at(field.value.range) == nil { broken = true }
        }
        if broken { throw LawBroken("a trailer lies outside", trailers) }
    }
}
