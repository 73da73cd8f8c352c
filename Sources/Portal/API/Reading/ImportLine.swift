import Core
import HostCrypto
import Store

/// One line of a file with users who move in: a JSON object, judged whole before anything of it is written.
struct ImportLine: Sendable {
    /// The names that a line may have.
    static let names = ["id", "external_id", "email", "name", "roles", "password_hash"]

    let arriving: ArrivingUser

    /// Reads a line.
    /// - Parameter roles: those that the tenant's members can have.
    init(_ line: String, roles choice: RoleChoice) throws(APIRefusal) {
        guard FieldBound.importLine.contains(line.utf8.count) else {
            throw APIRefusal(
                .valueRefused,
                "the line has \(line.utf8.count) bytes; allowed: at most \(FieldBound.importLine.upperBound)")
        }
        var fields = try APIFields(line: Array(line.utf8), allowed: Self.names)
        let email = try FieldRule.email(fields.required("email"), field: "email")
        let name = try FieldRule.displayName(fields.required("name"), field: "name")
        let id = try fields.text("id").map(Self.id)
        let externalID = try fields.text("external_id").map { text throws(APIRefusal) in
            try FieldRule.displayName(text, field: "external_id")
        }
        let roles = try choice.roles(fields.texts("roles", most: FieldBound.roles) ?? [], field: "roles")
        let password = try fields.text("password_hash").map(Self.hash)
        arriving = ArrivingUser(
            user: User(id: id ?? .random(), roles: roles, email: email.typed, name: name, externalID: externalID),
            email: email.normalized, bringsID: id != nil, password: password)
    }

    private static func id(_ text: String) throws(APIRefusal) -> UserID {
        guard let id = UserID(text) else {
            throw APIRefusal(
                .valueRefused,
                "id \(QuotedInput.show(text)) is no UUID; put the id of another kind into external_id", field: "id")
        }
        return id
    }

    /// The hash itself is never shown: it is nearly the password.
    private static func hash(_ text: String) throws(APIRefusal) -> PasswordHash {
        do {
            return try PasswordHash.importing(text)
        } catch {
            throw APIRefusal(.valueRefused, "password_hash cannot be taken: \(error.words)", field: "password_hash")
        }
    }
}
