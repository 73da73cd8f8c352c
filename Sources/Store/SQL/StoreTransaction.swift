/// The seam towards a database: one thing, a transaction.
///
/// `body` runs on the database's own thread, synchronously, and is awaited from outside.  When it returns, what
/// it wrote is durable; when it throws, nothing was written.  It is never run twice.
public protocol SQLDatabase: AnyObject, Sendable {
    /// The file's name or the server's, for messages.
    var name: String { get }

    /// Runs `body` alone on this database.
    /// - Throws: what `body` throws, and `StoreFault`.
    @discardableResult
    func transaction<Result: Sendable>(
        _ body: @escaping @Sendable (inout StoreTransaction) throws -> Result
    ) async throws -> Result

    /// Runs `body`, which writes nothing, alone on this database as far as this process goes.  Each statement sees one
    /// state, and what another process writes in between may be seen by the next: two that must fit are a transaction's.
    /// - Throws: what `body` throws, and `StoreFault`.
    func reading<Result: Sendable>(
        _ body: @escaping @Sendable (inout StoreTransaction) throws -> Result
    ) async throws -> Result
}

/// What a driver does within a transaction.
protocol SQLConnection {
    /// Runs one statement; the number of rows it changed.
    func execute(_ sql: StaticString, _ arguments: [SQLValue]) throws -> Int
    /// Runs one statement; all rows of its answer.
    func query(_ sql: StaticString, _ arguments: [SQLValue]) throws -> [SQLRow]
}

/// A transaction that is open: statements with `?` for each argument.
///
/// Statements are `StaticString`, so that none can be built from input.  It cannot be kept beyond the body that
/// it was lent to.
public struct StoreTransaction: ~Copyable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) { self.connection = connection }

    /// Runs one statement; the number of rows it changed.
    @discardableResult
    mutating func execute(_ sql: StaticString, _ arguments: SQLValue...) throws -> Int {
        try connection.execute(sql, arguments)
    }

    /// Runs one statement; all rows of its answer.  Statements without a natural bound carry a LIMIT.
    mutating func query(_ sql: StaticString, _ arguments: SQLValue...) throws -> [SQLRow] {
        try connection.query(sql, arguments)
    }

    /// The first row of the answer; nil where there is none.
    mutating func first(_ sql: StaticString, _ arguments: SQLValue...) throws -> SQLRow? {
        try connection.query(sql, arguments).first
    }
}
