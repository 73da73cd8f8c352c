import ArgumentParser
import Gateway

/// What the exit code tells scripts, after sysexits(3).  64, usage, is the argument parser's own.
extension ExitCode {
    /// 65: bad data: in the input, or in the store.
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

extension ExitCode {
    /// The code of what a command failed with.
    init(_ kind: OperatorFault.Kind) {
        switch kind {
        case .badData: self = .badData
        case .unavailable: self = .unavailable
        case .internalFault: self = .internalFault
        case .notPermitted: self = .notPermitted
        case .badConfiguration: self = .badConfiguration
        }
    }
}
