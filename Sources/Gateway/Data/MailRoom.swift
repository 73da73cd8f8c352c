import Core
import EventLoop
import Login
import Outbound
import Portal
import Store

/// Puts the parts of a mail's way together: the outbox's letters, the templates, the mail server.
enum MailRoom {
    /// For how long a mail that is under way may hold up the end of the process.
    static let endAllowance = Milliseconds.seconds(5)

    /// - Parameters:
    ///   - delivery: by which server and from whom, as it is in force; nil where no mail is sent.
    ///   - settings: what links are built from; nil likewise.
    /// - Throws: where a template of ours does not parse, which is our own fault.
    static func postman(
        _ store: DataStore, delivery: @escaping @Sendable () -> MailDeliverySettings?,
        settings: @escaping @Sendable () -> MailSettings?, report: @escaping @Sendable (PostmanReport) -> Void
    ) throws -> Postman {
        let renderer = try MailRenderer()
        return Postman(
            store: store,
            seams: Postman.Seams(
                render: { letter, tenant in
                    guard let from = delivery()?.from, let settings = settings() else { return nil }
                    return message(letter, tenant, from: from, settings, renderer)
                },
                send: { message in
                    guard let server = delivery()?.server else {
                        return .failure(.unavailable("mail is not configured"))
                    }
                    return await onItsOwnThread { () throws(DeliveryFailure) in try SMTPDelivery(server).send(message) }
                }, timeout: { delivery()?.server.timeout }, now: Clocks.wall, report: report))
    }

    /// The mail that a letter becomes; nil where it says nothing that this version knows.
    private static func message(
        _ letter: WaitingLetter, _ tenant: Tenant, from: MailAddress, _ settings: MailSettings, _ renderer: MailRenderer
    ) -> MailMessage? {
        guard let to = recipient(letter.letter.recipient),
            let rendered = renderer.render(letter.letter, of: tenant, settings)
        else { return nil }
        return MailMessage(
            from: from, to: to, subject: rendered.subject, text: rendered.text, html: rendered.html,
            language: letter.letter.language, id: letter.id.description, date: letter.postedAt)
    }

    /// The address as it was typed, with the domain as mail servers read it.
    private static func recipient(_ typed: String) -> MailAddress? {
        guard let email = NormalizedEmail(typed), let at = typed.lastIndex(of: "@") else { return nil }
        let local = typed[..<at].drop(while: \.isWhitespace)
        return MailAddress("\(local)@\(email.domain)")
    }

    /// libcurl blocks; the concurrency pool's threads must not.
    private static func onItsOwnThread(
        _ body: @escaping @Sendable () throws(DeliveryFailure) -> Void
    ) async -> Result<Void, DeliveryFailure> {
        await withCheckedContinuation { continuation in
            LoopThread.start(name: "gatehouse-mail") { continuation.resume(returning: Result(catching: body)) }
        }
    }
}
