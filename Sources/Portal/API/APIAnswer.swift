import Access
import FoundationEssentials
import HTTPTypes
import HostCrypto
import Store

/// What an endpoint answers.
struct APIAnswer: Sendable {
    let response: PortalResponse

    /// A resource.
    init(_ resource: some Encodable, status: HTTPResponse.Status = .ok) {
        response = PortalResponse(
            head: HTTPResponse(status: status, headerFields: Self.fields("application/json")),
            body: PortalJSON.encode(resource))
    }

    static func fields(_ type: String) -> HTTPFields {
        [.contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff"]
    }
}

/// A problem document (RFC 9457) of the API.
public struct APIProblem: Codable, Hashable, Sendable {
    /// `urn:gatehouse:problem:` and the code.
    public let type: String
    public let title: String
    public let status: Int
    /// A stable kebab-case name.
    public let code: String
    /// What was found, and what is allowed.
    public let detail: String?
    /// The member, parameter or segment that it is about.
    public let field: String?
    /// A name that was perhaps meant.
    public let suggestion: String?
    /// Joins the answer with the log.
    public let requestID: String?

    enum CodingKeys: String, CodingKey {
        case type, title, status, code, detail, field, suggestion
        case requestID = "request_id"
    }

    init(_ refusal: APIRefusal, requestID: String) {
        type = "urn:gatehouse:problem:\(refusal.kind.rawValue)"
        title = refusal.kind.title
        status = refusal.kind.status
        code = refusal.kind.rawValue
        detail = refusal.detail
        field = refusal.field
        suggestion = refusal.suggestion
        self.requestID = requestID
    }

    var response: PortalResponse {
        PortalResponse(
            head: HTTPResponse(
                status: HTTPResponse.Status(code: status), headerFields: APIAnswer.fields("application/problem+json")),
            body: PortalJSON.encode(self))
    }
}

extension APIRefusal {
    /// What any error of a handler is to the caller: the one place that maps them.
    init(_ error: any Error) {
        switch error {
        case let refusal as APIRefusal: self = refusal
        case let fault as StoreFault: self.init(fault.isOfData ? .storeDamaged : .storeUnavailable, "\(fault)")
        case let conflict as StoreConflict: self.init(conflict)
        case is Argon2id.Fault, is CancellationError:
            self.init(.busy, "the password cannot be hashed now; try again")
        default: self.init(.internalFault, "an unexpected error; the log has more")
        }
    }

    private init(_ conflict: StoreConflict) {
        switch conflict {
        case .emailTaken: self.init(.emailTaken, "another user of the tenant has this address", field: "email")
        case .tenantExists: self.init(.tenantExists, "there is a tenant with this id already", field: "id")
        case .hostTaken(let host):
            self.init(.hostTaken, "\(QuotedInput.show(host)) belongs to another tenant", field: "hosts")
        case .domainTaken(let domain):
            self.init(.domainTaken, "\(QuotedInput.show(domain)) belongs to another tenant", field: "email_domains")
        case .notFound: self.init(.userUnknown, "there is no such user", field: "user")
        case .erased: self.init(.userErased, "the user's key has been destroyed", field: "user")
        case .userNotActive: self.init(.userInvited, "the user is not active", field: "user")
        // Only sign-ins write links, only the keeper of connections their keys.
        case .linkTaken, .connectionKeyTaken: self.init(.internalFault, "an unexpected error; the log has more")
        }
    }
}
