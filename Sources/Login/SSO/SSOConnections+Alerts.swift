import Core
import SAML
import Store
import Synchronization

/// What administrators are told of their connections.
extension SSOConnections {
    /// The word that the outbox remembers these letters by.
    private static let subject = "connections"

    /// Tells of certificates that are others than before.
    /// - Returns: what the audit log is to say; nil where nothing has changed, or nothing was known before.
    func tellOfCertificates(_ now: [String], before: [String], at place: Place) async throws -> AuditEntry? {
        let added = now.filter { !before.contains($0) }
        let removed = before.filter { !now.contains($0) }
        guard !before.isEmpty, !(added.isEmpty && removed.isEmpty) else { return nil }
        try await mail(
            .connectionCertificatesChanged(
                connection: Self.title(place), added: added, removed: removed, at: self.now()), at: place)
        report(.certificatesChanged(added: added, removed: removed), place.id)
        memory.withLock { $0.metrics.certificatesChanged += 1 }
        return Self.entry(
            "connection.certificates-changed", place.id, by: .system,
            [("added", added.joined(separator: " ")), ("removed", removed.joined(separator: " "))])
    }

    /// Warns of an end.
    func tell(of warning: ConnectionConcerns.Warning, at place: Place, _ moment: WallTime) async throws -> AuditEntry {
        let days = ExpiryThresholds.daysLeft(at: moment, end: warning.end)
        try await mail(
            .connectionExpiring(
                connection: Self.title(place), what: warning.what, fingerprint: warning.fingerprint, at: warning.end,
                days: days), at: place)
        report(
            .expiring(what: warning.what, fingerprint: warning.fingerprint, at: warning.end, days: days), place.id)
        memory.withLock { $0.metrics.warnings += 1 }
        return Self.entry(
            "connection.expiring", place.id, by: .system,
            [
                ("what", warning.what.rawValue), ("fingerprint", warning.fingerprint),
                ("ends", SAMLTime.write(warning.end)), ("days", String(days)),
            ])
    }

    /// Tells that fetching has failed for long.
    func tellOfFailing(_ stored: StoredMetadata, at place: Place, _ moment: WallTime) async throws -> AuditEntry {
        let fault = stored.fault ?? ""
        let end = provider(place.settings.metadata, stored, place.id)?.validUntil
        try await mail(
            .connectionFailing(
                connection: Self.title(place), fault: fault, since: stored.fetchedAt, until: end), at: place)
        memory.withLock { $0.metrics.warnings += 1 }
        return Self.entry(
            "connection.metadata-failing", place.id, by: .system,
            [("fault", fault), ("since", SAMLTime.write(stored.fetchedAt))])
    }

    /// How people know the connection: what stands on its button, and its name.
    private static func title(_ place: Place) -> String {
        let shown = place.settings.displayName
        return shown.isEmpty ? place.id.name.text : "\(shown) (\(place.id.name))"
    }

    private func mail(_ notice: MailNotice, at place: Place) async throws {
        guard let mail = mail(), let role = RoleName(AttackAlerts.role) else { return }
        let (outbox, moment) = (place.store.outbox, now())
        var letters: [(letter: Letter, user: UserID)] = []
        for user in try await place.store.users.active(with: role, limit: AttackAlerts.mostRecipients) {
            let language = try await outbox.language(of: user.id) ?? mail.language
            letters.append((notice.letter(to: user.email, language: language, now: moment), user.id))
        }
        guard !letters.isEmpty else { return }
        // Each is written once by what was noted of it, not by its age.
        _ = try await outbox.postAlert(letters, about: Self.subject, every: Milliseconds(0), at: moment)
    }
}
