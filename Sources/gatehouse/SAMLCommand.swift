import ArgumentParser
import Gateway

/// `gatehouse saml`: single sign-on by SAML 2.0.
struct SAMLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saml", abstract: "Set single sign-on by SAML 2.0 up, and look into it.",
        subcommands: [
            List.self, Metadata.self, Test.self, Trace.self, RotateKeys.self, Unlink.self, Check.self,
        ])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Judge a saved response of an identity provider.",
            discussion: """
                FILE has the response as XML or as base64, as the browser sent it. It is judged offline by the code that \
                judges responses at a sign-in, and every step is told; nothing is changed, and whether it was used \
                before is not looked at. Exits with 0 where it is accepted, with 65 where it is refused.
                """)

        @Argument(help: ArgumentHelp("The response, XML or base64.", valueName: "file")) var file: String
        @Option(help: ArgumentHelp("The identity provider's metadata.", valueName: "file")) var metadata: String
        @Option(help: ArgumentHelp("Our own entity ID, which the audience must be.", valueName: "uri"))
        var entityID: String
        @Option(help: ArgumentHelp("Where the response was received.", valueName: "url")) var acs: String
        @Option(
            help: ArgumentHelp("The request that it must answer; without it, it must answer none.", valueName: "id"))
        var inResponseTo: String?
        @Option(
            help: ArgumentHelp("The moment of the check, such as 2026-01-31T12:00:00Z; else now.", valueName: "time"))
        var at: String?
        @Option(help: ArgumentHelp("The private key for encrypted assertions, PEM.", valueName: "file"))
        var decryptionKey: String?
        @Flag(help: "Take SHA-1, AES-CBC and RSA 1.5 as well, which no sign-in does.") var insecureAllowLegacy = false
        @OptionGroup var output: JSONOption

        func run() throws {
            let order = SAMLChecking.Order(
                file: file, metadata: metadata, entityID: entityID, consumerURL: acs, inResponseTo: inResponseTo,
                time: at, decryptionKey: decryptionKey, allowsLegacy: insecureAllowLegacy)
            try OperatorRun.perform { () throws(OperatorFault) in
                try SAMLChecking.check(order, asJSON: output.json)
            }
        }
    }
}
