import Core
import Testing

@testable import Gateway

/// What systemd says by environment.  What it is told is seen end to end.
@Suite("systemd: environment")
struct ServiceNotifierTests {
    @Test("the watchdog's time is taken where it is meant for this process")
    func watchdog() {
        func time(_ more: [String: String]) -> Milliseconds? {
            ServiceNotifier(
                environment: ["NOTIFY_SOCKET": "/run/notify"].merging(more) { $1 }, process: 7
            ).watchdog
        }
        #expect(time(["WATCHDOG_USEC": "30000000"]) == .seconds(30))
        #expect(time(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"]) == .seconds(30))
        #expect(time(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"]) == nil)
        #expect(time(["WATCHDOG_USEC": "0"]) == nil)
        #expect(time(["WATCHDOG_USEC": "soon"]) == nil)
        #expect(time([:]) == nil)
        #expect(ServiceNotifier(environment: ["WATCHDOG_USEC": "30000000"], process: 7).watchdog == nil)
    }

    @Test("sockets that are another process's, or none, are not taken")
    func notOurs() throws {
        #expect(try ServiceSockets.take([:], process: 7).isEmpty)
        #expect(try ServiceSockets.take(["LISTEN_FDS": "2", "LISTEN_PID": "8"], process: 7).isEmpty)
        #expect(try ServiceSockets.take(["LISTEN_FDS": "0", "LISTEN_PID": "7"], process: 7).isEmpty)
    }

    @Test("a number of sockets that is none is refused", arguments: ["x", "-1", "129", ""])
    func malformed(count: String) {
        #expect(throws: GatewayServer.StartFailure.self) {
            try ServiceSockets.take(["LISTEN_FDS": count, "LISTEN_PID": "7"], process: 7)
        }
    }
}
