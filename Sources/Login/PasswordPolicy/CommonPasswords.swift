import Synchronization

/// The most common passwords, made ready at the first question: most runs of a command never ask.
public final class CommonPasswords: Sendable {
    private let text: @Sendable () -> String
    private let made = Mutex<PasswordList?>(nil)

    /// - Parameter text: one password a line.
    public init(_ text: @escaping @Sendable () -> String) { self.text = text }

    /// The list.
    var list: PasswordList {
        made.withLock { made in
            if let made { return made }
            let list = PasswordList(text().split(whereSeparator: \.isNewline))
            made = list
            return list
        }
    }
}
