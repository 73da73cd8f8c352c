import Core
import Store

/// What became of lines with users who move in, one for each, in the same order.
public struct ImportResource: Codable, Hashable, Sendable {
    public let lines: [Line]

    /// What became of one.
    public struct Line: Codable, Hashable, Sendable {
        /// `created`, `unchanged` or `refused`.
        public let status: String
        /// The user's UUID; nil where the line was refused.
        public let id: String?
        /// Why it was refused, as problems say it.
        public let code: String?
        public let detail: String?
        public let field: String?
        public let suggestion: String?

        init(_ status: String, _ id: UserID) {
            self.status = status
            self.id = id.description
            (code, detail, field, suggestion) = (nil, nil, nil, nil)
        }

        init(_ refusal: APIRefusal) {
            status = "refused"
            id = nil
            code = refusal.kind.rawValue
            detail = refusal.detail
            field = refusal.field
            suggestion = refusal.suggestion
        }

        init(_ arrival: Arrival) {
            switch arrival {
            case .created(let id): self.init("created", id)
            case .unchanged(let id): self.init("unchanged", id)
            case .emailTaken(let owner):
                self.init(
                    APIRefusal(
                        .emailTaken,
                        "another user has this address: \(owner); give that user's id and external_id, "
                            + "or another address", field: "email"))
            case .idTaken:
                self.init(
                    APIRefusal(
                        .valueRefused, "a user of this id has another address; an import changes nobody", field: "id"))
            case .erased:
                self.init(
                    APIRefusal(
                        .userErased, "the user of this id was erased, and the id is never used again; leave it out",
                        field: "id"))
            }
        }
    }
}
