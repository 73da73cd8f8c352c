/// Replaces `${NAME}` and `${NAME:-default}` in the strings of a configuration file.
///
/// As in a shell, the default also stands in for an empty variable; `$${` is a literal `${`; what a variable
/// holds is not looked through again.  The environment is an argument: reading a file depends on nothing
/// that a test cannot set.
struct VariableReplacement: Sendable {
    /// Bytes that one string may have after replacement.
    static let longestText = 16_384
    /// Bytes that all variables of one run may bring in; it bounds a long value that is named often.
    static let mostBytes = 1_048_576

    let environment: [String: String]
    private var bytesLeft = Self.mostBytes

    init(environment: [String: String]) { self.environment = environment }

    enum Failure: Error {
        case unset(String)
        case unclosed
        case malformedName(String)
        case tooLong

        func fault(at position: SourcePosition, path: ConfigurationPath) -> ConfigurationFault {
            switch self {
            case .unset(let name):
                ConfigurationFault(
                    at: position, path: path.description, problem: "the environment variable \(name) is not set",
                    remedy: "set it, or give a default: ${\(name):-…}")
            case .unclosed:
                ConfigurationFault(
                    at: position, path: path.description, problem: "${ without a closing }",
                    allowed: "allowed: ${NAME} or ${NAME:-default}",
                    remedy: "close it, or write $${ for a literal ${")
            case .malformedName(let name):
                ConfigurationFault(
                    at: position, path: path.description,
                    problem: "\(ShownText.quoted(name)) is not the name of a variable",
                    allowed: "allowed: letters, digits and _, no digit first", remedy: "write $${ for a literal ${")
            case .tooLong:
                ConfigurationFault(
                    at: position, path: path.description, problem: "this text is too long",
                    allowed: "allowed: \(longestText) bytes a text, and 1 MiB from variables in all")
            }
        }
    }

    /// `text` with its variables replaced.
    mutating func replaced(in text: String) -> Result<String, Failure> {
        guard text.utf8.count <= Self.longestText else { return .failure(.tooLong) }
        guard text.utf8.contains(UInt8(ascii: "$")) else { return .success(text) }
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else { return .failure(.unclosed) }
                switch value(of: String(rest.dropFirst(2)[..<end])) {
                case .success(let value): result += value
                case .failure(let failure): return .failure(failure)
                }
                rest = rest[end...].dropFirst()
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        result += rest
        guard result.utf8.count <= Self.longestText else { return .failure(.tooLong) }
        return .success(result)
    }

    private mutating func value(of expression: String) -> Result<String, Failure> {
        var name = expression
        var fallback: String?
        if let separator = expression.firstRange(of: ":-") {
            name = String(expression[..<separator.lowerBound])
            fallback = String(expression[separator.upperBound...])
        }
        guard Self.isName(name) else { return .failure(.malformedName(name)) }
        let found = environment[name]
        guard let value = (found?.isEmpty ?? true) ? fallback ?? found : found else { return .failure(.unset(name)) }
        bytesLeft -= value.utf8.count
        return bytesLeft < 0 ? .failure(.tooLong) : .success(value)
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first), name.utf8.count <= 256 else { return false }
        return name.utf8.allSatisfy {
            (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
        }
    }
}
