import Core
import SAML

/// What must hold for every run of bytes that is judged as a response, in a world where the provider has signed for one
/// user alone.
public struct ResponseLaws: Sendable {
    /// A property that must hold, and did not.
    public struct Broken: Error, CustomStringConvertible {
        public let description: String
    }

    /// For whom the provider has signed.
    public static let user = "ada@acme.example"

    private let expectations: [ResponseExpectations]

    /// - Parameters:
    ///   - metadata: the provider's.
    ///   - key: ours, in PEM.
    public init(metadata: [UInt8], key: [UInt8]) throws {
        let provider = try MetadataReader.read(metadata)
        guard let ours = PrivateKey(pem: SecretBytes(copying: key)) else { throw Broken(description: "no key") }
        expectations = [AlgorithmPolicy.current, .insecureLegacy].map { algorithms in
            ResponseExpectations(
                provider: provider, entityID: "https://acme.example.org/.gatehouse/saml/acme/okta/metadata",
                consumerURL: "https://acme.example.org/.gatehouse/saml/acme/okta/acs",
                request: .answering(id: "_request-5f2c", asked: .init(authenticationSince: nil, contexts: [])),
                now: WallTime(milliseconds: 1_780_315_200_000), skew: .seconds(60), decryptionKeys: [ours],
                requiresEncryption: false, algorithms: algorithms)
        }
    }

    /// - Throws: `Broken`.
    public func check(_ bytes: [UInt8]) throws {
        for expected in expectations {
            let outcome = ResponseVerifier(expected).verify(document: bytes)
            // 1. The steps end with what failed, and only then is something failed.
            let isFailed = outcome.steps.map { $0.outcome == .failed }
            switch outcome.result {
            case .success(let assertion):
                guard !isFailed.contains(true) else { throw Broken(description: "accepted with a failed step") }
                // 2. Whatever is accepted is what the provider signed.
                guard assertion.subject.value == Self.user, assertion.id == "_assertion-91d0",
                    assertion.values(of: "groups") == ["Gate Admins", "R&D"]
                else { throw Broken(description: "\(assertion.subject) was never signed for") }
            case .failure:
                guard isFailed.last == true, !isFailed.dropLast().contains(true) else {
                    throw Broken(description: "the last step is not the one that failed")
                }
            }
        }
        // 3. The field's reader and the metadata's end, too.
        _ = ResponseVerifier(expectations[0]).verify(field: bytes)
        _ = try? MetadataReader.read(bytes)
    }
}
