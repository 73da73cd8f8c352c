import GRDB

/// One SQLite file with a thread of its own: write-ahead log, every commit on disk before it is acknowledged.
final class SQLiteDatabase: SQLDatabase {
    /// How deletion treats the bytes that were there.
    enum Deletion {
        case plain
        /// Freed pages are overwritten (`secure_delete`).
        case overwriting
    }

    let name: String
    private let path: String
    private let queue: DatabaseQueue

    /// Opens the file, which must be there unless `isNew`.  It, and what SQLite keeps beside it, is its owner's alone.
    /// - Throws: `StoreFault`.
    init(path: String, name: String, deletion: Deletion = .plain, isNew: Bool) throws {
        guard isNew || HostFiles.exists(path) else { throw StoreFault.databaseMissing(file: name) }
        do {
            // SQLite makes the files beside it with the database's own mode.
            if isNew { try HostFiles.makeFile(path) }
            for suffix in ["", "-wal", "-shm"] { try HostFiles.tighten(path + suffix) }
        } catch {
            throw error.isFull ? StoreFault.diskFull(file: name) : .inputOutput(file: name, words: error.words)
        }
        var configuration = Configuration()
        configuration.label = name
        configuration.foreignKeysEnabled = true
        // Another connection exists only while a file that was closed for room is opened again.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw DatabaseError(resultCode: .SQLITE_CANTOPEN, message: "no write-ahead log: \(mode ?? "")")
            }
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA trusted_schema = OFF")
            try database.execute(sql: "PRAGMA cell_size_check = ON")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            try database.execute(sql: "PRAGMA cache_size = -512")
            try database.execute(
                sql: deletion == .overwriting ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = FAST")
        }
        self.name = name
        self.path = path
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw SQLiteFaults.fault(error, file: name, at: path)
        }
    }

    @discardableResult
    func transaction<Result: Sendable>(
        _ body: @escaping @Sendable (inout StoreTransaction) throws -> Result
    ) async throws -> Result {
        do {
            return try await queue.writeWithoutTransaction { try Self.run(body, on: $0) }
        } catch {
            throw SQLiteFaults.fault(error, file: name, at: path)
        }
    }

    func reading<Result: Sendable>(
        _ body: @escaping @Sendable (inout StoreTransaction) throws -> Result
    ) async throws -> Result {
        do {
            return try await queue.writeWithoutTransaction { try Self.read(body, on: $0) }
        } catch {
            throw SQLiteFaults.fault(error, file: name, at: path)
        }
    }

    /// Reads for a transaction of another database, from its body, whose thread waits for it: it saves the way to this
    /// database's thread and back.  Such a body reads of no further one, so that nobody ever waits in a circle.
    /// - Throws: what `body` throws, and `StoreFault`.
    func readingWithin<Result>(_ body: (inout StoreTransaction) throws -> Result) throws -> Result {
        do {
            return try queue.writeWithoutTransaction { try Self.read(body, on: $0) }
        } catch {
            throw SQLiteFaults.fault(error, file: name, at: path)
        }
    }

    private static func read<Result>(
        _ body: (inout StoreTransaction) throws -> Result, on database: Database
    ) throws -> Result {
        var transaction = StoreTransaction(SQLiteConnection(database))
        return try body(&transaction)
    }

    private static func run<Result>(
        _ body: (inout StoreTransaction) throws -> Result, on database: Database
    ) throws -> Result {
        let connection = SQLiteConnection(database)
        // GRDB's own transactions prepare both ends anew each time; these are kept like every other statement.
        _ = try connection.execute("BEGIN IMMEDIATE TRANSACTION", [])
        do {
            var transaction = StoreTransaction(connection)
            let result = try body(&transaction)
            _ = try connection.execute("COMMIT TRANSACTION", [])
            return result
        } catch {
            // The first error tells what happened; where SQLite has rolled back itself this does nothing.
            try? database.rollback()
            throw error
        }
    }

    /// Moves the write-ahead log into the file and empties it, so that nothing of what was deleted is left there.
    func truncateLog() async throws {
        do {
            let isBusy = try await queue.writeWithoutTransaction { database in
                try Int64.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
            guard isBusy == 0 else { throw StoreFault.inputOutput(file: name, words: "the log is in use") }
        } catch {
            throw SQLiteFaults.fault(error, file: name, at: path)
        }
    }

    /// SQLite's own examination of the file, and of references between rows; empty where all is well.
    func integrityFindings() async throws -> [String] {
        do {
            return try await queue.writeWithoutTransaction { database in
                let words = try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
                let dangling = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").count
                return words + (dangling > 0 ? ["\(dangling) rows refer to rows that are not there"] : [])
            }
        } catch {
            throw SQLiteFaults.fault(error, file: name, at: path)
        }
    }

    /// Ends the use of the file; later calls fail.
    func close() throws {
        do { try queue.close() } catch { throw SQLiteFaults.fault(error, file: name, at: path) }
    }
}
