import Access

/// A route's `app_session` as written.
struct ApplicationSessionEntry: Sendable {
    let cookies: [String]
    let logoutPath: Located<String>?

    static let cookiesKey = RequiredKey(
        "cookies", ValueType<[String]>.set(of: .cookieName, count: 1...20),
        "Names of the cookies in which the application keeps its own session; they end when the member's does and when "
            + "somebody signs in.")
    static let logoutPathKey = OptionalKey(
        "logout_path", ValueType<String>.plainPath.located,
        "Where the application signs its visitors out; its answer there ends the member's session too.")

    static let type = ValueType<ApplicationSessionEntry>.mapping([cookiesKey, logoutPathKey]) { section, _ in
        let (cookies, logoutPath) = (section[cookiesKey], section[logoutPathKey])
        guard let cookies else { return nil }
        return ApplicationSessionEntry(cookies: cookies, logoutPath: logoutPath)
    }

    var settings: ApplicationSession { ApplicationSession(cookies: cookies, logoutPath: logoutPath?.value) }
}

extension ValueType where Value == String {
    /// The name of a cookie that is not ours.
    static var cookieName: ValueType {
        let marks = "!#$%&'*+-.^_`|~"
        let shape = ScalarShape(
            noun: "a cookie's name",
            allowed: "1 to 200 of letters, digits and !#$%&'*+-.^_`|~, such as connect.sid; none of Gatehouse's own",
            json: .object([
                ("type", .string("string")), ("pattern", .string("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}$")),
            ]))
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            let isName = text.utf8.allSatisfy { octet in
                (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet)
                    || marks.utf8.contains(octet)
            }
            guard (1...200).contains(text.utf8.count), isName else {
                throw ScalarProblem("\(shown) is not a cookie's name")
            }
            guard !text.lowercased().hasPrefix("__host-gatehouse") else {
                throw ScalarProblem("\(shown) is a cookie of Gatehouse's own", remedy: "delete it: it ends by itself")
            }
            return text
        }
    }

    /// One path, written without escapes.
    static var plainPath: ValueType {
        let shape = ScalarShape(
            noun: "a path", allowed: "/ and segments of letters, digits, -, ., _ and ~, such as /logout",
            json: .object([("type", .string("string")), ("pattern", .string("^(/[A-Za-z0-9._~-]+)+/?$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            guard text.hasPrefix("/") else {
                throw ScalarProblem(
                    "\(shown) does not begin with /", remedy: "did you mean \(ShownText.quoted("/" + text))?")
            }
            let segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            let isPath = segments.enumerated().allSatisfy { index, segment in
                (!segment.isEmpty || (index == segments.count - 1 && index > 0)) && segment != "." && segment != ".."
                    && segment.utf8.allSatisfy { octet in
                        (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet)
                            || (0x61...0x7A).contains(octet) || "-._~".utf8.contains(octet)
                    }
            }
            guard isPath else { throw ScalarProblem("\(shown) is not a path") }
            guard !text.lowercased().hasPrefix("/.gatehouse") else {
                throw ScalarProblem("\(shown) is a path of Gatehouse's own")
            }
            return text
        }
    }
}
