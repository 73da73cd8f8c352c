extension ValueType where Value == String {
    /// A route's path pattern, percent-decoded once as requests are (security.md 2).
    static var routePath: ValueType {
        let shape = ScalarShape(
            noun: "a path",
            allowed: "/ and whole segments; a / at the end matches everything below, such as /admin/",
            json: .object([("type", .string("string")), ("pattern", .string("^/[^?#;\\\\*]*$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            guard text.hasPrefix("/") else {
                throw ScalarProblem(
                    "\(shown) does not begin with /", remedy: "did you mean \(ShownText.quoted("/" + text))?")
            }
            if text.contains("?") || text.contains("#") {
                throw ScalarProblem("\(shown) has a query or a fragment", allowed: "paths are matched without them")
            }
            if text.contains("*") {
                let end = text.firstIndex(of: "*") ?? text.endIndex
                let folder = text[..<end]
                throw ScalarProblem(
                    "\(shown) has a *",
                    remedy: folder.hasSuffix("/") ? "did you mean \(ShownText.quoted(String(folder)))?" : nil)
            }
            let decoded = try PercentText.decoded(text)
            try refuseAmbiguous(decoded, shown: shown)
            return decoded
        }
    }

    /// Refuses what no request's path may have: no request would ever match.
    private static func refuseAmbiguous(_ path: String, shown: String) throws(ScalarProblem) {
        guard !path.contains("//") else {
            throw ScalarProblem("\(shown) has an empty segment", remedy: "write one / between segments")
        }
        guard !path.contains("\\") else { throw ScalarProblem("\(shown) has a backslash") }
        guard !path.contains(";") else {
            throw ScalarProblem(
                "\(shown) has a path parameter", allowed: "routes are matched without ; and what follows it")
        }
        guard !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
            throw ScalarProblem("\(shown) has a . or .. segment")
        }
    }
}

/// Percent-encoding (RFC 3986 §2.1) in configured paths.
private enum PercentText {
    /// Decodes once; a slash, a control or what is not UTF-8 must not come out of it.
    static func decoded(_ text: String) throws(ScalarProblem) -> String {
        let shown = ShownText.quoted(text)
        var octets: [UInt8] = []
        let source = Array(text.utf8)
        var index = 0
        while index < source.count {
            var octet = source[index]
            if octet == UInt8(ascii: "%") {
                guard index + 2 < source.count, let high = digit(source[index + 1]), let low = digit(source[index + 2])
                else {
                    throw ScalarProblem("\(shown) has a % without two hexadecimal digits", remedy: "write %25 for %")
                }
                octet = high << 4 | low
                guard octet != UInt8(ascii: "/") else { throw ScalarProblem("\(shown) has an encoded slash") }
                index += 2
            }
            guard octet >= 0x20, octet != 0x7F else { throw ScalarProblem("\(shown) has a control character") }
            octets.append(octet)
            index += 1
        }
        guard let path = String(validating: octets, as: UTF8.self) else {
            throw ScalarProblem("\(shown) is not UTF-8 when decoded")
        }
        return path
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: octet - 0x30
        case 0x41...0x46: octet - 0x37
        case 0x61...0x66: octet - 0x57
        default: nil
        }
    }
}
