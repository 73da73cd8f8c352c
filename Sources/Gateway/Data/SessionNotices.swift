import Access
import Core
import Login
import Proxy
import Store
import Synchronization

/// Carries what has happened to sessions in the store to the event loops, which exist only after those who tell.
final class SessionNotices: Sendable {
    private let plane = Mutex<DataPlane?>(nil)
    /// The update that was begun last: a later change of one member must not be overtaken by an earlier one.
    private let last = Mutex<Task<Void, Never>?>(nil)
    /// Processes that serve the same store for a while, by number.
    private let neighbours = Mutex((next: 0, tell: [Int: @Sendable (SessionNotice) -> Void]()))
    private let store: DataStore
    private let book: TenantBook
    private let grace: SecondFactorGrace

    init(store: DataStore, book: TenantBook) {
        self.store = store
        self.book = book
        grace = SecondFactorGrace(store: store, book: book)
    }

    /// The loops are there.
    func attach(_ plane: DataPlane) { self.plane.withLock { $0 = plane } }

    /// The loops are gone; they and this object let go of each other.
    func detach() { plane.withLock { $0 = nil } }

    /// To be called when the change is durable.
    func send(_ notice: SessionNotice) { take(notice, from: nil) }

    /// Tells another process too, from now on.
    /// - Returns: its number.
    func join(_ tell: @escaping @Sendable (SessionNotice) -> Void) -> Int {
        neighbours.withLock { neighbours in
            neighbours.next += 1
            neighbours.tell[neighbours.next] = tell
            return neighbours.next
        }
    }

    /// The other process has ended.
    func leave(_ neighbour: Int) { neighbours.withLock { $0.tell[neighbour] = nil } }

    /// Brings a notice to the loops, and to the processes that have not told it.
    func take(_ notice: SessionNotice, from neighbour: Int?) {
        for (number, tell) in neighbours.withLock({ $0.tell }) where number != neighbour { tell(notice) }
        guard let plane = plane.withLock({ $0 }) else { return }
        switch notice {
        case .ended(let selection): plane.endSessions(selection)
        case .renewed(let handle, let digest):
            if let key = SessionKey(digest: digest.span) { plane.renewSession(handle, to: key) }
        case .changed(let user, let tenant):
            last.withLock { last in
                let before = last
                last = Task {
                    await before?.value
                    await update(user, of: tenant, on: plane)
                }
            }
        }
    }

    /// The user as the store has them now; where that cannot be told, the sessions are asked for anew.
    private func update(_ user: UserID, of tenant: TenantID, on plane: DataPlane) async {
        guard let found = try? await store.tenant(tenant).users.find(user), found.state == .active else {
            return plane.endSessions(.user(user, of: tenant))
        }
        // Other roles may be asked for a second factor.
        let roles = book.roles(of: found, in: tenant)
        let due = try? await grace.dueAt(
            found, roles: roles, of: tenant, wall: Clocks.wall(), monotonic: Clocks.monotonic())
        plane.updateMember(
            user, of: tenant,
            to: .init(
                externalID: found.externalID, email: found.email, name: found.name, roles: roles,
                secondFactorDueAt: due ?? nil))
    }
}
