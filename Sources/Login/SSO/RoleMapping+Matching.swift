import Core

extension [RoleMapping] {
    /// The roles of somebody who has these values: of every line that fits, in the file's order, each once.
    func roles(for values: some Collection<String>) -> [RoleName] {
        var found: [RoleName] = []
        for line in self where line.fits(values) {
            for role in line.roles where !found.contains(role) { found.append(role) }
        }
        return found
    }
}

extension RoleMapping {
    /// Whether the line fits one of the values; `*` alone fits also where there is none.
    func fits(_ values: some Collection<String>) -> Bool {
        pattern == "*" || values.contains { Self.matches($0.utf8, pattern.utf8) }
    }

    /// Whether a value is the pattern, `*` standing for any characters.  Goes back to the last star alone, so that the
    /// time is at most the product of both lengths.
    private static func matches(_ value: String.UTF8View, _ pattern: String.UTF8View) -> Bool {
        var (at, wanted) = (value.startIndex, pattern.startIndex)
        var star: (pattern: String.Index, value: String.Index)?
        while at != value.endIndex {
            if wanted != pattern.endIndex, pattern[wanted] == UInt8(ascii: "*") {
                wanted = pattern.index(after: wanted)
                star = (wanted, at)
            } else if wanted != pattern.endIndex, pattern[wanted] == value[at] {
                at = value.index(after: at)
                wanted = pattern.index(after: wanted)
            } else if let last = star {
                at = value.index(after: last.value)
                star = (last.pattern, at)
                wanted = last.pattern
            } else {
                return false
            }
        }
        return pattern[wanted...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
