import Testing

@testable import Store

/// What every driver behind the seam must do; a second driver is another case of `Driver`.
@Suite("Conformance of a database driver")
struct SQLDatabaseConformanceTests {
    enum Driver: CaseIterable { case sqlite }

    /// A database with one empty table, in a folder that lives as long as `world`.
    func make(_ driver: Driver, in world: StoreWorld) async throws -> any SQLDatabase {
        let database: any SQLDatabase
        switch driver {
        case .sqlite: database = try SQLiteDatabase(path: world.folder + "/x.db", name: "x.db", isNew: true)
        }
        try await database.transaction { transaction in
            try transaction.execute("CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY, words TEXT, bytes BLOB)")
        }
        return database
    }

    @Test("values come back as they were written", arguments: Driver.allCases)
    func values(driver: Driver) async throws {
        let world = try StoreWorld()
        let database = try await make(driver, in: world)
        let rows: [[SQLValue]] = [
            [.integer(.min), .text(""), .blob([])], [.integer(-1), .null, .null],
            [.integer(0), .text("'; DROP TABLE thing; --"), .blob([0, 255, 0])],
            [.integer(.max), .text("ä€😀"), .blob([UInt8](repeating: 7, count: 100_000))],
        ]
        let found = try await database.transaction { transaction in
            for row in rows {
                let count = try transaction.execute("INSERT INTO thing VALUES (?, ?, ?)", row[0], row[1], row[2])
                #expect(count == 1)
            }
            return try transaction.query("SELECT id, words, bytes FROM thing ORDER BY id").map(\.values)
        }
        #expect(found == rows)
    }

    @Test("a text with NUL, which no driver would give back, is refused", arguments: Driver.allCases)
    func zero(driver: Driver) async throws {
        let world = try StoreWorld()
        let database = try await make(driver, in: world)
        await #expect(throws: StoreFault.self) {
            try await database.transaction { try $0.execute("INSERT INTO thing VALUES (1, ?, NULL)", .text("a\u{0}b")) }
        }
    }

    struct Stop: Error {}

    @Test("a body that throws leaves nothing behind", arguments: Driver.allCases)
    func rollback(driver: Driver) async throws {
        let world = try StoreWorld()
        let database = try await make(driver, in: world)
        await #expect(throws: Stop.self) {
            try await database.transaction { transaction in
                try transaction.execute("INSERT INTO thing VALUES (1, 'a', NULL)")
                throw Stop()
            }
        }
        await #expect(throws: StoreFault.self) {
            try await database.transaction { transaction in
                try transaction.execute("INSERT INTO thing VALUES (1, 'a', NULL)")
                try transaction.execute("INSERT INTO thing VALUES (1, 'a', NULL)")
            }
        }
        let count = try await database.transaction { try $0.first("SELECT count(*) FROM thing")?.integer(0) }
        #expect(count == 0)
    }

    @Test("a reading sees what was written; after one that throws the database goes on", arguments: Driver.allCases)
    func reading(driver: Driver) async throws {
        let world = try StoreWorld()
        let database = try await make(driver, in: world)
        try await database.transaction { try $0.execute("INSERT INTO thing VALUES (7, 'a', NULL)") }
        await #expect(throws: Stop.self) {
            try await database.reading { transaction in
                _ = try transaction.first("SELECT id FROM thing")
                throw Stop()
            }
        }
        for _ in 0..<2 {
            #expect(try await database.reading { try $0.first("SELECT id FROM thing")?.integer(0) } == 7)
        }
        try await database.transaction { try $0.execute("UPDATE thing SET id = 8") }
        #expect(try await database.reading { try $0.first("SELECT id FROM thing")?.integer(0) } == 8)
    }

    @Test("a transaction reads of another database from its body, and what fails there leaves nothing behind here")
    func within() async throws {
        let world = try StoreWorld()
        let (one, other) = try (
            SQLiteDatabase(path: world.folder + "/1.db", name: "1.db", isNew: true),
            SQLiteDatabase(path: world.folder + "/2.db", name: "2.db", isNew: true)
        )
        for database in [one, other] {
            try await database.transaction { try $0.execute("CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY)") }
        }
        try await other.transaction { try $0.execute("INSERT INTO thing VALUES (5)") }
        try await one.transaction { transaction in
            let id = try other.readingWithin { try $0.first("SELECT id FROM thing")?.integer(0) }
            try transaction.execute("INSERT INTO thing VALUES (?)", id.map { .integer($0) } ?? .null)
        }
        await #expect(throws: StoreFault.self) {
            try await one.transaction { transaction in
                try transaction.execute("INSERT INTO thing VALUES (6)")
                _ = try other.readingWithin { try $0.first("SELECT id FROM nothing") }
            }
        }
        #expect(try await one.reading { try $0.query("SELECT id FROM thing").map(\.values) } == [[.integer(5)]])
    }

    @Test("transactions of many tasks do not see each other's halves", arguments: Driver.allCases)
    func isolation(driver: Driver) async throws {
        let world = try StoreWorld()
        let database = try await make(driver, in: world)
        try await database.transaction { try $0.execute("INSERT INTO thing VALUES (0, NULL, NULL)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await database.transaction { transaction in
                        let last = try transaction.first("SELECT max(id) FROM thing")?.integer(0) ?? 0
                        try transaction.execute("INSERT INTO thing VALUES (?, NULL, NULL)", .integer(last + 1))
                    }
                }
            }
            try await group.waitForAll()
        }
        let last = try await database.transaction { try $0.first("SELECT max(id) FROM thing")?.integer(0) }
        #expect(last == 50)
    }

    @Test("a column of another type is a damaged database, not a value", arguments: Driver.allCases)
    func types(driver: Driver) async throws {
        let world = try StoreWorld()
        let database = try await make(driver, in: world)
        await #expect(throws: StoreFault.self) {
            try await database.transaction { transaction in
                try transaction.execute("INSERT INTO thing VALUES (1, 'a', NULL)")
                return try transaction.first("SELECT words FROM thing")?.integer(0)
            }
        }
    }

    @Test("each commit is flushed to the disk, references are held, deleted keys are overwritten")
    func pragmas() async throws {
        let world = try StoreWorld()
        let database = try SQLiteDatabase(
            path: world.folder + "/k.db", name: "k.db", deletion: .overwriting, isNew: true)
        let found = try await database.transaction { transaction in
            [
                try transaction.first("PRAGMA journal_mode")?.values,
                try transaction.first("PRAGMA synchronous")?.values,
                try transaction.first("PRAGMA foreign_keys")?.values,
                try transaction.first("PRAGMA secure_delete")?.values,
            ]
        }
        #expect(found == [[.text("wal")], [.integer(2)], [.integer(1)], [.integer(1)]])
    }
}
