public import Core
import HostCrypto
public import Store

/// What proves that a form was made here and for whoever sends it: the `csrf` field (security rule 11).
public struct FormToken: Sendable {
    /// Whom a form is made for.
    public enum Binding: Sendable, Hashable {
        /// Before sign-in: the value of the login cookie.
        case browser(String)
        case session(SessionHandle)
    }

    private let forms: FormSeal

    public init(forms: FormSeal) { self.forms = forms }

    /// The token: 43 characters of base64url, the same for every form of the binding.
    public func token(for binding: Binding) -> String { Base64.encode(code(binding), alphabet: .url) }

    /// Whether the text is the binding's token; in a time that does not tell where they differ.
    public func isToken(_ text: String, for binding: Binding) -> Bool {
        guard text.utf8.count == 43, let sent = Base64.decode(text.utf8, alphabet: .url) else { return false }
        if case .browser(let cookie) = binding, cookie.isEmpty { return false }
        return ConstantTime.isEqual(sent, code(binding))
    }

    private func code(_ binding: Binding) -> [UInt8] {
        switch binding {
        case .browser(let cookie): forms.code(purpose: "csrf browser 1", for: cookie)
        case .session(let handle): forms.code(purpose: "csrf session 1", for: handle.description)
        }
    }
}
