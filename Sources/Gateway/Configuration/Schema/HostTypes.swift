import Core

extension ValueType where Value == String {
    /// A host name or address without a port, lower-cased.
    static var host: ValueType {
        let shape = ScalarShape(
            noun: "a host", allowed: "a host name or an address, without scheme and port",
            json: .object([
                ("type", .string("string")), ("pattern", .string("^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)$")),
            ]))
        return scalar(shape) { text throws(ScalarProblem) in try HostText.host(text, quoting: text) }
    }

    /// A host name without a port, lower-cased; or nothing.
    static var optionalHost: ValueType {
        let shape = ScalarShape(
            noun: "a host", allowed: "a host name, without scheme and port, or \"\" for none",
            json: .object([("type", .string("string")), ("pattern", .string("^[A-Za-z0-9._-]*$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard !text.isEmpty else { return text }
            let host = try HostText.host(text, quoting: text)
            guard !HostText.isAddress(host) else {
                throw ScalarProblem("\(ShownText.quoted(text)) is an address")
            }
            return host
        }
    }

    /// `app.example.org`, `*.example.org` or `*`, lower-cased.
    static var hostPattern: ValueType {
        let shape = ScalarShape(
            noun: "a host pattern",
            allowed: "a host, *.HOST for every host below it, or * for every known host",
            json: .object([
                ("type", .string("string")),
                ("pattern", .string("^(\\*|(\\*\\.)?[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])$")),
            ]))
        return scalar(shape) { text throws(ScalarProblem) in
            if text == "*" { return text }
            guard text.contains("*") else { return try HostText.host(text, quoting: text) }
            let below = text.hasPrefix("*.") ? String(text.dropFirst(2)) : text
            guard !below.contains("*") else {
                throw ScalarProblem(
                    "\(ShownText.quoted(text)) has a * that is not its whole first label")
            }
            let host = try HostText.host(below, quoting: text)
            guard !HostText.isAddress(host) else {
                throw ScalarProblem("\(ShownText.quoted(text)) has a * before an address")
            }
            return "*." + host
        }
    }
}

/// Host names (RFC 1123 §2.1, with `_` as browsers and containers use it) and addresses in their canonical text.
enum HostText {
    /// The canonical text of a host: lower-case; IPv6 in square brackets as RFC 5952 writes it.
    static func host(_ text: String, quoting whole: String) throws(ScalarProblem) -> String {
        let shown = ShownText.quoted(whole)
        guard !text.isEmpty else { throw ScalarProblem("the host is empty") }
        if text.hasPrefix("[") || text.filter({ $0 == ":" }).count > 1 {
            guard let address = ClientAddress(text), !address.isIPv4 else {
                throw ScalarProblem("\(shown) is not a host")
            }
            return "[\(address)]"
        }
        if let scheme = text.firstRange(of: "://") {
            let rest = text[scheme.upperBound...].prefix { $0 != "/" && $0 != ":" }
            throw ScalarProblem("\(shown) is a URL", remedy: "did you mean \(ShownText.quoted(String(rest)))?")
        }
        if let colon = text.firstIndex(of: ":") {
            throw ScalarProblem(
                "\(shown) has a port", remedy: "did you mean \(ShownText.quoted(String(text[..<colon])))?")
        }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw ScalarProblem(
                "\(shown) has letters outside ASCII", remedy: "write its A-labels (xn--…, RFC 5890 §2.3.2.1)")
        }
        if text.hasSuffix(".") {
            throw ScalarProblem(
                "\(shown) ends in a dot", remedy: "did you mean \(ShownText.quoted(String(text.dropLast())))?")
        }
        let name = text.lowercased()
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.allSatisfy(isLabel) else {
            throw ScalarProblem(
                "\(shown) is not a host",
                allowed: "allowed: labels of 1 to 63 letters, digits, - and _ with dots between them, 253 bytes in all")
        }
        if let last = labels.last, last.utf8.allSatisfy({ (0x30...0x39).contains($0) }), ClientAddress(name) == nil {
            throw ScalarProblem("\(shown) is neither a host name nor an IPv4 address")
        }
        return name
    }

    /// True for the canonical text of an address.
    static func isAddress(_ host: String) -> Bool { ClientAddress(host) != nil }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
            }
    }

    /// A port in decimal digits, 0…65535, without leading zeros.
    static func port(_ text: Substring) -> UInt16? {
        guard let number = DecimalText.number(text), text == "0" || !text.hasPrefix("0") else { return nil }
        return UInt16(exactly: number)
    }
}
