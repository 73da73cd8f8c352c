import Core
import Store
import Testing

@testable import Login

@Suite("States of hand-overs")
struct HandoffStateTests {
    private let host = "shop.example.net"
    private let now = WallTime(milliseconds: 1_763_762_400_000)

    private func later(_ milliseconds: Int64) -> WallTime { WallTime(milliseconds: now.milliseconds + milliseconds) }

    @Test("a state opens in its browser on its host, until a form would be too old, and always gives the same id")
    func opens() async throws {
        let states = HandoffState(forms: try await LoginWorld().store.forms)
        let state = states.seal(browser: "browser", host: host, now: now)
        let id = try #require(states.open(state, browser: "browser", host: host, now: now))
        #expect(id.count == LoginAttempt.idByteCount)
        #expect(states.open(state, browser: "browser", host: host, now: later(30 * 60_000)) == id)
        #expect(states.open(state, browser: "browser", host: host, now: later(30 * 60_000 + 1)) == nil)
        #expect(state.utf8.count <= 128)
    }

    @Test("another browser, none, another host and another text open nothing")
    func closed() async throws {
        let forms = try await LoginWorld().store.forms
        let states = HandoffState(forms: forms)
        let state = states.seal(browser: "browser", host: host, now: now)
        for (browser, host) in [("other", host), ("", host), ("browser", "docs.example.net"), ("browser", "")] {
            #expect(states.open(state, browser: browser, host: host, now: now) == nil)
        }
        #expect(states.open(state + "A", browser: "browser", host: host, now: now) == nil)
        #expect(states.open("", browser: "browser", host: host, now: now) == nil)
        #expect(
            states.open(String(repeating: "A", count: 5000), browser: "browser", host: host, now: now) == nil)
    }

    @Test("a login's attempt is no state, and a state no attempt")
    func apart() async throws {
        let forms = try await LoginWorld().store.forms
        let (states, attempts) = (HandoffState(forms: forms), LoginAttemptSeal(forms: forms))
        let attempt = attempts.seal(.begun(at: now), browser: "browser", host: host)
        #expect(states.open(attempt, browser: "browser", host: host, now: now) == nil)
        let state = states.seal(browser: "browser", host: host, now: now)
        #expect(attempts.open(state, browser: "browser", host: host, now: now) == nil)
    }
}
