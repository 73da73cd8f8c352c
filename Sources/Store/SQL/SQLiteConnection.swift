import FoundationEssentials
import GRDB

/// Statements on SQLite, prepared once a connection and then kept.
struct SQLiteConnection: SQLConnection {
    private let database: Database

    init(_ database: Database) { self.database = database }

    func execute(_ sql: StaticString, _ arguments: [SQLValue]) throws -> Int {
        let statement = try database.cachedStatement(sql: sql.description)
        try statement.execute(arguments: try bound(arguments))
        return database.changesCount
    }

    func query(_ sql: StaticString, _ arguments: [SQLValue]) throws -> [SQLRow] {
        let statement = try database.cachedStatement(sql: sql.description)
        let cursor = try Row.fetchCursor(statement, arguments: try bound(arguments))
        var rows: [SQLRow] = []
        // The cursor's row is the statement's own and is read before the next step.
        while let row = try cursor.next() {
            rows.append(
                SQLRow(
                    try row.databaseValues.map { value in
                        switch value.storage {
                        case .null: .null
                        case .int64(let number): .integer(number)
                        case .string(let text): .text(text)
                        case .blob(let data): .blob([UInt8](data))
                        case .double:
                            throw DatabaseError(resultCode: .SQLITE_MISMATCH, message: "a column holds a real number")
                        }
                    }))
        }
        return rows
    }

    private func bound(_ arguments: [SQLValue]) throws -> StatementArguments {
        StatementArguments(
            try arguments.map { argument -> DatabaseValue in
                switch argument {
                case .null: return .null
                case .integer(let number): return number.databaseValue
                case .text(let text):
                    // Neither driver gives back what follows a NUL.
                    guard !text.utf8.contains(0) else {
                        throw DatabaseError(resultCode: .SQLITE_CONSTRAINT, message: "a text holds NUL")
                    }
                    return text.databaseValue
                case .blob(let bytes): return Data(bytes).databaseValue
                }
            })
    }
}

/// What SQLite says, as our faults.
enum SQLiteFaults {
    /// Our own errors pass; SQLite's are told by their code.
    /// - Parameter path: where the file lies; its file system tells whether room was what lacked.
    static func fault(_ error: any Error, file: String, at path: String) -> any Error {
        if let type = error as? SQLRow.UnexpectedType {
            return StoreFault.databaseCorrupt(file: file, words: "column \(type.column) has another type")
        }
        guard let error = error as? DatabaseError else { return error }
        let words = "\(error.extendedResultCode.rawValue) \(error.message ?? "")"
        switch error.resultCode {
        case .SQLITE_FULL: return StoreFault.diskFull(file: file)
        case .SQLITE_IOERR
        where lacksRoom(error.extendedResultCode.rawValue, freeBytes: HostFiles.freeBytes(at: path)):
            return StoreFault.diskFull(file: file)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_MISMATCH:
            return StoreFault.databaseCorrupt(file: file, words: words)
        case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_BUSY, .SQLITE_PERM, .SQLITE_NOMEM:
            return StoreFault.inputOutput(file: file, words: words)
        case .SQLITE_MISUSE: return StoreFault.closed
        default: return StoreFault.statementFailed(file: file, words: words)
        }
    }

    /// Whether a failed input or output was a write that found no room: SQLite says so for the database alone, not for
    /// what it keeps beside it.
    static func lacksRoom(_ extendedCode: Int32, freeBytes: UInt64?) -> Bool {
        switch extendedCode {
        // SQLITE_IOERR_WRITE, _FSYNC, _SHMOPEN, _SHMSIZE, _SHMMAP (sqlite.org/rescode.html)
        case 778, 1034, 4618, 4874, 5386:
            // The index of the log grows by 32 KiB at a time.
            freeBytes.map { $0 < 32 * 1024 } ?? false
        default: false
        }
    }
}
