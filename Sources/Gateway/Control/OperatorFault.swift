import Portal
import Store

/// Why a command did not do what it was told to, in words for whoever typed it.
public struct OperatorFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// Whose doing it is; each has its exit code.
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// What was asked for cannot be: an unknown tenant, a taken address; or what is stored is not as it should be.
        case badData
        /// Something that is needed is not there or does not answer.
        case unavailable
        /// Gatehouse's own fault.
        case internalFault
        /// The user who runs the command may not.
        case notPermitted
        /// The configuration, or the master key, is at fault.
        case badConfiguration
    }

    public let kind: Kind
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// As the store says it.
    init(_ fault: StoreFault) {
        let words = "\(fault)"
        switch fault {
        case .masterKeyMissing, .masterKeyMalformed, .masterKeyExposed, .masterKeyExists:
            self.init(.badConfiguration, words)
        case .masterKeyDiffers:
            self.init(.badConfiguration, "\(words); name the right one in encryption.master_key_file")
        case .inputOutput(let file, let reason) where reason == SystemWords.permissionDenied:
            self.init(
                .notPermitted,
                "\(file) cannot be read or written (\(reason)); run this as the user who runs the gateway, or as root")
        case .statementFailed: self.init(.internalFault, words)
        case .databaseMissing, .databaseCorrupt, .databaseMisplaced, .databaseNotAuthentic, .schemaTooNew,
            .recordNotAuthentic, .keyMissing:
            self.init(.badData, words)
        case .diskFull, .inputOutput, .locked, .closed: self.init(.unavailable, words)
        }
    }

    /// As the API says it.
    init(_ problem: APIProblem) {
        let suggestion = problem.suggestion.map { "; did you mean \(ShownText.quoted($0))?" } ?? ""
        let words = (problem.detail ?? problem.title) + suggestion
        switch (problem.status, problem.code) {
        case (_, "page-missing"), (_, "method-not-allowed"):
            self.init(
                .internalFault, "the server does not know this request: it is of another version than this command")
        case (500, _): self.init(.internalFault, "\(words) (request \(problem.requestID ?? "-"))")
        case (_, "store-damaged"): self.init(.badData, words)
        case (503, _): self.init(.unavailable, words)
        default: self.init(.badData, words)
        }
    }
}
