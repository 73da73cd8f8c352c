import Core
import EventLoop
import Foundation

/// The gateway as a process of its own, where its memory or its descriptors are measured; ended with this object.
final class ChildGateway {
    private let process: ChildProcess
    private let input = Pipe()
    private let output = Pipe()
    private let folder: GatewayFolder
    let port: UInt16
    let operationsPort: UInt16

    struct Failure: Error {
        var words: String
    }

    /// The folder of what was built: this test's own.
    private static var builtFolder: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }

    /// - Parameter openFiles: the process's limit of descriptors; nil leaves it as it is.
    init(_ folder: GatewayFolder, members: [Member] = Member.all, openFiles: Int? = nil) throws {
        self.folder = folder
        try folder.write()
        let sessions = members.map { member in
            [
                "token": member.token, "tenant": member.tenant, "user": "00000000-0000-4000-8000-000000000007",
                "email": "somebody@acme.example", "name": "Somebody", "roles": member.roles,
                "factors": member.factors.map(\.rawValue), "handle": "\(member.handle)",
            ] as [String: Any]
        }
        let sessionFile = folder.path("sessions.json")
        try JSONSerialization.data(withJSONObject: sessions).write(to: URL(fileURLWithPath: sessionFile))
        let binary = Self.builtFolder.appendingPathComponent("gatehouse-test-gateway").path
        let command =
            (openFiles.map { ["prlimit", "--nofile=\($0):\($0)"] } ?? []) + [
                binary, "--config", folder.file, "--sessions", sessionFile, "--answer-questions",
            ]
        var environment = ProcessInfo.processInfo.environment
        // AddressSanitizer would keep what was freed, which is no memory of the gateway's.
        environment["ASAN_OPTIONS"] = "quarantine_size_mb=1"
        process = try ChildProcess(
            program: "/usr/bin/env", arguments: command, environment: environment,
            input: input.fileHandleForReading.fileDescriptor, output: output.fileHandleForWriting.fileDescriptor,
            error: FileHandle.standardError.fileDescriptor)
        try input.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
        let line = try Self.readLine(output.fileHandleForReading)
        let ports = line.split(separator: " ").compactMap { $0.split(separator: ":").last.flatMap { UInt16($0) } }
        guard line.hasPrefix("ready "), ports.count == 2 else {
            process.send(ChildProcess.terminate)
            throw Failure(words: "\(binary) said: \(line)")
        }
        (port, operationsPort) = (ports[0], ports[1])
    }

    deinit {
        process.send(ChildProcess.terminate)
        _ = try? process.end()
    }

    private static func readLine(_ handle: FileHandle) throws -> String {
        var line: [UInt8] = []
        while let byte = try handle.read(upToCount: 1)?.first, byte != 0x0A { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Bytes that the process has allocated and not freed.
    func heapInUse() throws -> Int {
        try input.fileHandleForWriting.write(contentsOf: Data("heap\n".utf8))
        let line = try Self.readLine(output.fileHandleForReading)
        guard let bytes = Int(line.dropFirst("heap ".count)) else { throw Failure(words: line) }
        return bytes
    }

    /// Resident memory in bytes (proc(5), statm).
    func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.identifier)/statm", encoding: .utf8)
        guard let pages = Int(text.split(separator: " ")[1]) else { throw Failure(words: text) }
        return pages * 4096
    }

    var isRunning: Bool { get throws { try process.end(within: 0) == nil } }

    func client() throws -> HTTPConnection { try HTTPConnection(port: port) }

    /// A value of the metrics page; 0 where it is not there.
    func metric(_ name: String) throws -> Int {
        let client = HTTPConnection(try TCPStream(port: operationsPort))
        for line in try client.ask("/metrics", host: "127.0.0.1").text.split(separator: "\n")
        where line.hasPrefix(name + " ") {
            return Int(line.split(separator: " ").last ?? "") ?? 0
        }
        return 0
    }
}
