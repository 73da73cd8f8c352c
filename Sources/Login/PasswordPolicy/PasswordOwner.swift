import Store

/// Whose password it is to be: what others know of them and try first.
public struct PasswordOwner: Sendable, Hashable {
    public var name: String
    public var email: String
    /// The tenant's display name.
    public var tenantName: String
    public var hosts: [String]

    public init(name: String = "", email: String = "", tenantName: String = "", hosts: [String] = []) {
        self.name = name
        self.email = email
        self.tenantName = tenantName
        self.hosts = hosts
    }

    /// A part of a person's name or address counts from so many characters on.
    static let shortestPart = 3
    /// A part of a tenant's name, of a host and of an address's domain.  Shorter parts of a person's name count where
    /// they stand for themselves: `eve` is in `Eve-2026`, and not in `Seven`.
    static let shortestCommonPart = 4
    /// Parts that are looked for, at most; a tenant may have a thousand hosts.
    static let mostParts = 4096

    /// Whether the password holds one of the parts, whatever capitals and substitutions hide it.
    func appears(in password: String) -> Bool {
        let folded = PasswordSkeleton.folded(password)
        // Scalar for scalar the same text, so that a place in one is a place in the other.
        let skeleton = PasswordSkeleton.substituted(folded)
        let isLetter = folded.unicodeScalars.map(\.properties.isAlphabetic)
        return parts.contains { part in
            part.unicodeScalars.count >= Self.shortestCommonPart
                ? skeleton.contains(part) : Self.standsAlone(Array(part.unicodeScalars), in: skeleton, isLetter)
        }
    }

    /// Whether no letter stands before or behind the part somewhere.
    private static func standsAlone(_ part: [Unicode.Scalar], in skeleton: String, _ isLetter: [Bool]) -> Bool {
        let scalars = Array(skeleton.unicodeScalars)
        guard scalars.count >= part.count else { return false }
        return (0...scalars.count - part.count).contains { start in
            let end = start + part.count
            return scalars[start..<end].elementsEqual(part) && (start == 0 || !isLetter[start - 1])
                && (end == scalars.count || !isLetter[end])
        }
    }

    /// The skeletons of all parts.
    var parts: Set<String> {
        let at = email.lastIndex(of: "@") ?? email.endIndex
        let local = email[..<at]
        var parts = words(name, Self.shortestPart) + words(local, Self.shortestPart)
        // An address as a whole, without its dots: `j.doe` is `jdoe` too.
        let joined = local.filter { $0.isLetter || $0.isNumber }
        if joined.unicodeScalars.count >= Self.shortestPart { parts.append(joined) }
        parts += words(tenantName, Self.shortestCommonPart)
        for host in hosts.prefix(Self.mostParts) + [String(email[at...].dropFirst())] {
            // The last label is everybody's.
            parts += host.split(separator: ".").dropLast().flatMap { words($0, Self.shortestCommonPart) }
        }
        return Set(parts.prefix(Self.mostParts).map { PasswordSkeleton.of($0) })
    }

    private func words(_ text: some StringProtocol, _ shortest: Int) -> [String] {
        String(text).split(whereSeparator: { !$0.isLetter && !$0.isNumber }).map { String($0) }
            .filter { $0.unicodeScalars.count >= shortest }
    }
}
