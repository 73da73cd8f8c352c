import Core
import Foundation
import HTTPTypes

@testable import Portal

extension PortalBrowser.Page {
    /// One of a page's forms.
    struct Form {
        let action: String
        let html: String

        /// The fields with their values, unescaped; an unchecked box is none.
        var fields: [String: String] {
            var fields: [String: String] = [:]
            for tag in html.split(separator: "<input ").dropFirst() {
                let tag = String(tag.prefix { $0 != ">" })
                let isUnchecked = tag.contains("type=\"checkbox\"") && !tag.contains(" checked")
                guard !isUnchecked, let name = tag.between("name=\"", "\"") else { continue }
                fields[name] = Self.unescape(tag.between("value=\"", "\"") ?? "")
            }
            return fields
        }

        /// The names of its buttons.
        var buttons: [String] {
            html.split(separator: "<button ").dropFirst().compactMap {
                String($0.prefix { $0 != ">" }).between("name=\"", "\"")
            }
        }

        /// An attribute of the form itself, unescaped.
        func attribute(_ name: String) -> String? {
            String(html.prefix { $0 != ">" }).between(" \(name)=\"", "\"").map(Self.unescape)
        }

        /// The form itself has this attribute, with a value or without.
        func has(_ name: String) -> Bool { String(html.prefix { $0 != ">" }).contains(" \(name)") }

        static func unescape(_ text: String) -> String {
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
                .reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1, options: .literal) }
        }
    }

    /// All forms, in their order.
    var forms: [Form] {
        html.components(separatedBy: "<form ").dropFirst().map { part in
            let html = part.components(separatedBy: "</form>").first ?? ""
            return Form(action: Form.unescape(html.between("action=\"", "\"") ?? ""), html: " " + html)
        }
    }

    /// The form that goes to a path, and has such fields; the first of them.
    func form(to path: String, with fields: String...) -> Form? {
        forms.first { form in
            form.action.prefix { $0 != "?" } == path
                && fields.allSatisfy { form.fields[$0] != nil || form.buttons.contains($0) }
        }
    }
}

extension PortalBrowser {
    /// Sends one of a page's forms as it would be filled in.
    mutating func submit(
        _ form: Page.Form?, _ changes: [String: String?] = [:], with more: HTTPFields = [:]
    ) async throws -> Page {
        guard let form else { throw MissingForm() }
        var fields = form.fields
        for (name, value) in changes { fields[name] = value }
        return await post(form.action, fields, with: more)
    }

    struct MissingForm: Error {}
}
