import EventLoop
import Foundation

/// Whether a file that is about to be made would lie in a Git work tree that does not ignore it: a key that is
/// committed once is lost for good (security.md 25).
struct GitIgnorance {
    /// What was found.
    enum Finding: Hashable, Sendable {
        /// No folder above is a work tree.
        case noWorkTree
        /// The work tree ignores the file.
        case ignored
        /// The work tree, which would take the file up.
        case exposed(workTree: String)
    }

    /// Folders above a file that are looked at.
    static let mostFolders = 64
    /// How long git may take.
    static let patienceMilliseconds: Int32 = 10_000
    /// The longest `.gitignore` that is read where there is no git, in bytes.
    static let longestIgnoreFile = 1024 * 1024

    /// Asks git whether the work tree ignores the path; nil where it cannot say, or is not there.
    var askGit: (_ workTree: String, _ path: String) -> Bool? = GitIgnorance.ask

    /// - Parameter path: absolute; its folder need not be there yet.
    func judge(_ path: String) -> Finding {
        let real = Self.resolved(path)
        guard let tree = Self.workTree(of: real) else { return .noWorkTree }
        return askGit(tree, real) ?? Self.isIgnored(real, in: tree) ? .ignored : .exposed(workTree: tree)
    }

    /// The path with the links of its existing part followed.
    private static func resolved(_ path: String) -> String {
        var missing: [String] = []
        var existing = URL(fileURLWithPath: path)
        while existing.pathComponents.count > 1, !FileManager.default.fileExists(atPath: existing.path) {
            missing.insert(existing.lastPathComponent, at: 0)
            existing.deleteLastPathComponent()
        }
        return missing.reduce(existing.resolvingSymlinksInPath()) { $0.appendingPathComponent($1) }.path
    }

    /// The nearest folder above with a `.git`, which is a folder, or a file in linked work trees.
    private static func workTree(of path: String) -> String? {
        var folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        for _ in 0..<mostFolders {
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent(".git").path) { return folder.path }
            guard folder.pathComponents.count > 1 else { return nil }
            folder.deleteLastPathComponent()
        }
        return nil
    }

    private static func ask(_ workTree: String, _ path: String) -> Bool? {
        // The file system monitor would be a program of the work tree's choice.
        let question = ["git", "-c", "core.fsmonitor=false", "-C", workTree, "check-ignore", "-q", "--", path]
        // No GIT_DIR and kin: the question is about this work tree.
        let environment = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME"].contains($0.key) }
        // One that takes longer is ended with the object.
        let git = try? ChildProcess(program: "/usr/bin/env", arguments: question, environment: environment)
        switch (try? git?.end(within: patienceMilliseconds)) ?? nil {
        case 0: return true
        case 1: return false
        default: return nil
        }
    }

    /// Reads the `.gitignore` files from the work tree down to the file's folder, by the plain forms of gitignore(5):
    /// names, paths, `dir/`, `*` and `?` within a name, `!`.  Anything cleverer counts as no match, and so exposes.
    static func isIgnored(_ path: String, in workTree: String) -> Bool {
        let inner = path.dropFirst(workTree == "/" ? 1 : workTree.utf8.count + 1).split(separator: "/").map(String.init)
        // A parent that is ignored hides everything below, and nothing brings it back (gitignore(5)).
        return inner.indices.contains { last in
            isIgnored(Array(inner[...last]), isFolder: last < inner.count - 1, in: workTree)
        }
    }

    private static func isIgnored(_ parts: [String], isFolder: Bool, in workTree: String) -> Bool {
        var isIgnored = false
        for depth in parts.indices {
            let folder = ([workTree] + parts[..<depth]).joined(separator: "/")
            let file = URL(fileURLWithPath: folder).appendingPathComponent(".gitignore").path
            guard case .success(let content) = FileInspector.ofThisMachine.read(file, longestIgnoreFile) else {
                continue
            }
            for line in String(decoding: content.bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
                var pattern = String(line)
                while pattern.last == " " { pattern.removeLast() }
                guard !pattern.isEmpty, !pattern.hasPrefix("#") else { continue }
                let brings = pattern.hasPrefix("!")
                if brings { pattern.removeFirst() }
                if matches(pattern, Array(parts[depth...]), isFolder: isFolder) { isIgnored = !brings }
            }
        }
        return isIgnored
    }

    private static func matches(_ pattern: String, _ parts: [String], isFolder: Bool) -> Bool {
        var pattern = pattern
        if pattern.hasSuffix("/") {
            guard isFolder else { return false }
            pattern.removeLast()
        }
        guard pattern.contains("/") else { return parts.last.map { fits(Array(pattern), Array($0)) } ?? false }
        let segments = pattern.split(separator: "/").map(String.init)
        return segments.count == parts.count && zip(segments, parts).allSatisfy { fits(Array($0), Array($1)) }
    }

    /// `*` and `?` within one name.
    private static func fits(_ pattern: [Character], _ name: [Character]) -> Bool {
        guard !pattern.contains("["), !pattern.contains("\\"), !pattern.contains(where: { $0 == "/" }) else {
            return false
        }
        var (patternAt, nameAt) = (0, 0)
        var back: (pattern: Int, name: Int)?
        while nameAt < name.count {
            if patternAt < pattern.count, pattern[patternAt] == "*" {
                back = (patternAt, nameAt)
                patternAt += 1
            } else if patternAt < pattern.count, pattern[patternAt] == "?" || pattern[patternAt] == name[nameAt] {
                (patternAt, nameAt) = (patternAt + 1, nameAt + 1)
            } else if let last = back {
                (patternAt, nameAt) = (last.pattern + 1, last.name + 1)
                back = (last.pattern, last.name + 1)
            } else {
                return false
            }
        }
        return pattern[patternAt...].allSatisfy { $0 == "*" }
    }
}
