import FoundationEssentials

/// The environment of this process, for the command line, which hands it on as an argument.
public enum ProcessEnvironment {
    /// Every variable.  Read once, at the start.
    public static var ofThisProcess: [String: String] { ProcessInfo.processInfo.environment }
}
