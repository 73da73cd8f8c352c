import Core
import Testing

@testable import Login

@Suite("What a sign-in is worth")
struct SessionSettingsTests {
    private let operators = SessionSettings(
        idle: .minutes(30), absolute: .hours(12), perUserLimit: 5, remember: .hours(720))

    @Test("a tenant makes it less, never more")
    func narrowed() {
        let less = operators.narrowed(
            by: TenantSessionSettings(
                idle: .minutes(5), absolute: .hours(8), perUserLimit: 2, remember: Milliseconds(0)))
        #expect(
            less
                == SessionSettings(
                    idle: .minutes(5), absolute: .hours(8), perUserLimit: 2, remember: Milliseconds(0)))
        let more = TenantSessionSettings(
            idle: .hours(1), absolute: .hours(24), perUserLimit: 9, remember: .hours(1000))
        #expect(operators.narrowed(by: more) == operators)
        #expect(operators.narrowed(by: nil) == operators)
        #expect(operators.narrowed(by: TenantSessionSettings(perUserLimit: 0)) == operators)
        #expect(SessionSettings().narrowed(by: TenantSessionSettings(perUserLimit: 3)).perUserLimit == 3)
        #expect(operators.narrowed(by: TenantSessionSettings(absolute: .minutes(10))).idle == .minutes(10))
    }

    @Test("who asked to stay signed in has the longer limits, as long as that is offered")
    func remembered() {
        #expect(operators.limits(isRemembered: false) == (.minutes(30), .hours(12)))
        #expect(operators.limits(isRemembered: true) == (.hours(720), .hours(720)))
        #expect(SessionSettings().limits(isRemembered: true) == (.minutes(30), .hours(12)))
        #expect(operators.offersToRemember)
        #expect(!SessionSettings().offersToRemember)
    }
}
