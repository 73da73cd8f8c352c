import Foundation

/// Notices that files have changed, through symlinks too: Kubernetes and certbot swap links, not contents.
struct FileWatch {
    private struct Stamp: Equatable {
        var inode: UInt64
        var size: UInt64
        var modified: Date
        var target: String
    }

    private let paths: [String]
    private var stamps: [Stamp?]

    init(_ paths: [String]) {
        self.paths = paths
        stamps = paths.map(Self.stamp)
    }

    /// The paths whose file is another one than at the last look.
    mutating func changes() -> [String] {
        var changed: [String] = []
        for (index, path) in paths.enumerated() {
            let stamp = Self.stamp(path)
            guard stamp != stamps[index] else { continue }
            stamps[index] = stamp
            changed.append(path)
        }
        return changed
    }

    private static func stamp(_ path: String) -> Stamp? {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else { return nil }
        return Stamp(
            inode: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0,
            size: (attributes[.size] as? NSNumber)?.uint64Value ?? 0,
            modified: attributes[.modificationDate] as? Date ?? .distantPast, target: target)
    }
}
