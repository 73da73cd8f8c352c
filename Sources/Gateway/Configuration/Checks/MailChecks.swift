import Outbound

/// `mail`: nothing that is secret travels where others can read it, and what belongs together is there together.
struct MailChecks {
    /// Bytes of `password_file`.
    static let longestFile = 4096

    let reader: ConfigurationReader
    let files: ConfigurationFiles

    /// The settings; reports what does not fit.
    /// - Parameter greetingName: what we call ourselves to the server.
    func settings(for written: MailEntry?, greetingName: String?) -> MailDeliverySettings? {
        guard let written else { return nil }
        let url = written.url.value
        var server = SMTPServer(
            host: url.host, port: url.port, isImplicitTLS: url.isImplicitTLS, timeout: written.timeout,
            greetingName: greetingName ?? "")
        // Nobody listens in on a machine's own loopback, where few servers have a certificate that verifies.
        server.startTLS = written.startTLS?.value ?? (server.isLoopback ? .disabled : .required)
        judgeStartTLS(written, server)
        if !written.authorityFile.value.isEmpty {
            AuthorityChecks(reader: reader, files: files).judge(
                written.authorityFile, keyRemedy: "it holds a key, which is nobody's authority")
            server.authorityFile = files.absolute(written.authorityFile.value)
        }
        server.credentials = credentials(written)
        if server.credentials != nil, !server.mayTellSecrets {
            reader.report(
                written.username, "name and password could be sent in clear to \(url.host)",
                allowed: "allowed: with smtps://, with starttls: required, or to a server on this machine",
                remedy: "write starttls: required")
        }
        return MailDeliverySettings(server: server, from: written.from)
    }

    private func judgeStartTLS(_ written: MailEntry, _ server: SMTPServer) {
        guard let startTLS = written.startTLS else { return }
        if server.isImplicitTLS {
            reader.report(
                startTLS, "smtps begins with TLS, so that nothing uses starttls",
                allowed: "allowed: starttls beside smtp://", remedy: "take the key out, or write smtp:// in smtp_url")
        } else if startTLS.value != .required, !server.isLoopback {
            reader.warn(
                startTLS,
                "mails with links that set passwords may travel in clear to \(server.host); write starttls: required")
        }
    }

    private func credentials(_ written: MailEntry) -> SMTPServer.Credentials? {
        let (username, password, file) = (written.username, written.password, written.passwordFile)
        if !password.value.isEmpty, !file.value.isEmpty {
            reader.report(
                file, "password is given too", allowed: "allowed: password or password_file",
                remedy: "take password out")
        }
        guard !username.value.isEmpty else {
            for place in [password, file] where !place.value.isEmpty {
                reader.report(
                    place, "there is no username that it could be of", allowed: "allowed: beside username",
                    remedy: "write username, or take it out")
            }
            return nil
        }
        let secret = file.value.isEmpty ? password.value : read(file)
        guard let secret else { return nil }
        guard !secret.isEmpty else {
            // What was refused itself counts as none here, and proves nothing.
            guard !reader.hasFault(below: "mail") else { return nil }
            reader.report(
                username, "there is no password for it", allowed: "allowed: beside password or password_file",
                remedy: "write password_file")
            return nil
        }
        return SMTPServer.Credentials(username: username.value, password: secret)
    }

    /// The one line of the file; nil where it was refused.
    private func read(_ place: Located<String>) -> String? {
        guard let content = files.read(place, kind: .mailPassword, mostBytes: Self.longestFile) else { return nil }
        let shown = files.shown(place.value)
        if content.permissions & 0o006 != 0 {
            reader.warn(place, "\(shown) can be read or written by everybody; chmod 600 \(shown)")
        }
        var octets = content.bytes[...]
        while let last = octets.last, last == 0x0A || last == 0x0D { octets.removeLast() }
        guard let text = String(validating: octets, as: UTF8.self), !text.isEmpty,
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            reader.report(
                place, octets.isEmpty ? "\(shown) is empty" : "\(shown) holds more than one line of text",
                allowed: "allowed: the password alone, in UTF-8", remedy: "write it there anew")
            return nil
        }
        return text
    }
}
