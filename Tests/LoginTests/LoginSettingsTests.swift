import Core
import Testing

@testable import Login

@Suite("Login settings")
struct LoginSettingsTests {
    @Test("throttling is on from the first start: 100 failures a day, one back every 14.4 minutes")
    func defaults() {
        let bucket = LoginSettings().throttle.perAddress
        #expect(bucket.failures == 100)
        #expect(bucket.per.count / UInt64(bucket.failures) == 864_000)
    }
}
