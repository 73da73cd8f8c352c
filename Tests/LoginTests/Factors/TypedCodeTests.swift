import Core
import HostCrypto
import Testing

@testable import Login

@Suite("Codes that people type, and names that they give")
struct TypedCodeTests {
    @Test("recovery codes have 80 random bits of characters that nobody takes for another, in four groups")
    func recoveryCodes() {
        let codes = (0..<50).flatMap { _ in RecoveryCode.makeSet() }
        #expect(Set(codes).count == 500)
        let letters = Set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        #expect(codes.allSatisfy { $0.count == 16 && Set($0).isSubset(of: letters) })
        // Every character is used, at about the same rate: 8,000 draws of 32.
        #expect(letters.allSatisfy { letter in codes.joined().filter { $0 == letter }.count > 100 })
        #expect(RecoveryCode.grouped("0123456789ABCDEF") == "0123-4567-89AB-CDEF")
        #expect(RecoveryCode.makeSet().count == 10)
    }

    @Test(
        "a recovery code is read in any case, with or without dashes, and with the letters that stand for digits",
        arguments: [
            "01AB-CDEF-GHJK-MNPQ", "01abcdefghjkmnpq", "OIab-cdef-ghjk-mnpq", "olAB CDEF GHJK MNPQ",
            "0L-A-B-C-D-E-F-G-H-J-K-M-N-P-Q", "01AB–CDEF—GHJK‑MNPQ", "０１ＡＢ－ｃｄｅｆ－ＧＨＪＫ－ＭＮＰＱ",
            "\u{FEFF}01AB-CDEF-GHJK-MNPQ\n",
        ])
    func recoveryCodeRead(typed: String) { #expect(RecoveryCode.normalised(typed) == "01ABCDEFGHJKMNPQ") }

    @Test(
        "what is not sixteen of its characters is no recovery code",
        arguments: [
            "", "01AB-CDEF-GHJK-MNP", "01AB-CDEF-GHJK-MNPQR", "01AB-CDEF-GHJK-MNPU", "01AB-CDEF-GHJK-MNPÄ",
            "01AB_CDEF_GHJK_MNPQ", "01AB-CDEF-GHJK-MNP\u{0}", String(repeating: "-", count: 300) + "01ABCDEFGHJKMNPQ",
            "\u{212A}1AB-CDEF-GHJK-MNPQ", "ß1AB-CDEF-GHJK-MNPQ",
        ])
    func noRecoveryCode(typed: String) { #expect(RecoveryCode.normalised(typed) == nil) }

    @Test("what was grouped is read again")
    func groupedRead() {
        for code in RecoveryCode.makeSet() { #expect(RecoveryCode.normalised(RecoveryCode.grouped(code)) == code) }
        let enrolment = EnrolmentCode.make()
        #expect(EnrolmentCode.normalised(EnrolmentCode.grouped(enrolment)) == enrolment)
        #expect(EnrolmentCode.grouped("01234567") == "0123 4567")
    }

    @Test("enrolment codes are eight digits, of which every one comes in every place")
    func enrolmentCodes() {
        let codes = (0..<2000).map { _ in EnrolmentCode.make() }
        #expect(Set(codes).count > 1990 && codes.allSatisfy { $0.utf8.count == 8 })
        for place in 0..<8 { #expect(Set(codes.map { Array($0.utf8)[place] }) == Set(UInt8(0x30)...0x39)) }
        #expect(EnrolmentCode.normalised("１２３４ ５６７８") == "12345678")
        for typed in ["1234567", "123456789", "1234567x", ""] { #expect(EnrolmentCode.normalised(typed) == nil) }
    }

    @Test("a factor's name has 1 to 64 characters, no blanks at its ends and nothing that steers")
    func names() {
        #expect(FactorName.accepted("  Key \u{41}\u{308}rger\u{3000}") == "Key Ärger")
        #expect(FactorName.accepted(String(repeating: "ä", count: 64)) == String(repeating: "ä", count: 64))
        #expect(FactorName.accepted("👩‍💻 laptop") == "👩‍💻 laptop")
        for typed in [
            "", "   ", "\u{3000}\n", String(repeating: "a", count: 65), "a\u{0}b", "a\nb", "a\u{202E}b", "a\u{2066}b",
            "a\u{2028}b", String(repeating: " ", count: 2000) + "a",
        ] { #expect(FactorName.accepted(typed) == nil, "\(typed.debugDescription)") }
    }

    @Test("of the ways to an authenticator eight words are kept, each once")
    func transports() {
        #expect(
            PasskeyTransports.accepted([
                "usb", "nfc", "usb", "", "smart-card", "<b>", "USB", String(repeating: "a", count: 33),
            ])
                == ["usb", "nfc", "smart-card"])
        #expect(PasskeyTransports.accepted((0..<20).map { "t\($0)" }).count == 8)
    }
}
