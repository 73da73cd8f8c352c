public import Core
import HostCrypto
import SAML
import Store
import Synchronization

/// A step of a change of our own key at a connection.
public enum KeyRollOver: String, CaseIterable, Sendable, Hashable {
    /// A next key is made, and our metadata names both.
    case begin
    /// The next key takes the current one's place, which goes on to decrypt for `SSOConnections.formerKeyDays`.
    case finish
    /// The next key is thrown away.
    case cancel

    /// What became of a step.
    public enum Outcome: Sendable, Hashable {
        case done
        /// There is no next key to finish with or to throw away.
        case nothingBegun
        /// There is a next key already.
        case alreadyBegun
        /// There is no such connection in the tenant's file.
        case unknown
    }
}

extension SSOConnections {
    /// Changes our own key, step by step, so that a provider that is told by hand can follow.
    /// - Parameter actor: who asks.
    /// - Throws: `ConnectionFault.keysUnusable`, `StoreFault`.
    public func rollOver(
        _ step: KeyRollOver, _ name: ConnectionName, of tenant: TenantID, by actor: AuditEntry.Actor
    ) async throws -> KeyRollOver.Outcome {
        guard let settings = configured(tenant).first(where: { $0.name == name }),
            let place = try await place(settings, tenant)
        else { return .unknown }
        let (connections, moment) = (place.store.connections, now())
        let isDone: Bool
        switch step {
        case .begin:
            let keys = try await usableKeys(at: place)
            guard keys.next == nil else { return .alreadyBegun }
            do {
                try await make(.next, at: place, by: actor)
            } catch StoreConflict.connectionKeyTaken {
                forgetKeys(place.id)
                return .alreadyBegun
            }
            isDone = true
        case .finish:
            isDone = try await connections.finishRollOver(
                of: name, audit: Self.entry("connection.roll-over-finished", place.id, by: actor), at: moment)
        case .cancel:
            isDone = try await connections.cancelRollOver(
                of: name, audit: Self.entry("connection.roll-over-cancelled", place.id, by: actor), at: moment)
        }
        forgetKeys(place.id)
        if isDone { report(.keys("its own key was changed: \(step.rawValue)"), place.id) }
        return isDone ? .done : .nothingBegun
    }

    /// The keys, of which one is current: it is made where there is none.
    func usableKeys(at place: Place) async throws -> OwnKeys {
        let keys = try await keys(at: place)
        guard keys.current == nil else { return keys }
        // One making at a time in this process; the store sees to other processes.
        let making = memory.withLock { memory in
            if let making = memory.makings[place.id] { return making }
            let making = Task { [self] () -> Result<OwnKeys, any Error> in
                defer { self.memory.withLock { $0.makings[place.id] = nil } }
                do {
                    return .success(try await madeKeys(at: place))
                } catch {
                    return .failure(error)
                }
            }
            memory.makings[place.id] = making
            return making
        }
        return try await making.value.get()
    }

    private func madeKeys(at place: Place) async throws -> OwnKeys {
        do {
            try await make(.current, at: place, by: .system)
            report(.keys("its own key was made"), place.id)
        } catch StoreConflict.connectionKeyTaken {
            // Another process was first.
        }
        forgetKeys(place.id)
        let keys = try await keys(at: place)
        guard keys.current != nil else { throw ConnectionFault.keysUnusable("none was kept") }
        return keys
    }

    /// The keys as they are; empty before the first use.
    func keys(at place: Place) async throws -> OwnKeys {
        let (known, version) = memory.withLock { memory in
            let entry = memory.entries[place.id] ?? .init()
            return (entry.keys, entry.version)
        }
        if let known { return known }
        let keys = try OwnKeys(try await place.store.connections.keys(of: place.id.name))
        memory.withLock { memory in
            memory.change(place.id) { if $0.version == version { $0.keys = keys } }
        }
        return keys
    }

    /// Forgets former keys that decrypt no more.
    func dropSpentKeys(at place: Place, now moment: WallTime) async throws {
        guard try await keys(at: place).entries.contains(where: { $0.isSpent(at: moment) }) else { return }
        _ = try await place.store.connections.deleteFormerKeys(
            of: place.id.name, before: OwnKeys.spentBefore(moment).advanced(by: Milliseconds(1)))
        forgetKeys(place.id)
    }

    private func forgetKeys(_ id: ConnectionMemory.ID) {
        memory.withLock { memory in
            memory.change(id) { entry in
                entry.keys = nil
                entry.version += 1
            }
        }
    }

    /// Makes a key on a thread of its own and keeps it.
    private func make(_ state: KeyState, at place: Place, by actor: AuditEntry.Actor) async throws {
        let moment = now()
        // The provider's clock may be behind ours.
        let start = WallTime(milliseconds: moment.milliseconds - Int64(ResponseExpectations.longestSkew.count))
        let name = "\(place.id.name).\(place.id.tenant)"
        let made: (secret: ConnectionSecret, certificate: [UInt8]) = try await withCheckedThrowingContinuation { made in
            HashThread.start {
                do throws(SelfSignedPair.Fault) {
                    let pair = try SelfSignedPair.makeRSA(
                        commonName: name, notBefore: start, days: Self.certificateDays)
                    made.resume(returning: (ConnectionSecret(pair.key.copy()), pair.certificate))
                } catch {
                    made.resume(throwing: ConnectionFault.keysUnusable("\(error)"))
                }
            }
        }
        let action = state == .next ? "connection.roll-over-begun" : "connection.key-made"
        _ = try await place.store.connections.add(
            key: made.secret, certificate: made.certificate, state: state, to: place.id.name,
            audit: Self.entry(action, place.id, by: actor), at: moment)
    }
}
