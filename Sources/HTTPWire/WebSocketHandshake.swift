import Core

/// The opening handshake of the WebSocket protocol over HTTP/1.1 (RFC 6455 §4), as far as whoever stands between the two
/// ends has to understand it: what is asked for, and whether the answer fits.
public enum WebSocketHandshake {
    /// What a request asks for.
    public enum Request: Sendable, Hashable {
        /// No WebSocket.
        case none
        /// One, with this `Sec-WebSocket-Key`.
        case asked(key: ByteRange)
        /// One, in a way that two readers could understand differently: not GET, with a body, without one key of 16
        /// bytes in base64, or of another version than 13.
        case malformed
    }

    /// The characters of a key: 16 bytes in base64.
    static let keyLength = 24
    /// What is hashed behind the key (§1.3).
    private static let suffix: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// What the head asks for; `Connection: upgrade` must nominate it (RFC 9110 §7.8).
    public static func asked(_ head: borrowing RequestHead, _ bytes: RawSpan) -> Request {
        guard head.wantsUpgrade, head.minorVersion == 1 else { return .none }
        var isWebSocket = false
        for field in head.fields where field.id == .upgrade {
            isWebSocket = isWebSocket || lists(bytes.extracting(field.value.range), "websocket")
        }
        guard isWebSocket else { return .none }
        guard head.method == .get, head.framing == .none else { return .malformed }
        var keys = 0
        var versions = 0
        var key = ByteRange(start: 0, count: 0)
        for field in head.fields {
            switch field.id {
            case .secWebSocketKey:
                keys += 1
                key = field.value
            case .secWebSocketVersion:
                versions += 1
                guard bytes.extracting(field.value.range).equalsIgnoringCase("13") else { return .malformed }
            default: continue
            }
        }
        guard keys == 1, versions == 1, isKey(bytes.extracting(key.range)) else { return .malformed }
        return .asked(key: key)
    }

    /// What the right answer's `Sec-WebSocket-Accept` says (§4.2.2).
    /// - Parameters:
    ///   - key: as `asked` found it.
    ///   - checksum: SHA-1.
    public static func accept(_ key: RawSpan, checksum: ([UInt8]) -> [UInt8]) -> [UInt8] {
        var octets: [UInt8] = []
        for index in 0..<key.byteCount { octets.append(key.octet(index)) }
        suffix.withUTF8Buffer { unsafe octets.append(contentsOf: $0) }
        return Base64.encodedOctets(checksum(octets), alphabet: .standard)
    }

    /// Whether a 101 switches to WebSocket for whoever asked with the key of `accept`: it says so once, and nothing else
    /// (§4.1).
    public static func isAccepted(_ head: borrowing ResponseHead, _ bytes: RawSpan, accept: [UInt8]) -> Bool {
        guard head.status == 101, head.minorVersion == 1 else { return false }
        var upgrades = 0
        var accepts = 0
        var isNominated = false
        for field in head.fields {
            let value = bytes.extracting(field.value.range)
            switch field.id {
            case .upgrade:
                upgrades += 1
                guard value.equalsIgnoringCase("websocket") else { return false }
            case .connection:
                isNominated = isNominated || lists(value, "upgrade")
            case .secWebSocketAccept:
                accepts += 1
                guard equals(value, accept) else { return false }
            default: continue
            }
        }
        return isNominated && upgrades == 1 && accepts == 1
    }

    private static func lists(_ value: RawSpan, _ member: StaticString) -> Bool {
        var position = 0
        while let range = ListReader.next(value, &position) {
            if value.extracting(range).equalsIgnoringCase(member) { return true }
        }
        return false
    }

    private static func isKey(_ value: RawSpan) -> Bool {
        guard value.byteCount == keyLength else { return false }
        return Base64.decode((0..<keyLength).map { value.octet($0) }, alphabet: .standard)?.count == 16
    }

    private static func equals(_ value: RawSpan, _ octets: [UInt8]) -> Bool {
        guard value.byteCount == octets.count else { return false }
        return octets.indices.allSatisfy { value.octet($0) == octets[$0] }
    }
}
