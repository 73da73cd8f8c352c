import Core

/// The reading of everything, for an examination.
extension ConnectionRepository {
    /// Reads metadata, keys, links and used ids.
    /// - Throws: `StoreFault` where something was changed.
    func examine() async throws {
        var connection: String? = ""
        while let begin = connection {
            connection = try await database.transaction { try metadata.examine(after: begin, &$0) }
        }
        var last: [UInt8]? = []
        while let begin = last { last = try await database.transaction { try keys.examine(after: begin, &$0) } }
        last = []
        while let begin = last { last = try await database.transaction { try used.examine(after: begin, &$0) } }
        last = []
        while let begin = last {
            let rows = try await database.transaction { try links.page(after: begin, &$0) }
            let persons = try await hierarchy.persons(Array(Set(rows.map { try links.owner($0) })), of: users.keys)
            for row in rows {
                if let key = try persons[links.owner(row)] { _ = try links.link(row, key: key) }
            }
            last = try rows.last?.blob(0)
        }
    }

    /// Reads the origin of a session that was read.
    /// - Throws: `StoreFault` where it was changed, or where a session that SSO began has none.
    func examine(originOf session: StoredSession) async throws {
        guard try await origin(of: session.id) == nil, session.provedAt(.sso) != nil,
            try await sessions.find(session.id) != nil
        else { return }
        throw StoreFault.recordNotAuthentic(
            table: ConnectionSeals.Table.origin.rawValue, row: session.id.description)
    }
}
