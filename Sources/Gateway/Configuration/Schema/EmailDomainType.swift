import Store

extension ValueType where Value == String {
    /// The domain of e-mail addresses, as look-ups spell it: lower-case, A-labels.
    static var emailDomain: ValueType {
        let shape = ScalarShape(
            noun: "an e-mail domain", allowed: "what stands behind the @ of an address, such as acme.example",
            json: .object([("type", .string("string")), ("pattern", .string("^[^@/:*]+$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            if let at = text.lastIndex(of: "@") {
                let domain = String(text[text.index(after: at)...])
                let isDomain = NormalizedEmail.asciiDomain(domain) != nil
                throw ScalarProblem(
                    "\(shown) is an address", remedy: isDomain ? "did you mean \(ShownText.quoted(domain))?" : nil)
            }
            if text.contains("*") {
                throw ScalarProblem("\(shown) has a *", allowed: "each domain by its name, subdomains too")
            }
            guard let domain = NormalizedEmail.asciiDomain(text) else {
                throw ScalarProblem("\(shown) is not an e-mail domain")
            }
            return domain
        }
    }
}
