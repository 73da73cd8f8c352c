public import Core
import Store

/// A password in the one spelling that is hashed: UTF-8 in NFC, so that it is the same from every keyboard.
///
/// Setting and proving both come through here.  It is held by reference, so that several hashes may be computed of
/// it, and is wiped when the last holder lets go.
public final class NormalizedPassword: Sendable {
    /// Bytes, as typed and in NFC: no hash of a megabyte is ever computed, and 128 characters of any script fit, also
    /// where NFC makes three of one (U+1D160).
    public static let bounds = 1...4096

    /// Why a text is no password at all.
    public enum Flaw: Error, Sendable, Hashable {
        case empty
        /// More bytes than `bounds`.
        case tooLong
        /// No UTF-8: lone surrogates, cut sequences, longer forms than needed (RFC 3629 §3).
        case malformed
    }

    private let octets: SecretBytes

    /// Nil where it is no UTF-8, is empty or too long.
    public convenience init?(_ typed: consuming SecretBytes) {
        do throws(Flaw) { try self.init(judging: typed) } catch { return nil }
    }

    /// As above, for whoever wants to know why.
    public init(judging typed: consuming SecretBytes) throws(Flaw) {
        guard typed.count >= Self.bounds.lowerBound else { throw .empty }
        guard typed.count <= Self.bounds.upperBound else { throw .tooLong }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(typed.count)
        typed.withBytes { raw in
            let span = Span<UInt8>(_bytes: raw)
            for index in span.indices { bytes.append(span[index]) }
        }
        if !bytes.allSatisfy({ $0 < 0x80 }) {
            // A string's memory cannot be wiped; passwords beyond ASCII pass through one.
            let text = String(validating: bytes, as: UTF8.self)
            Wiping.wipe(&bytes)
            guard let text else { throw .malformed }
            bytes = Array(CanonicalComposition.of(text).utf8)
        }
        guard Self.bounds.contains(bytes.count) else {
            Wiping.wipe(&bytes)
            throw .tooLong
        }
        octets = SecretBytes(wiping: &bytes)
    }

    /// What is hashed where there is no password to hash.
    private init() { octets = SecretBytes(copying: [0x2D]) }

    /// Fits nobody; for the work that a password that is none costs.
    static let none = NormalizedPassword()

    /// Lends the bytes that are hashed.
    public func withOctets<Result, Failure: Error>(
        _ body: (borrowing SecretBytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(octets)
    }

    /// The password as text, for rules about characters.  A string's memory cannot be wiped, so it is made where a
    /// password is set, and never where one is proved.
    var text: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(octets.count)
        octets.withBytes { raw in
            let span = Span<UInt8>(_bytes: raw)
            for index in span.indices { bytes.append(span[index]) }
        }
        defer { Wiping.wipe(&bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
