import Core
import Login

/// What administrators are told of connections to identity providers.
extension MailText {
    /// The provider signs with something else.
    static func englishCertificatesChanged(
        _ connection: String, added: [String], removed: [String], _ at: WallTime, _ context: Context
    ) -> MailText {
        var text = english("Other certificates of an identity provider at \(context.site)", context)
        text.before = [
            "The identity provider by which members sign in at \(context.site) signs with other certificates than before. "
                + "Gatehouse took them from the provider’s metadata, and sign-ins go on."
        ]
        text.facts =
            [Fact("Connection", connection), Fact("When", english(at))]
            + added.map { Fact("Added", $0) } + removed.map { Fact("Removed", $0) }
        text.after = [
            "If your organisation has renewed the provider’s certificate, you need do nothing.",
            "If nobody knows of it, compare the fingerprints with the provider’s own at once, and have the connection disabled "
                + "until that is cleared up: whoever holds the keys can sign in as any member.",
        ]
        return text
    }

    /// Something ends.
    static func englishExpiring(
        _ connection: String, _ what: ExpiringThing, _ fingerprint: String, end: WallTime, days: Int, _ context: Context
    ) -> MailText {
        let name =
            switch what {
            case .providerCertificate: "The identity provider’s certificate"
            case .ownCertificate: "Gatehouse’s own certificate"
            case .metadata: "The identity provider’s metadata"
            }
        let hasEnded = days <= 0
        var text = english(
            "\(name) \(hasEnded ? "has ended" : "ends soon") at \(context.site)", context)
        text.before = [
            hasEnded
                ? "\(name) of a connection by which members sign in at \(context.site) has ended."
                : "\(name) of a connection by which members sign in at \(context.site) ends "
                    + (days == 1 ? "in a day." : "in \(days) days.")
        ]
        text.facts = [Fact("Connection", connection), Fact("End", english(end))]
        if !fingerprint.isEmpty { text.facts.append(Fact("Fingerprint", fingerprint)) }
        switch what {
        case .providerCertificate:
            text.after = [
                "Renew it at the provider. Where Gatehouse fetches the provider’s metadata, it takes the new one by itself; "
                    + "where the metadata is a file, whoever runs the gateway has to replace it."
            ]
        case .ownCertificate:
            text.after = [
                "Whoever runs the gateway can begin with another one (gatehouse saml rotate-keys --begin). Give the provider the "
                    + "new metadata before the change is finished."
            ]
        case .metadata:
            text.after = [
                hasEnded
                    ? "Nobody can sign in by this connection until there is newer metadata of the provider."
                    : "After its end nobody can sign in by this connection. Ask whoever runs the gateway for newer metadata."
            ]
        }
        return text
    }

    /// Fetching fails.
    static func englishFailing(
        _ connection: String, _ fault: String, since: WallTime, until end: WallTime?, _ context: Context
    ) -> MailText {
        var text = english("An identity provider’s metadata cannot be renewed at \(context.site)", context)
        text.before = [
            "Gatehouse cannot fetch the metadata of the identity provider by which members sign in at \(context.site)."
        ]
        text.facts = [Fact("Connection", connection), Fact("Renewed last", english(since)), Fact("Fault", fault)]
        if let end { text.facts.append(Fact("Serves until", english(end))) }
        text.after = [
            end == nil
                ? "Where there was metadata before, sign-ins go on with it; new certificates of the provider are not noticed."
                : "Until then sign-ins go on with what was fetched before; from then on nobody can sign in by this connection.",
            "Look whether the provider is there and its address is right, or ask whoever runs the gateway. It is tried again "
                + "every hour.",
        ]
        return text
    }
}
