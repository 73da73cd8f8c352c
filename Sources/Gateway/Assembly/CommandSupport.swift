import Core
import EventLoop
public import Proxy

/// The signals that ask a server something.
public enum Signals {
    /// Keeps them from ending the process; to be called before anything else in a command that serves.
    public static func block() { SignalSource.block() }
}

/// The process's standard error.
public enum StandardError {
    /// Writes at once.
    public static func write(_ text: String) { _ = AppendFile.standardError.write(text) }
}

/// Addresses with ports, as the command line writes them.
public enum ListenAddressText {
    /// `127.0.0.1:3000`, `[::1]:3000`, `:3000` (every address); nil for anything else.
    public static func read(_ text: String) -> ListenAddress? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = String(text[..<colon])
        if host.isEmpty { return ListenAddress(address: ClientAddress(high: 0, low: 0), port: port, isDualStack: true) }
        guard let address = ClientAddress(host), address.isIPv4 || host.hasPrefix("[") else { return nil }
        return ListenAddress(address: address, port: port)
    }

    /// The address with the port that was bound.
    public static func shown(_ address: ListenAddress, port: UInt16) -> String {
        ListenAddress(address: address.address, port: port).description
    }
}

/// The process's standard output.
public enum StandardOutput {
    /// Writes at once, also where the output is no terminal.
    public static func write(_ text: String) { _ = AppendFile.standardOutput.write(text) }
}
