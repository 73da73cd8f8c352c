import Core

/// How rows about connections are authenticated, where their sealed parts belong, and how look-ups are hashed.
struct ConnectionSeals: Sendable {
    let tenant: TenantID
    let keys: TenantKeys

    enum Table: String {
        case metadata = "connection_metadata"
        case key = "connection_key"
        case link = "account_link"
        case origin = "session_origin"
        case usedID = "used_id"
        case trace = "sso_trace"
    }

    /// The row whose last column is its code.
    /// - Throws: `StoreFault.recordNotAuthentic`.
    func authenticated(_ row: SQLRow, _ table: Table) throws -> SQLRow {
        guard row.values.last == code(Array(row.values.dropLast()), table) else { throw fault(row, table) }
        return row
    }

    /// The code of a row: over every column but the code itself.
    func code(_ row: [SQLValue], _ table: Table) -> SQLValue {
        .blob(keys.rows.code(tenant: tenant.text, table: table.rawValue, columns: row))
    }

    func fault(_ row: SQLRow, _ table: Table) -> StoreFault {
        let name: [UInt8] =
            switch row.values.first {
            case .blob(let octets): octets
            case .text(let text): Array(text.utf8)
            case .integer, .null, nil: []
            }
        return .recordNotAuthentic(table: table.rawValue, row: RowName.text(name))
    }

    func binding(_ table: Table, part: String = "", _ row: [UInt8], _ bound: [SQLValue]) -> RecordBinding {
        RecordBinding(
            tenant: tenant.text, table: part.isEmpty ? table.rawValue : "\(table.rawValue).\(part)", row: row,
            columns: bound)
    }

    /// What stands for a subject of a connection's provider: nobody without the tenant's key knows whom it means.
    func subject(_ connection: ConnectionName, entityID: String, subject: String) -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(connection.text)
        encoder.append(entityID)
        encoder.append(subject)
        return keys.index.index("sso-subject", encoder.bytes)
    }

    /// What stands for the provider's name of one of its sessions.
    func sessionIndex(_ index: String, of connection: ConnectionName, entityID: String) -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(connection.text)
        encoder.append(entityID)
        encoder.append(index)
        return keys.index.index("sso-session", encoder.bytes)
    }

    /// What stands for an id that counts once.
    func usedID(_ id: String) -> [UInt8] { keys.index.index("sso-used-id", id) }
}
