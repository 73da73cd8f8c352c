import Core

/// Why the API did not do what it was asked for, in words that help whoever asked.
struct APIRefusal: Error, Sendable, Hashable {
    let kind: Kind
    /// What was found and what is allowed; never a secret.
    let detail: String
    /// The member, the parameter or the segment that it is about; nil where it is about none.
    var field: String?
    /// A name that was perhaps meant.
    var suggestion: String?

    init(_ kind: Kind, _ detail: String, field: String? = nil, suggestion: String? = nil) {
        self.kind = kind
        self.detail = detail
        self.field = field
        self.suggestion = suggestion
    }

    /// What went wrong; codes never change their meaning.
    enum Kind: String, CaseIterable, Sendable {
        /// The body is no JSON, the query cannot be read, an id in the path has another grammar.
        case inputMalformed = "input-malformed"
        case mediaTypeRefused = "media-type-refused"
        case fieldUnknown = "field-unknown"
        case fieldMissing = "field-missing"
        case valueRefused = "value-refused"
        case passwordRefused = "password-refused"
        case roleUnknown = "role-unknown"
        case tenantUnknown = "tenant-unknown"
        case userUnknown = "user-unknown"
        case sessionMissing = "session-missing"
        case connectionUnknown = "connection-unknown"
        /// It stands in the tenant's file, and nobody can sign in by it now.
        case connectionUnused = "connection-unused"
        /// The step of a roll-over does not follow on what was done before.
        case keyRollOver = "key-roll-over"
        case tenantExists = "tenant-exists"
        case emailTaken = "email-taken"
        case hostTaken = "host-taken"
        case domainTaken = "domain-taken"
        case ownedByFile = "owned-by-file"
        case userErased = "user-erased"
        case userInvited = "user-invited"
        case userNotInvited = "user-not-invited"
        case busy = "busy"
        case storeUnavailable = "store-unavailable"
        /// A database is missing, damaged, forged or of a newer version: waiting is of no use.
        case storeDamaged = "store-damaged"
        case internalFault = "internal-fault"

        /// The status code (RFC 9110 §15).
        var status: Int {
            switch self {
            case .inputMalformed, .fieldUnknown: 400
            case .tenantUnknown, .userUnknown, .sessionMissing, .connectionUnknown: 404
            case .tenantExists, .emailTaken, .hostTaken, .domainTaken, .ownedByFile, .userErased, .userInvited,
                .userNotInvited, .connectionUnused, .keyRollOver:
                409
            case .mediaTypeRefused: 415
            case .fieldMissing, .valueRefused, .passwordRefused, .roleUnknown: 422
            case .internalFault: 500
            case .busy, .storeUnavailable, .storeDamaged: 503
            }
        }

        /// The same for every problem of this kind (RFC 9457 §3.1.3).
        var title: String {
            switch self {
            case .inputMalformed: "The request cannot be read"
            case .mediaTypeRefused: "The body is of another type than JSON"
            case .fieldUnknown: "A field is unknown"
            case .fieldMissing: "A field is missing"
            case .valueRefused: "A value is not allowed"
            case .passwordRefused: "The password is not allowed"
            case .roleUnknown: "There is no such role"
            case .tenantUnknown: "There is no such tenant"
            case .userUnknown: "There is no such user"
            case .sessionMissing: "There is no such session"
            case .connectionUnknown: "There is no such connection"
            case .connectionUnused: "The connection is not in use"
            case .keyRollOver: "The roll-over is not at this step"
            case .tenantExists: "There is a tenant with this id"
            case .emailTaken: "There is a user with this e-mail address"
            case .hostTaken: "The host belongs to somebody else"
            case .domainTaken: "The e-mail domain belongs to another tenant"
            case .ownedByFile: "A file owns this key"
            case .userErased: "The user has been erased"
            case .userInvited: "The user has not taken up the invitation"
            case .userNotInvited: "The user waits for no invitation"
            case .busy: "Too much work at the moment"
            case .storeUnavailable: "The store cannot be used"
            case .storeDamaged: "What is stored is not as it should be"
            case .internalFault: "Gatehouse has failed"
            }
        }
    }
}

/// A text that a caller sent, as a problem shows it: quoted, shortened, without anything that steers a terminal.
enum QuotedInput {
    /// Characters shown; what is longer ends in `…`.
    static let longest = 80

    /// The text in double quotes.
    static func show(_ text: String) -> String {
        var shown = "\""
        for scalar in text.unicodeScalars.prefix(longest) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown + (text.unicodeScalars.count > longest ? "…\"" : "\"")
    }

    /// `a, b, c`; of more than 40 names the first 40 and how many follow.
    static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "none" }
        let shown = names.prefix(40).joined(separator: ", ")
        return names.count > 40 ? "\(shown) and \(names.count - 40) more" : shown
    }
}
