import Outbound

/// `smtp_url`, taken apart.
struct SMTPURL: Sendable, Hashable {
    let isImplicitTLS: Bool
    /// Lower-case; an IPv6 address in brackets.
    let host: String
    let port: UInt16
}

extension ValueType where Value == SMTPURL {
    /// `smtp://HOST:PORT` or `smtps://HOST:PORT`, without path, query and user.
    static var smtpURL: ValueType {
        let shape = ScalarShape(
            noun: "a mail server", allowed: "smtp://HOST:PORT or smtps://HOST:PORT",
            json: .object([("type", .string("string")), ("pattern", .string("^smtps?://[^/?#@]+/?$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            let (scheme, rest) = URLText.split(text)
            guard let scheme else {
                throw ScalarProblem(
                    "\(shown) has no scheme", remedy: "did you mean \(ShownText.quoted("smtp://" + text))?")
            }
            guard scheme == "smtp" || scheme == "smtps" else {
                throw ScalarProblem(
                    "\(shown) is neither smtp nor smtps",
                    remedy: "did you mean \(ShownText.quoted("smtp://\(rest)"))?")
            }
            guard !rest.prefix(while: { !"/?#".contains($0) }).contains("@") else {
                throw ScalarProblem(
                    "\(shown) names a user", remedy: "write username and password_file beside smtp_url")
            }
            let (host, port) = try URLText.authority(rest, of: text)
            guard port != 0 else { throw ScalarProblem("\(shown) has port 0") }
            // RFC 6409 and RFC 8314 §7.3.
            return SMTPURL(isImplicitTLS: scheme == "smtps", host: host, port: port ?? (scheme == "smtps" ? 465 : 587))
        }
    }
}

extension ValueType where Value == MailAddress {
    /// `Example <no-reply@example.org>`, or the address alone.
    static var mailSender: ValueType {
        let shape = ScalarShape(
            noun: "a sender", allowed: "ADDRESS or NAME <ADDRESS>, such as Example <no-reply@example.org>",
            json: .object([("type", .string("string")), ("pattern", .string("^[^\\r\\n]*[^@ ]+@[^@ ]+$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard let address = MailAddress(parsing: text), address.address.utf8.allSatisfy({ $0 < 0x80 }) else {
                throw ScalarProblem("\(ShownText.quoted(text)) is not a sender")
            }
            return address
        }
    }
}

extension ValueType where Value == String {
    /// A secret that is written in the file itself; no fault repeats it.
    static var secretText: ValueType {
        let shape = ScalarShape(
            noun: "a secret", allowed: "up to 1024 bytes of text",
            json: .object([("type", .string("string")), ("maxLength", .integer(1024))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard text.utf8.count <= 1024 else { throw ScalarProblem("the secret has \(text.utf8.count) bytes") }
            guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                throw ScalarProblem("the secret holds a control character")
            }
            return text
        }
    }
}
