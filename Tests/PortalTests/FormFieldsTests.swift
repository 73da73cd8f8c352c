import Core
import Testing

@testable import Portal

@Suite("Submitted forms")
struct FormFieldsTests {
    private func read(_ text: String) throws -> FormFields { try FormFields(Array(text.utf8)) }

    @Test("names and values are decoded once")
    func decoded() throws {
        let form = try read("email=a%2Bb%40c.example&x=1+2&y&=z&&%65=%C3%A4&twice=%2541")
        #expect(form["email"] == "a+b@c.example")
        #expect(form["x"] == "1 2")
        #expect(form["y"] == "")
        #expect(form[""] == "z")
        #expect(form["e"] == "ä")
        #expect(form["twice"] == "%41")
        #expect(form["z"] == nil)
        #expect(try read("")["email"] == nil)
    }

    @Test(
        "what two readers could understand differently is refused",
        arguments: [
            ("a=%", FormFields.Fault.malformed), ("a=%4", .malformed), ("a=%4g", .malformed), ("%=1", .malformed),
            ("a=%ff", .malformed), ("%ff=a", .malformed), ("a=1&a=1", .repeated), ("a=1&%61=2", .repeated),
            ("password=a&password=b", .repeated),
        ])
    func refused(text: String, fault: FormFields.Fault) {
        #expect(throws: fault) { try read(text) }
    }

    @Test("64 fields are read, one more is refused")
    func fieldCount() throws {
        let fields = (0..<64).map { "f\($0)=1" }.joined(separator: "&")
        #expect(try read(fields)["f63"] == "1")
        #expect(throws: FormFields.Fault.tooMany) { try read(fields + "&x=1") }
    }

    @Test("a value of 16 KiB and a name of 64 bytes are read, longer ones are refused")
    func lengths() throws {
        let longest = String(repeating: "a", count: 16_384)
        #expect(try read("v=\(longest)")["v"] == longest)
        #expect(throws: FormFields.Fault.tooLong) { try read("v=\(longest)a") }
        let name = String(repeating: "n", count: 64)
        #expect(try read("\(name)=1")[name] == "1")
        #expect(throws: FormFields.Fault.tooLong) { try read("\(name)n=1") }
    }

    @Test("a password is handed over once, as bytes, and is no field")
    func password() throws {
        var form = try read("password=%C3%A4+%ff")
        #expect(form["password"] == nil)
        #expect(form.hasPassword)
        #expect(form.hasFilledPassword)
        let count = form.takePassword()?.count
        #expect(count == 4)
        let again = form.takePassword() == nil
        #expect(again)
    }

    @Test("a password of 64 KiB is handed over, a longer one is only known to be there")
    func longPassword() throws {
        let longest = String(repeating: "a", count: 65_536)
        var form = try read("password=\(longest)")
        let count = form.takePassword()?.count
        #expect(count == 65_536)
        var longer = try read("password=\(longest)a")
        #expect(longer.hasFilledPassword)
        let isKept = longer.takePassword() != nil
        #expect(!isKept)
        var empty = try read("password=")
        #expect(empty.hasPassword)
        #expect(!empty.hasFilledPassword)
        let isThere = empty.takePassword() != nil
        #expect(!isThere)
    }

    @Test(
        "a wait is said in words that are never shorter than it",
        arguments: [
            (UInt64(0), RetryWait.moments, UInt64(1)), (1, .moments, 1), (59_000, .moments, 59),
            (59_001, .minutes(1), 60), (60_000, .minutes(1), 60), (60_001, .minutes(2), 61),
            (7_199_000, .minutes(120), 7199), (7_200_000, .hours(2), 7200), (7_200_001, .hours(3), 7201),
        ])
    func waits(milliseconds: UInt64, words: RetryWait, seconds: UInt64) {
        #expect(RetryWait(Milliseconds(milliseconds)) == words)
        #expect(RetryWait.seconds(Milliseconds(milliseconds)) == seconds)
    }
}
