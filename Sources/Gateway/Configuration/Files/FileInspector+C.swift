import FoundationEssentials
import Glibc

// Unsafe calls: `open`, `stat`, `fstat` and `read` of POSIX.  The descriptor is owned by `read(_:mostBytes:)` alone and is
// closed on every way out; the buffer that `read` fills is the array's own and exactly as long as it is told.

extension FileInspector {
    /// The file system of this machine.
    public static var ofThisMachine: FileInspector {
        FileInspector(
            currentFolder: FileManager.default.currentDirectoryPath,
            read: { readFile($0, mostBytes: $1) }, list: { listFolder($0) }, folder: { findFolder($0) })
    }

    private static func readFile(_ path: String, mostBytes: Int) -> Result<Content, Failure> {
        // O_NONBLOCK: a pipe without a writer must not hold the start.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return .failure(failure(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return .failure(failure(errno)) }
        guard status.st_mode & S_IFMT != S_IFDIR else { return .failure(.isFolder) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .failure(.isSpecial) }
        guard status.st_size <= mostBytes else { return .failure(.tooLarge) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(failure(errno)) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
            guard bytes.count <= mostBytes else { return .failure(.tooLarge) }
        }
        return .success(Content(bytes: bytes, permissions: UInt32(status.st_mode & 0o7777)))
    }

    private static func listFolder(_ path: String) -> Result<[String], Failure> {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return .failure(failure(errno)) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return .failure(.isNoFolder) }
        guard unsafe access(path, R_OK | X_OK) == 0 else { return .failure(failure(errno)) }
        do {
            return .success(try FileManager.default.contentsOfDirectory(atPath: path))
        } catch {
            return .failure(.other("the folder cannot be listed"))
        }
    }

    private static func findFolder(_ path: String) -> Failure? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return failure(errno) }
        return status.st_mode & S_IFMT == S_IFDIR ? nil : .isNoFolder
    }

    static func failure(_ code: Int32) -> Failure {
        switch code {
        case ENOENT, ENOTDIR: .missing
        case EACCES, EPERM: .notPermitted
        default: .other(unsafe String(cString: strerror(code)))
        }
    }
}
