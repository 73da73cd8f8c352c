import Core
import Outbound

/// `mail` as written.
struct MailEntry: Sendable {
    let url: Located<SMTPURL>
    let from: MailAddress
    let startTLS: Located<SMTPServer.StartTLS>?
    let authorityFile: Located<String>
    let username: Located<String>
    let password: Located<String>
    let passwordFile: Located<String>
    let timeout: Milliseconds
    let language: Language

    /// `language`: of mails to people whose own language is not known.
    enum Language: String, Sendable, CaseIterable {
        case en, de
    }

    static let urlKey = RequiredKey(
        "smtp_url", ValueType<SMTPURL>.smtpURL.located,
        "The mail server that takes the mails: smtp://HOST:PORT (587 unless given) turns to TLS by STARTTLS, "
            + "smtps://HOST:PORT (465 unless given) begins with it.")
    static let fromKey = RequiredKey(
        "from", ValueType<MailAddress>.mailSender, "Who the mails are from: NAME <ADDRESS>.")
    static let startTLSKey = OptionalKey(
        "starttls", ValueType<SMTPServer.StartTLS>.choice("a rule").located,
        "Whether an smtp server must turn to TLS: required, opportunistic (where it offers it) or disabled. Without "
            + "the key required, and disabled for a server on this machine. What does not verify is never used.")
    static let authorityFileKey = DefaultedKey(
        "ca_file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "Authorities (PEM) whose word the server's certificate is taken on; \"\" for this machine's.")
    static let usernameKey = DefaultedKey(
        "username", ValueType<String>.text("a name", bytes: 0...255).located, default: "\"\"",
        "Who we are to the mail server; \"\" says nothing. Sent over TLS alone, or to this machine.")
    static let passwordKey = DefaultedKey(
        "password", ValueType<String>.secretText.located, default: "\"\"",
        "The password of username; better in a file.")
    static let passwordFileKey = DefaultedKey(
        "password_file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "A file with that password alone.")
    static let timeoutKey = DefaultedKey(
        "timeout", ValueType<Milliseconds>.duration(Milliseconds.seconds(1)...(.minutes(5))), default: "30s",
        "How long the sending of one mail may take.")
    static let languageKey = DefaultedKey(
        "language", ValueType<Language>.choice("a language"), default: "en",
        "The language of mails to people whose own is not known: en or de.")

    static let type = ValueType<MailEntry>.mapping([
        urlKey, fromKey, startTLSKey, authorityFileKey, usernameKey, passwordKey, passwordFileKey, timeoutKey,
        languageKey,
    ]) { section, _ in
        guard let url = section[urlKey], let from = section[fromKey] else { return nil }
        return MailEntry(
            url: url, from: from, startTLS: section[startTLSKey], authorityFile: section[authorityFileKey],
            username: section[usernameKey], password: section[passwordKey], passwordFile: section[passwordFileKey],
            timeout: section[timeoutKey], language: section[languageKey])
    }
}
