import Core

/// Finds a method by its token.
enum MethodTable {
    /// Length of the longest method name.
    static let longest = 32

    private static let all: [(token: [UInt8], method: Method)] = Method.allCases.map { (Array($0.token.utf8), $0) }

    @inline(__always)
    static func method(_ token: RawSpan) -> Method? {
        if token.byteCount == 3, token.hasPrefix("GET") { return .get }
        if token.byteCount == 4, token.hasPrefix("POST") { return .post }
        return slow(token)
    }

    @inline(never)
    private static func slow(_ token: RawSpan) -> Method? {
        for (name, method) in all where name.count == token.byteCount {
            var index = 0
            while index < name.count, token.octet(index) == name[index] { index += 1 }
            if index == name.count { return method }
        }
        return nil
    }
}
