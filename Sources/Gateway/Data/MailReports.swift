import Core
import Login
import Synchronization

/// Carries what the postman tells to the log, which is there later than the postman.
final class MailReports: Sendable {
    private let listener = Mutex<(@Sendable (PostmanReport) -> Void)?>(nil)

    /// Who is told.
    func listen(_ listener: @escaping @Sendable (PostmanReport) -> Void) { self.listener.withLock { $0 = listener } }

    /// Tells, where somebody listens.
    func note(_ report: PostmanReport) { listener.withLock { $0 }?(report) }
}

extension ServerLog {
    /// A line for what has become of a mail; addresses are masked (security rule 31).
    func note(_ report: PostmanReport) {
        switch report {
        case .sent(let letter): info("mail-sent", "a mail was taken by the mail server", letter.fields)
        case .deferred(let letter, let words, let delay):
            warning(
                "mail-deferred",
                "the mail server does not take a mail now; it is tried again in \(delay.count / 1000) s: \(words)",
                letter.fields)
        case .gaveUp(let letter, let words):
            error("mail-given-up", "a mail was not delivered and is given up: \(words)", letter.fields)
        case .serverFailing(let words):
            error(
                "mail-failing",
                "no mail leaves; what is to be sent waits, and sign-ins go on: \(words); `gatehouse doctor --config` looks at the mail server"
            )
        case .serverWorking: info("mail-working", "mails leave again")
        case .storeFailing: break
        }
    }
}

extension PostmanReport.Letter {
    fileprivate var fields: [String: String] {
        ["mail": id, "mail_kind": kind, "tenant": tenant.text, "recipient": maskedRecipient]
    }
}
