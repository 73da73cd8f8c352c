import Core
import Outbound
import Synchronization

/// The range search of Have I Been Pwned and of services that speak as it does: five digits of a hash go there, every
/// known hash that begins so comes back, and the rest is compared here (k-anonymity).
///
/// `Add-Padding: true` has the service add rows that mean nothing, with count 0, so that the length of an answer does
/// not tell which five digits were asked.
public enum BreachRange {
    /// Digits of the hash that are told.
    static let prefixDigits = 5
    /// Questions at once; one more is answered by a failure, so that a service that hangs holds no more threads.
    static let mostAtOnce = 4
    private static let running = Mutex(0)

    /// Why there is no answer.
    enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        case tooMany
        case status(Int)
        case malformed
        case tooLong

        var description: String {
            switch self {
            case .tooMany: "\(mostAtOnce) questions are under way already"
            case .status(let code): "it answered \(code)"
            case .malformed: "its answer is no list of hashes"
            case .tooLong: "its answer is longer than \(HTTPSProbe.longestBody) bytes"
            }
        }
    }

    /// Asks the service, on a thread of its own and for `timeout` at most.
    @Sendable public static func ask(_ prefix: String, _ settings: BreachCheckSettings) async throws -> [UInt8] {
        let isAdmitted = running.withLock { running in
            guard running < mostAtOnce else { return false }
            running += 1
            return true
        }
        guard isAdmitted else { throw Failure.tooMany }
        let probe = probe(prefix, settings)
        return try await withCheckedThrowingContinuation { answer in
            HashThread.start {
                defer { running.withLock { $0 -= 1 } }
                do {
                    let reply = try probe.ask()
                    guard reply.status == 200 else { throw Failure.status(reply.status) }
                    guard !reply.isBodyCut else { throw Failure.tooLong }
                    answer.resume(returning: reply.body)
                } catch {
                    answer.resume(throwing: error)
                }
            }
        }
    }

    /// The question.
    static func probe(_ prefix: String, _ settings: BreachCheckSettings) -> HTTPSProbe {
        let base = settings.url.hasSuffix("/") ? settings.url : settings.url + "/"
        var probe = HTTPSProbe(
            url: base + prefix,
            fields: [
                ProbeField("Add-Padding", "true"), ProbeField("User-Agent", "gatehouse"),
                ProbeField("Accept", "text/plain"),
            ], trust: settings.authorityFile.map { .file($0) } ?? .systemStore)
        probe.longestWaitMilliseconds = Int(settings.timeout.count)
        return probe
    }

    /// Whether one of the rows `SUFFIX:COUNT` has this suffix and a count above 0.
    /// - Throws: `Failure.malformed` where a row is none: a page of somebody else's is no clean answer.
    static func holds(_ answer: [UInt8], suffix: ArraySlice<UInt8>) throws -> Bool {
        var isFound = false
        for row in answer.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let (name, rest) = (row.prefix(suffix.count), row.dropFirst(suffix.count))
            guard name.count == suffix.count, name.allSatisfy({ ASCII.hexadecimalValue($0) != nil }),
                rest.first == UInt8(ascii: ":"), (2...12).contains(rest.count),
                rest.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
            else { throw Failure.malformed }
            let isPadding = rest.dropFirst().allSatisfy { $0 == 0x30 }
            if !isPadding, name.elementsEqual(suffix, by: { BreachFile.capital($0) == $1 }) { isFound = true }
        }
        return isFound
    }
}
