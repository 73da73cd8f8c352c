import Core
import Glibc
import Synchronization

/// The file system calls of the store that SQLite does not do itself.
///
/// Paths reach the kernel as they are; every descriptor is closed in the function that opened it, but for the
/// lock's, which `FolderLock` owns.
enum HostFiles {
    /// What a call failed with.
    struct Failure: Error, Sendable, Hashable {
        let number: Int32

        /// There is no such file.
        var isMissing: Bool { number == ENOENT }
        /// The file is there already.
        var isThere: Bool { number == EEXIST }
        /// No space, or a bound on sizes.
        var isFull: Bool { number == ENOSPC || number == EDQUOT || number == EFBIG }
        /// The system's words.
        var words: String {
            guard let text = unsafe strerror(number) else { return "error \(number)" }
            return unsafe String(cString: text)
        }
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Makes the folder with mode 0700, whatever the process's umask, unless it is there.
    static func makeFolder(_ path: String) throws(Failure) {
        guard unsafe mkdir(path, 0o700) == 0 else {
            guard errno == EEXIST else { throw Failure(number: errno) }
            return
        }
        guard unsafe chmod(path, 0o700) == 0 else { throw Failure(number: errno) }
    }

    /// Makes an empty file with mode 0600, whatever the process's umask, unless it is there.
    static func makeFile(_ path: String) throws(Failure) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw Failure(number: errno) }
            return
        }
        // Nobody else has the file open yet: to close it takes no lock of SQLite's away (fcntl(2)).
        defer { _ = Glibc.close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw Failure(number: errno) }
    }

    /// Takes from everybody but its owner what they may do with the file, if it is there; one of another owner stays as
    /// it is.
    static func tighten(_ path: String) throws(Failure) {
        // By name: a descriptor that is closed would take SQLite's locks with it.
        var information = stat()
        guard unsafe stat(path, &information) == 0 else {
            guard errno == ENOENT else { throw Failure(number: errno) }
            return
        }
        guard information.st_mode & S_IFMT == S_IFREG, information.st_mode & 0o177 != 0 else { return }
        guard unsafe chmod(path, 0o600) == 0 || errno == EPERM || errno == ENOENT else {
            throw Failure(number: errno)
        }
    }

    /// How many bytes may still be written to the file system that `path` lies on; nil where it does not say.
    static func freeBytes(at path: String) -> UInt64? {
        var information = statvfs()
        guard unsafe statvfs(path, &information) == 0 else { return nil }
        return UInt64(information.f_bavail) &* UInt64(information.f_frsize)
    }

    /// Whether the folder holds a file whose name ends with `suffix`.
    static func hasFile(in folder: String, suffix: String) -> Bool {
        guard let listing = unsafe opendir(folder) else { return false }
        defer { unsafe closedir(listing) }
        while let entry = unsafe readdir(listing) {
            // `d_name` ends with zero; the record is only as long as its name, so the array is never taken as a whole.
            guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return false }
            let text = unsafe UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            let name = unsafe String(cString: text)
            if name.hasSuffix(suffix) { return true }
        }
        return false
    }

    /// The file's bytes, `limit` at most, and its permission bits.
    static func read(_ path: String, limit: Int) throws(Failure) -> (bytes: [UInt8], mode: UInt32) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(number: errno) }
        defer { _ = Glibc.close(descriptor) }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else { throw Failure(number: errno) }
        guard information.st_mode & S_IFMT == S_IFREG else { throw Failure(number: EINVAL) }
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let taken = unsafe bytes.withUnsafeMutableBytes { target in
                // The target has `limit - count` bytes left.
                unsafe Glibc.read(descriptor, target.baseAddress! + count, limit - count)
            }
            if taken < 0 && errno == EINTR { continue }
            guard taken >= 0 else { throw Failure(number: errno) }
            if taken == 0 { break }
            count += taken
        }
        bytes.removeSubrange(count...)
        return (bytes, information.st_mode & 0o7777)
    }

    /// Makes a new file with mode 0600; durable with its name when it returns, and not there if it throws.
    static func create(_ path: String, _ bytes: [UInt8]) throws(Failure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(number: errno) }
        var number: Int32 = 0
        var count = 0
        while count < bytes.count && number == 0 {
            let written = unsafe bytes.withUnsafeBytes { source in
                unsafe write(descriptor, source.baseAddress! + count, bytes.count - count)
            }
            if written < 0 { if errno != EINTR { number = errno } } else { count += written }
        }
        if number == 0, fsync(descriptor) != 0 { number = errno }
        if Glibc.close(descriptor) != 0, number == 0 { number = errno }
        guard number == 0 else {
            _ = unsafe unlink(path)
            throw Failure(number: number)
        }
        let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        try syncFolder(end.map { String(path[..<$0]) + "/" } ?? ".")
    }

    /// Makes the names in the folder durable.
    static func syncFolder(_ path: String) throws(Failure) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(number: errno) }
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(number: errno) }
    }
}

/// The lock on a data folder: one process works on it, and its id stands in the file.
///
/// The kernel gives the lock back when the process ends, however it ends.
final class FolderLock: Sendable {
    private let descriptor: Int32
    private let isReleased = Atomic(false)

    /// - Throws: `StoreFault.locked` where another process holds it, `.inputOutput`.
    init(folder: String) throws {
        let path = folder + "/lock"
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreFault.inputOutput(file: path, words: HostFiles.Failure(number: errno).words)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            // The descriptor is closed by `deinit`, which runs for an object that is whole though its `init` throws; closed
            // here too, the second close would hit whoever has been given the number since.
            let written = try? HostFiles.read(path, limit: 16).bytes
            guard number == EWOULDBLOCK else {
                throw StoreFault.inputOutput(file: path, words: HostFiles.Failure(number: number).words)
            }
            let digits = String(decoding: written ?? [], as: UTF8.self).prefix { $0.isNumber }
            throw StoreFault.locked(folder: folder, holder: Int32(digits) ?? 0)
        }
        sign()
    }

    /// Takes over the lock of a process that goes on holding it until it ends: the kernel lets go when both have.
    /// - Parameter descriptor: what the other process passed; it is closed with this lock.
    /// - Throws: `StoreFault.inputOutput` where it is not this folder's lock.
    init(folder: String, adopting adopted: Int32) throws {
        let path = folder + "/lock"
        descriptor = adopted
        var (passed, there) = (stat(), stat())
        guard unsafe fstat(adopted, &passed) == 0, unsafe stat(path, &there) == 0, passed.st_dev == there.st_dev,
            passed.st_ino == there.st_ino, flock(adopted, LOCK_EX | LOCK_NB) == 0
        else { throw StoreFault.inputOutput(file: path, words: "the lock that was handed over is another one") }
        sign()
    }

    /// What another process is handed.
    var number: Int32 { descriptor }

    /// Writes this process's number into the file.
    private func sign() {
        let text = Array("\(getpid())\n".utf8)
        // Whatever the process's umask; a file of another owner stays as it is.
        _ = fchmod(descriptor, 0o600)
        _ = ftruncate(descriptor, 0)
        // A pid that could not be written costs a message its number, nothing else.
        _ = unsafe pwrite(descriptor, text, text.count, 0)
    }

    /// Gives the lock back; once, whoever asks.
    func release() {
        if !isReleased.exchange(true, ordering: .relaxed), descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    deinit { release() }
}
