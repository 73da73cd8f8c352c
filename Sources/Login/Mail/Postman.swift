public import Core
public import Outbound
public import Store
import Synchronization

/// Takes letters from the tenants' outboxes to the mail server, and tries again what was not taken.
///
/// Nobody waits for it: a mail server that is down costs members nothing, and their letters stay until it is back or
/// their time is over.  A server that does not answer is asked at growing intervals, once for all letters; a letter that
/// is refused for now goes its own way.
public final class Postman: Sendable {
    /// Between two turns: a letter leaves within a second of its posting.
    public static let period = Milliseconds(500)
    /// When a letter that was not taken is tried again, after the first, second, … try; the last counts from then on.
    public static let letterDelays: [Milliseconds] = [
        .seconds(15), .minutes(1), .minutes(5), .minutes(15), .hours(1), .hours(4),
    ]
    /// When a server that cannot be used is tried again, likewise.
    public static let serverDelays: [Milliseconds] = [
        .seconds(1), .seconds(2), .seconds(5), .seconds(10), .seconds(30), .minutes(1),
    ]
    /// The directory is asked so often which tenants have letters, besides being told.
    static let lookInterval = Milliseconds.minutes(1)
    /// Tenants that are served at once.
    static let lanes = 4
    /// Letters of one tenant in one turn, so that nobody's many hold up another's one.
    static let lettersPerTurn = 10
    /// A letter that is under way is given to nobody else for so long, and the time that one sending may take.
    static let leaseMargin = Milliseconds.seconds(30)

    /// Between two looks whether mails are still under way.
    static let settlePeriod = Milliseconds(20)

    /// What the postman is given to work with.
    public struct Seams: Sendable {
        /// The mail that a letter becomes; nil for a kind that this version does not know.
        let render: @Sendable (WaitingLetter, Tenant) -> MailMessage?
        /// Hands it to the server.
        let send: @Sendable (MailMessage) async -> Result<Void, DeliveryFailure>
        /// How long sending may take; nil where no mail is configured, and letters stay where they are.
        let timeout: @Sendable () -> Milliseconds?
        let now: @Sendable () -> WallTime
        let report: @Sendable (PostmanReport) -> Void

        public init(
            render: @escaping @Sendable (WaitingLetter, Tenant) -> MailMessage?,
            send: @escaping @Sendable (MailMessage) async -> Result<Void, DeliveryFailure>,
            timeout: @escaping @Sendable () -> Milliseconds?, now: @escaping @Sendable () -> WallTime,
            report: @escaping @Sendable (PostmanReport) -> Void
        ) {
            self.render = render
            self.send = send
            self.timeout = timeout
            self.now = now
            self.report = report
        }
    }

    let store: DataStore
    let seams: Seams
    private let state = Mutex(PostmanState())

    public init(store: DataStore, seams: Seams) {
        self.store = store
        self.seams = seams
        store.letters.listen { [weak self] tenant in self?.state.withLock { $0.isReady(tenant) } }
    }

    /// What has happened since the start, and what waits.
    public var metrics: PostmanMetrics {
        var metrics = state.withLock { $0.metrics }
        metrics.waiting = store.letters.waiting
        metrics.dropped = store.letters.dropped
        return metrics
    }

    /// Why no mail leaves; nil where the last one did.
    public var fault: String? { state.withLock { $0.fault } }

    /// Runs until its task is cancelled.
    public func run(pause: @Sendable (Milliseconds) async -> Void = AnswerPacing.wait) async {
        while !Task.isCancelled {
            await turn()
            await pause(Self.period)
        }
    }

    /// Serves every tenant whose letters are due, once.
    public func turn() async {
        guard seams.timeout() != nil else { return }
        let now = seams.now()
        if state.withLock({ $0.isTimeToLook(at: now) }) { await look(at: now) }
        let tenants = state.withLock { $0.takeReady(at: now) }
        await withTaskGroup(of: Void.self) { group in
            for (place, tenant) in tenants.enumerated() {
                if place >= Self.lanes { await group.next() }
                group.addTask { await self.serve(tenant) }
            }
        }
    }

    /// Asks the directory which tenants have letters.
    private func look(at now: WallTime) async {
        do {
            var last: TenantID?
            while true {
                let page = try await store.letters.tenants(after: last)
                guard let end = page.last else { break }
                state.withLock { state in for tenant in page { state.isReady(tenant) } }
                last = end
            }
            state.withLock { $0.looked(at: now) }
        } catch {
            seams.report(.storeFailing(error))
        }
    }

    /// Waits until no mail is under way, after `run` has ended; one that takes longer is sent again by another run.
    public func settle(
        within limit: Milliseconds, pause: @Sendable (Milliseconds) async -> Void = AnswerPacing.wait
    ) async {
        var waited: UInt64 = 0
        while state.withLock({ $0.underWay > 0 }), waited < limit.count {
            await pause(Self.settlePeriod)
            waited += Self.settlePeriod.count
        }
    }

    private func serve(_ id: TenantID) async {
        do {
            guard let (tenant, tenantStore) = try await store.openTenant(id) else {
                return try await store.letters.settle(id, waiting: 0, at: seams.now())
            }
            var served = 0
            while served < Self.lettersPerTurn, !Task.isCancelled, !state.withLock({ $0.isHeld(at: seams.now()) }) {
                let now = seams.now()
                guard let timeout = seams.timeout() else { break }
                let lease = now.advanced(by: timeout).advanced(by: Self.leaseMargin)
                guard let letter = try await tenantStore.outbox.take(at: now, until: lease) else { break }
                served += 1
                // What was taken is brought to its end, though the task be cancelled meanwhile.
                state.withLock { $0.underWay += 1 }
                defer { state.withLock { $0.underWay -= 1 } }
                try await Task { try await deliver(letter, tenant, tenantStore.outbox) }.value
            }
            let (standing, now) = (try await tenantStore.outbox.standing(), seams.now())
            try await store.letters.settle(id, waiting: standing.waiting, at: now)
            state.withLock { $0.served(id, next: standing.nextDue, oldest: standing.oldest) }
        } catch {
            seams.report(.storeFailing(error))
            state.withLock { $0.isLate(id, until: seams.now().advanced(by: Self.lookInterval)) }
        }
    }

    private func deliver(_ letter: WaitingLetter, _ tenant: Tenant, _ outbox: OutboxRepository) async throws {
        guard letter.letter.expiresAt > seams.now() else {
            return try await giveUp(letter, tenant, outbox, "expired", "it could not be delivered in time")
        }
        guard let message = seams.render(letter, tenant) else {
            return try await giveUp(letter, tenant, outbox, "unreadable", "this version knows no such mail")
        }
        switch await seams.send(message) {
        case .success:
            try await outbox.remove(letter.id)
            let hasRecovered = state.withLock { $0.sent() }
            if hasRecovered { seams.report(.serverWorking) }
            seams.report(.sent(describe(letter, tenant)))
        case .failure(.unavailable(let words)):
            let now = seams.now()
            let (until, isNew) = state.withLock { $0.hold(words, at: now) }
            try await outbox.postpone(letter.id, until: until, isAttempt: false)
            if isNew { seams.report(.serverFailing(words)) }
        case .failure(.deferred(_, let words)):
            state.withLock { $0.deferred() }
            let now = seams.now()
            let delay = Self.letterDelays[min(letter.attempts, Self.letterDelays.count - 1)]
            try await outbox.postpone(letter.id, until: now.advanced(by: delay))
            seams.report(.deferred(describe(letter, tenant), words: words, delay: delay))
        case .failure(.refused(let code, let words)):
            _ = state.withLock { $0.answered() }
            try await giveUp(letter, tenant, outbox, "refused", code == 0 ? words : "\(code) \(words)")
        }
    }

    private func giveUp(
        _ letter: WaitingLetter, _ tenant: Tenant, _ outbox: OutboxRepository, _ reason: String, _ words: String
    ) async throws {
        let entry = AuditEntry(
            action: "mail.given-up", actor: .system, subject: letter.user,
            publicDetails: [.init("kind", letter.letter.kind), .init("reason", reason)])
        do {
            try await outbox.giveUp(letter.id, audit: entry, at: seams.now())
        } catch StoreConflict.erased {
            try await outbox.remove(letter.id)
        }
        state.withLock { $0.gaveUp() }
        seams.report(.gaveUp(describe(letter, tenant), words: words))
    }

    private func describe(_ letter: WaitingLetter, _ tenant: Tenant) -> PostmanReport.Letter {
        PostmanReport.Letter(
            id: letter.id.description, kind: letter.letter.kind, tenant: tenant.id,
            maskedRecipient: MailAddress.masked(letter.letter.recipient))
    }
}
