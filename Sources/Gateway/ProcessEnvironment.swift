import FoundationEssentials

/// The environment of this process, for the command line, which hands it on as an argument.
public enum ProcessEnvironment {
    /// The program as it was called, to be started anew.  Read once, at the start: later another file may lie there.
    public static var program: ProgramImage {
        ProgramImage(
            commandLine: CommandLine.arguments, folder: FileManager.default.currentDirectoryPath,
            running: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "")
    }

    /// Every variable.  Read once, at the start.
    public static var ofThisProcess: [String: String] { ProcessInfo.processInfo.environment }
}
