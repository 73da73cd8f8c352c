import EventLoop
import Foundation
import Testing

@Suite("A child process")
struct ChildProcessTests {
    private func shell(_ script: String, environment: [String: String] = [:], output: Int32? = nil) throws
        -> ChildProcess
    { try ChildProcess(program: "/bin/sh", arguments: ["-c", script], environment: environment, output: output) }

    /// What the script prints to its end.
    private func said(_ script: String, environment: [String: String] = [:]) throws -> String {
        let pipe = Pipe()
        let child = try shell(script, environment: environment, output: pipe.fileHandleForWriting.fileDescriptor)
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try #require(try pipe.fileHandleForReading.readToEnd()), as: UTF8.self)
        #expect(try child.end() == 0)
        return text
    }

    @Test("its exit code is told, as often as it is asked for")
    func exitCode() throws {
        let child = try shell("exit 7")
        #expect(try child.end() == 7)
        #expect(try child.end(within: 0) == 7)
    }

    @Test("one that a signal ends has 128 and its number; one that goes on has none")
    func signals() throws {
        let pipe = Pipe()
        let waiting = try ChildProcess(
            program: "/bin/cat", arguments: [], environment: [:], input: pipe.fileHandleForReading.fileDescriptor)
        #expect(try waiting.end(within: 0) == nil)
        waiting.send(ChildProcess.terminate)
        #expect(try waiting.end() == 143)
    }

    @Test("it has the environment that it was given, and nothing of ours")
    func environment() throws {
        #expect(try said("/usr/bin/env", environment: ["ONE": "1 2"]).split(separator: "\n").contains("ONE=1 2"))
        #expect(try !said("/usr/bin/env").contains("HOME="))
    }

    @Test("it has three descriptors, and none of ours")
    func descriptors() throws {
        let many = (0..<50).map { _ in Pipe() }
        #expect(try said("ls /proc/$$/fd").split(separator: "\n").count == 3)
        withExtendedLifetime(many) {}
    }

    @Test("it does not outlive its object")
    func outlived() throws {
        let pipe = Pipe()
        var child: ChildProcess? = try ChildProcess(
            program: "/bin/cat", arguments: [], environment: [:], input: pipe.fileHandleForReading.fileDescriptor)
        let number = try #require(child?.identifier)
        #expect(FileManager.default.fileExists(atPath: "/proc/\(number)"))
        child = nil
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(number)"))
    }

    @Test("a program that is not there is an error that names it")
    func missing() {
        #expect(throws: SystemError.self) {
            try ChildProcess(program: "/nowhere/at/all", arguments: [], environment: [:])
        }
    }
}
