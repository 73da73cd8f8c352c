import ArgumentParser

/// What the exit code tells scripts, after sysexits(3).  64, usage, is the argument parser's own.
extension ExitCode {
    /// 65: bad data in the input.
    static let badData = ExitCode(65)
    /// 69: something that is needed is not there.
    static let unavailable = ExitCode(69)
    /// 70: our own fault.
    static let internalFault = ExitCode(70)
    /// 77: not permitted.
    static let notPermitted = ExitCode(77)
    /// 78: bad configuration.
    static let badConfiguration = ExitCode(78)
}
