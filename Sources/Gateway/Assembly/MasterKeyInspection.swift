import Store

/// The look at a master key's file, by the code that will use it.
public enum MasterKeyInspection {
    /// Reads the file and forgets the key.
    public static let check: MasterKeyCheck = { path in
        do throws(StoreFault) {
            return try MasterKeyFile.read(path).warnings.first.map { .usable(warning: $0) }
        } catch {
            switch error {
            case .masterKeyMissing: return .missing
            case .masterKeyExposed(_, let mode): return .exposed(mode: mode)
            case .masterKeyMalformed(_, let words): return .malformed(words)
            case .inputOutput(_, let words): return .unreadable(words)
            default: return .unreadable("\(error)")
            }
        }
    }
}
