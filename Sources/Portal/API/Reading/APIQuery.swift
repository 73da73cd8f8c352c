import Core

/// The parameters of a request's query, `a=b&c=d`, percent-decoded (RFC 3986 §3.4).  A plus sign is a plus sign: it
/// stands in e-mail addresses.
struct APIQuery {
    private let values: [String: String]

    /// - Parameters:
    ///   - target: a path with or without a query.
    ///   - allowed: the names that this place takes; any other is refused, so that a slip of the pen never widens what
    ///     is done.
    init(_ target: String, allowed: [String]) throws(APIRefusal) {
        var values: [String: String] = [:]
        let query = target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst()
        guard query.count <= FieldBound.query else {
            throw APIRefusal(.inputMalformed, "the query has more than \(FieldBound.query) bytes")
        }
        for part in query.split(separator: UInt8(ascii: "&")) {
            let written = part.prefix { $0 != UInt8(ascii: "=") }
            guard let name = Self.decoded(written), let value = Self.decoded(part.dropFirst(written.count + 1)) else {
                throw APIRefusal(.inputMalformed, "the query is not percent-encoded UTF-8")
            }
            guard allowed.contains(name) else {
                throw APIRefusal(
                    .fieldUnknown,
                    "\(QuotedInput.show(name)) is no parameter of this request; parameters: "
                        + QuotedInput.list(allowed), field: name, suggestion: NearestName.find(name, among: allowed))
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw APIRefusal(.inputMalformed, "\(name) stands twice in the query", field: name)
            }
        }
        self.values = values
    }

    /// A parameter's value; nil where it is not there.
    subscript(name: String) -> String? { values[name] }

    /// How many rows the caller wants on a page.
    func limit(_ bound: ClosedRange<Int> = FieldBound.page) throws(APIRefusal) -> Int {
        guard let text = self["limit"] else { return bound.upperBound }
        guard let number = Int(text), bound.contains(number) else {
            throw APIRefusal(
                .valueRefused,
                "limit \(QuotedInput.show(text)) is not a number from \(bound.lowerBound) to "
                    + "\(bound.upperBound)", field: "limit")
        }
        return number
    }

    /// True where the parameter says `true`; false where it is not there.
    func flag(_ name: String) throws(APIRefusal) -> Bool {
        switch self[name] {
        case nil: false
        case "true": true
        default: throw APIRefusal(.valueRefused, "\(name) can be `true` only", field: name)
        }
    }

    private static func decoded(_ text: some Sequence<UInt8>) -> String? {
        var output: [UInt8] = []
        var pending: [UInt8] = []
        for byte in text {
            if pending.isEmpty, byte != UInt8(ascii: "%") {
                output.append(byte)
                continue
            }
            pending.append(byte)
            guard pending.count == 3 else { continue }
            guard let high = ASCII.hexadecimalValue(pending[1]), let low = ASCII.hexadecimalValue(pending[2]) else {
                return nil
            }
            output.append(high << 4 | low)
            pending = []
        }
        return pending.isEmpty ? String(validating: output, as: UTF8.self) : nil
    }
}
