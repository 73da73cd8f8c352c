import Mustache

/// One parsed template.
typealias PageTemplate = MustacheTemplate

/// The parsed templates of all pages, and the layout and stylesheet that they include.
///
/// A class: every page's maker holds them, and none copies them with each request.
final class PageTemplates: Sendable {
    let refusal: PageTemplate
    let echo: PageTemplate
    let email: PageTemplate
    let password: PageTemplate
    /// The field for a new password, which pages include.
    let newPassword: PageTemplate
    /// Asks for the address of whoever forgot a password.
    let forgot: PageTemplate
    /// A form with the field for a new password.
    let setPassword: PageTemplate
    /// Something to read, and the way on.
    let message: PageTemplate
    let choice: PageTemplate
    let logout: PageTemplate
    let accountData: PageTemplate
    let accountEmail: PageTemplate
    let accountProof: PageTemplate
    let accountSessions: PageTemplate
    let accountFactors: PageTemplate
    let accountFactorApp: PageTemplate
    let accountFactorPasskey: PageTemplate
    let accountFactorCode: PageTemplate
    let accountFactorName: PageTemplate
    let accountFactorRemoval: PageTemplate
    let accountRecoveryCodes: PageTemplate
    /// Asks for a second factor: at sign-in, and again within a session.
    let secondFactor: PageTemplate
    /// Sets a second factor up at sign-in.
    let enrol: PageTemplate
    let recoveryCodes: PageTemplate
    /// After a password: a passkey would do next time.
    let passkeyOffer: PageTemplate
    /// Takes a message to an identity provider, by itself.
    let providerForm: PageTemplate
    /// Mails, as HTML and as plain text.
    let mail: PageTemplate
    let mailText: PageTemplate
    private let library: MustacheLibrary

    /// Throws the engine's parser error where one of our own templates is malformed.
    init() throws {
        MustacheContentTypes.register(ScalarEscapedHTML(), named: ScalarEscapedHTML.name)
        var library = MustacheLibrary()
        let parts = [
            Asset.layout, .style, .newPassword, .accountNavigation, .accountFault, .passkeys, .passkeyWords, .submit,
            .connections,
        ]
        for asset in parts {
            library.register(try Self.parse(asset), named: asset.name)
        }
        self.library = library
        refusal = try Self.parse(.refusal)
        echo = try Self.parse(.echo)
        email = try Self.parse(.email)
        password = try Self.parse(.password)
        newPassword = try Self.parse(.newPassword)
        forgot = try Self.parse(.forgot)
        setPassword = try Self.parse(.setPassword)
        message = try Self.parse(.message)
        choice = try Self.parse(.choice)
        logout = try Self.parse(.logout)
        accountData = try Self.parse(.accountData)
        accountEmail = try Self.parse(.accountEmail)
        accountProof = try Self.parse(.accountProof)
        accountSessions = try Self.parse(.accountSessions)
        accountFactors = try Self.parse(.accountFactors)
        accountFactorApp = try Self.parse(.accountFactorApp)
        accountFactorPasskey = try Self.parse(.accountFactorPasskey)
        accountFactorCode = try Self.parse(.accountFactorCode)
        accountFactorName = try Self.parse(.accountFactorName)
        accountFactorRemoval = try Self.parse(.accountFactorRemoval)
        accountRecoveryCodes = try Self.parse(.accountRecoveryCodes)
        secondFactor = try Self.parse(.secondFactor)
        enrol = try Self.parse(.enrol)
        recoveryCodes = try Self.parse(.recoveryCodes)
        passkeyOffer = try Self.parse(.passkeyOffer)
        providerForm = try Self.parse(.providerForm)
        mail = try Self.parse(.mail)
        mailText = try MustacheTemplate(string: "{{% CONTENT_TYPE: TEXT}}" + Asset.mailText.text)
    }

    /// `template`, filled with `values`; every `{{name}}` is escaped by `ScalarEscapedHTML`.
    func render(_ template: MustacheTemplate, _ values: [String: Any]) -> String {
        template.render(PageValues(named: values), library: library)
    }

    /// A page's values, as a type of our own: at each name the engine asks the object for what it conforms to, which takes
    /// the language far longer for a dictionary, whose conformance has conditions.
    private struct PageValues: MustacheParent {
        let named: [String: Any]

        func child(named name: String) -> Any? { named[name] }
    }

    /// The template of `asset`, in which our own escaping is in force.  An included template begins with
    /// the engine's escaping again, so each one names ours.
    private static func parse(_ asset: Asset) throws -> MustacheTemplate {
        try MustacheTemplate(string: "{{% CONTENT_TYPE: \(ScalarEscapedHTML.name)}}" + asset.text)
    }
}
