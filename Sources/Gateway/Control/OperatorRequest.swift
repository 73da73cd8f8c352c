import Core

/// A request of a command to the API.
struct OperatorRequest: Sendable {
    let method: Method
    /// Below the API's prefix, each segment encoded already.
    let path: String
    var query: [(name: String, value: String)] = []
    /// JSON.
    var body: [UInt8] = []
    /// How long the answer may take.
    var timeoutMilliseconds: Int64 = 30_000

    /// Path and query, as they stand in a request line.
    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// Everything but unreserved characters percent-encoded (RFC 3986 §2.3).
    static func encoded(_ text: String) -> String {
        var output: [UInt8] = []
        for octet in text.utf8 {
            switch octet {
            case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E: output.append(octet)
            default: ASCII.appendPercentEncoded(octet, to: &output)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}

/// What came back.
struct OperatorAnswer: Sendable, Hashable {
    let status: Int
    let body: [UInt8]
}

/// A flat JSON object, written as bytes, so that the password among its members can be wiped.
struct RequestBody {
    private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]

    init() {
        // Room for every member: an array that grew would leave copies of a password behind.
        bytes.reserveCapacity(64 * 1024)
    }

    mutating func add(_ name: String, _ value: String) {
        begin(name)
        JSONString.append(Array(value.utf8).span, to: &bytes)
    }

    mutating func add(_ name: String, _ value: Bool) {
        begin(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    mutating func add(_ name: String, _ values: [String]) {
        begin(name)
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONString.append(Array(value.utf8).span, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// A text that must not outlive its use.
    mutating func add(_ name: String, _ value: borrowing SecretBytes) {
        begin(name)
        value.withBytes { JSONString.append(Span<UInt8>(_bytes: $0), to: &bytes) }
    }

    /// The whole object.
    mutating func end() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        defer { bytes = [] }
        return bytes
    }

    private mutating func begin(_ name: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        JSONString.append(Array(name.utf8).span, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }
}
