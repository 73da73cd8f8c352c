public import Core

/// Who has signed in before, and in which language: what decides whether a sign-in is worth a letter, and how it is
/// written.
extension OutboxRepository {
    /// The language in which a user last signed in on a device of their own; nil where it is not known.
    public func language(of user: UserID) async throws -> String? {
        let row = try await database.transaction { transaction in
            try transaction.first("SELECT language FROM member_arrival WHERE member = ?", .blob(user.octets))
        }
        return try row.map { try $0.text(0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Notes a sign-in, in the transaction that begins its session.
    /// - Parameters:
    ///   - language: empty where it is not known.
    ///   - isOwnDevice: false for a device that the account did not know: it says nothing of what its owner reads.
    /// - Returns: whether it is the user's first.
    func noteArrival(
        of user: UserID, language: String, isOwnDevice: Bool, at now: WallTime,
        in transaction: inout StoreTransaction
    ) throws -> Bool {
        let isFirst =
            try transaction.execute(
                "INSERT INTO member_arrival (member, at, language) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                .blob(user.octets), .integer(now.milliseconds), .text(language)) == 1
        if !isFirst, isOwnDevice, !language.isEmpty {
            try transaction.execute(
                "UPDATE member_arrival SET language = ? WHERE member = ? AND language <> ?", .text(language),
                .blob(user.octets), .text(language))
        }
        return isFirst
    }
}
