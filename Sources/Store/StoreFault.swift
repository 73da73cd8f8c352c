/// Why the store cannot be opened or used: the operator's, the machine's or a forger's doing.
///
/// The description says what was found and how to mend it; it names files and ids, never contents.
public enum StoreFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// No master key at this path.
    case masterKeyMissing(path: String)
    /// The file is no master key of a version that this binary reads; what is wrong with it.
    case masterKeyMalformed(path: String, words: String)
    /// Everybody on the machine may read or change the key; the file's permission bits.
    case masterKeyExposed(path: String, mode: UInt32)
    /// A key is there already, and is never overwritten.
    case masterKeyExists(path: String)
    /// The data was sealed under another master key; the fingerprints of that and of the one given.
    case masterKeyDiffers(expected: String, found: String)
    /// A file that other files prove to have existed is not there.
    case databaseMissing(file: String)
    /// The file is no sound database; SQLite's words.
    case databaseCorrupt(file: String, words: String)
    /// The file holds another database than its name says.
    case databaseMisplaced(file: String, expected: String, found: String)
    /// The file's header was not written by this installation.
    case databaseNotAuthentic(file: String)
    /// The file was written by a newer Gatehouse.
    case schemaTooNew(file: String, found: Int64, known: Int64)
    /// No space is left; nothing of the transaction was written.
    case diskFull(file: String)
    /// Reading or writing failed; nothing of the transaction was written.
    case inputOutput(file: String, words: String)
    /// Another process works on the folder; its id, 0 where it is not known.
    case locked(folder: String, holder: Int32)
    /// A sealed record does not open, or an authenticated row does not hold: changed by another hand.
    case recordNotAuthentic(table: String, row: String)
    /// A row names a key that `keys.db` does not have.
    case keyMissing(tenant: String)
    /// A statement was refused by the database for another reason: our fault.
    case statementFailed(file: String, words: String)
    /// `close` was called.
    case closed

    /// Whether what is stored is at fault, for which a backup is the remedy, not time.
    public var isOfData: Bool {
        switch self {
        case .databaseMissing, .databaseCorrupt, .databaseMisplaced, .databaseNotAuthentic, .schemaTooNew,
            .recordNotAuthentic, .keyMissing:
            true
        case .masterKeyMissing, .masterKeyMalformed, .masterKeyExposed, .masterKeyExists, .masterKeyDiffers, .diskFull,
            .inputOutput, .locked, .statementFailed, .closed:
            false
        }
    }

    public var description: String {
        switch self {
        case .masterKeyMissing(let path):
            "no master key at \(path); make one with `gatehouse keys init`, or put back the copy that you kept"
        case .masterKeyMalformed(let path, let words):
            "\(path) is no master key: \(words); put back the copy that you kept"
        case .masterKeyExposed(let path, let mode):
            "\(path) has mode 0\(String(mode, radix: 8)): everybody may read or change it; run: chmod 600 \(path)"
        case .masterKeyExists(let path): "\(path) exists already and is not overwritten"
        case .masterKeyDiffers(let expected, let found):
            """
            the data was sealed under the master key \(expected), but the key given is \(found); put back the copy of \
            the first that you kept, or name the data folder that belongs to the second
            """
        case .databaseMissing(let file): "\(file) is not there, though it was written before; restore a backup"
        case .databaseCorrupt(let file, let words): "\(file) is damaged (\(words)); restore a backup"
        case .databaseMisplaced(let file, let expected, let found):
            "\(file) should hold \(expected) but holds \(found); put the right file back"
        case .databaseNotAuthentic(let file):
            "\(file) has a header that was not written under this master key; put the right file back"
        case .schemaTooNew(let file, let found, let known):
            "\(file) has schema \(found), this binary knows \(known) at most; run the newer Gatehouse"
        case .diskFull(let file): "no space left to write \(file); nothing was written"
        case .inputOutput(let file, let words): "\(file) cannot be read or written (\(words)); nothing was written"
        case .locked(let folder, let holder):
            "another process\(holder > 0 ? " (pid \(holder))" : "") works on \(folder); stop it first"
        case .recordNotAuthentic(let table, let row): "the row \(row) of \(table) was changed by another hand"
        case .keyMissing(let tenant): "keys.db lacks a key of \(tenant); restore its backup"
        case .statementFailed(let file, let words): "\(file): \(words)"
        case .closed: "the store is closed"
        }
    }
}

/// Why a write was not done, though the store is well: the caller asked for what cannot be.
public enum StoreConflict: Error, Hashable, Sendable {
    /// The tenant has a user with this address.
    case emailTaken
    /// There is a tenant with this id.
    case tenantExists
    /// The host belongs to a tenant already.
    case hostTaken(String)
    /// The e-mail domain belongs to a tenant already.
    case domainTaken(String)
    /// There is no such row.
    case notFound
    /// The person's key has been destroyed, which is final.
    case erased
    /// The user is not active, so no session can begin.
    case userNotActive
    /// The provider's subject is linked with an account already, or the account with another subject of the connection.
    case linkTaken
    /// The connection has a key in that state already.
    case connectionKeyTaken
}
