import Core

/// What is noted of a member besides the factors themselves.
struct FactorState: Sendable, Hashable {
    /// Where the grace of everybody begins who has ever had a factor: so long ago that it is over.
    static let graceOver = WallTime(milliseconds: 0)

    let user: UserID
    /// What authenticators call the member, sealed under the person's key; nil until somebody asked for it.
    var handle: [UInt8]?
    var invitedAt: WallTime?
    var graceBeganAt: WallTime?
    var promptDismissedAt: WallTime?
    /// The code that permits a first enrolment, as its keyed hash.
    var enrolmentCode: [UInt8]?
    var enrolmentExpiresAt: WallTime?
    /// When the member gave themselves another address.
    var addressChangedAt: WallTime?

    init(user: UserID) { self.user = user }
}

/// Everything that a member has, read in one transaction and found to belong together.
struct FactorSet: Sendable {
    let user: UserID
    /// Nil as long as nothing was noted.
    let state: FactorState?
    let apps: [SQLRow]
    let passkeys: [SQLRow]
    /// Keyed hashes of the recovery codes that are left.
    let recoveryCodes: [SQLRow]

    /// How many apps and passkeys there are.
    var count: Int { apps.count + passkeys.count }

    func app(_ id: RowID) -> SQLRow? { apps.first { $0.values.first == .blob(id.octets) } }

    func passkey(_ id: RowID) -> SQLRow? { passkeys.first { $0.values.first == .blob(id.octets) } }
}

extension FactorState {
    /// All columns but the code, in the order of the table.
    var columns: [SQLValue] {
        [
            .blob(user.octets), .optional(handle), Self.value(invitedAt), Self.value(graceBeganAt),
            Self.value(promptDismissedAt), .optional(enrolmentCode), Self.value(enrolmentExpiresAt),
            Self.value(addressChangedAt),
        ]
    }

    init(_ row: SQLRow, user: UserID) throws {
        self.init(user: user)
        handle = try row.optionalBlob(1)
        invitedAt = try Self.time(row, 2)
        graceBeganAt = try Self.time(row, 3)
        promptDismissedAt = try Self.time(row, 4)
        enrolmentCode = try row.optionalBlob(5)
        enrolmentExpiresAt = try Self.time(row, 6)
        addressChangedAt = try Self.time(row, 7)
    }

    static func value(_ time: WallTime?) -> SQLValue { time.map { .integer($0.milliseconds) } ?? .null }

    static func time(_ row: SQLRow, _ column: Int) throws -> WallTime? {
        try row.optionalInteger(column).map { WallTime(milliseconds: $0) }
    }
}
