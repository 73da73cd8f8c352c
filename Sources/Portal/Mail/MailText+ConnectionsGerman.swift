import Core
import Login

/// What administrators are told of connections to identity providers, in German.
extension MailText {
    /// The provider signs with something else.
    static func germanCertificatesChanged(
        _ connection: String, added: [String], removed: [String], _ at: WallTime, _ context: Context
    ) -> MailText {
        var text = german("Andere Zertifikate eines Identitätsanbieters bei \(context.site)", context)
        text.before = [
            "Der Identitätsanbieter, über den sich Mitglieder bei \(context.site) anmelden, signiert mit anderen Zertifikaten "
                + "als bisher. Gatehouse hat sie aus den Metadaten des Anbieters übernommen; Anmeldungen gehen weiter."
        ]
        text.facts =
            [Fact("Verbindung", connection), Fact("Wann", german(at))]
            + added.map { Fact("Hinzugekommen", $0) } + removed.map { Fact("Weggefallen", $0) }
        text.after = [
            "Hat Ihre Organisation das Zertifikat des Anbieters erneuert, brauchen Sie nichts zu tun.",
            "Weiß niemand davon, vergleichen Sie die Fingerabdrücke sofort mit denen beim Anbieter und lassen Sie die "
                + "Verbindung abschalten, bis das geklärt ist: Wer die Schlüssel hat, kann sich als jedes Mitglied anmelden.",
        ]
        return text
    }

    /// Something ends.
    static func germanExpiring(
        _ connection: String, _ what: ExpiringThing, _ fingerprint: String, end: WallTime, days: Int, _ context: Context
    ) -> MailText {
        let name =
            switch what {
            case .providerCertificate: "Das Zertifikat des Identitätsanbieters"
            case .ownCertificate: "Das eigene Zertifikat von Gatehouse"
            case .metadata: "Das Metadatendokument des Identitätsanbieters"
            }
        let hasEnded = days <= 0
        var text = german("\(name) bei \(context.site) \(hasEnded ? "ist abgelaufen" : "läuft bald ab")", context)
        text.before = [
            hasEnded
                ? "\(name) für eine Verbindung, über die sich Mitglieder bei \(context.site) anmelden, ist abgelaufen."
                : "\(name) für eine Verbindung, über die sich Mitglieder bei \(context.site) anmelden, läuft "
                    + (days == 1 ? "in einem Tag ab." : "in \(days) Tagen ab.")
        ]
        text.facts = [Fact("Verbindung", connection), Fact("Ende", german(end))]
        if !fingerprint.isEmpty { text.facts.append(Fact("Fingerabdruck", fingerprint)) }
        switch what {
        case .providerCertificate:
            text.after = [
                "Erneuern Sie es beim Anbieter. Ruft Gatehouse die Metadaten des Anbieters ab, übernimmt es das neue von selbst; "
                    + "sind sie eine Datei, muss der Betrieb des Gateways sie ersetzen."
            ]
        case .ownCertificate:
            text.after = [
                "Der Betrieb des Gateways kann zu einem neuen wechseln (gatehouse saml rotate-keys --begin). Geben Sie dem "
                    + "Anbieter die neuen Metadaten, bevor der Wechsel abgeschlossen wird."
            ]
        case .metadata:
            text.after = [
                hasEnded
                    ? "Über diese Verbindung kann sich niemand anmelden, bis es neuere Metadaten des Anbieters gibt."
                    : "Danach kann sich über diese Verbindung niemand mehr anmelden. Bitten Sie den Betrieb des Gateways um "
                        + "neuere Metadaten."
            ]
        }
        return text
    }

    /// Fetching fails.
    static func germanFailing(
        _ connection: String, _ fault: String, since: WallTime, until end: WallTime?, _ context: Context
    ) -> MailText {
        var text = german("Metadaten eines Identitätsanbieters bei \(context.site) sind nicht abrufbar", context)
        text.before = [
            "Gatehouse kann die Metadaten des Identitätsanbieters nicht abrufen, über den sich Mitglieder bei \(context.site) "
                + "anmelden."
        ]
        text.facts = [Fact("Verbindung", connection), Fact("Zuletzt erneuert", german(since)), Fact("Fehler", fault)]
        if let end { text.facts.append(Fact("Gilt noch bis", german(end))) }
        text.after = [
            end == nil
                ? "Gab es vorher Metadaten, gehen Anmeldungen damit weiter; neue Zertifikate des Anbieters werden nicht bemerkt."
                : "Bis dahin gehen Anmeldungen mit den bisherigen Metadaten weiter; danach kann sich über diese Verbindung "
                    + "niemand mehr anmelden.",
            "Sehen Sie nach, ob der Anbieter erreichbar ist und die Adresse stimmt, oder fragen Sie den Betrieb des Gateways. "
                + "Der Abruf wird stündlich wiederholt.",
        ]
        return text
    }
}
