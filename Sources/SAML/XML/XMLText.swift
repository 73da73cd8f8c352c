/// Writes XML whose canonical form is the same but for its end tags: attributes and texts escaped as exclusive C14N does.
enum XMLText {
    /// A text between tags.
    static func escaped(_ text: String) -> String { replaced(text, isAttribute: false) }

    /// An attribute with its name, an equals sign and quotes, and a blank before.
    static func attribute(_ name: String, _ value: String) -> String {
        " \(name)=\"\(replaced(value, isAttribute: true))\""
    }

    /// As above; nothing where there is no value.
    static func attribute(_ name: String, ifAny value: String?) -> String { value.map { attribute(name, $0) } ?? "" }

    private static func replaced(_ text: String, isAttribute: Bool) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += isAttribute ? ">" : "&gt;"
            case "\"": output += isAttribute ? "&quot;" : "\""
            case "\r": output += "&#xD;"
            case "\n" where isAttribute: output += "&#xA;"
            case "\t" where isAttribute: output += "&#x9;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
