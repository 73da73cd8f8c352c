import Core
import Testing

@testable import Login

@Suite("What is kept of a session's browser")
struct SessionClientTests {
    @Test("address and user agent are read as they were written")
    func reading() throws {
        let address = try clientAddress("203.0.113.77")
        let client = SessionClient(SessionClient.text(address, "Mozilla/5.0 (X11)"))
        #expect(client.address == "203.0.113.77")
        #expect(client.userAgent == "Mozilla/5.0 (X11)")
        #expect(SessionClient(SessionClient.text(address, "")).userAgent == "")
        #expect(SessionClient(SessionClient.text(address, "")).address == "203.0.113.77")
        #expect(SessionClient("Firefox on Linux").address == "")
        #expect(SessionClient("Firefox on Linux").userAgent == "Firefox on Linux")
        #expect(SessionClient("") == SessionClient(""))
    }

    @Test("of an address others see the network")
    func masked() {
        #expect(SessionClient("203.0.113.77 x").maskedAddress == "203.0.113.0/24")
        #expect(SessionClient("2001:db8:1:2::3 x").maskedAddress == "2001:db8:1::/48")
        #expect(SessionClient("x").maskedAddress == "")
    }

    @Test(
        "browsers and systems are called as people call them",
        arguments: [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Windows"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
                    + "Safari/537.36 Edg/140.0.0.0", "Edge", "Windows"
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                    + "Version/18.0 Safari/605.1.15", "Safari", "Mac"
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                    + "CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone"
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 "
                    + "Chrome/125.0 Mobile Safari/537.36", "Samsung Internet", "Android"
            ),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0", "Chrome", "Linux"),
        ])
    func names(userAgent: String, browser: String, system: String) {
        let name = DeviceName(userAgent: userAgent)
        #expect(name.browser == browser)
        #expect(name.system == system)
    }

    @Test("a program is called by its first word, and what is none has no name")
    func programs() {
        #expect(DeviceName(userAgent: "curl/8.9.1").browser == "curl")
        #expect(DeviceName(userAgent: "curl/8.9.1").system == nil)
        for text in ["", "Mozilla/5.0", "<script>/1", "\u{202E}x/1"] {
            #expect(DeviceName(userAgent: text).browser == nil, "\(text)")
        }
        let long = DeviceName(userAgent: String(repeating: "a", count: 500)).browser
        #expect(long?.count == DeviceName.longestUnknown)
    }
}
