import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("The code before a first factor")
struct EnrolmentCodeTests {
    private static let path = "/.gatehouse/login/enrol"

    @Test("who has to is sent the code at once, and is asked for it before anything else")
    func mailedAtOnce() async throws {
        var stage = try FactorStage(try await LoginWorld())
        stage.script.with { [step = try FactorScript.enrolment(.mailed)] in
            $0.enrolmentOutcomes = [.step(step, nil)]
        }
        let page = await stage.password(.enrol(try FactorScript.enrolment(.mailable)))
        #expect(stage.script.with { $0.calls } == ["send"])
        #expect(page.status == 200 && page.heading == "Add a second factor")
        #expect(page.html.contains("We have sent it to erika@acme.example."))
        let form = try #require(page.form(to: Self.path, with: "code"))
        #expect(form.html.contains("autocomplete=\"one-time-code\" inputmode=\"numeric\""))
        #expect(form.fields["step"] == "code" && form.fields["return_to"] == "/a")
        #expect(page.form(to: Self.path, with: "name") == nil && !page.html.contains("<svg"))
        #expect(page.form(to: Self.path, with: "send")?.html.contains("Send another code") == true)
        #expect(page.form(to: Self.path, with: "later") == nil)
        #expect(stage.browser.cookies["__Host-gatehouse"] == nil)
    }

    @Test("who may put it off is sent nothing unasked")
    func notMailedInGrace() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let until = WallTime(milliseconds: LoginWorld.start + 86_400_000)
        let step = try FactorScript.enrolment(.mailable, laterUntil: until)
        let page = await stage.password(.enrol(step))
        #expect(stage.script.with { $0.calls.isEmpty })
        #expect(page.html.contains("We can send it to erika@acme.example."))
        #expect(page.html.contains("Not now (possible until 22 November 2025, 22:00 UTC)"))
        stage.script.with { $0.enrolmentOutcomes = [.step(step, nil)] }
        let sent = try await stage.browser.submit(page.form(to: Self.path, with: "send"), ["send": "1"])
        #expect(sent.status == 200 && stage.script.with { $0.calls } == ["send"])
    }

    @Test("without mail an administrator gives it; where too many were sent the page goes on with the last one")
    func askedAndThrottled() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let asked = await stage.password(.enrol(try FactorScript.enrolment(.asked)))
        #expect(asked.html.contains("administrator") && asked.form(to: Self.path, with: "send") == nil)
        #expect(stage.script.with { $0.calls.isEmpty })
        let mailed = try FactorScript.enrolment(.mailed)
        stage.script.with {
            $0.enrolmentOutcomes = [.ended(.throttled(retryAfter: .minutes(9))), .step(mailed, nil)]
        }
        let page = await stage.password(.enrol(mailed))
        let again = try await stage.browser.submit(page.form(to: Self.path, with: "send"), ["send": "1"])
        #expect(again.status == 200 && again.html.contains("No more codes are sent for a while."))
        #expect(again.form(to: Self.path, with: "code") != nil)
    }

    @Test("a mail that cannot be sent at sign-in leaves the page as it is")
    func unsendable() async throws {
        var stage = try FactorStage(try await LoginWorld())
        stage.script.with { $0.enrolmentOutcomes = [.ended(.throttled(retryAfter: .minutes(9)))] }
        let page = await stage.password(.enrol(try FactorScript.enrolment(.mailable)))
        #expect(page.status == 200 && page.form(to: Self.path, with: "code") != nil)
    }

    @Test("a wrong code is said, a right one opens the factors, and its proof goes along in the attempt")
    func accepted() async throws {
        var stage = try FactorStage(try await LoginWorld())
        let mailed = try FactorScript.enrolment(.mailed)
        let page = await stage.password(.enrol(mailed))
        stage.script.with { [ready = try FactorScript.enrolment(.unneeded)] in
            $0.enrolmentOutcomes = [.step(mailed, .wrong), .step(mailed, .notACode), .step(ready, nil)]
        }
        let form = page.form(to: Self.path, with: "code")
        let wrong = try await stage.browser.submit(form, ["code": "1234 5678"])
        #expect(wrong.status == 422 && wrong.fault?.hasPrefix("The code is wrong, or works no more.") == true)
        #expect(wrong.form(to: Self.path, with: "code")?.html.contains("aria-invalid=\"true\"") == true)
        let none = try await stage.browser.submit(wrong.form(to: Self.path, with: "code"), ["code": "x"])
        #expect(none.status == 422 && none.fault == "Enter the eight digits of the code.")
        let ready = try await stage.browser.submit(none.form(to: Self.path, with: "code"), ["code": "12345678"])
        #expect(ready.status == 200 && ready.form(to: Self.path, with: "name") != nil)
        #expect(stage.script.with { $0.codes } == ["1234 5678", "x", "12345678"])
        #expect(stage.script.with { $0.provers.map(\.isSure) } == [false, false, false])
        _ = try await stage.browser.submit(ready.form(to: Self.path, with: "name"), ["code": "123456"])
        #expect(stage.script.with { $0.provers.last?.isSure } == true)
    }
}
