import Core
import SAML

/// `gatehouse saml check`: a saved response, judged offline by the code that judges it at a sign-in.
public enum SAMLChecking {
    /// Bytes of a file with a response that are read; one beyond the bound of messages is refused by it.
    static let longestFile = 16 * 1024 * 1024
    /// Bytes of a file with a key.
    static let longestKey = 64 * 1024

    /// What is asked for.
    public struct Order: Sendable {
        let file: String
        let metadata: String
        let entityID: String
        let consumerURL: String
        let inResponseTo: String?
        let time: String?
        let decryptionKey: String?
        let allowsLegacy: Bool

        public init(
            file: String, metadata: String, entityID: String, consumerURL: String, inResponseTo: String?,
            time: String?, decryptionKey: String?, allowsLegacy: Bool
        ) {
            self.file = file
            self.metadata = metadata
            self.entityID = entityID
            self.consumerURL = consumerURL
            self.inResponseTo = inResponseTo
            self.time = time
            self.decryptionKey = decryptionKey
            self.allowsLegacy = allowsLegacy
        }
    }

    /// Judges it.
    /// - Throws: `OperatorFault` where a file cannot be read, the metadata or the key not be used, or the time is none.
    public static func check(_ order: Order, asJSON: Bool) throws(OperatorFault) -> CommandOutput {
        try check(order, files: .ofThisMachine, now: WallTime(milliseconds: WallClock.milliseconds), asJSON: asJSON)
    }

    static func check(
        _ order: Order, files: FileInspector, now: WallTime, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        var moment = now
        if let text = order.time {
            guard let time = SAMLTime.read(text) else {
                throw OperatorFault(
                    .badConfiguration, "--at \(ShownText.quoted(text)) is no time in UTC, such as 2026-01-31T12:00:00Z")
            }
            moment = time
        }
        let response = try read(order.file, longestFile, files, .unavailable)
        let provider: IdentityProvider
        do {
            provider = try MetadataReader.read(
                try read(order.metadata, MetadataReader.longestDocument, files, .badConfiguration))
        } catch let fault as MetadataFault {
            throw OperatorFault(.badConfiguration, "\(order.metadata): \(fault)")
        } catch let fault as OperatorFault {
            throw fault
        } catch {
            throw OperatorFault(.internalFault, "\(error)")
        }
        let request: ResponseExpectations.Request =
            if let id = order.inResponseTo {
                .answering(id: id, asked: ResponseExpectations.Asked(authenticationSince: nil, contexts: []))
            } else {
                .unsolicited
            }
        let verifier = ResponseVerifier(
            ResponseExpectations(
                provider: provider, entityID: order.entityID, consumerURL: order.consumerURL, request: request,
                now: moment, skew: ResponseExpectations.usualSkew,
                decryptionKeys: try decryptionKeys(order.decryptionKey, files), requiresEncryption: false,
                algorithms: order.allowsLegacy ? .insecureLegacy : .current))
        let outcome =
            isDocument(response) ? verifier.verify(document: response) : verifier.verify(field: trimmed(response))
        var output = CommandOutput.samlVerdict(outcome, asJSON: asJSON)
        output.note = provider.warnings.map { "warning: \(order.metadata): \($0)\n" }.joined()
        if order.allowsLegacy {
            output.note +=
                "warning: --insecure-allow-legacy: SHA-1, AES-CBC and RSA 1.5 were taken; at a sign-in they are not\n"
        }
        return output
    }

    private static func read(
        _ file: String, _ mostBytes: Int, _ files: FileInspector, _ kind: OperatorFault.Kind
    ) throws(OperatorFault) -> [UInt8] {
        switch files.read(file, mostBytes) {
        case .success(let content): return content.bytes
        case .failure(.notPermitted): throw OperatorFault(.notPermitted, "\(file): may not be read")
        case .failure(.missing): throw OperatorFault(kind, "\(file): there is no such file")
        case .failure(.tooLarge): throw OperatorFault(.badData, "\(file): has more than \(mostBytes) bytes")
        case .failure(.isFolder): throw OperatorFault(kind, "\(file): is a folder")
        case .failure(.isNoFolder), .failure(.isSpecial): throw OperatorFault(kind, "\(file): is no regular file")
        case .failure(.other(let words)): throw OperatorFault(kind, "\(file): \(words)")
        }
    }

    private static func decryptionKeys(
        _ file: String?, _ files: FileInspector
    ) throws(OperatorFault) -> [PrivateKey] {
        guard let file else { return [] }
        var bytes = try read(file, longestKey, files, .badConfiguration)
        guard let key = PrivateKey(pem: SecretBytes(wiping: &bytes)) else {
            throw OperatorFault(
                .badConfiguration,
                "\(file): is no private RSA key of 2048 to 8192 bits in PEM without a passphrase")
        }
        return [key]
    }

    /// XML, whatever its encoding; else it is taken for base64, which has no such octets.
    private static func isDocument(_ bytes: [UInt8]) -> Bool {
        let start = bytes.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }.prefix(4)
        return start.first == UInt8(ascii: "<") || start.contains { $0 == 0 || $0 >= 0x80 }
    }

    /// A file of text ends with a line feed; within it, only what the binding allows may stand.
    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 || octet == 0x0A || octet == 0x0D }
        guard let last = bytes.lastIndex(where: { !isBlank($0) }) else { return [] }
        return Array(bytes[...last].drop(while: isBlank))
    }
}

extension CommandOutput {
    private struct Verdict: Encodable {
        let verdict: String
        let reason: String?
        let subject: String?
        let steps: [String]

        private enum Keys: String, CodingKey { case verdict, reason, subject, steps }

        // Keys without a value are null, not absent.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(verdict, forKey: .verdict)
            try container.encode(reason, forKey: .reason)
            try container.encode(subject, forKey: .subject)
            try container.encode(steps, forKey: .steps)
        }
    }

    /// Verdict, reason code, subject and steps; a refused response is bad data.
    static func samlVerdict(_ outcome: ResponseOutcome, asJSON: Bool) -> CommandOutput {
        let (kind, verdict): (OperatorFault.Kind?, Verdict)
        switch outcome.result {
        case .success(let assertion):
            kind = nil
            verdict = Verdict(
                verdict: "accepted", reason: nil, subject: assertion.subject.value, steps: outcome.steps.map(\.line))
        case .failure(let refusal):
            kind = .badData
            verdict = Verdict(
                verdict: "refused", reason: refusal.reason.rawValue, subject: nil, steps: outcome.steps.map(\.line))
        }
        if asJSON { return CommandOutput(json(verdict), verdict: kind) }
        var text = "verdict: \(verdict.verdict)\n"
        if let reason = verdict.reason { text += "reason:  \(reason)\n" }
        if let subject = verdict.subject { text += "subject: \(ShownText.clean(subject))\n" }
        text += "steps:\n"
        for step in verdict.steps { text += "  \(ShownText.clean(step))\n" }
        return CommandOutput(text, verdict: kind)
    }
}

extension SAMLStep {
    /// One line: how it ended, and what was looked at.
    fileprivate var line: String {
        switch outcome {
        case .passed: "passed: \(words)"
        case .failed: "failed: \(words)"
        case .noted: "noted: \(words)"
        }
    }
}
