import Core
import HTTPTypes
import Store

/// The members of a request's body, each taken once by its name and held against its bound.
struct APIFields {
    private var members: [String: JSONObjectReader.Value]

    /// Reads the body.
    /// - Parameter allowed: the names that this place takes; any other is refused.
    init(_ body: [UInt8], mediaType: String?, allowed: [String]) throws(APIRefusal) {
        let type = mediaType?.prefix { $0 != ";" }.lowercased().trimming { $0 == " " || $0 == "\t" }
        guard type == "application/json" else {
            throw APIRefusal(.mediaTypeRefused, "Content-Type must be application/json", field: "Content-Type")
        }
        try self.init(body, called: "body", of: "this request", allowed: allowed)
    }

    /// Reads one line of a file.
    init(line: [UInt8], allowed: [String]) throws(APIRefusal) {
        try self.init(line, called: "line", of: "a line", allowed: allowed)
    }

    private init(_ octets: [UInt8], called noun: String, of place: String, allowed: [String]) throws(APIRefusal) {
        do {
            members = try JSONObjectReader.read(octets)
        } catch {
            throw APIRefusal(.inputMalformed, "the \(noun) cannot be read: \(error.words)")
        }
        for name in members.keys.sorted() where !allowed.contains(name) {
            throw APIRefusal(
                .fieldUnknown,
                "\(QuotedInput.show(name)) is no field of \(place); fields: "
                    + QuotedInput.list(allowed), field: name, suggestion: NearestName.find(name, among: allowed))
        }
    }

    /// The text of a member; nil where it is not there or null.
    mutating func text(_ name: String) throws(APIRefusal) -> String? {
        switch members.removeValue(forKey: name) {
        case nil, .null: nil
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        default: throw APIRefusal(.valueRefused, "\(name) must be a text", field: name)
        }
    }

    /// As `text`, for what must be there.
    mutating func required(_ name: String) throws(APIRefusal) -> String {
        guard let text = try text(name) else { throw Self.missing(name) }
        return text
    }

    /// The texts of a member; nil where it is not there or null.
    mutating func texts(_ name: String, most: Int) throws(APIRefusal) -> [String]? {
        switch members.removeValue(forKey: name) {
        case nil, .null: return nil
        case .texts(let entries):
            guard entries.count <= most else {
                throw APIRefusal(.valueRefused, "\(name) has \(entries.count) entries; allowed: \(most)", field: name)
            }
            return entries.map { String(decoding: $0, as: UTF8.self) }
        default: throw APIRefusal(.valueRefused, "\(name) must be a list of texts", field: name)
        }
    }

    /// Whether a member is true; false where it is not there or null.
    mutating func flag(_ name: String) throws(APIRefusal) -> Bool {
        switch members.removeValue(forKey: name) {
        case nil, .null: return false
        case .flag(let value): return value
        default: throw APIRefusal(.valueRefused, "\(name) must be true or false", field: name)
        }
    }

    /// The bytes of a member that must not outlive their use; nil where it is not there or null.
    mutating func secret(_ name: String) throws(APIRefusal) -> SecretBytes? {
        guard let value = members.removeValue(forKey: name), value != .null else { return nil }
        guard case .text(var bytes) = consume value else {
            throw APIRefusal(.valueRefused, "\(name) must be a text", field: name)
        }
        return SecretBytes(wiping: &bytes)
    }

    static func missing(_ name: String) -> APIRefusal {
        APIRefusal(.fieldMissing, "\(name) is missing", field: name)
    }
}

/// What a text must be to be a field's value.
enum FieldRule {
    /// A display name: NFC, 1…200 bytes, nothing that steers a terminal or a page, no blanks at the ends.
    static func displayName(_ typed: String, field: String) throws(APIRefusal) -> String {
        let text = CanonicalComposition.of(typed).trimming { $0.isWhitespace }
        guard FieldBound.name.contains(text.utf8.count) else {
            throw APIRefusal(
                .valueRefused,
                "\(field) has \(text.utf8.count) bytes; allowed: \(FieldBound.name.lowerBound) to "
                    + "\(FieldBound.name.upperBound)", field: field)
        }
        let hasControls = text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
            // Marks that turn the direction of text around; joiners belong to scripts.
            case .format: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            default: false
            }
        }
        guard !hasControls else {
            throw APIRefusal(.valueRefused, "\(field) has control characters", field: field)
        }
        return text
    }

    /// A plan's or a region's name: at most 63 of `A-Z a-z 0-9 . _ -`; empty is none.
    static func label(_ text: String, field: String) throws(APIRefusal) -> String {
        let isName = text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                || $0 == 0x2E || $0 == 0x5F
        }
        guard FieldBound.label.contains(text.utf8.count), isName else {
            throw APIRefusal(
                .valueRefused,
                "\(field) \(QuotedInput.show(text)) is no name; allowed: at most \(FieldBound.label.upperBound) of "
                    + "A-Z, a-z, 0-9, '.', '_' and '-'", field: field)
        }
        return text
    }

    /// Host names, each once, in the spelling of tables.
    static func hosts(_ typed: [String], field: String) throws(APIRefusal) -> [String] {
        var hosts: [String] = []
        for text in typed {
            guard let host = CanonicalHost(text)?.text else {
                throw APIRefusal(
                    .valueRefused,
                    "\(QuotedInput.show(text)) is no host name; allowed: a name without port, such as "
                        + "acme.example.org", field: field)
            }
            if !hosts.contains(host) { hosts.append(host) }
        }
        return hosts
    }

    /// E-mail domains, each once, as look-ups spell them.
    static func emailDomains(_ typed: [String], field: String) throws(APIRefusal) -> [String] {
        var domains: [String] = []
        for text in typed {
            guard let domain = NormalizedEmail.asciiDomain(text) else {
                throw APIRefusal(.valueRefused, "\(QuotedInput.show(text)) is no e-mail domain", field: field)
            }
            if !domains.contains(domain) { domains.append(domain) }
        }
        return domains
    }

    /// An e-mail address as it was typed, without blanks at the ends.
    static func email(_ typed: String, field: String) throws(APIRefusal) -> (typed: String, normalized: NormalizedEmail)
    {
        let text = typed.trimming { $0.isWhitespace }
        guard let normalized = NormalizedEmail(text) else {
            throw APIRefusal(
                .valueRefused,
                "\(QuotedInput.show(text)) is no e-mail address; allowed: name@domain, at most "
                    + "\(NormalizedEmail.longest) bytes", field: field)
        }
        return (text, normalized)
    }
}
