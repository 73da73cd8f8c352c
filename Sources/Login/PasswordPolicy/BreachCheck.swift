import Core
import HostCrypto
import Synchronization

/// Whether a password stands in data that was stolen elsewhere: in a file of hashes on this machine, and in a service
/// that learns five of forty digits of the hash.
///
/// It never stands in the way: what cannot be asked counts as not found, is counted and is told to the log.
public final class BreachCheck: Sendable {
    /// Answers since the start.
    public struct Metrics: Sendable, Hashable {
        public internal(set) var found: UInt64 = 0
        public internal(set) var notFound: UInt64 = 0
        /// The file could not be read as it should be.
        public internal(set) var fileFailures: UInt64 = 0
        /// The service gave no answer that is one, in time.
        public internal(set) var serviceFailures: UInt64 = 0
    }

    /// Asks the service for all hashes that begin so; throws where there is no answer.
    public typealias Range = @Sendable (_ prefix: String, BreachCheckSettings) async throws -> [UInt8]

    private let range: Range
    private let report: @Sendable (String) -> Void
    private let counts = Mutex(Metrics())

    /// - Parameters:
    ///   - range: the way to the service.
    ///   - report: told what failed, in words for the log; never anything of a password.
    public init(range: @escaping Range = BreachRange.ask, report: @escaping @Sendable (String) -> Void = { _ in }) {
        self.range = range
        self.report = report
    }

    public var metrics: Metrics { counts.withLock { $0 } }

    /// `broken` where it was found, `kept` where everybody who was asked knows it not, else `unchecked`.
    func outcome(_ password: NormalizedPassword, _ settings: BreachCheckSettings) async -> PasswordFinding.Outcome {
        guard settings.file != nil || settings.isOnline else { return .unchecked }
        let digest = Self.digest(password)
        var isUnknown = false
        if let file = settings.file {
            switch BreachFile(path: file).find(digest) {
            case .success(true): return note(.broken)
            case .success(false): break
            case .failure(let fault):
                isUnknown = true
                counts.withLock { $0.fileFailures += 1 }
                report("login.password.breach_check.file: \(fault)")
            }
        }
        if settings.isOnline {
            do {
                let answer = try await range(
                    String(decoding: digest.prefix(BreachRange.prefixDigits), as: UTF8.self), settings)
                if try BreachRange.holds(answer, suffix: digest.dropFirst(BreachRange.prefixDigits)) {
                    return note(.broken)
                }
            } catch {
                isUnknown = true
                counts.withLock { $0.serviceFailures += 1 }
                report("login.password.breach_check: the service gave no answer: \(error)")
            }
        }
        return isUnknown ? .unchecked : note(.kept)
    }

    private func note(_ outcome: PasswordFinding.Outcome) -> PasswordFinding.Outcome {
        counts.withLock { counts in
            if outcome == .broken { counts.found += 1 } else { counts.notFound += 1 }
        }
        return outcome
    }

    /// SHA-1 in 40 capital digits, as the files and the service name a password.
    static func digest(_ password: NormalizedPassword) -> [UInt8] {
        var octets = Array(password.text.utf8)
        defer { Wiping.wipe(&octets) }
        let sum = SHA1Checksum.bytes(octets)
        return Array(
            sum.flatMap { [ASCII.hexadecimalDigit($0 >> 4), ASCII.hexadecimalDigit($0)] }.map(BreachFile.capital))
    }
}
